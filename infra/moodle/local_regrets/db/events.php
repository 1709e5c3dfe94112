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
 * Observers. They only write down which session changed; an adhoc task posts it, so no page waits for Regrets.
 * Not internal: they run after the transaction that changed the session.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$observers = [];
foreach (
    [
        'add_session',
        'update_session',
        'delete_session',
        'signup_success',
        'cancel_booking',
        'approve_requests',
        'take_attendance',
        // The page on which a trainer adds and removes people tells nothing; this one is opened next to it.
        'attendees_viewed',
    ] as $event
) {
    $observers[] = [
        'eventname' => '\mod_facetoface\event\\' . $event,
        'callback' => '\local_regrets\observer::facetoface_session',
        'internal' => false,
    ];
}
foreach (
    [
        'bookingoption_created',
        'bookingoption_updated',
        'bookingoption_cancelled',
        'bookingoption_deleted',
        'bookingoption_booked',
        'bookingoptionwaitinglist_booked',
        'bookinganswer_cancelled',
        'bookinganswer_waitingforconfirmation',
        'bookingoption_completed',
        'bookingoption_uncompleted',
    ] as $event
) {
    $observers[] = [
        'eventname' => '\mod_booking\event\\' . $event,
        'callback' => '\local_regrets\observer::booking_option',
        'internal' => false,
    ];
}
$observers[] = [
    'eventname' => '\core\event\user_enrolment_deleted',
    'callback' => '\local_regrets\observer::user_enrolment_deleted',
    'internal' => false,
];
$observers[] = [
    'eventname' => '\core\event\course_module_deleted',
    'callback' => '\local_regrets\observer::course_module_deleted',
    'internal' => false,
];
