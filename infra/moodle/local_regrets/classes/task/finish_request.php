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

use local_regrets\followup;

/**
 * Finishes a write whose request was killed before its notices went out.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class finish_request extends \core\task\adhoc_task {
    /**
     * Queues it, within the transaction of the write.
     *
     * @param int $requestid
     */
    public static function queue(int $requestid): void {
        $task = new self();
        $task->set_component('local_regrets');
        $task->set_custom_data(['request' => $requestid]);
        $task->set_next_run_time(time() + MINSECS);
        \core\task\manager::queue_adhoc_task($task);
    }

    #[\Override]
    public function execute() {
        followup::run((int) $this->get_custom_data()->request);
    }
}
