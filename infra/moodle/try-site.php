<?php
// This file runs inside Moodle and is free software under the GNU General Public License, version 3 or later: see
// local_regrets/COPYING.

/**
 * What infra/moodle/try does inside the site: makes a course with face-to-face sessions and invented learners, and plays the
 * trainer in between.
 *
 *   php try-site.php SITE seed HOOKPORT     makes the world, prints it as JSON
 *   php try-site.php SITE ACT JSON          one act of a trainer or an administrator, prints its result as JSON
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

define('CLI_SCRIPT', true);
require($argv[1] . '/config.php');
require_once($CFG->libdir . '/testing/generator/lib.php');
require_once($CFG->libdir . '/phpunit/classes/util.php');
require_once($CFG->dirroot . '/mod/facetoface/lib.php');
require_once($CFG->dirroot . '/course/lib.php');
\core\session\manager::set_user(get_admin());
require_once(__DIR__ . '/try-booking.php');
if (try_has_booking()) {
    require_once($CFG->dirroot . '/mod/booking/lib.php');
}

/**
 * A session of an activity.
 *
 * @param stdClass $activity
 * @param array $parts lists of start and end, in hours from now; none: undated
 * @param array $more fields of facetoface_sessions
 * @return int its id
 */
function try_session(stdClass $activity, array $parts, array $more = []): int {
    $session = (object) ($more + [
        'facetoface' => $activity->id,
        'capacity' => 10,
        'allowoverbook' => 0,
        'allowcancellations' => 1,
        'details' => '<p>Bring a pen.</p>',
        'datetimeknown' => $parts ? 1 : 0,
        'duration' => 1,
        'normalcost' => 0,
        'discountcost' => 0,
    ]);
    $hour = intdiv(time(), HOURSECS) * HOURSECS;
    $dates = [];
    foreach ($parts as [$start, $end]) {
        $dates[] = (object) ['timestart' => $hour + $start * HOURSECS, 'timefinish' => $hour + $end * HOURSECS];
    }
    return facetoface_add_session($session, $dates);
}

/**
 * Signs a learner up, as the trainer's page does, without a mail.
 *
 * @param int $sessionid
 * @param int $userid
 * @param int $status
 */
function try_signup(int $sessionid, int $userid, int $status = MDL_F2F_STATUS_BOOKED): void {
    global $DB;
    $session = facetoface_get_session($sessionid);
    $activity = $DB->get_record('facetoface', ['id' => $session->facetoface]);
    facetoface_user_signup($session, $activity, get_course($activity->course), '', MDL_F2F_TEXT, $status, $userid, false);
}

/**
 * An account that holds a token of the service.
 *
 * @param testing_data_generator $make
 * @param string $name
 * @param array $rights
 * @param context $where where the rights beside the use of web services are given
 * @return string the token
 */
function try_caller(testing_data_generator $make, string $name, array $rights, context $where): string {
    global $DB;
    $system = context_system::instance();
    $user = $make->create_user([
        'username' => $name, 'email' => "$name@example.org", 'firstname' => 'Service', 'lastname' => $name,
    ]);
    $use = create_role("Web services $name", "ws$name", '');
    assign_capability('webservice/rest:use', CAP_ALLOW, $use, $system);
    role_assign($use, $user->id, $system);
    $role = create_role("Regrets $name", "role$name", '');
    foreach ($rights as $right) {
        assign_capability($right, CAP_ALLOW, $role, $system);
    }
    role_assign($role, $user->id, $where);
    $service = $DB->get_record('external_services', ['shortname' => 'regrets'], '*', MUST_EXIST);
    $DB->insert_record('external_services_users', (object) [
        'externalserviceid' => $service->id,
        'userid' => $user->id,
        'timecreated' => time(),
    ]);
    return \core_external\util::generate_token(EXTERNAL_TOKEN_PERMANENT, $service, $user->id, $system);
}

/**
 * Makes the world.
 *
 * @param int $hook port on which the player takes messages
 * @return array
 */
function try_seed(int $hook): array {
    global $DB;
    $settings = [
        ['enablewebservices', 1], ['webserviceprotocols', 'rest'], ['allowaccountssameemail', 1],
        ['curlsecurityblockedhosts', ''], ['curlsecurityallowedport', ''], ['timezone', 'Europe/Berlin'],
    ];
    foreach ($settings as [$name, $value]) {
        set_config($name, $value);
    }
    set_config('url', "http://127.0.0.1:$hook/api/lms/try/events", 'local_regrets');
    set_config('secret', 'whsec_' . base64_encode(random_bytes(32)), 'local_regrets');
    set_config('learnerfields', 'email,idnumber', 'local_regrets');
    set_config('post', 0, 'local_regrets');
    unset_config('seeded_facetoface', 'local_regrets');
    unset_config('cursor_facetoface', 'local_regrets');

    $make = new testing_data_generator();
    // A site that is kept has these names already.
    $tag = $DB->record_exists('user', ['username' => 'ana']) ? '-' . dechex(time()) : '';
    $course = $make->create_course(['fullname' => 'First aid', 'shortname' => "aid$tag"]);
    $hidden = $make->create_course(['fullname' => 'Hidden', 'shortname' => "hid$tag", 'visible' => 0]);
    $texts = [
        'confirmationsubject' => 'Booked: [facetofacename]', 'confirmationmessage' => 'You have a place.',
        'waitlistedsubject' => 'Waiting: [facetofacename]', 'waitlistedmessage' => 'You are on the wait list.',
        'cancellationsubject' => 'Cancelled: [facetofacename]', 'cancellationmessage' => 'Your place was cancelled.',
    ];
    $activity = function (stdClass $course, string $name, int $signuptype) use ($make, $texts): stdClass {
        global $DB;
        $module = $make->create_module('facetoface', $texts + [
            'course' => $course->id, 'name' => $name, 'shortname' => substr($name, 0, 30), 'signuptype' => $signuptype,
        ]);
        return $DB->get_record('facetoface', ['id' => $module->id]);
    };
    $aid = $activity($course, 'First aid on site', MOD_FACETOFACE_SIGNUP_MULTIPLE);
    $single = $activity($course, 'Refresher', MOD_FACETOFACE_SIGNUP_SINGLE);
    $secret = $activity($hidden, 'Hidden training', MOD_FACETOFACE_SIGNUP_MULTIPLE);

    $learners = [];
    $people = [
        'ana' => 'Ana.Costa@Example.org', 'ben' => 'ben@example.org', 'cleo' => 'cleo@example.org', 'dan' => 'dan@example.org',
        'eve' => 'eve@example.org', 'rene' => 'rene@example.org', 'reneaccent' => "ren\u{e9}@example.org",
        'twinone' => 'twin@example.org', 'twintwo' => 'twin@example.org', 'away' => 'away@example.org',
    ];
    foreach ($people as $name => $email) {
        $user = $make->create_user([
            'username' => "$name$tag", 'firstname' => ucfirst($name), 'lastname' => 'Invented',
            'idnumber' => strtoupper("P-$name$tag"),
        ]);
        // Not every spelling is one that Moodle's forms let pass.
        $email = str_replace('@', "$tag@", $email);
        $DB->set_field('user', 'email', $email, ['id' => $user->id]);
        $learners[$name] = [
            'id' => (int) $user->id, 'email' => $email, 'username' => "$name$tag",
            'idnumber' => strtoupper("P-$name$tag"),
        ];
        if ($name !== 'away') {
            $make->enrol_user($user->id, $course->id, 'student');
        }
        $make->enrol_user($user->id, $hidden->id, 'student');
    }

    $sessions = [
        'main' => try_session($aid, [[72, 74]]),
        'twoday' => try_session($aid, [[96, 98], [120, 122]]),
        'queue' => try_session($aid, [[100, 102]], ['capacity' => 1, 'allowoverbook' => 1]),
        'small' => try_session($aid, [[110, 112]], ['capacity' => 1]),
        'started' => try_session($aid, [[-1, 1]]),
        'fixed' => try_session($aid, [[130, 132]], ['allowcancellations' => 0]),
        'undated' => try_session($aid, [], ['allowoverbook' => 1]),
        'single' => try_session($single, [[140, 142]]),
        'other' => try_session($single, [[150, 152]]),
        'hidden' => try_session($secret, [[160, 162]]),
    ];
    $signups = [
        'main' => ['ana', 'ben', 'cleo', 'dan', 'eve', 'twinone', 'reneaccent'], 'twoday' => ['ana', 'ben'], 'small' => ['ana'],
        'started' => ['ana'], 'fixed' => ['ana'], 'single' => ['ana'], 'hidden' => ['ana'],
    ];
    foreach ($signups as $session => $names) {
        foreach ($names as $name) {
            try_signup($sessions[$session], $learners[$name]['id']);
        }
    }
    try_signup($sessions['queue'], $learners['ana']['id']);
    try_signup($sessions['queue'], $learners['ben']['id'], MDL_F2F_STATUS_WAITLISTED);
    try_signup($sessions['undated'], $learners['ana']['id'], MDL_F2F_STATUS_WAITLISTED);

    $system = context_system::instance();
    $context = context_course::instance($course->id);
    $all = ['local/regrets:read', 'local/regrets:cancel', 'local/regrets:restore'];
    $enter = ['moodle/course:view', 'mod/facetoface:view'];
    $options = [];
    if (try_has_booking()) {
        $enter[] = 'mod/booking:view';
        $options = try_seed_booking($make, $course, $hidden, $learners);
    }
    return [
        'tag' => $tag,
        'course' => (int) $course->id,
        'sessions' => $sessions,
        'options' => $options ?: null,
        'learners' => $learners,
        'secret' => get_config('local_regrets', 'secret'),
        'tokens' => [
            'service' => try_caller($make, "service$tag", array_merge($all, $enter), $system),
            'reader' => try_caller($make, "reader$tag", array_merge(['local/regrets:read'], $enter), $system),
            'course' => try_caller($make, "course$tag", array_merge($all, $enter), $context),
            'nobody' => try_caller($make, "nobody$tag", $enter, $system),
        ],
    ];
}

/**
 * One act.
 *
 * @param string $act
 * @param stdClass $with
 * @return mixed
 */
function try_act(string $act, stdClass $with) {
    global $DB;
    if (($with->provider ?? '') === 'booking' && $act !== 'cast') {
        return try_act_booking($act, $with);
    }
    switch ($act) {
        case 'config':
            $before = get_config('local_regrets', $with->name);
            set_config($with->name, $with->value, 'local_regrets');
            return $before;
        case 'signup':
            try_signup($with->session, $with->user, $with->status ?? MDL_F2F_STATUS_BOOKED);
            return true;
        case 'remove':
            // As the trainer's page: no event.
            return facetoface_user_cancel(facetoface_get_session($with->session), $with->user, true, $error);
        case 'statuses':
            $sql = 'SELECT ss.id, ss.statuscode, ss.superceded, ss.note
                      FROM {facetoface_signups_status} ss JOIN {facetoface_signups} su ON su.id = ss.signupid
                     WHERE su.sessionid = ? AND su.userid = ? ORDER BY ss.id';
            return array_values($DB->get_records_sql($sql, [$with->session, $with->user]));
        case 'histories':
            $sql = 'SELECT ss.id, u.email, ss.statuscode
                      FROM {facetoface_signups_status} ss
                      JOIN {facetoface_signups} su ON su.id = ss.signupid
                      JOIN {user} u ON u.id = su.userid
                     WHERE su.sessionid = ? ORDER BY ss.id';
            $histories = [];
            foreach ($DB->get_records_sql($sql, [$with->session]) as $row) {
                $histories[$row->email][] = (int) $row->statuscode;
            }
            return $histories;
        case 'events':
            $where = 'eventname = ? AND objectid = ? AND relateduserid = ?';
            $params = ["\\mod_facetoface\\event\\$with->event", $with->session, $with->user];
            return $DB->count_records_select('logstore_standard_log', $where, $params);
        case 'attend':
            $signup = $DB->get_record('facetoface_signups', ['sessionid' => $with->session, 'userid' => $with->user]);
            return (bool) facetoface_update_signup_status($signup->id, MDL_F2F_STATUS_FULLY_ATTENDED, get_admin()->id, '', 100);
        case 'move':
            $session = facetoface_get_session($with->session);
            $session->duration = 1;
            $session->details = $with->details;
            $dates = array_map(function ($date) {
                return (object) ['timestart' => $date->timestart + HOURSECS, 'timefinish' => $date->timefinish + HOURSECS];
            }, $session->sessiondates);
            facetoface_update_session($session, $dates);
            return try_tell('update_session', $with->session);
        case 'delete':
            $session = facetoface_get_session($with->session);
            $tell = try_tell('delete_session', $with->session, false);
            facetoface_delete_session($session);
            $tell->trigger();
            return true;
        case 'unenrol':
            $enrol = enrol_get_plugin('manual');
            $instance = $DB->get_record('enrol', ['courseid' => $with->course, 'enrol' => 'manual'], '*', MUST_EXIST);
            $enrol->unenrol_user($instance, $with->user);
            return true;
        case 'cast':
            return try_cast((array) $with->sessions, $with->provider ?? 'facetoface');
        case 'account':
            return $DB->set_field('user', $with->field, $with->value, ['username' => $with->name]);
        case 'due':
            $DB->set_field('task_adhoc', 'nextruntime', time() - 1, ['component' => 'local_regrets']);
            return true;
        case 'requests':
            return array_values($DB->get_records('local_regrets_request', null, 'id', 'id, keytext, action, userid, followup'));
        case 'privacy':
            $user = core_user::get_user($with->user);
            $contexts = \local_regrets\privacy\provider::get_contexts_for_userid($with->user)->get_contextids();
            $list = new \core_privacy\local\request\approved_contextlist($user, 'local_regrets', $contexts);
            \local_regrets\privacy\provider::export_user_data($list);
            \local_regrets\privacy\provider::delete_data_for_user($list);
            return [
                'contexts' => count($contexts),
                'left' => $DB->count_records('local_regrets_request', ['userid' => $with->user])
                    + $DB->count_records('local_regrets_signup', ['userid' => $with->user]),
            ];
    }
    throw new coding_exception("what is $act?");
}

/**
 * Sessions and learners by names that somebody else gave.
 *
 * @param array $cast lists of mail addresses by session
 * @param string $provider
 * @return int[] ids of the sessions by their names
 */
function try_cast(array $cast, string $provider): array {
    global $DB;
    $make = new testing_data_generator();
    $tag = dechex(time());
    $course = $make->create_course(['fullname' => 'Cast', 'shortname' => "cast$tag"]);
    $places = 500;
    if ($provider === 'booking') {
        $session = try_cast_booking($make, $course, $places);
        $signup = Closure::fromCallable('try_book');
    } else {
        $module = $make->create_module('facetoface', [
            'course' => $course->id, 'name' => 'Cast', 'signuptype' => MOD_FACETOFACE_SIGNUP_MULTIPLE,
        ]);
        $activity = $DB->get_record('facetoface', ['id' => $module->id]);
        $session = function () use ($activity, $places): int {
            return try_session($activity, [[240, 242]], ['capacity' => $places]);
        };
        $signup = Closure::fromCallable('try_signup');
    }
    // The same play has the same keys each time.
    $DB->delete_records('local_regrets_request');
    $sessions = [];
    foreach ($cast as $name => $emails) {
        $sessions[$name] = $session($name);
        foreach ($emails as $place => $email) {
            $user = $DB->get_record('user', ['email' => $email])
                ?: $make->create_user(['username' => "cast$tag-$name-$place", 'email' => $email, 'lastname' => 'Invented']);
            if (!is_enrolled(context_course::instance($course->id), $user->id)) {
                $make->enrol_user($user->id, $course->id, 'student');
            }
            $signup($sessions[$name], $user->id);
        }
    }
    return $sessions;
}

/**
 * The event that the activity's page makes.
 *
 * @param string $name
 * @param int $sessionid
 * @param bool $now whether it is made at once
 * @return bool|\core\event\base
 */
function try_tell(string $name, int $sessionid, bool $now = true) {
    global $DB;
    $session = $DB->get_record('facetoface_sessions', ['id' => $sessionid], '*', MUST_EXIST);
    $cm = get_coursemodule_from_instance('facetoface', $session->facetoface);
    $class = "\\mod_facetoface\\event\\$name";
    $event = $class::create(['context' => context_module::instance($cm->id), 'objectid' => $sessionid]);
    $event->add_record_snapshot('facetoface_sessions', $session);
    if ($now) {
        $event->trigger();
        return true;
    }
    return $event;
}

$result = $argv[2] === 'seed' ? try_seed((int) $argv[3]) : try_act($argv[2], json_decode($argv[3] ?? '{}'));
echo json_encode($result, JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR), "\n";
