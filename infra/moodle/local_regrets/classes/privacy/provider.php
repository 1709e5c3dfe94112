<?php
// This file is part of local_regrets, a plugin for Moodle - http://moodle.org/
//
// This plugin is free software: you can redistribute it and/or modify
// it under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.
//
// It is distributed in the hope that it will be useful,
// but WITHOUT ANY WARRANTY; without even the implied warranty of
// MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
// GNU General Public License for more details.
//
// You should have received a copy of the GNU General Public License
// along with Moodle.  If not, see <http://www.gnu.org/licenses/>.

namespace local_regrets\privacy;

use core_privacy\local\metadata\collection;
use core_privacy\local\request\approved_contextlist;
use core_privacy\local\request\approved_userlist;
use core_privacy\local\request\contextlist;
use core_privacy\local\request\transform;
use core_privacy\local\request\userlist;
use core_privacy\local\request\writer;

/**
 * Which personal data the plugin keeps and sends.
 *
 * Deleting takes the person out of a kept request but leaves the hash of its key: a request that comes again must still not be
 * carried out again.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class provider implements
    \core_privacy\local\metadata\provider,
    \core_privacy\local\request\core_userlist_provider,
    \core_privacy\local\request\plugin\provider {
    #[\Override]
    public static function get_metadata(collection $collection): collection {
        $collection->add_database_table('local_regrets_request', [
            'userid' => 'privacy:request:userid',
            'action' => 'privacy:request:action',
            'sessionid' => 'privacy:request:sessionid',
            'keytext' => 'privacy:request:keytext',
            'answer' => 'privacy:request:answer',
            'timecreated' => 'privacy:request:timecreated',
        ], 'privacy:request');
        $collection->add_database_table('local_regrets_signup', [
            'userid' => 'privacy:signup:userid',
            'sessionid' => 'privacy:signup:sessionid',
            'state' => 'privacy:signup:state',
            'timemodified' => 'privacy:signup:timemodified',
        ], 'privacy:signup');
        $collection->add_external_location_link('regrets', [
            'id' => 'privacy:regrets:id',
            'email' => 'privacy:regrets:email',
            'username' => 'privacy:regrets:username',
            'idnumber' => 'privacy:regrets:idnumber',
            'state' => 'privacy:regrets:state',
        ], 'privacy:regrets');
        return $collection;
    }

    #[\Override]
    public static function get_contexts_for_userid(int $userid): contextlist {
        $contexts = new contextlist();
        foreach (['local_regrets_request', 'local_regrets_signup'] as $table) {
            $contexts->add_from_sql(
                "SELECT t.contextid FROM {{$table}} t WHERE t.userid = :userid AND t.contextid > 0",
                ['userid' => $userid]
            );
        }
        return $contexts;
    }

    #[\Override]
    public static function get_users_in_context(userlist $userlist) {
        foreach (['local_regrets_request', 'local_regrets_signup'] as $table) {
            $userlist->add_from_sql(
                'userid',
                "SELECT t.userid FROM {{$table}} t WHERE t.contextid = :contextid AND t.userid > 0",
                ['contextid' => $userlist->get_context()->id]
            );
        }
    }

    #[\Override]
    public static function export_user_data(approved_contextlist $contextlist) {
        global $DB;

        $userid = $contextlist->get_user()->id;
        foreach ($contextlist->get_contexts() as $context) {
            $here = ['userid' => $userid, 'contextid' => $context->id];
            $requests = [];
            foreach ($DB->get_records('local_regrets_request', $here, 'id') as $row) {
                $requests[] = (object) [
                    'action' => $row->action,
                    'sessionid' => $row->sessionid,
                    'key' => $row->keytext,
                    'answer' => $row->answer,
                    'timecreated' => transform::datetime($row->timecreated),
                ];
            }
            $places = [];
            foreach ($DB->get_records('local_regrets_signup', $here, 'id') as $row) {
                $places[] = (object) [
                    'sessionid' => $row->sessionid,
                    'state' => $row->state,
                    'timemodified' => transform::datetime($row->timemodified),
                ];
            }
            if ($requests || $places) {
                writer::with_context($context)->export_data(
                    [get_string('pluginname', 'local_regrets')],
                    (object) ['requests' => $requests, 'places' => $places]
                );
            }
        }
    }

    #[\Override]
    public static function delete_data_for_all_users_in_context(\context $context) {
        self::forget('contextid = :contextid', ['contextid' => $context->id]);
    }

    #[\Override]
    public static function delete_data_for_user(approved_contextlist $contextlist) {
        global $DB;

        $contextids = $contextlist->get_contextids();
        if (!$contextids) {
            return;
        }
        [$in, $params] = $DB->get_in_or_equal($contextids, SQL_PARAMS_NAMED);
        self::forget("contextid $in AND userid = :userid", $params + ['userid' => $contextlist->get_user()->id]);
    }

    #[\Override]
    public static function delete_data_for_users(approved_userlist $userlist) {
        global $DB;

        $userids = $userlist->get_userids();
        if (!$userids) {
            return;
        }
        [$in, $params] = $DB->get_in_or_equal($userids, SQL_PARAMS_NAMED);
        self::forget("contextid = :contextid AND userid $in", $params + ['contextid' => $userlist->get_context()->id]);
    }

    /**
     * Forgets people.
     *
     * @param string $where
     * @param array $params
     */
    private static function forget(string $where, array $params): void {
        global $DB;

        $DB->set_field_select('local_regrets_request', 'keytext', '', $where, $params);
        $DB->set_field_select('local_regrets_request', 'userid', 0, $where, $params);
        $DB->delete_records_select('local_regrets_signup', $where, $params);
    }
}
