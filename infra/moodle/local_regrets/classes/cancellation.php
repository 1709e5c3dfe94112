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
 * Cancels one place.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class cancellation extends deed {
    /** @var int characters of a reason that are kept */
    const REASON_LENGTH = 500;

    /** @var string for people */
    private $reason;

    /**
     * Makes one.
     *
     * @param request $request
     * @param string $reason
     */
    public function __construct(request $request, string $reason) {
        parent::__construct($request);
        $this->reason = \core_text::substr(trim(clean_param($reason, PARAM_NOTAGS)), 0, self::REASON_LENGTH);
    }

    #[\Override]
    protected function capability(): string {
        return 'local/regrets:cancel';
    }

    #[\Override]
    protected function verdict(session $session, signup $signup): ?outcome {
        if ($signup->state === signup::CANCELLED) {
            return new outcome('already_cancelled');
        }
        if ($signup->state === signup::ABSENT) {
            return new outcome('not_enrolled');
        }
        if ($signup->state === signup::ATTENDED) {
            return new outcome('too_late', 'attendancetaken');
        }
        if (!$signup->is_active()) {
            return new outcome('refused', 'unknownstate');
        }
        $starts = $session->starts();
        if ($starts !== null && $starts <= time()) {
            return new outcome('too_late', 'sessionstarted');
        }
        if ($starts !== null && $starts - config::number('cutoff') <= time()) {
            return new outcome('too_late', 'cutoff');
        }
        if (!$session->cancellable && config::flag('obeyallowcancellations')) {
            return new outcome('refused', 'cancellationsoff');
        }
        $until = $session->cancellableuntil;
        if ($until !== null && $until < time() && config::flag('obeyallowcancellations')) {
            return new outcome('too_late', 'cutoff');
        }
        return null;
    }

    #[\Override]
    protected function write(session $session, signup $signup): void {
        $this->provider->cancel($session, $signup->userid, $this->reason);
    }

    #[\Override]
    protected function reached(signup $after): outcome {
        if ($after->state !== signup::CANCELLED) {
            throw new \moodle_exception('notcancelled', 'local_regrets', '', $after->state);
        }
        return new outcome('done');
    }
}
