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

namespace local_regrets\provider;

use local_regrets\session;

/**
 * What an activity's tables say, read for many sessions at once: a page costs a handful of queries, however long it is.
 *
 * An activity says what its queries are; in them stand :since and :endsafter as often as they like, and %s for the list of ids.
 * The tables alone are read.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
abstract class reader {
    /** @var string name of the provider */
    const PROVIDER = '';

    /** @var string a session's id in SESSIONS */
    const ID = '';

    /** @var string the course in SESSIONS */
    const COURSE = '';

    /** @var string a session has changed since :since */
    const CHANGED = '';

    /** @var string a session ends after :endsafter, or nobody knows when */
    const ENDSAFTER = '';

    /**
     * @var string sessions of activities that are there and stay, with course, cmid, activityid, visible, coursevisible,
     *             timecreated, timemodified and activitymodified; ends within its conditions
     */
    const SESSIONS = '';

    /** @var string places by session: id, taken, waiting, modified, as the activity counts them; %s: sessions */
    const COUNTS = '';

    /** @var string[] table of the dates, and its columns for the session, the start and the end */
    const DATES = [];

    /** @var string what says who has a place, by session and user, oldest first: sessionid, userid; %s: sessions, then the user */
    const SIGNUPS = '';

    /** @var string the user in SIGNUPS */
    const USER = '';

    /** @var string people of a session: sessionid, userid, role; %s: sessions */
    const INSTRUCTORS = '';

    /**
     * What only this activity says of a session.
     *
     * @param session $session
     * @param \stdClass $record
     * @param array[] $dates as session::$parts
     * @param mixed $extra of extras()
     */
    abstract protected static function fill(session $session, \stdClass $record, array $dates, $extra): void;

    /**
     * Sign-ups of some sessions, or one learner's.
     *
     * @param int[] $sessionids
     * @param int|null $userid
     * @return \local_regrets\signup[][] by session id and user id
     */
    abstract public static function signups(array $sessionids, ?int $userid = null): array;

    /**
     * What an activity keeps elsewhere.
     *
     * @param int[] $ids
     * @return array by session id
     */
    protected static function extras(array $ids): array {
        return [];
    }

    /**
     * Sessions after an id, see session_provider::page().
     *
     * @param int $after
     * @param int $limit
     * @param int $since
     * @param int $endsafter
     * @param int[]|null $courseids
     * @return session[] by id
     */
    public static function page(int $after, int $limit, int $since, int $endsafter, ?array $courseids): array {
        global $DB;

        if ($courseids === []) {
            return [];
        }
        $where = static::ID . ' > :after';
        $params = ['after' => $after];
        foreach (['since' => [$since, static::CHANGED], 'endsafter' => [$endsafter, static::ENDSAFTER]] as $name => $asked) {
            [$time, $condition] = $asked;
            if ($time > 0) {
                $where .= ' AND (' . self::numbered($condition, $name, $time, $params) . ')';
            }
        }
        if ($courseids !== null) {
            [$in, $courses] = $DB->get_in_or_equal($courseids, SQL_PARAMS_NAMED, 'course');
            $where .= ' AND ' . static::COURSE . " $in";
            $params += $courses;
        }
        return static::sessions($where, $params, $limit);
    }

    /**
     * Moodle takes each named parameter once.
     *
     * @param string $condition
     * @param string $name
     * @param int $value
     * @param array $params to which they are added
     * @return string
     */
    private static function numbered(string $condition, string $name, int $value, array &$params): string {
        $count = 0;
        $number = function () use ($name, $value, &$count, &$params): string {
            $count++;
            $params[$name . $count] = $value;
            return ':' . $name . $count;
        };
        return preg_replace_callback('/:' . $name . '\b/', $number, $condition);
    }

    /**
     * Sessions that fit.
     *
     * @param string $where on what SESSIONS joins
     * @param array $params
     * @param int $limit
     * @return session[] by id
     */
    public static function sessions(string $where, array $params, int $limit): array {
        global $DB;

        $sql = static::SESSIONS . " AND $where ORDER BY " . static::ID;
        $records = $DB->get_records_sql($sql, $params, 0, $limit);
        if (!$records) {
            return [];
        }
        $ids = array_keys($records);
        $dates = self::dates($ids);
        $extras = static::extras($ids);
        $counts = self::of_sessions(static::COUNTS, $ids);
        $sessions = [];
        foreach ($records as $id => $record) {
            $count = $counts[$id] ?? null;
            $session = new session();
            $session->provider = static::PROVIDER;
            $session->id = (int) $id;
            $session->courseid = (int) $record->course;
            $session->cmid = (int) $record->cmid;
            $session->activityid = (int) $record->activityid;
            $session->visible = $record->visible && $record->coursevisible;
            $session->taken = (int) ($count->taken ?? 0);
            $session->waiting = (int) ($count->waiting ?? 0);
            $session->timemodified = max(
                (int) $record->timecreated,
                (int) $record->timemodified,
                (int) $record->activitymodified,
                (int) ($count->modified ?? 0)
            );
            static::fill($session, $record, $dates[$id] ?? [], $extras[$id] ?? null);
            $sessions[(int) $id] = $session;
        }
        return $sessions;
    }

    /**
     * People in a role of the session.
     *
     * @param int[] $sessionids
     * @return array[] by session id
     */
    public static function instructors(array $sessionids): array {
        $instructors = [];
        foreach (self::of_sessions(static::INSTRUCTORS, $sessionids) as $row) {
            $instructors[(int) $row->sessionid][] = ['userid' => (int) $row->userid, 'role' => $row->role];
        }
        return $instructors;
    }

    /**
     * The rows of SIGNUPS, one by one: there may be many.
     *
     * @param int[] $sessionids
     * @param int|null $userid
     * @return \Generator
     */
    protected static function signup_rows(array $sessionids, ?int $userid): \Generator {
        global $DB;

        if (!$sessionids) {
            return;
        }
        [$in, $params] = $DB->get_in_or_equal($sessionids, SQL_PARAMS_NAMED);
        $user = '';
        if ($userid !== null) {
            $user = ' AND ' . static::USER . ' = :userid';
            $params['userid'] = $userid;
        }
        $rows = $DB->get_recordset_sql(sprintf(static::SIGNUPS, $in, $user), $params);
        foreach ($rows as $row) {
            yield $row;
        }
        $rows->close();
    }

    /**
     * What a query says of some sessions.
     *
     * @param string $sql with %s for the list
     * @param int[] $ids
     * @return \stdClass[] by the first column
     */
    protected static function of_sessions(string $sql, array $ids): array {
        global $DB;

        if (!$ids) {
            return [];
        }
        [$in, $params] = $DB->get_in_or_equal($ids, SQL_PARAMS_NAMED);
        return $DB->get_records_sql(sprintf($sql, $in), $params);
    }

    /**
     * Dates by session.
     *
     * @param int[] $ids
     * @return array[]
     */
    private static function dates(array $ids): array {
        global $DB;

        [$table, $session, $start, $end] = static::DATES;
        $dates = [];
        foreach ($DB->get_records_list($table, $session, $ids, "$start, id") as $date) {
            $dates[(int) $date->$session][] = ['start' => (int) $date->$start, 'end' => (int) $date->$end];
        }
        return $dates;
    }
}
