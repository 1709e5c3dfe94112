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
 * A dated session as clients see it.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class session {
    /** @var string name of the provider */
    public $provider;

    /** @var int the provider's id of the session */
    public $id;

    /** @var int */
    public $courseid;

    /** @var int course module of the activity */
    public $cmid;

    /** @var int the activity's own id */
    public $activityid;

    /** @var string the activity's name, unformatted */
    public $name;

    /** @var bool whether learners see course and activity */
    public $visible = true;

    /** @var bool whether its dates are known */
    public $dated = false;

    /** @var array[] ['start' => int, 'end' => int], seconds since 1970, by start */
    public $parts = [];

    /** @var string where it takes place, '' when nobody said */
    public $place = '';

    /** @var string details for people, plain text */
    public $details = '';

    /** @var int|null places in all, null: no limit */
    public $capacity = null;

    /** @var int places that are taken */
    public $taken = 0;

    /** @var int people on the wait list */
    public $waiting = 0;

    /** @var bool whether there is a wait list */
    public $waitlist = false;

    /** @var bool whether learners may cancel */
    public $cancellable = true;

    /** @var int|null until when learners may cancel, seconds since 1970; null: no such limit, or not read (of a whole page) */
    public $cancellableuntil = null;

    /** @var bool whether it has places while its dates are not known; else people can only wait for it */
    public $hasplacesundated = false;

    /** @var int when the session or a sign-up last changed, seconds since 1970 */
    public $timemodified = 0;

    /**
     * When it starts.
     *
     * @return int|null seconds since 1970, null when not known
     */
    public function starts(): ?int {
        return $this->dated && $this->parts ? min(array_column($this->parts, 'start')) : null;
    }

    /**
     * When it ends.
     *
     * @return int|null seconds since 1970, null when not known
     */
    public function ends(): ?int {
        return $this->dated && $this->parts ? max(array_column($this->parts, 'end')) : null;
    }

    /**
     * How it stands at a time.
     *
     * @param int $now seconds since 1970
     * @return string undated, scheduled, started or finished
     */
    public function status(int $now): string {
        if ($this->starts() === null) {
            return 'undated';
        }
        if ($this->starts() > $now) {
            return 'scheduled';
        }
        return $this->ends() > $now ? 'started' : 'finished';
    }

    /**
     * Whether a place is free.
     *
     * @return bool
     */
    public function has_room(): bool {
        return $this->capacity === null || $this->taken < $this->capacity;
    }
}
