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
use core_external\external_single_structure;
use core_external\external_value;
use local_regrets\access;
use local_regrets\learner;
use local_regrets\providers;
use local_regrets\signup;

/**
 * Tells whether a learner holds a place in a session.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class get_signup extends external_api {
    /** @var string the capability that it asks for */
    const CAPABILITY = 'local/regrets:read';

    /**
     * Parameters of execute().
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters(parameters::place() + ['provider' => parameters::provider()]);
    }

    /**
     * Reads the place.
     *
     * @param string $session
     * @param string $field
     * @param string $value
     * @param string $provider
     * @return array
     */
    public static function execute($session, $field, $value, $provider = 'facetoface'): array {
        $params = self::validate_parameters(self::execute_parameters(), compact('session', 'field', 'value', 'provider'));
        parameters::check_field($params['field']);
        $activity = providers::get($params['provider']);
        $id = trim($params['session']);
        $found = learner::is_id($id) ? $activity->find((int) $id) : null;
        if ($found === null) {
            access::require_anywhere(self::CAPABILITY);
            return self::answer('unknown_session');
        }
        access::require_at($found, self::CAPABILITY);
        $users = learner::find($params['field'], $params['value']);
        if (count($users) > 1) {
            return self::answer('ambiguous_learner');
        }
        if (!$users) {
            return self::answer('unknown_learner');
        }
        $signup = $activity->signup($found, $users[0]);
        if (!access::may_name($found, self::CAPABILITY, $users[0], $signup)) {
            return self::answer('unknown_learner');
        }
        return self::answer('found', $signup, $found->starts());
    }

    /**
     * Result of execute().
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure([
            'outcome' => new external_value(
                PARAM_ALPHANUMEXT,
                'found, unknown_learner, ambiguous_learner or unknown_session'
            ),
            'state' => new external_value(
                PARAM_ALPHANUMEXT,
                'held, waitlisted, requested, cancelled, absent, attended or unknown; empty unless the outcome is found'
            ),
            'status' => new external_value(PARAM_RAW, 'the activity\'s own word for it'),
            'method' => new external_value(PARAM_ALPHANUMEXT, 'how the place is held: signup; empty when none is'),
            'given' => parameters::optional_int('since when, without a break'),
            'timemodified' => parameters::optional_int('when that last changed'),
            'userid' => parameters::optional_int('the learner\'s account'),
            'starts' => parameters::optional_int('when the session starts'),
            'started' => new external_value(PARAM_BOOL, 'whether the session has started'),
            'now' => new external_value(PARAM_INT, 'the site\'s clock; all times are seconds since 1970'),
        ]);
    }

    /**
     * An answer.
     *
     * @param string $outcome
     * @param signup|null $signup
     * @param int|null $starts
     * @return array
     */
    private static function answer(string $outcome, ?signup $signup = null, ?int $starts = null): array {
        $now = time();
        return [
            'outcome' => $outcome,
            'state' => $signup->state ?? '',
            'status' => $signup->status ?? '',
            'method' => $signup->method ?? '',
            'given' => $signup->given ?? null,
            'timemodified' => $signup->timemodified ?? null,
            'userid' => $signup->userid ?? null,
            'starts' => $starts,
            'started' => $starts !== null && $starts <= $now,
            'now' => $now,
        ];
    }
}
