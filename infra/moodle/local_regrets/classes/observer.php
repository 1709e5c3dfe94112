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

namespace local_regrets;

use local_regrets\webhook\ledger;

/**
 * Writes down which session may have changed. What changed is found out by comparing, because the activity's events don't say whose
 * sign-up it was, and a trainer who adds or removes people makes none at all.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class observer {
    /**
     * Something about a face-to-face session.
     *
     * @param \core\event\base $event
     */
    public static function facetoface_session(\core\event\base $event): void {
        if ($event->objecttable === 'facetoface_sessions' && $event->objectid) {
            ledger::mark('facetoface', (int) $event->objectid);
        }
    }

    /**
     * Something about a booking option or its answers. The events name the option, whatever table they say.
     *
     * @param \core\event\base $event
     */
    public static function booking_option(\core\event\base $event): void {
        if ($event->objectid) {
            ledger::mark('booking', (int) $event->objectid);
        }
    }

    /**
     * A learner left a course: the activity deletes the sign-ups there.
     *
     * @param \core\event\user_enrolment_deleted $event
     */
    public static function user_enrolment_deleted(\core\event\user_enrolment_deleted $event): void {
        global $DB;

        if (!ledger::is_on()) {
            return;
        }
        $places = $DB->get_records_sql(
            'SELECT p.id, p.provider, p.sessionid
               FROM {local_regrets_signup} p
               JOIN {local_regrets_session} s ON s.provider = p.provider AND s.sessionid = p.sessionid
              WHERE p.userid = ? AND s.courseid = ? AND s.gone = 0',
            [$event->relateduserid, $event->courseid]
        );
        foreach ($places as $place) {
            ledger::mark($place->provider, (int) $place->sessionid);
        }
    }

    /**
     * An activity was deleted, and its sessions with it.
     *
     * @param \core\event\course_module_deleted $event
     */
    public static function course_module_deleted(\core\event\course_module_deleted $event): void {
        global $DB;

        if (!ledger::is_on()) {
            return;
        }
        $sessions = $DB->get_records('local_regrets_session', ['contextid' => $event->contextid, 'gone' => 0]);
        foreach ($sessions as $session) {
            ledger::mark($session->provider, (int) $session->sessionid);
        }
    }
}
