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

namespace local_regrets\provider;

use local_regrets\session;
use local_regrets\session_provider;
use local_regrets\signup;

/**
 * Face-to-face (mod_facetoface).
 *
 * Nothing is written here but by the activity's own functions: a cancelled sign-up keeps its rows and gets the status
 * "user cancelled", as if the learner had pressed the button.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class facetoface implements session_provider {
    #[\Override]
    public static function name(): string {
        return 'facetoface';
    }

    #[\Override]
    public static function is_available(): bool {
        return \core_component::get_component_directory('mod_facetoface') !== null
            && get_config('mod_facetoface', 'version') !== false;
    }

    /**
     * Makes one: the activity's functions are there from now on.
     */
    public function __construct() {
        global $CFG;
        require_once($CFG->dirroot . '/mod/facetoface/lib.php');
    }

    #[\Override]
    public function find(int $sessionid): ?session {
        $found = facetoface_reader::sessions('s.id = :id', ['id' => $sessionid], 1);
        return $found[$sessionid] ?? null;
    }

    #[\Override]
    public function page(int $after, int $limit, int $since, int $endsafter, ?array $courseids): array {
        return facetoface_reader::page($after, $limit, $since, $endsafter, $courseids);
    }

    #[\Override]
    public function signups(array $sessionids): array {
        return facetoface_reader::signups($sessionids);
    }

    #[\Override]
    public function signup(session $session, int $userid): signup {
        $found = facetoface_reader::signups([$session->id], $userid);
        return $found[$session->id][$userid] ?? new signup($userid);
    }

    #[\Override]
    public function instructors(array $sessionids): array {
        return facetoface_reader::instructors($sessionids);
    }

    #[\Override]
    public function cancel(session $session, int $userid, string $reason): void {
        [$record, $activity] = $this->records($session);
        // The inner half of facetoface_user_cancel(): the other half moves the wait list up and sends mails, see after_cancel().
        if (!facetoface_user_cancel_submission($record->id, $userid, $reason)) {
            throw new \moodle_exception('error:cancelbooking', 'facetoface');
        }
        facetoface_remove_session_from_calendar($record, 0, $userid);
        $this->trigger(\mod_facetoface\event\cancel_booking::class, $session, $userid, $record, $activity);
    }

    #[\Override]
    public function after_cancel(session $session, int $userid, bool $notify): void {
        [$record, $activity] = $this->records($session);
        facetoface_update_attendees($record);
        if ($notify && $record->datetimeknown) {
            $this->sent(facetoface_send_cancellation_notice($activity, $record, $userid));
        }
    }

    #[\Override]
    public function restore_refused(session $session, int $userid): string {
        [, $activity] = $this->records($session);
        $others = facetoface_get_user_submissions($activity->id, $userid);
        if ($others && (int) $activity->signuptype === MOD_FACETOFACE_SIGNUP_SINGLE) {
            return 'signedupelsewhere';
        }
        if (facetoface_manager_needed($activity) && !facetoface_get_manageremail($userid)) {
            return 'managermissing';
        }
        $mayaskhere = has_capability('mod/facetoface:signup', \context_module::instance($session->cmid), $userid, false);
        return $mayaskhere ? '' : 'maynotsignup';
    }

    #[\Override]
    public function restore(session $session, int $userid, bool $waitlisted): void {
        global $DB;

        [$record, $activity] = $this->records($session);
        $course = get_course($activity->course);
        $was = $DB->get_record('facetoface_signups', ['sessionid' => $record->id, 'userid' => $userid], '*', MUST_EXIST);
        $status = $waitlisted || !$record->datetimeknown ? MDL_F2F_STATUS_WAITLISTED : MDL_F2F_STATUS_BOOKED;
        $code = (string) $was->discountcode;
        if (!facetoface_user_signup($record, $activity, $course, $code, $was->notificationtype, $status, $userid, false)) {
            throw new \moodle_exception('error:problemsigningup', 'facetoface');
        }
        $this->trigger(\mod_facetoface\event\signup_success::class, $session, $userid, $record, $activity);
    }

    #[\Override]
    public function after_restore(session $session, int $userid, bool $notify): void {
        global $DB;

        if (!$notify) {
            return;
        }
        [$record, $activity] = $this->records($session);
        $type = $DB->get_field('facetoface_signups', 'notificationtype', ['sessionid' => $record->id, 'userid' => $userid]);
        switch ($this->signup($session, $userid)->state) {
            case signup::HELD:
                $this->sent(facetoface_send_confirmation_notice($activity, $record, $userid, $type, false));
                break;
            case signup::WAITLISTED:
                $this->sent(facetoface_send_confirmation_notice($activity, $record, $userid, $type, true));
                break;
            case signup::REQUESTED:
                $this->sent(facetoface_send_request_notice($activity, $record, $userid));
                break;
        }
    }

    /**
     * The activity's own records, as its functions want them.
     *
     * @param session $session
     * @return \stdClass[] the session with its dates, the activity
     */
    private function records(session $session): array {
        global $DB;

        $record = facetoface_get_session($session->id);
        if (!$record) {
            throw new \moodle_exception('error:incorrectcoursemodulesession', 'facetoface');
        }
        return [$record, $DB->get_record('facetoface', ['id' => $record->facetoface], '*', MUST_EXIST)];
    }

    /**
     * Tells what the activity's own pages tell. The learner stands in it beside the account that acted.
     *
     * @param string $class the event
     * @param session $session
     * @param int $userid
     * @param \stdClass $record
     * @param \stdClass $activity
     */
    private function trigger(string $class, session $session, int $userid, \stdClass $record, \stdClass $activity): void {
        $event = $class::create([
            'context' => \context_module::instance($session->cmid),
            'objectid' => $session->id,
            'relateduserid' => $userid,
        ]);
        $event->add_record_snapshot('facetoface_sessions', $record);
        $event->add_record_snapshot('facetoface', $activity);
        $event->trigger();
    }

    /**
     * Leaves a notice that was not sent in the log. The place is as it is, and the activity's own pages don't try again either;
     * a second try would send it again to those who got it.
     *
     * @param string $error a string of mod_facetoface, '' when all went well
     */
    private function sent(string $error): void {
        if ($error !== '') {
            debugging('local_regrets: a notice was not sent: ' . get_string($error, 'facetoface'), DEBUG_NORMAL);
        }
    }
}
