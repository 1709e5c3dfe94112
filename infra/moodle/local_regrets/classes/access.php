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

use core_external\external_api;

/**
 * Who may do what where.
 *
 * A right counts in the activity's own context, and only to somebody who may enter course and activity. Whoever has it for the
 * whole site can name every learner; whoever has it in a course can name its participants, so that a course's right is no way
 * to ask which accounts the site has.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class access {
    /**
     * Holds the caller to a capability at a session.
     *
     * @param session $session
     * @param string $capability
     * @return \context_module
     * @throws \moodle_exception the caller may not enter, or lacks the capability
     */
    public static function require_at(session $session, string $capability): \context_module {
        $context = \context_module::instance($session->cmid);
        external_api::validate_context($context);
        require_capability($capability, $context);
        return $context;
    }

    /**
     * Holds the caller to a capability anywhere: what is asked before "there is no such session" is told.
     *
     * @param string $capability
     * @throws \required_capability_exception the caller has it nowhere
     */
    public static function require_anywhere(string $capability): void {
        $system = \context_system::instance();
        external_api::validate_context($system);
        if (self::courses($capability) === []) {
            throw new \required_capability_exception($system, $capability, 'nopermissions', '');
        }
    }

    /**
     * The courses in which the caller has a capability.
     *
     * @param string $capability
     * @return int[]|null null: in all of the site
     */
    public static function courses(string $capability): ?array {
        if (has_capability($capability, \context_system::instance())) {
            return null;
        }
        $courses = get_user_capability_course($capability, null, true, '', 'id');
        return array_map('intval', array_column($courses ?: [], 'id'));
    }

    /**
     * Whether the caller may name this learner at this session.
     *
     * @param session $session
     * @param string $capability the one that the caller was held to
     * @param int $userid
     * @param signup $signup the learner's sign-up there
     * @return bool
     */
    public static function may_name(session $session, string $capability, int $userid, signup $signup): bool {
        return $signup->state !== signup::ABSENT
            || has_capability($capability, \context_system::instance())
            || is_enrolled(\context_course::instance($session->courseid), $userid);
    }
}
