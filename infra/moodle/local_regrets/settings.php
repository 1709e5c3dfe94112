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
 * Settings.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

if ($hassiteconfig) {
    $settings = new admin_settingpage('local_regrets', new lang_string('pluginname', 'local_regrets'));
    $ADMIN->add('localplugins', $settings);

    $defaults = \local_regrets\config::DEFAULTS;
    $text = function (string $name, ...$more): array {
        return [
            "local_regrets/$name",
            new lang_string("setting:$name", 'local_regrets'),
            new lang_string("setting:{$name}_desc", 'local_regrets'),
            ...$more,
        ];
    };
    $heading = function (string $name) use ($settings): void {
        $settings->add(new admin_setting_heading(
            "local_regrets/heading_$name",
            new lang_string("heading:$name", 'local_regrets'),
            ''
        ));
    };

    $heading('cancel');
    $settings->add(new admin_setting_configcheckbox(...$text('obeyallowcancellations', $defaults['obeyallowcancellations'])));
    $settings->add(new admin_setting_configduration(...$text('cutoff', $defaults['cutoff'])));
    $settings->add(new admin_setting_configcheckbox(...$text('notify', $defaults['notify'])));

    $heading('restore');
    $settings->add(new admin_setting_configcheckbox(...$text('restoreonlyours', $defaults['restoreonlyours'])));
    $settings->add(new admin_setting_configcheckbox(...$text('restorepastwaitlist', $defaults['restorepastwaitlist'])));
    $settings->add(new admin_setting_configcheckbox(...$text('restoretowaitlist', $defaults['restoretowaitlist'])));

    $heading('keep');
    $settings->add(new admin_setting_configduration(...$text('keep', $defaults['keep'])));

    $heading('post');
    $settings->add(new admin_setting_configcheckbox(...$text('post', $defaults['post'])));
    $settings->add(new \local_regrets\admin\setting_address(...$text('url', $defaults['url'], PARAM_RAW_TRIMMED)));
    $settings->add(new admin_setting_configpasswordunmask(...$text('secret', $defaults['secret'])));
    $settings->add(new admin_setting_configcheckbox(...$text('postsessions', $defaults['postsessions'])));
    $settings->add(new admin_setting_configcheckbox(...$text('postenrolments', $defaults['postenrolments'])));
    $settings->add(new admin_setting_configmulticheckbox(
        ...$text('learnerfields', ['email' => 1], [
            'email' => new lang_string('email'),
            'username' => new lang_string('username'),
            'idnumber' => new lang_string('idnumber'),
        ])
    ));
}
