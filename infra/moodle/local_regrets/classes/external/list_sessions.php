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

namespace local_regrets\external;

use core_external\external_api;
use core_external\external_function_parameters;
use core_external\external_multiple_structure;
use core_external\external_single_structure;
use core_external\external_value;
use core_external\util;
use local_regrets\access;
use local_regrets\learner;
use local_regrets\providers;
use local_regrets\session;

/**
 * Lists sessions with their dates and sign-ups.
 *
 * Pages go by the sessions' ids, so a session that changes meanwhile is neither missed nor moved: it comes with the next `since`.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class list_sessions extends external_api {
    /** @var int sessions of a page at most */
    const MAX_LIMIT = 200;

    /**
     * Parameters of execute().
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'since' => new external_value(PARAM_INT, 'only what changed then or later, seconds since 1970', VALUE_DEFAULT, 0),
            'cursor' => new external_value(PARAM_RAW, 'nextcursor of the page before', VALUE_DEFAULT, ''),
            'limit' => new external_value(PARAM_INT, 'sessions of a page, 1 to ' . self::MAX_LIMIT, VALUE_DEFAULT, 50),
            'endsafter' => new external_value(PARAM_INT, 'only undated ones and what ends then or later', VALUE_DEFAULT, 0),
            'provider' => parameters::provider(),
        ]);
    }

    /**
     * Reads a page.
     *
     * @param int $since
     * @param string $cursor
     * @param int $limit
     * @param int $endsafter
     * @param string $provider
     * @return array
     */
    public static function execute($since = 0, $cursor = '', $limit = 50, $endsafter = 0, $provider = 'facetoface'): array {
        $params = self::validate_parameters(
            self::execute_parameters(),
            compact('since', 'cursor', 'limit', 'endsafter', 'provider')
        );
        if ($params['limit'] < 1 || $params['limit'] > self::MAX_LIMIT) {
            throw new \invalid_parameter_exception('limit: 1 to ' . self::MAX_LIMIT);
        }
        if ($params['cursor'] !== '' && !learner::is_id($params['cursor'])) {
            throw new \invalid_parameter_exception('cursor: what nextcursor said');
        }
        // Read before the tables are: what changes meanwhile comes again with this as the next since.
        $now = time();
        access::require_anywhere('local/regrets:read');
        $activity = providers::get($params['provider']);
        $page = $activity->page(
            (int) $params['cursor'],
            $params['limit'] + 1,
            $params['since'],
            $params['endsafter'],
            access::courses('local/regrets:read')
        );
        $more = count($page) > $params['limit'];
        $page = array_slice($page, 0, $params['limit'], true);
        [$open, $warnings] = self::open_to_caller($page);
        $rosters = $activity->signups(array_keys($open));
        $instructors = $activity->instructors(array_keys($open));
        $people = people::of($rosters, $instructors);
        $sessions = [];
        foreach ($open as $id => $session) {
            $sessions[] = self::session($session, $now) + [
                'signups' => $people->signups($rosters[$id] ?? []),
                'instructors' => $people->instructors($instructors[$id] ?? []),
            ];
        }
        return [
            'now' => $now,
            'timezone' => \core_date::get_server_timezone(),
            'sessions' => $sessions,
            'nextcursor' => $more ? (string) array_key_last($page) : '',
            'warnings' => $warnings,
        ];
    }

    /**
     * Leaves out what the caller may not enter or see, and says so.
     *
     * @param session[] $page
     * @return array[] sessions by id, warnings
     */
    private static function open_to_caller(array $page): array {
        $courseids = array_unique(array_column($page, 'courseid'));
        [$courses, $warnings] = util::validate_courses($courseids, [], true);
        $open = [];
        foreach ($page as $id => $session) {
            if (!isset($courses[$session->courseid])) {
                continue;
            }
            $context = \context_module::instance($session->cmid);
            if (!has_capability('local/regrets:read', $context)) {
                $warnings[] = self::warning($session, 'nopermissions');
            } else if (!self::sees($session)) {
                $warnings[] = self::warning($session, 'hidden');
            } else {
                $open[$id] = $session;
            }
        }
        return [$open, $warnings];
    }

    /**
     * Whether the caller sees the activity: what validate_context() asks of one that is named.
     *
     * @param session $session
     * @return bool
     */
    private static function sees(session $session): bool {
        $cms = get_fast_modinfo($session->courseid)->get_cms();
        return isset($cms[$session->cmid]) && $cms[$session->cmid]->uservisible;
    }

    /**
     * Says that a session was left out.
     *
     * @param session $session
     * @param string $code
     * @return array
     */
    private static function warning(session $session, string $code): array {
        return [
            'item' => 'session',
            'itemid' => $session->id,
            'warningcode' => $code,
            'message' => get_string('warning:' . $code, 'local_regrets'),
        ];
    }

    /**
     * A session as it is returned, without people.
     *
     * @param session $session
     * @param int $now
     * @return array
     */
    private static function session(session $session, int $now): array {
        $context = \context_module::instance($session->cmid);
        return [
            'id' => (string) $session->id,
            'provider' => $session->provider,
            'courseid' => $session->courseid,
            'cmid' => $session->cmid,
            'name' => format_string($session->name, true, ['context' => $context, 'escape' => false]),
            'status' => $session->status($now),
            'visible' => $session->visible,
            'parts' => $session->parts,
            'place' => $session->place,
            'details' => $session->details,
            'capacity' => $session->capacity,
            'taken' => $session->taken,
            'waiting' => $session->waiting,
            'waitlist' => $session->waitlist,
            'cancellable' => $session->cancellable,
            'timemodified' => $session->timemodified,
        ];
    }

    /**
     * Result of execute().
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure([
            'now' => new external_value(PARAM_INT, 'the site\'s clock before the page was read: the next since'),
            'timezone' => new external_value(PARAM_RAW, 'zone of the site; all times are seconds since 1970'),
            'sessions' => new external_multiple_structure(new external_single_structure([
                'id' => new external_value(PARAM_RAW, 'id of the session'),
                'provider' => new external_value(PARAM_ALPHANUMEXT, 'the activity whose session it is'),
                'courseid' => new external_value(PARAM_INT, 'course'),
                'cmid' => new external_value(PARAM_INT, 'course module'),
                'name' => new external_value(PARAM_RAW, 'name of the activity'),
                'status' => new external_value(PARAM_ALPHA, 'undated, scheduled, started or finished'),
                'visible' => new external_value(PARAM_BOOL, 'whether learners see course and activity'),
                'parts' => new external_multiple_structure(new external_single_structure([
                    'start' => new external_value(PARAM_INT, 'start'),
                    'end' => new external_value(PARAM_INT, 'end'),
                ]), 'dated spans by start; none when undated'),
                'place' => new external_value(PARAM_RAW, 'room, venue, location'),
                'details' => new external_value(PARAM_RAW, 'plain text'),
                'capacity' => parameters::optional_int('places in all'),
                'taken' => new external_value(PARAM_INT, 'places that are taken'),
                'waiting' => new external_value(PARAM_INT, 'people on the wait list'),
                'waitlist' => new external_value(PARAM_BOOL, 'whether there is a wait list'),
                'cancellable' => new external_value(PARAM_BOOL, 'whether learners may cancel'),
                'timemodified' => new external_value(PARAM_INT, 'when the session or a sign-up last changed'),
                'signups' => people::signups_structure(),
                'instructors' => people::instructors_structure(),
            ])),
            'nextcursor' => new external_value(PARAM_RAW, 'cursor of the next page, empty after the last'),
            'warnings' => new \core_external\external_warnings('course or session', 'its id', 'why it was left out'),
        ]);
    }
}
