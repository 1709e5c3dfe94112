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

use core_external\external_multiple_structure;
use core_external\external_single_structure;
use core_external\external_value;
use local_regrets\signup;

/**
 * The people of a page of sessions, read at once.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class people {
    /** @var int users that are read with one query */
    const CHUNK = 1000;

    /** @var \stdClass[] by user id */
    private $users = [];

    /**
     * Reads everybody whom some sign-ups and instructors name.
     *
     * @param signup[][] $rosters
     * @param array[] $instructors
     * @return self
     */
    public static function of(array $rosters, array $instructors): self {
        global $DB;

        $ids = [];
        foreach ($rosters as $roster) {
            $ids += array_fill_keys(array_keys($roster), true);
        }
        foreach ($instructors as $group) {
            $ids += array_fill_keys(array_column($group, 'userid'), true);
        }
        $people = new self();
        $fields = 'id, firstname, lastname, email, username, idnumber, suspended';
        foreach (array_chunk(array_keys($ids), self::CHUNK) as $chunk) {
            $people->users += $DB->get_records_list('user', 'id', $chunk, '', $fields);
        }
        return $people;
    }

    /**
     * Sign-ups as they are returned.
     *
     * @param signup[] $roster
     * @return array[]
     */
    public function signups(array $roster): array {
        $signups = [];
        foreach ($roster as $signup) {
            if (isset($this->users[$signup->userid])) {
                $signups[] = $this->person($signup->userid) + [
                    'state' => $signup->state,
                    'status' => $signup->status,
                    'given' => $signup->given,
                    'timecreated' => $signup->timecreated,
                    'timemodified' => $signup->timemodified,
                ];
            }
        }
        return $signups;
    }

    /**
     * Instructors as they are returned.
     *
     * @param array[] $group
     * @return array[]
     */
    public function instructors(array $group): array {
        $instructors = [];
        foreach ($group as $instructor) {
            if (isset($this->users[$instructor['userid']])) {
                $instructors[] = $this->person($instructor['userid']) + ['role' => $instructor['role']];
            }
        }
        return $instructors;
    }

    /**
     * How sign-ups are returned.
     *
     * @return external_multiple_structure
     */
    public static function signups_structure(): external_multiple_structure {
        return new external_multiple_structure(new external_single_structure(self::person_structure() + [
            'state' => new external_value(
                PARAM_ALPHANUMEXT,
                'held, waitlisted, requested, cancelled, absent, attended or unknown'
            ),
            'status' => new external_value(PARAM_RAW, 'the activity\'s own word for it'),
            'given' => parameters::optional_int('since when, without a break'),
            'timecreated' => parameters::optional_int('when the learner first signed up'),
            'timemodified' => parameters::optional_int('when that last changed'),
        ]));
    }

    /**
     * How instructors are returned.
     *
     * @return external_multiple_structure
     */
    public static function instructors_structure(): external_multiple_structure {
        return new external_multiple_structure(new external_single_structure(self::person_structure() + [
            'role' => new external_value(PARAM_RAW, 'short name of the role'),
        ]));
    }

    /**
     * How a person is returned. Nothing is checked on the way out: one odd character would spoil the whole answer.
     *
     * @return external_value[]
     */
    private static function person_structure(): array {
        return [
            'userid' => new external_value(PARAM_INT, 'account'),
            'fullname' => new external_value(PARAM_RAW, 'name'),
            'email' => new external_value(PARAM_RAW, 'mail address'),
            'username' => new external_value(PARAM_RAW, 'user name'),
            'idnumber' => new external_value(PARAM_RAW, 'ID number, empty when there is none'),
            'suspended' => new external_value(PARAM_BOOL, 'whether the account is suspended'),
        ];
    }

    /**
     * A person.
     *
     * @param int $userid
     * @return array
     */
    private function person(int $userid): array {
        $user = $this->users[$userid];
        return [
            'userid' => $userid,
            'fullname' => trim("$user->firstname $user->lastname"),
            'email' => $user->email,
            'username' => $user->username,
            'idnumber' => $user->idnumber,
            'suspended' => (bool) $user->suspended,
        ];
    }
}
