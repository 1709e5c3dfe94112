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

namespace local_regrets\task;

use local_regrets\config;

/**
 * Forgets keys and sessions after their time.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class prune extends \core\task\scheduled_task {
    #[\Override]
    public function get_name() {
        return get_string('task:prune', 'local_regrets');
    }

    #[\Override]
    public function execute() {
        global $DB;

        $keep = config::number('keep');
        if ($keep <= 0) {
            return;
        }
        $before = time() - $keep;
        $DB->delete_records_select('local_regrets_request', 'timecreated < ? AND followup = 0', [$before]);
        $gone = 'gone <> 0 AND changes = posted AND timemodified < ?';
        $sessions = $DB->get_records_select('local_regrets_session', $gone, [$before], 'id', 'id, provider, sessionid', 0, 1000);
        foreach ($sessions as $session) {
            $place = ['provider' => $session->provider, 'sessionid' => $session->sessionid];
            $DB->delete_records('local_regrets_signup', $place);
            $DB->delete_records('local_regrets_session', ['id' => $session->id]);
        }
    }
}
