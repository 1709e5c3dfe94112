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
 * The settings, with what counts until an administrator has seen them.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class config {
    /** @var array what counts where nothing was said: the careful value */
    const DEFAULTS = [
        'obeyallowcancellations' => 1,
        'cutoff' => 0,
        'notify' => 1,
        'restoreonlyours' => 1,
        'restorepastwaitlist' => 0,
        'restoretowaitlist' => 0,
        'keep' => 180 * DAYSECS,
        'post' => 0,
        'url' => '',
        'secret' => '',
        'postsessions' => 1,
        'postenrolments' => 1,
        'learnerfields' => 'email',
    ];

    /**
     * Whether a switch is on.
     *
     * @param string $name
     * @return bool
     */
    public static function flag(string $name): bool {
        return (bool) self::text($name);
    }

    /**
     * A number.
     *
     * @param string $name
     * @return int
     */
    public static function number(string $name): int {
        return (int) self::text($name);
    }

    /**
     * A text.
     *
     * @param string $name
     * @return string
     */
    public static function text(string $name): string {
        $value = get_config('local_regrets', $name);
        return trim((string) ($value === false ? self::DEFAULTS[$name] : $value));
    }
}
