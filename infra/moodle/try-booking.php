<?php
// This file runs inside Moodle and is free software under the GNU General Public License, version 3 or later: see
// local_regrets/COPYING.

/**
 * The half of try-site.php that is about Booking (mod_booking): booking options, and what a trainer does with them.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_booking\booking_option;
use mod_booking\singleton_service;

/**
 * Whether the site has the activity.
 *
 * @return bool
 */
function try_has_booking(): bool {
    return get_config('mod_booking', 'version') !== false;
}

/**
 * An activity.
 *
 * @param testing_data_generator $make
 * @param stdClass $course
 * @param string $name
 * @param array $more
 * @return stdClass
 */
function try_booking(testing_data_generator $make, stdClass $course, string $name, array $more = []): stdClass {
    $text = ['text' => 'text'];
    return $make->create_module('booking', $more + [
        'course' => $course->id, 'name' => $name, 'eventtype' => 'Training', 'bookingmanager' => 'admin', 'cancancelbook' => 1,
        'bookedtext' => $text, 'waitingtext' => $text, 'notifyemail' => $text, 'statuschangetext' => $text, 'deletedtext' => $text,
        'pollurltext' => $text, 'pollurlteacherstext' => $text, 'notificationtext' => $text, 'userleave' => $text, 'tags' => '',
        'showviews' => ['mybooking,myoptions,showall,showactive,myinstitution'],
    ]);
}

/**
 * A booking option of an activity.
 *
 * @param testing_data_generator $make
 * @param stdClass $booking
 * @param string $name
 * @param array $parts lists of start and end, in hours from now; none: undated
 * @param array $more fields of the option
 * @return int its id
 */
function try_option(testing_data_generator $make, stdClass $booking, string $name, array $parts, array $more = []): int {
    $record = $more + [
        'bookingid' => $booking->id, 'text' => $name, 'chooseorcreatecourse' => 1, 'courseid' => 0, 'description' => 'Bring a pen.',
        'limitanswers' => 1, 'maxanswers' => 10, 'maxoverbooking' => 0, 'location' => 'Room 7',
    ];
    $hour = intdiv(time(), HOURSECS) * HOURSECS;
    foreach ($parts as $n => [$start, $end]) {
        $record["optiondateid_$n"] = '0';
        $record["daystonotify_$n"] = '0';
        $record["coursestarttime_$n"] = $hour + $start * HOURSECS;
        $record["courseendtime_$n"] = $hour + $end * HOURSECS;
    }
    return (int) $make->get_plugin_generator('mod_booking')->create_option($record)->id;
}

/**
 * The activity's own object of an option, without what this process remembers.
 *
 * @param int $optionid
 * @return booking_option
 */
function try_option_now(int $optionid): booking_option {
    booking_option::purge_cache_for_option($optionid);
    booking_option::purge_cache_for_answers($optionid);
    $settings = singleton_service::get_instance_of_booking_option_settings($optionid);
    return singleton_service::get_instance_of_booking_option($settings->cmid, $optionid);
}

/**
 * Books a learner, as the trainer's page does.
 *
 * @param int $optionid
 * @param int $userid
 */
function try_book(int $optionid, int $userid): void {
    $user = core_user::get_user($userid);
    if (!try_option_now($optionid)->user_submit_response($user, 0, 0, MOD_BOOKING_BO_SUBMIT_STATUS_DEFAULT, MOD_BOOKING_VERIFIED)) {
        throw new coding_exception("option $optionid does not take $userid");
    }
}

/**
 * Makes the options of the world.
 *
 * @param testing_data_generator $make
 * @param stdClass $course
 * @param stdClass $hidden
 * @param array $learners
 * @return int[] ids by name
 */
function try_seed_booking(testing_data_generator $make, stdClass $course, stdClass $hidden, array $learners): array {
    global $DB;
    $open = try_booking($make, $course, 'Trainings');
    $closed = try_booking($make, $course, 'Trainings that nobody leaves', ['cancancelbook' => 0]);
    $secret = try_booking($make, $hidden, 'Hidden trainings');
    $hour = intdiv(time(), HOURSECS) * HOURSECS;
    $options = [
        'main' => try_option($make, $open, 'Main', [[72, 74]]),
        'twoday' => try_option($make, $open, 'Two days', [[96, 98], [120, 122]]),
        'queue' => try_option($make, $open, 'Queue', [[100, 102]], ['maxanswers' => 1, 'maxoverbooking' => 5]),
        'small' => try_option($make, $open, 'Small', [[110, 112]], ['maxanswers' => 1]),
        'started' => try_option($make, $open, 'Started', [[-1, 1]]),
        'fixed' => try_option($make, $closed, 'Fixed', [[130, 132]]),
        'late' => try_option($make, $open, 'Late', [[130, 132]]),
        'confirmed' => try_option($make, $open, 'Confirmed', [[134, 136]], ['waitforconfirmation' => 1, 'maxoverbooking' => -1]),
        'undated' => try_option($make, $open, 'Undated', []),
        'cart' => try_option($make, $open, 'Cart', [[138, 140]]),
        'shut' => try_option($make, $open, 'Shut', [[142, 144]]),
        'hidden' => try_option($make, $secret, 'Hidden', [[160, 162]]),
    ];
    $bookings = [
        'main' => ['ana', 'ben', 'cleo', 'dan', 'eve', 'twinone', 'reneaccent'], 'twoday' => ['ana', 'ben'],
        'queue' => ['ana', 'ben'], 'small' => ['ana'], 'started' => ['ana'], 'fixed' => ['ana'], 'late' => ['ana'],
        'confirmed' => ['ana'], 'undated' => ['ana'], 'cart' => ['ana'], 'shut' => ['ana'], 'hidden' => ['ana'],
    ];
    foreach ($bookings as $option => $names) {
        foreach ($names as $name) {
            try_book($options[$option], $learners[$name]['id']);
        }
    }
    // Booked in time, and the time for leaving is over.
    $json = json_decode($DB->get_field('booking_options', 'json', ['id' => $options['late']]) ?: '{}');
    $json->canceluntil = time() - HOURSECS;
    $DB->set_field('booking_options', 'json', json_encode($json), ['id' => $options['late']]);
    $DB->set_field('booking_answers', 'waitinglist', MOD_BOOKING_STATUSPARAM_RESERVED, ['optionid' => $options['cart']]);
    // Nobody may book this one any more.
    $DB->set_field('booking_options', 'bookingclosingtime', $hour - HOURSECS, ['id' => $options['shut']]);
    array_map(function ($id) {
        try_option_now($id);
    }, $options);
    return $options;
}

/**
 * One act about an option.
 *
 * @param string $act
 * @param stdClass $with
 * @return mixed
 */
function try_act_booking(string $act, stdClass $with) {
    global $DB;
    switch ($act) {
        case 'signup':
            try_book($with->session, $with->user);
            return true;
        case 'remove':
            return try_option_now($with->session)->user_delete_response($with->user);
        case 'statuses':
            $answers = $DB->get_records('booking_answers', ['optionid' => $with->session, 'userid' => $with->user], 'id');
            return array_map('intval', array_column($answers, 'waitinglist'));
        case 'histories':
            $sql = 'SELECT h.id, u.email, h.status
                      FROM {booking_history} h JOIN {user} u ON u.id = h.userid
                     WHERE h.optionid = ? ORDER BY h.id';
            $histories = [];
            foreach ($DB->get_records_sql($sql, [$with->session]) as $row) {
                $histories[$row->email][] = (int) $row->status;
            }
            return $histories;
        case 'events':
            $where = 'eventname = ? AND objectid = ? AND relateduserid = ?';
            $params = ["\\mod_booking\\event\\$with->event", $with->session, $with->user];
            return $DB->count_records_select('logstore_standard_log', $where, $params);
        case 'attend':
            return try_option_now($with->session)->changepresencestatus([$with->user], MOD_BOOKING_PRESENCE_STATUS_COMPLETE);
        case 'cached':
            // What the activity's own pages would show, through its caches.
            $settings = singleton_service::get_instance_of_booking_option_settings($with->session);
            $answers = singleton_service::get_instance_of_booking_answers($settings);
            return array_map('intval', array_keys($answers->get_usersonlist()));
        case 'cancel':
            booking_option::cancelbookingoption($with->session, 'too few');
            return true;
    }
    throw new coding_exception("what is $act?");
}

/**
 * An activity and its options by names that somebody else gave.
 *
 * @param testing_data_generator $make
 * @param stdClass $course
 * @param int $places
 * @return Closure makes an option by name; its learners are booked with try_book
 */
function try_cast_booking(testing_data_generator $make, stdClass $course, int $places): Closure {
    $booking = try_booking($make, $course, 'Cast');
    return function (string $name) use ($make, $booking, $places): int {
        return try_option($make, $booking, $name, [[240, 242]], ['maxanswers' => $places]);
    };
}
