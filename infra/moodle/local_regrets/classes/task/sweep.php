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

use local_regrets\providers;
use local_regrets\session;
use local_regrets\session_provider;
use local_regrets\webhook\ledger;

/**
 * Finds what no event told: places that a trainer gave or took, the wait list that moved up, tasks that were given up.
 *
 * It goes through all sessions that are not over, page by page, and goes on with the next run where its time ended. The first pass
 * only notes what is there; Regrets reads that page by page itself.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class sweep extends \core\task\scheduled_task {
    /** @var int sessions that are compared at once */
    const PAGE = 100;

    /** @var int seconds after which a run ends */
    const BUDGET = 240;

    /** @var int seconds for which a session is looked at after its end */
    const LINGER = DAYSECS;

    /** @var int ids have ten digits at most */
    const HIGHEST_ID = 9999999999;

    /** @var int seconds after which a mark that nobody dealt with gets a new task */
    const LOST = HOURSECS;

    #[\Override]
    public function get_name() {
        return get_string('task:sweep', 'local_regrets');
    }

    #[\Override]
    public function execute() {
        if (!ledger::is_on()) {
            return;
        }
        $this->requeue();
        $until = time() + self::BUDGET;
        foreach (providers::all() as $provider) {
            $this->pass($provider, $until);
        }
    }

    /**
     * Gives a task to marks that lost theirs.
     */
    private function requeue(): void {
        global $DB;

        $where = 'changes <> posted AND timemodified < ?';
        $rows = $DB->get_records_select('local_regrets_session', $where, [time() - self::LOST], 'timemodified', '*', 0, 1000);
        foreach ($rows as $row) {
            post_changes::queue($row->provider, (int) $row->sessionid, true);
        }
    }

    /**
     * Goes through one provider's sessions, from where the last run ended.
     *
     * @param session_provider $provider
     * @param int $until when to stop, seconds since 1970
     */
    private function pass(session_provider $provider, int $until): void {
        $cursor = 'cursor_' . $provider::name();
        $seeded = 'seeded_' . $provider::name();
        $after = (int) get_config('local_regrets', $cursor);
        do {
            $page = $provider->page($after, self::PAGE, 0, time() - self::LINGER, null);
            $last = count($page) < self::PAGE;
            $upto = $last ? PHP_INT_MAX : array_key_last($page);
            if (get_config('local_regrets', $seeded)) {
                $this->compare($provider, $page);
                $this->missing($provider, $page, $after, $upto);
            } else {
                ledger::accept($provider, $page);
            }
            $after = $last ? 0 : $upto;
            set_config($cursor, $after, 'local_regrets');
        } while (!$last && time() < $until);
        if ($last) {
            set_config($seeded, 1, 'local_regrets');
        }
    }

    /**
     * Marks the sessions of a page of which Regrets does not know all.
     *
     * @param session_provider $provider
     * @param session[] $page
     */
    private function compare(session_provider $provider, array $page): void {
        $name = $provider::name();
        $rosters = $provider->signups(array_keys($page));
        $told = ledger::told(array_keys($page), $name);
        foreach ($page as $id => $session) {
            $row = ledger::row($name, $id);
            $changed = ledger::compare($row, $told[$id] ?? [], $session, $rosters[$id] ?? []);
            if ($changed && (int) $row->changes === (int) $row->posted) {
                ledger::mark($name, $id);
            }
        }
    }

    /**
     * Deals with sessions that Regrets knows and the page does not have: they are over, or gone.
     *
     * @param session_provider $provider
     * @param session[] $page
     * @param int $after
     * @param int $upto
     */
    private function missing(session_provider $provider, array $page, int $after, int $upto): void {
        global $DB;

        $name = $provider::name();
        $where = 'provider = ? AND gone = ? AND sessionid > ? AND sessionid <= ?';
        $params = [$name, ledger::LIVE, $after, min($upto, self::HIGHEST_ID)];
        foreach ($DB->get_records_select('local_regrets_session', $where, $params, 'sessionid') as $row) {
            $id = (int) $row->sessionid;
            if (isset($page[$id])) {
                continue;
            }
            if ($provider->find($id) === null) {
                if ($row->contenthash !== null && (int) $row->changes === (int) $row->posted) {
                    ledger::mark($name, $id);
                }
            } else {
                ledger::over((int) $row->id);
            }
        }
    }
}
