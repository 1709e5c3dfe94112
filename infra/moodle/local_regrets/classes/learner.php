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

/**
 * Finds the account that a client means.
 *
 * Databases compare text each in its own way: MariaDB finds `rene@` for `rené@`, PostgreSQL only the exact spelling. So the
 * database proposes, and what counts is the comparison here: addresses without regard to letter case and with their accents,
 * user names in lower case as Moodle keeps them, everything else as it is.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class learner {
    /** @var string[] fields by which a learner can be named */
    const FIELDS = ['id', 'username', 'email', 'idnumber'];

    /**
     * The accounts with this value, at most two.
     *
     * @param string $field one of FIELDS
     * @param string $value
     * @return int[] user ids: none, one, or two when it is ambiguous
     */
    public static function find(string $field, string $value): array {
        global $CFG, $DB;

        $wanted = self::folded($field, $value);
        if ($wanted === '') {
            return [];
        }
        $params = ['guest' => $CFG->siteguest, 'value' => $wanted];
        if ($field === 'id') {
            if (!self::is_id($wanted)) {
                return [];
            }
            $where = 'id = :value';
        } else if ($field === 'email') {
            // Loosely, because that can use the index where a strict comparison could not.
            $where = $DB->sql_equal($field, ':value', false, false);
        } else {
            $where = "$field = :value";
        }
        if ($field === 'username') {
            // The same name may come again from another site of a network.
            $where .= ' AND mnethostid = :host';
            $params['host'] = $CFG->mnet_localhost_id;
        }
        $found = [];
        $users = $DB->get_recordset_select('user', "$where AND deleted = 0 AND id <> :guest", $params, 'id', "id, $field AS kept");
        foreach ($users as $user) {
            if (self::folded($field, (string) $user->kept) === $wanted) {
                $found[] = (int) $user->id;
            }
            if (count($found) === 2) {
                break;
            }
        }
        $users->close();
        return $found;
    }

    /**
     * A value as it is compared.
     *
     * @param string $field one of FIELDS
     * @param string $value
     * @return string
     */
    public static function folded(string $field, string $value): string {
        $value = trim($value);
        if ($field === 'email' || $field === 'username') {
            $value = \core_text::strtolower($value);
        }
        if (class_exists(\Normalizer::class)) {
            $value = \Normalizer::normalize($value, \Normalizer::FORM_C) ?: $value;
        }
        return $value;
    }

    /**
     * Whether a text is an id as Moodle writes it.
     *
     * @param string $value
     * @return bool
     */
    public static function is_id(string $value): bool {
        return preg_match('/^[1-9][0-9]{0,17}$/', $value) === 1;
    }
}
