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
 * What cancelling and giving back have in common: who is meant where, the transaction, and what follows it.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
abstract class deed {
    /** @var session_provider */
    protected $provider;

    /** @var request */
    protected $request;

    /**
     * Makes one.
     *
     * @param request $request
     */
    public function __construct(request $request) {
        $this->request = $request;
        $this->provider = providers::get($request->provider);
    }

    /**
     * The capability that the caller needs.
     *
     * @return string
     */
    abstract protected function capability(): string;

    /**
     * Why nothing is to be written, or null when something is.
     *
     * @param session $session
     * @param signup $signup
     * @return outcome|null
     */
    abstract protected function verdict(session $session, signup $signup): ?outcome;

    /**
     * Writes to the provider's tables, in a transaction.
     *
     * @param session $session
     * @param signup $signup
     */
    abstract protected function write(session $session, signup $signup): void;

    /**
     * What was reached.
     *
     * @param signup $after
     * @return outcome
     * @throws \moodle_exception the place is not as it was to become: the transaction is undone
     */
    abstract protected function reached(signup $after): outcome;

    /**
     * Does it, or says why not. Rights are asked first and every time; a key opens nothing.
     *
     * @return outcome
     */
    public function run(): outcome {
        $session = learner::is_id($this->request->session) ? $this->provider->find((int) $this->request->session) : null;
        if ($session === null) {
            access::require_anywhere($this->capability());
        } else {
            access::require_at($session, $this->capability());
        }
        $written = 0;
        $outcome = $this->request->answer(function () use (&$written) {
            return $this->decide($written);
        });
        if ($written > 0) {
            // The place is safe; whatever goes wrong from here on is tried again by a task.
            try {
                followup::run($written);
            } catch (\Throwable $e) {
                debugging('local_regrets: left to the task: ' . $e->getMessage(), DEBUG_NORMAL);
            }
        }
        return $outcome;
    }

    /**
     * Decides a request that is new, under the session's lock.
     *
     * @param int $written takes the id of the request's row, if something was written
     * @return outcome
     */
    private function decide(int &$written): outcome {
        // Read again: what was read before the lock may be old.
        $session = learner::is_id($this->request->session) ? $this->provider->find((int) $this->request->session) : null;
        if ($session === null) {
            return $this->kept(new outcome('unknown_session'));
        }
        $found = learner::find($this->request->field, $this->request->value);
        if (count($found) > 1) {
            return $this->kept(new outcome('refused', 'ambiguouslearner'), $session);
        }
        $userid = $found[0] ?? 0;
        $signup = $userid ? $this->provider->signup($session, $userid) : new signup(0);
        if (!$userid || !access::may_name($session, $this->capability(), $userid, $signup)) {
            return $this->kept(new outcome('unknown_learner'), $session);
        }
        $verdict = $this->verdict($session, $signup);
        if ($verdict !== null) {
            return $this->kept($verdict->of($signup), $session, $userid);
        }
        return $this->transact($session, $signup, $written);
    }

    /**
     * Keeps an answer that changed nothing.
     *
     * @param outcome $outcome
     * @param session|null $session
     * @param int $userid
     * @return outcome
     */
    private function kept(outcome $outcome, ?session $session = null, int $userid = 0): outcome {
        $this->request->keep($outcome, $session, $userid);
        return $outcome;
    }

    /**
     * Deed, key, answer and the task that follows: all or nothing.
     *
     * @param session $session
     * @param signup $before
     * @param int $written
     * @return outcome
     */
    private function transact(session $session, signup $before, int &$written): outcome {
        global $DB;

        $transaction = $DB->start_delegated_transaction();
        try {
            $this->write($session, $before);
            $after = $this->provider->signup($session, $before->userid);
            $outcome = $this->reached($after);
            $outcome->before = $before->state;
            $outcome->after = $after->state;
            $id = $this->request->keep($outcome, $session, $before->userid, $after->statusid);
            task\finish_request::queue($id);
            $transaction->allow_commit();
        } catch (\Throwable $e) {
            $transaction->rollback($e);
        }
        $written = $id;
        return $outcome;
    }
}
