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
 * One write that a client asks for, known by its key.
 *
 * A key stands for one request for ever (until it is pruned): asked again it gets the same answer, and nothing is done. The key is
 * written in the transaction that does the deed, so a crash leaves both or neither. The same key with another request is refused.
 * Writes to one session come one after the other.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class request {
    /** @var int seconds for which a write waits for another one to the same session */
    const WAIT = 10;

    /** @var string cancel or restore */
    public $action;

    /** @var string */
    public $provider;

    /** @var string as the client wrote it */
    public $session;

    /** @var string one of learner::FIELDS */
    public $field;

    /** @var string */
    public $value;

    /** @var string */
    public $key;

    /**
     * Checks and keeps what was asked.
     *
     * @param string $action cancel or restore
     * @param string $provider
     * @param string $session
     * @param string $field
     * @param string $value
     * @param string $key
     * @throws \moodle_exception the key is none
     */
    public function __construct(
        string $action,
        string $provider,
        string $session,
        string $field,
        string $value,
        string $key
    ) {
        if (preg_match('/^[\x21-\x7e]{1,128}$/', $key) !== 1) {
            throw new \moodle_exception('invalidkey', 'local_regrets');
        }
        $this->action = $action;
        $this->provider = $provider;
        $this->session = trim($session);
        $this->field = $field;
        $this->value = learner::folded($field, $value);
        $this->key = $key;
    }

    /**
     * Answers the request: as before, or by doing it now.
     *
     * @param callable $work given nothing, returns the outcome of a request that is new; it runs in no transaction
     * @return outcome
     */
    public function answer(callable $work): outcome {
        $lock = \core\lock\lock_config::get_lock_factory('local_regrets')
            ->get_lock('session_' . hash('sha256', "{$this->provider} {$this->session}"), self::WAIT, 600);
        if (!$lock) {
            throw new \moodle_exception('busy', 'local_regrets');
        }
        try {
            return $this->answered() ?? $work();
        } finally {
            $lock->release();
        }
    }

    /**
     * The answer that this key has got.
     *
     * @return outcome|null null: the key is new
     * @throws \moodle_exception the key was used for something else
     */
    private function answered(): ?outcome {
        global $DB;

        $kept = $DB->get_record('local_regrets_request', ['keyhash' => $this->keyhash()]);
        if (!$kept) {
            return null;
        }
        if (!hash_equals($kept->requesthash, $this->requesthash())) {
            throw new \moodle_exception('keyreused', 'local_regrets');
        }
        $outcome = outcome::from_json($kept->answer);
        $outcome->replayed = true;
        return $outcome;
    }

    /**
     * Keeps an answer for as long as answers are kept. Called inside the transaction of the deed, where there is one.
     *
     * @param outcome $outcome
     * @param session|null $session
     * @param int $userid the learner, 0 where nobody was found
     * @param int $statusid what the write left, 0 where nothing was written
     * @return int id of the row
     */
    public function keep(outcome $outcome, ?session $session = null, int $userid = 0, int $statusid = 0): int {
        global $DB;

        $row = (object) [
            'keyhash' => $this->keyhash(),
            'keytext' => $this->key,
            'requesthash' => $this->requesthash(),
            'action' => $this->action,
            'provider' => $this->provider,
            'sessionid' => $session->id ?? 0,
            'userid' => $userid,
            'contextid' => $session ? \context_module::instance($session->cmid)->id : 0,
            'statusid' => $statusid,
            'answer' => $outcome->to_json(),
            'followup' => $statusid > 0 ? 1 : 0,
            'timecreated' => time(),
        ];
        return (int) $DB->insert_record('local_regrets_request', $row);
    }

    /**
     * The key, as the database knows it.
     *
     * @return string
     */
    private function keyhash(): string {
        return hash('sha256', $this->key);
    }

    /**
     * What was asked, without the words for people.
     *
     * @return string
     */
    private function requesthash(): string {
        $what = [$this->action, $this->provider, $this->session, $this->field, $this->value];
        return hash('sha256', json_encode($what, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE));
    }
}
