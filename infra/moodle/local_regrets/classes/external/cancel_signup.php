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
use local_regrets\cancellation;
use local_regrets\request;

/**
 * Cancels a learner's place in a session.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class cancel_signup extends external_api {
    /**
     * Parameters of execute().
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters(parameters::place() + [
            'reason' => new external_value(PARAM_RAW, 'for people, is kept with the sign-up', VALUE_DEFAULT, ''),
            'key' => new external_value(PARAM_RAW, 'names this request: 1 to 128 visible ASCII characters'),
            'provider' => parameters::provider(),
        ]);
    }

    /**
     * Cancels the place, or says why not.
     *
     * @param string $session
     * @param string $field
     * @param string $value
     * @param string $reason
     * @param string $key
     * @param string $provider
     * @return array
     */
    public static function execute($session, $field, $value, $reason, $key, $provider = 'facetoface'): array {
        $params = self::validate_parameters(
            self::execute_parameters(),
            compact('session', 'field', 'value', 'reason', 'key', 'provider')
        );
        parameters::check_field($params['field']);
        $request = new request(
            'cancel',
            $params['provider'],
            $params['session'],
            $params['field'],
            $params['value'],
            $params['key']
        );
        return (new cancellation($request, $params['reason']))->run()->to_array();
    }

    /**
     * Result of execute().
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure(parameters::outcome(
            'done, already_cancelled, not_enrolled, unknown_learner, unknown_session, too_late or refused'
        ));
    }
}
