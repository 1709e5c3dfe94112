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
use mod_booking\bo_availability\bo_info;
use mod_booking\booking_option;
use mod_booking\singleton_service;

/**
 * Booking (mod_booking): a booking option is a session, and its answer is a sign-up.
 *
 * Nothing is written here but by the activity's own functions. A cancelled answer keeps its row; with it go, in one transaction,
 * the waiting list that moves up, the learner's calendar entries, what the option enrolled the learner into, and the notices of
 * the activity, which it puts into its queue.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class booking implements session_provider {
    #[\Override]
    public static function name(): string {
        return 'booking';
    }

    #[\Override]
    public static function is_available(): bool {
        return \core_component::get_component_directory('mod_booking') !== null
            && get_config('mod_booking', 'version') !== false;
    }

    /**
     * Makes one: the activity's functions are there from now on.
     */
    public function __construct() {
        global $CFG;
        require_once($CFG->dirroot . '/mod/booking/lib.php');
    }

    #[\Override]
    public function find(int $sessionid): ?session {
        $session = booking_reader::sessions('bo.id = :id', ['id' => $sessionid], 1)[$sessionid] ?? null;
        if ($session !== null) {
            $this->limit($session);
        }
        return $session;
    }

    #[\Override]
    public function page(int $after, int $limit, int $since, int $endsafter, ?array $courseids): array {
        return booking_reader::page($after, $limit, $since, $endsafter, $courseids);
    }

    #[\Override]
    public function signups(array $sessionids): array {
        return booking_reader::signups($sessionids);
    }

    #[\Override]
    public function signup(session $session, int $userid): signup {
        $found = booking_reader::signups([$session->id], $userid);
        return $found[$session->id][$userid] ?? new signup($userid);
    }

    #[\Override]
    public function instructors(array $sessionids): array {
        return booking_reader::instructors($sessionids);
    }

    #[\Override]
    public function cancel(session $session, int $userid, string $reason): void {
        // The activity keeps no reason with an answer.
        if (!$this->option($session)->user_delete_response($userid)) {
            throw new \moodle_exception('notcancelled', 'local_regrets', '', $this->signup($session, $userid)->status);
        }
    }

    #[\Override]
    public function after_cancel(session $session, int $userid, bool $notify): void {
        // Whoever read while the transaction was open has filled the caches with what was before.
        booking_option::purge_cache_for_answers($session->id);
    }

    #[\Override]
    public function restore_refused(session $session, int $userid): string {
        booking_option::purge_cache_for_answers($session->id);
        // The activity asks whether the caller may book, where it means the learner.
        $mayaskhere = has_capability('mod/booking:choose', \context_module::instance($session->cmid), $userid, false);
        foreach (bo_info::get_condition_results($session->id, $userid, true) as $condition) {
            if (!$condition['isavailable'] && !in_array((int) $condition['id'], $this->no_obstacles(), true)) {
                return 'maynotsignup';
            }
        }
        return $mayaskhere ? '' : 'maynotsignup';
    }

    #[\Override]
    public function restore(session $session, int $userid, bool $waitlisted): void {
        $user = \core_user::get_user($userid, '*', MUST_EXIST);
        $status = MOD_BOOKING_BO_SUBMIT_STATUS_DEFAULT;
        $booked = $this->option($session)->user_submit_response($user, 0, 0, $status, MOD_BOOKING_VERIFIED);
        $now = $this->signup($session, $userid);
        // The activity decides itself between place and waiting list; nobody who waits is passed over by that.
        if (!$booked || ($waitlisted && $now->state === signup::HELD)) {
            throw new \moodle_exception('notrestored', 'local_regrets', '', $now->status);
        }
    }

    #[\Override]
    public function after_restore(session $session, int $userid, bool $notify): void {
        booking_option::purge_cache_for_answers($session->id);
    }

    /**
     * The activity's own object of an option, as it is now.
     *
     * @param session $session
     * @return booking_option
     */
    private function option(session $session): booking_option {
        booking_option::purge_cache_for_option($session->id);
        booking_option::purge_cache_for_answers($session->id);
        return singleton_service::get_instance_of_booking_option($session->cmid, $session->id);
    }

    /**
     * Until when learners may cancel, by the settings of option, activity and site.
     *
     * @param session $session
     */
    private function limit(session $session): void {
        try {
            $until = booking_option::return_cancel_until_date($session->id);
            $session->cancellableuntil = $until ? (int) $until : null;
        } catch (\moodle_exception $e) {
            // The site counts from a semester's start, and there is no semester: the activity lets nobody cancel either.
            debugging('local_regrets: ' . $e->getMessage(), DEBUG_NORMAL);
            $session->cancellable = false;
        }
    }

    /**
     * Conditions of the activity that always stand in the way, or say what is asked here otherwise: may the caller book, is the
     * learner booked already, is a place free, was a button pressed, was the policy accepted that was accepted before.
     *
     * @return int[]
     */
    private function no_obstacles(): array {
        return [
            MOD_BOOKING_BO_COND_CAPBOOKINGCHOOSE,
            MOD_BOOKING_BO_COND_ALREADYBOOKED,
            MOD_BOOKING_BO_COND_ONWAITINGLIST,
            MOD_BOOKING_BO_COND_CANCELMYSELF,
            MOD_BOOKING_BO_COND_CONFIRMCANCEL,
            MOD_BOOKING_BO_COND_BOOKONDETAIL,
            MOD_BOOKING_BO_COND_NOTIFYMELIST,
            MOD_BOOKING_BO_COND_FULLYBOOKED,
            MOD_BOOKING_BO_COND_BOOKINGPOLICY,
            MOD_BOOKING_BO_COND_ASKFORCONFIRMATION,
            MOD_BOOKING_BO_COND_CONFIRMASKFORCONFIRMATION,
            MOD_BOOKING_BO_COND_BOOKITBUTTON,
            MOD_BOOKING_BO_COND_CONFIRMBOOKIT,
            MOD_BOOKING_BO_COND_CONFIRMATION,
        ];
    }
}
