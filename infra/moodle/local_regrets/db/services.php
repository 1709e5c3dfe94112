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

/**
 * The external functions, and a service that holds them and nothing else but the function by which a client tests itself.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$functions = [
    'local_regrets_list_sessions' => [
        'classname' => 'local_regrets\external\list_sessions',
        'description' => 'Lists sessions with their dates and sign-ups, page by page.',
        'type' => 'read',
        'capabilities' => 'local/regrets:read',
        'readonlysession' => true,
    ],
    'local_regrets_get_signup' => [
        'classname' => 'local_regrets\external\get_signup',
        'description' => 'Tells whether a learner holds a place in a session.',
        'type' => 'read',
        'capabilities' => 'local/regrets:read',
        'readonlysession' => true,
    ],
    'local_regrets_cancel_signup' => [
        'classname' => 'local_regrets\external\cancel_signup',
        'description' => 'Cancels a learner\'s place in a session, once for a key.',
        'type' => 'write',
        'capabilities' => 'local/regrets:cancel',
    ],
    'local_regrets_restore_signup' => [
        'classname' => 'local_regrets\external\restore_signup',
        'description' => 'Gives a cancelled place back, if the session still has one.',
        'type' => 'write',
        'capabilities' => 'local/regrets:restore',
    ],
];

$services = [
    'Regrets' => [
        'functions' => array_merge(array_keys($functions), ['core_webservice_get_site_info']),
        'shortname' => 'regrets',
        'restrictedusers' => 1,
        'enabled' => 1,
        'downloadfiles' => 0,
        'uploadfiles' => 0,
    ],
];
