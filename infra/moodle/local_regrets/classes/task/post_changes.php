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

use local_regrets\webhook\ledger;
use local_regrets\webhook\sender;

/**
 * Tells Regrets what changed in one session. A failure is tried again by Moodle, later and later, and goes on where it stopped.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class post_changes extends \core\task\adhoc_task {
    /** @var int seconds for which it waits for another one that is at the same session */
    const WAIT = 10;

    /**
     * Queues it.
     *
     * @param string $provider
     * @param int $sessionid
     * @param bool $once only if none is queued
     */
    public static function queue(string $provider, int $sessionid, bool $once = false): void {
        $task = new self();
        $task->set_component('local_regrets');
        $task->set_custom_data(['provider' => $provider, 'session' => $sessionid]);
        \core\task\manager::queue_adhoc_task($task, $once);
    }

    #[\Override]
    public function execute() {
        if (!ledger::is_on()) {
            return;
        }
        $data = $this->get_custom_data();
        $provider = (string) $data->provider;
        $sessionid = (int) $data->session;
        $lock = \core\lock\lock_config::get_lock_factory('local_regrets')
            ->get_lock("post_{$provider}_{$sessionid}", self::WAIT, 600);
        if (!$lock) {
            throw new \moodle_exception('busy', 'local_regrets');
        }
        try {
            $this->post($provider, $sessionid);
        } finally {
            $lock->release();
        }
    }

    /**
     * Posts until no mark is left that was not dealt with.
     *
     * @param string $provider
     * @param int $sessionid
     */
    private function post(string $provider, int $sessionid): void {
        global $DB;

        $row = ledger::row($provider, $sessionid);
        $sender = null;
        while ((int) $row->changes !== (int) $row->posted) {
            foreach (ledger::pending($provider, $sessionid) as $change) {
                $sender = $sender ?? new sender();
                $sender->send($change);
                $change->settle();
            }
            $DB->set_field('local_regrets_session', 'posted', $row->changes, ['id' => $row->id]);
            $row = ledger::row($provider, $sessionid);
        }
    }
}
