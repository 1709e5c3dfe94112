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
 * A learner's place in a session, or that there is none.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class signup {
    /** @var string a place is held */
    const HELD = 'held';

    /** @var string on the wait list */
    const WAITLISTED = 'waitlisted';

    /** @var string asked for, waiting for somebody's approval */
    const REQUESTED = 'requested';

    /** @var string there was a place, or a place was asked for, and it was cancelled */
    const CANCELLED = 'cancelled';

    /** @var string there is no place and none was cancelled */
    const ABSENT = 'absent';

    /** @var string attendance was taken, whatever it was */
    const ATTENDED = 'attended';

    /** @var string the provider says what this plugin does not know */
    const UNKNOWN = 'unknown';

    /** @var int */
    public $userid;

    /** @var string one of the constants */
    public $state = self::ABSENT;

    /** @var string the provider's own word, '' when there is none */
    public $status = '';

    /** @var int the provider's id of the present status, 0 when there is none */
    public $statusid = 0;

    /** @var string how the place is held: signup, '' when none is */
    public $method = '';

    /** @var int|null since when it is held, waited for or requested without a break, seconds since 1970 */
    public $given = null;

    /** @var int|null when the first status was written */
    public $timecreated = null;

    /** @var int|null when the present status was written */
    public $timemodified = null;

    /**
     * Makes one without a place.
     *
     * @param int $userid
     */
    public function __construct(int $userid) {
        $this->userid = $userid;
    }

    /**
     * Whether there is something to cancel.
     *
     * @return bool
     */
    public function is_active(): bool {
        return in_array($this->state, [self::HELD, self::WAITLISTED, self::REQUESTED], true);
    }
}
