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

use core_external\external_value;
use local_regrets\learner;

/**
 * Parameters that several functions have.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class parameters {
    /**
     * Whose place in which session.
     *
     * @return external_value[]
     */
    public static function place(): array {
        return [
            'session' => new external_value(PARAM_RAW, 'id of the session'),
            'field' => new external_value(PARAM_ALPHA, 'id, username, email or idnumber: what the learner is named by'),
            'value' => new external_value(PARAM_RAW, 'its value; the letter case of mail addresses does not count'),
        ];
    }

    /**
     * Whose sessions.
     *
     * @return external_value
     */
    public static function provider(): external_value {
        return new external_value(PARAM_ALPHANUMEXT, 'the activity whose session it is', VALUE_DEFAULT, 'facetoface');
    }

    /**
     * Holds a field to the list.
     *
     * @param string $field
     * @throws \invalid_parameter_exception it is none
     */
    public static function check_field(string $field): void {
        if (!in_array($field, learner::FIELDS, true)) {
            throw new \invalid_parameter_exception('field: one of ' . implode(', ', learner::FIELDS));
        }
    }

    /**
     * A number that may be missing.
     *
     * @param string $description
     * @return external_value
     */
    public static function optional_int(string $description): external_value {
        return new external_value(PARAM_INT, "$description, null when there is none", VALUE_REQUIRED, null, NULL_ALLOWED);
    }

    /**
     * What cancelling and giving back answer.
     *
     * @param string $outcomes which outcomes there are
     * @return external_value[]
     */
    public static function outcome(string $outcomes): array {
        return [
            'outcome' => new external_value(PARAM_ALPHANUMEXT, $outcomes),
            'reason' => new external_value(PARAM_ALPHANUMEXT, 'a word that says why, empty where the outcome says all'),
            'message' => new external_value(PARAM_RAW, 'the same for people'),
            'before' => new external_value(PARAM_ALPHANUMEXT, 'state of the place before, empty where none was looked at'),
            'after' => new external_value(PARAM_ALPHANUMEXT, 'state of the place after, empty where none was looked at'),
            'replayed' => new external_value(PARAM_BOOL, 'whether this key had this answer before, and nothing was done now'),
        ];
    }
}
