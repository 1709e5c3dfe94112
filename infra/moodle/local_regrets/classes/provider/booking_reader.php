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
 * What mod_booking's tables say: a session is a booking option.
 *
 * The tables alone are read, never the activity's caches, which another process may fill with what is old.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class booking_reader extends reader {
    /** @var int[] answers that take or wait for a place: booked, on the waiting list, reserved in a shopping cart */
    const ACTIVE = [0, 1, 2];

    /** @var int answer: booked */
    const BOOKED = 0;

    /** @var int answer: on the waiting list, also where somebody must confirm it */
    const WAITING = 1;

    /** @var int answer: in a shopping cart, not paid yet */
    const RESERVED = 2;

    /** @var int answer: was cancelled; the row stays, and the next booking is a new row */
    const DELETED = 5;

    /** @var int answer: an earlier booking of an option that may be booked again and again */
    const PREVIOUS = 6;

    /** @var int kind of option: its places are slots of time, of which a booking can hold several */
    const SLOTS = 2;

    /** @var string see reader */
    const PROVIDER = 'booking';

    /** @var string see reader */
    const ID = 'bo.id';

    /** @var string see reader */
    const COURSE = 'b.course';

    /** @var string see reader */
    const CHANGED = 'bo.timemodified >= :since OR bo.timecreated >= :since OR b.timemodified >= :since OR EXISTS (
                SELECT 1
                  FROM {booking_answers} ba
                 WHERE ba.optionid = bo.id AND ba.timemodified >= :since)';

    /** @var string see reader */
    const ENDSAFTER = 'COALESCE(bo.courseendtime, 0) = 0 OR bo.courseendtime >= :endsafter OR EXISTS (
                SELECT 1
                  FROM {booking_optiondates} d
                 WHERE d.optionid = bo.id AND d.courseendtime >= :endsafter)';

    /** @var string see reader. A cancelled option is gone, and a template was never one */
    const SESSIONS = "SELECT bo.id, bo.bookingid AS activityid, bo.text, bo.titleprefix, bo.description, bo.location,
                    bo.institution, bo.address, bo.maxanswers, bo.maxoverbooking, bo.limitanswers, bo.coursestarttime,
                    bo.courseendtime, bo.invisible, bo.timecreated, bo.timemodified, bo.json, b.course, b.cancancelbook,
                    b.json AS activityjson, b.timemodified AS activitymodified, cm.id AS cmid, cm.visible,
                    c.visible AS coursevisible
               FROM {booking_options} bo
               JOIN {booking} b ON b.id = bo.bookingid
               JOIN {course} c ON c.id = b.course
               JOIN {modules} m ON m.name = 'booking'
               JOIN {course_modules} cm ON cm.module = m.id AND cm.instance = b.id AND cm.course = b.course
                                       AND cm.deletioninprogress = 0
              WHERE bo.status = 0";

    /** @var string see reader */
    const COUNTS = 'SELECT ba.optionid,
                    SUM(CASE WHEN ba.waitinglist = 0 OR ba.waitinglist = 2 THEN COALESCE(ba.places, 1) ELSE 0 END) AS taken,
                    SUM(CASE WHEN ba.waitinglist = 1 THEN COALESCE(ba.places, 1) ELSE 0 END) AS waiting,
                    MAX(ba.timemodified) AS modified
               FROM {booking_answers} ba
              WHERE ba.optionid %s
           GROUP BY ba.optionid';

    /** @var string[] see reader */
    const DATES = ['booking_optiondates', 'optionid', 'coursestarttime', 'courseendtime'];

    /** @var string see reader */
    const SIGNUPS = 'SELECT ba.id, ba.optionid AS sessionid, ba.userid, ba.waitinglist, ba.completed, ba.status, ba.timecreated,
                    ba.timemodified
               FROM {booking_answers} ba
               JOIN {user} u ON u.id = ba.userid AND u.deleted = 0
              WHERE ba.optionid %s %s
           ORDER BY ba.id';

    /** @var string see reader */
    const USER = 'ba.userid';

    /** @var string the teachers of an option, see reader */
    const INSTRUCTORS = "SELECT bt.id, bt.optionid AS sessionid, bt.userid, 'teacher' AS role
               FROM {booking_teachers} bt
               JOIN {user} u ON u.id = bt.userid AND u.deleted = 0
              WHERE bt.optionid %s
           ORDER BY bt.id";

    #[\Override]
    protected static function fill(session $session, \stdClass $record, array $dates, $extra): void {
        $option = self::json($record->json);
        $session->name = trim($record->titleprefix . ' ' . $record->text);
        $session->visible = $session->visible && !$record->invisible;
        $session->parts = $dates ?: self::only_date($record, $option);
        $session->dated = $session->parts !== [];
        $session->hasplacesundated = true;
        $session->place = implode(', ', array_filter(array_map('trim', [
            (string) $record->location, (string) $record->institution, (string) $record->address,
        ])));
        $session->details = trim(html_to_text((string) $record->description, 0, false));
        $session->capacity = $record->limitanswers && $record->maxanswers ? (int) $record->maxanswers : null;
        $session->waitlist = $record->limitanswers && (int) $record->maxoverbooking !== 0
            && !get_config('booking', 'turnoffwaitinglist');
        $session->cancellable = (int) $record->cancancelbook === 1 && empty($option->disablecancel)
            && empty(self::json($record->activityjson)->disablecancel);
    }

    #[\Override]
    public static function signups(array $sessionids, ?int $userid = null): array {
        global $DB;

        $answers = [];
        foreach (self::signup_rows($sessionids, $userid) as $row) {
            $answers[(int) $row->sessionid][(int) $row->userid][] = $row;
        }
        $options = $DB->get_records_list('booking_options', 'id', array_keys($answers), '', 'id, type, json');
        $signups = [];
        foreach ($answers as $optionid => $learners) {
            foreach ($learners as $learner => $rows) {
                $signups[$optionid][$learner] = self::signup($learner, $rows, $options[$optionid]);
            }
        }
        return $signups;
    }

    /**
     * What a learner's answers to one option come to. There is one that counts, and what was cancelled before it; where it is
     * otherwise nobody can say which place is meant, and nothing is cancelled.
     *
     * @param int $userid
     * @param \stdClass[] $rows by id
     * @param \stdClass $option
     * @return signup
     */
    private static function signup(int $userid, array $rows, \stdClass $option): signup {
        $signup = new signup($userid);
        $of = function (int ...$words) use ($rows): array {
            return array_values(array_filter($rows, function ($row) use ($words) {
                return in_array((int) $row->waitinglist, $words, true);
            }));
        };
        $active = $of(...self::ACTIVE);
        $earlier = array_merge($active, $of(self::DELETED, self::PREVIOUS));
        if (!$earlier) {
            // Only on the list of those who want to be told of a free place.
            return $signup;
        }
        $row = $active ? end($active) : end($earlier);
        [$signup->state, $signup->status] = self::state($row, count($active), $of(self::PREVIOUS) !== [], $option);
        $signup->statusid = (int) $row->id;
        $signup->timecreated = (int) $earlier[0]->timecreated;
        $signup->timemodified = (int) $row->timemodified;
        if ($active) {
            $signup->given = (int) $row->timecreated;
            $signup->method = 'booking';
        }
        return $signup;
    }

    /**
     * State and the activity's own word for it.
     *
     * @param \stdClass $row the answer that counts
     * @param int $active how many there are like it
     * @param bool $previous whether an earlier booking would come back if this one went
     * @param \stdClass $option
     * @return string[]
     */
    private static function state(\stdClass $row, int $active, bool $previous, \stdClass $option): array {
        if ((int) $row->waitinglist === self::DELETED) {
            return [signup::CANCELLED, 'cancelled'];
        }
        if ((int) $row->waitinglist === self::PREVIOUS) {
            return [signup::UNKNOWN, 'previously_booked'];
        }
        $json = self::json($option->json);
        if ((int) $option->type === self::SLOTS) {
            return [signup::UNKNOWN, 'slots'];
        }
        if ($active > 1 || $previous) {
            return [signup::UNKNOWN, 'several'];
        }
        if ((int) $row->waitinglist === self::RESERVED) {
            return [signup::UNKNOWN, 'reserved'];
        }
        if ((int) $row->completed || (int) $row->status) {
            return [signup::ATTENDED, (int) $row->completed ? 'completed' : 'presence_' . (int) $row->status];
        }
        if (!empty($json->useprice) && class_exists('\local_shopping_cart\shopping_cart')) {
            // There is money to be given back, which is the shopping cart's affair.
            return [signup::UNKNOWN, 'paid'];
        }
        if ((int) $row->waitinglist === self::BOOKED) {
            return [signup::HELD, 'booked'];
        }
        return empty($json->waitforconfirmation) ? [signup::WAITLISTED, 'waiting'] : [signup::REQUESTED, 'to_be_confirmed'];
    }

    /**
     * The date of an option without a list of dates. Of a course that people take at their own pace it only says where the
     * option stands in a list.
     *
     * @param \stdClass $record
     * @param \stdClass $option
     * @return array[]
     */
    private static function only_date(\stdClass $record, \stdClass $option): array {
        if (!$record->coursestarttime || !empty($option->selflearningcourse)) {
            return [];
        }
        $end = max((int) $record->coursestarttime, (int) $record->courseendtime);
        return [['start' => (int) $record->coursestarttime, 'end' => $end]];
    }

    /**
     * What an option or an activity keeps beside its columns.
     *
     * @param string|null $json
     * @return \stdClass
     */
    private static function json(?string $json): \stdClass {
        $read = json_decode((string) $json);
        return $read instanceof \stdClass ? $read : new \stdClass();
    }
}
