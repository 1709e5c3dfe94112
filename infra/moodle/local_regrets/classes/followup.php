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
 * What follows a write: the wait list moves up, people are told.
 *
 * It runs right after the transaction, and a task that was queued within it runs it again if it never came to its end.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class followup {
    /**
     * Runs it, if nobody did.
     *
     * @param int $requestid row of local_regrets_request
     */
    public static function run(int $requestid): void {
        global $DB;

        $lock = \core\lock\lock_config::get_lock_factory('local_regrets')->get_lock("followup_$requestid", request::WAIT, 600);
        if (!$lock) {
            throw new \moodle_exception('busy', 'local_regrets');
        }
        try {
            $request = $DB->get_record('local_regrets_request', ['id' => $requestid, 'followup' => 1]);
            if (!$request) {
                return;
            }
            $provider = providers::get($request->provider);
            $session = $provider->find((int) $request->sessionid);
            if ($session !== null) {
                self::follow($provider, $session, $request);
            }
            $DB->set_field('local_regrets_request', 'followup', 0, ['id' => $requestid]);
        } finally {
            $lock->release();
        }
    }

    /**
     * Tells whom it concerns.
     *
     * @param session_provider $provider
     * @param session $session
     * @param \stdClass $request
     */
    private static function follow(session_provider $provider, session $session, \stdClass $request): void {
        $userid = (int) $request->userid;
        if ($request->action === 'cancel') {
            $provider->after_cancel($session, $userid, config::flag('notify'));
        } else {
            $provider->after_restore($session, $userid, config::flag('notify'));
        }
    }
}
