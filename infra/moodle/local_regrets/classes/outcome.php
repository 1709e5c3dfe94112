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
 * What became of a request to cancel or to give back.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class outcome {
    /** @var string a word that machines act on */
    public $outcome;

    /** @var string a word that says why, '' where the outcome says all */
    public $reason;

    /** @var string for people, in the language of the caller's account */
    public $message;

    /** @var string state before, '' where no place was looked at */
    public $before = '';

    /** @var string state after, '' where no place was looked at */
    public $after = '';

    /** @var bool whether the answer is one that was given before */
    public $replayed = false;

    /**
     * Makes one.
     *
     * @param string $outcome
     * @param string $reason a string `reason:…` of the plugin, or ''
     */
    public function __construct(string $outcome, string $reason = '') {
        $this->outcome = $outcome;
        $this->reason = $reason;
        $this->message = get_string($reason === '' ? "outcome:$outcome" : "reason:$reason", 'local_regrets');
    }

    /**
     * Says which place it is about, where nothing was changed.
     *
     * @param signup $signup
     * @return self
     */
    public function of(signup $signup): self {
        $this->before = $signup->state;
        $this->after = $signup->state;
        return $this;
    }

    /**
     * As it is kept.
     *
     * @return string JSON
     */
    public function to_json(): string {
        return json_encode([$this->outcome, $this->reason, $this->message, $this->before, $this->after], JSON_THROW_ON_ERROR);
    }

    /**
     * As it was kept.
     *
     * @param string $json
     * @return self
     */
    public static function from_json(string $json): self {
        [$word, $reason, $message, $before, $after] = json_decode($json, true, 4, JSON_THROW_ON_ERROR);
        $outcome = new self($word, $reason);
        $outcome->message = $message;
        $outcome->before = $before;
        $outcome->after = $after;
        return $outcome;
    }

    /**
     * As an external function returns it.
     *
     * @return array
     */
    public function to_array(): array {
        return [
            'outcome' => $this->outcome,
            'reason' => $this->reason,
            'message' => $this->message,
            'before' => $this->before,
            'after' => $this->after,
            'replayed' => $this->replayed,
        ];
    }
}
