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
 * What mod_facetoface's tables say.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class facetoface_reader extends reader {
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

    /** @var string see reader */
    const PROVIDER = 'facetoface';

    /** @var string see reader */
    const ID = 's.id';

    /** @var string see reader */
    const COURSE = 'f.course';

    /** @var string see reader */
    const CHANGED = 's.timemodified >= :since OR s.timecreated >= :since OR f.timemodified >= :since OR EXISTS (
                SELECT 1
                  FROM {facetoface_signups} su
                  JOIN {facetoface_signups_status} ss ON ss.signupid = su.id
                 WHERE su.sessionid = s.id AND ss.timecreated >= :since)';

    /** @var string see reader */
    const ENDSAFTER = 's.datetimeknown = 0 OR EXISTS (
                SELECT 1
                  FROM {facetoface_sessions_dates} d
                 WHERE d.sessionid = s.id AND d.timefinish >= :endsafter)';

    /** @var string see reader */
    const SESSIONS = "SELECT s.id, s.facetoface AS activityid, s.capacity, s.allowoverbook, s.details, s.datetimeknown,
                    s.allowcancellations, s.timecreated, s.timemodified, f.name, f.course, f.timemodified AS activitymodified,
                    cm.id AS cmid, cm.visible, c.visible AS coursevisible
               FROM {facetoface_sessions} s
               JOIN {facetoface} f ON f.id = s.facetoface
               JOIN {course} c ON c.id = f.course
               JOIN {modules} m ON m.name = 'facetoface'
               JOIN {course_modules} cm ON cm.module = m.id AND cm.instance = f.id AND cm.course = f.course
              WHERE cm.deletioninprogress = 0";

    /** @var string see reader */
    const COUNTS = 'SELECT su.sessionid,
                    SUM(CASE WHEN ss.superceded = 0 AND ss.statuscode >= 70 THEN 1 ELSE 0 END) AS taken,
                    SUM(CASE WHEN ss.superceded = 0 AND ss.statuscode = 60 THEN 1 ELSE 0 END) AS waiting,
                    MAX(ss.timecreated) AS modified
               FROM {facetoface_signups} su
               JOIN {facetoface_signups_status} ss ON ss.signupid = su.id
              WHERE su.sessionid %s
           GROUP BY su.sessionid';

    /** @var string[] see reader */
    const DATES = ['facetoface_sessions_dates', 'sessionid', 'timestart', 'timefinish'];

    /** @var string see reader */
    const SIGNUPS = 'SELECT ss.id, su.sessionid, su.userid, ss.statuscode, ss.superceded, ss.timecreated
               FROM {facetoface_signups} su
               JOIN {user} u ON u.id = su.userid AND u.deleted = 0
               JOIN {facetoface_signups_status} ss ON ss.signupid = su.id
              WHERE su.sessionid %s %s
           ORDER BY ss.id';

    /** @var string see reader */
    const USER = 'su.userid';

    /** @var string see reader */
    const INSTRUCTORS = 'SELECT sr.id, sr.sessionid, sr.userid, r.shortname AS role
               FROM {facetoface_session_roles} sr
               JOIN {role} r ON r.id = sr.roleid
               JOIN {user} u ON u.id = sr.userid AND u.deleted = 0
              WHERE sr.sessionid %s
           ORDER BY sr.id';

    /** @var string what the custom fields say of sessions; %s: sessions */
    const FIELDS = 'SELECT sd.id, sd.sessionid, sf.shortname, sd.data
               FROM {facetoface_session_data} sd
               JOIN {facetoface_session_field} sf ON sf.id = sd.fieldid
              WHERE sd.sessionid %s';

    #[\Override]
    protected static function fill(session $session, \stdClass $record, array $dates, $extra): void {
        $session->name = (string) $record->name;
        $session->dated = (bool) $record->datetimeknown;
        $session->parts = $session->dated ? $dates : [];
        $session->place = $extra ?? '';
        $session->details = trim(html_to_text((string) $record->details, 0, false));
        $session->capacity = (int) $record->capacity;
        $session->waitlist = (bool) $record->allowoverbook;
        $session->cancellable = (bool) $record->allowcancellations;
    }

    #[\Override]
    public static function signups(array $sessionids, ?int $userid = null): array {
        $signups = [];
        $runs = [];
        foreach (self::signup_rows($sessionids, $userid) as $row) {
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
        return $signups;
    }

    /**
     * Where sessions take place, from the custom fields that are usual for it.
     *
     * @param int[] $ids
     * @return string[] by session id
     */
    protected static function extras(array $ids): array {
        $parts = [];
        foreach (self::of_sessions(self::FIELDS, $ids) as $row) {
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
}
