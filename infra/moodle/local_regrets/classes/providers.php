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
 * The activities that can be served: the built-in ones, and what other plugins offer.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class providers {
    /** @var string[] classes that come with the plugin */
    const BUILT_IN = [provider\facetoface::class, provider\booking::class];

    /**
     * Every provider whose activity is installed.
     *
     * @return session_provider[] by name
     */
    public static function all(): array {
        $classes = self::BUILT_IN;
        foreach (get_plugins_with_function('local_regrets_providers') as $plugins) {
            foreach ($plugins as $function) {
                $classes = array_merge($classes, $function());
            }
        }
        $providers = [];
        foreach ($classes as $class) {
            if (!is_subclass_of($class, session_provider::class)) {
                debugging("$class is no " . session_provider::class, DEBUG_DEVELOPER);
            } else if ($class::is_available() && !isset($providers[$class::name()])) {
                $providers[$class::name()] = new $class();
            }
        }
        return $providers;
    }

    /**
     * The provider of a name.
     *
     * @param string $name
     * @return session_provider
     * @throws \moodle_exception there is none
     */
    public static function get(string $name): session_provider {
        $all = self::all();
        if (!isset($all[$name])) {
            throw new \moodle_exception('unknownprovider', 'local_regrets', '', s($name));
        }
        return $all[$name];
    }
}
