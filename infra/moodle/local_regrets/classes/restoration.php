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
 * Gives one place back: only what was cancelled, only while the session has room, and past nobody who waits.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class restoration extends deed {
    #[\Override]
    protected function capability(): string {
        return 'local/regrets:restore';
    }

    #[\Override]
    protected function verdict(session $session, signup $signup): ?outcome {
        if ($signup->is_active()) {
            return new outcome($signup->state, 'stillheld');
        }
        $starts = $session->starts();
        if ($signup->state === signup::ATTENDED || ($starts !== null && $starts <= time())) {
            return new outcome('closed', 'sessionstarted');
        }
        if ($signup->state !== signup::CANCELLED) {
            return new outcome('refused', 'nevercancelled');
        }
        $was = $this->cancelled_by_regrets($session, $signup);
        if ($was === null && config::flag('restoreonlyours')) {
            return new outcome('refused', 'notours');
        }
        $context = \context_course::instance($session->courseid);
        if (!is_enrolled($context, $signup->userid, '', true)) {
            return new outcome('refused', 'notincourse');
        }
        $refused = $this->provider->restore_refused($session, $signup->userid);
        if ($refused !== '') {
            return new outcome('refused', $refused);
        }
        if ($this->goes_to_waitlist($session, $was) === null) {
            return new outcome('full', $session->has_room() ? 'otherswait' : '');
        }
        return null;
    }

    #[\Override]
    protected function write(session $session, signup $signup): void {
        $was = $this->cancelled_by_regrets($session, $signup);
        $this->provider->restore($session, $signup->userid, (bool) $this->goes_to_waitlist($session, $was));
    }

    #[\Override]
    protected function reached(signup $after): outcome {
        if (!$after->is_active()) {
            throw new \moodle_exception('notrestored', 'local_regrets', '', $after->state);
        }
        return new outcome($after->state);
    }

    /**
     * Where the learner would come in.
     *
     * @param session $session
     * @param string|null $was the state that Regrets took away, if it did
     * @return bool|null true: onto the wait list, false: into a place, null: nowhere
     */
    private function goes_to_waitlist(session $session, ?string $was): ?bool {
        if (!$session->dated && !$session->hasplacesundated) {
            // Without a date there are no places, only a list.
            return true;
        }
        $passes = $session->waiting === 0 || config::flag('restorepastwaitlist');
        if ($session->has_room() && $passes) {
            return false;
        }
        // Who stood on the list may stand there again, at its end; others only where the site wants it.
        $maywait = $was === signup::WAITLISTED || config::flag('restoretowaitlist');
        return $session->waitlist && $maywait ? true : null;
    }

    /**
     * The state that this very cancellation took away, if it was Regrets that cancelled.
     *
     * @param session $session
     * @param signup $signup
     * @return string|null null: somebody else cancelled it
     */
    private function cancelled_by_regrets(session $session, signup $signup): ?string {
        global $DB;

        $kept = $DB->get_record('local_regrets_request', [
            'provider' => $session->provider,
            'sessionid' => $session->id,
            'userid' => $signup->userid,
            'statusid' => $signup->statusid,
            'action' => 'cancel',
        ], 'id, answer', IGNORE_MULTIPLE);
        return $kept ? outcome::from_json($kept->answer)->before : null;
    }
}
