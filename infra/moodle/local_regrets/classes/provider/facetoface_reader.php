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
use local_regrets\signup;

/**
 * What mod_facetoface's tables say, read for many sessions at once: a page costs a handful of queries, however long it is.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class facetoface_reader {
    /** @var string[] what the status codes mean here; 20 is defined by the activity and never used */
    const STATES = [
        10 => signup::CANCELLED,
        20 => signup::CANCELLED,
        30 => signup::ABSENT,
        40 => signup::REQUESTED,
        50 => signup::REQUESTED,
        60 => signup::WAITLISTED,
        70 => signup::HELD,
        80 => signup::ATTENDED,
        90 => signup::ATTENDED,
        100 => signup::ATTENDED,
    ];

    /** @var string[] the activity's own words for them */
    const WORDS = [
        10 => 'user_cancelled',
        20 => 'session_cancelled',
        30 => 'declined',
        40 => 'requested',
        50 => 'approved',
        60 => 'waitlisted',
        70 => 'booked',
        80 => 'no_show',
        90 => 'partially_attended',
        100 => 'fully_attended',
    ];

    /** @var string[] short names of custom fields that say where a session takes place, in this order */
    const PLACES = ['room', 'venue', 'location'];

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

        $where = 's.id > :after';
        $params = ['after' => $after];
        if ($since > 0) {
            $where .= ' AND (s.timemodified >= :since1 OR s.timecreated >= :since2 OR f.timemodified >= :since3 OR EXISTS (
                SELECT 1
                  FROM {facetoface_signups} su
                  JOIN {facetoface_signups_status} ss ON ss.signupid = su.id
                 WHERE su.sessionid = s.id AND ss.timecreated >= :since4))';
            $params += ['since1' => $since, 'since2' => $since, 'since3' => $since, 'since4' => $since];
        }
        if ($endsafter > 0) {
            $where .= ' AND (s.datetimeknown = 0 OR EXISTS (
                SELECT 1
                  FROM {facetoface_sessions_dates} d
                 WHERE d.sessionid = s.id AND d.timefinish >= :endsafter))';
            $params['endsafter'] = $endsafter;
        }
        if ($courseids !== null) {
            if (!$courseids) {
                return [];
            }
            [$in, $courses] = $DB->get_in_or_equal($courseids, SQL_PARAMS_NAMED, 'course');
            $where .= " AND f.course $in";
            $params += $courses;
        }
        return self::sessions($where, $params, $limit);
    }

    /**
     * Sessions of activities that are there and stay.
     *
     * @param string $where on s (session), f (activity)
     * @param array $params
     * @param int $limit
     * @return session[] by id
     */
    public static function sessions(string $where, array $params, int $limit): array {
        global $DB;

        $records = $DB->get_records_sql(
            "SELECT s.id, s.facetoface, s.capacity, s.allowoverbook, s.details, s.datetimeknown, s.allowcancellations,
                    s.timecreated, s.timemodified, f.name, f.course, f.timemodified AS activitymodified,
                    cm.id AS cmid, cm.visible, c.visible AS coursevisible
               FROM {facetoface_sessions} s
               JOIN {facetoface} f ON f.id = s.facetoface
               JOIN {course} c ON c.id = f.course
               JOIN {modules} m ON m.name = 'facetoface'
               JOIN {course_modules} cm ON cm.module = m.id AND cm.instance = f.id AND cm.course = f.course
                                       AND cm.deletioninprogress = 0
              WHERE $where
           ORDER BY s.id",
            $params,
            0,
            $limit
        );
        if (!$records) {
            return [];
        }
        $ids = array_keys($records);
        $dates = self::dates($ids);
        $places = self::places($ids);
        $counts = self::counts($ids);
        $sessions = [];
        foreach ($records as $id => $record) {
            $session = new session();
            $session->provider = 'facetoface';
            $session->id = (int) $id;
            $session->courseid = (int) $record->course;
            $session->cmid = (int) $record->cmid;
            $session->activityid = (int) $record->facetoface;
            $session->name = (string) $record->name;
            $session->visible = $record->visible && $record->coursevisible;
            $session->dated = (bool) $record->datetimeknown;
            $session->parts = $session->dated ? ($dates[$id] ?? []) : [];
            $session->place = $places[$id] ?? '';
            $session->details = trim(html_to_text((string) $record->details, 0, false));
            $session->capacity = (int) $record->capacity;
            $session->taken = $counts[$id]['taken'] ?? 0;
            $session->waiting = $counts[$id]['waiting'] ?? 0;
            $session->waitlist = (bool) $record->allowoverbook;
            $session->cancellable = (bool) $record->allowcancellations;
            $session->timemodified = max(
                (int) $record->timecreated,
                (int) $record->timemodified,
                (int) $record->activitymodified,
                $counts[$id]['modified'] ?? 0
            );
            $sessions[(int) $id] = $session;
        }
        return $sessions;
    }

    /**
     * Sign-ups of some sessions, or one learner's.
     *
     * @param int[] $sessionids
     * @param int|null $userid
     * @return signup[][] by session id and user id
     */
    public static function signups(array $sessionids, ?int $userid = null): array {
        global $DB;

        if (!$sessionids) {
            return [];
        }
        [$in, $params] = $DB->get_in_or_equal($sessionids, SQL_PARAMS_NAMED);
        $user = '';
        if ($userid !== null) {
            $user = ' AND su.userid = :userid';
            $params['userid'] = $userid;
        }
        $rows = $DB->get_recordset_sql(
            "SELECT ss.id, su.sessionid, su.userid, ss.statuscode, ss.superceded, ss.timecreated
               FROM {facetoface_signups} su
               JOIN {user} u ON u.id = su.userid AND u.deleted = 0
               JOIN {facetoface_signups_status} ss ON ss.signupid = su.id
              WHERE su.sessionid $in $user
           ORDER BY ss.id",
            $params
        );
        $signups = [];
        $runs = [];
        foreach ($rows as $row) {
            $session = (int) $row->sessionid;
            $learner = (int) $row->userid;
            $signup = $signups[$session][$learner] ?? new signup($learner);
            $signups[$session][$learner] = $signup;
            $signup->timecreated = $signup->timecreated ?? (int) $row->timecreated;
            // A place is held without a break from the first status that gives one, over approvals and the wait list.
            $gives = (int) $row->statuscode >= 40;
            $runs[$session][$learner] = $gives ? ($runs[$session][$learner] ?? (int) $row->timecreated) : null;
            if (!$row->superceded) {
                $signup->state = self::STATES[(int) $row->statuscode] ?? signup::UNKNOWN;
                $signup->status = self::WORDS[(int) $row->statuscode] ?? (string) $row->statuscode;
                $signup->statusid = (int) $row->id;
                $signup->timemodified = (int) $row->timecreated;
                $signup->given = $runs[$session][$learner];
                $signup->method = $gives ? 'signup' : '';
            }
        }
        $rows->close();
        return $signups;
    }

    /**
     * People in a role of the session.
     *
     * @param int[] $sessionids
     * @return array[] by session id
     */
    public static function instructors(array $sessionids): array {
        global $DB;

        if (!$sessionids) {
            return [];
        }
        [$in, $params] = $DB->get_in_or_equal($sessionids, SQL_PARAMS_NAMED);
        $rows = $DB->get_records_sql(
            "SELECT sr.id, sr.sessionid, sr.userid, r.shortname
               FROM {facetoface_session_roles} sr
               JOIN {role} r ON r.id = sr.roleid
               JOIN {user} u ON u.id = sr.userid AND u.deleted = 0
              WHERE sr.sessionid $in
           ORDER BY sr.id",
            $params
        );
        $instructors = [];
        foreach ($rows as $row) {
            $instructors[(int) $row->sessionid][] = ['userid' => (int) $row->userid, 'role' => $row->shortname];
        }
        return $instructors;
    }

    /**
     * Dates by session.
     *
     * @param int[] $ids
     * @return array[]
     */
    private static function dates(array $ids): array {
        global $DB;

        $dates = [];
        foreach ($DB->get_records_list('facetoface_sessions_dates', 'sessionid', $ids, 'timestart, id') as $date) {
            $dates[(int) $date->sessionid][] = ['start' => (int) $date->timestart, 'end' => (int) $date->timefinish];
        }
        return $dates;
    }

    /**
     * Where sessions take place, from the custom fields that are usual for it.
     *
     * @param int[] $ids
     * @return string[] by session id
     */
    private static function places(array $ids): array {
        global $DB;

        [$in, $params] = $DB->get_in_or_equal($ids, SQL_PARAMS_NAMED);
        $rows = $DB->get_records_sql(
            "SELECT sd.id, sd.sessionid, sf.shortname, sd.data
               FROM {facetoface_session_data} sd
               JOIN {facetoface_session_field} sf ON sf.id = sd.fieldid
              WHERE sd.sessionid $in",
            $params
        );
        $parts = [];
        foreach ($rows as $row) {
            $rank = array_search(strtolower($row->shortname), self::PLACES, true);
            $text = trim(str_replace(CUSTOMFIELD_DELIMITER, ', ', (string) $row->data));
            if ($rank !== false && $text !== '') {
                $parts[(int) $row->sessionid][$rank] = $text;
            }
        }
        $places = [];
        foreach ($parts as $id => $texts) {
            ksort($texts);
            $places[$id] = implode(', ', $texts);
        }
        return $places;
    }

    /**
     * How many places are taken and waited for, as the activity counts them, and when that last changed.
     *
     * @param int[] $ids
     * @return int[][] by session id
     */
    private static function counts(array $ids): array {
        global $DB;

        [$in, $params] = $DB->get_in_or_equal($ids, SQL_PARAMS_NAMED);
        $rows = $DB->get_records_sql(
            "SELECT su.sessionid,
                    SUM(CASE WHEN ss.superceded = 0 AND ss.statuscode >= 70 THEN 1 ELSE 0 END) AS taken,
                    SUM(CASE WHEN ss.superceded = 0 AND ss.statuscode = 60 THEN 1 ELSE 0 END) AS waiting,
                    MAX(ss.timecreated) AS modified
               FROM {facetoface_signups} su
               JOIN {facetoface_signups_status} ss ON ss.signupid = su.id
              WHERE su.sessionid $in
           GROUP BY su.sessionid",
            $params
        );
        $counts = [];
        foreach ($rows as $id => $row) {
            $counts[(int) $id] = [
                'taken' => (int) $row->taken,
                'waiting' => (int) $row->waiting,
                'modified' => (int) $row->modified,
            ];
        }
        return $counts;
    }
}
