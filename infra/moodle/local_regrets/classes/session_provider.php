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
 * An activity whose dated sessions people sign up for: what one has to give so that Regrets can serve it.
 *
 * A plugin offers one by a function `<component>_local_regrets_providers()` in its lib.php, that returns class names.
 *
 * Two promises hold for everyone: `cancel` and `restore` write to the database only and send nothing, because they run inside
 * the transaction that also keeps the request's key; and whatever people are to be told follows in `after_cancel` and
 * `after_restore`, which may be called a second time after a crash.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
interface session_provider {
    /**
     * The name by which clients choose it.
     *
     * @return string [a-z][a-z0-9_]{0,31}
     */
    public static function name(): string;

    /**
     * Whether the activity is installed.
     *
     * @return bool
     */
    public static function is_available(): bool;

    /**
     * One session.
     *
     * @param int $sessionid
     * @return session|null null: there is none, or its activity is gone or being deleted
     */
    public function find(int $sessionid): ?session;

    /**
     * Sessions in the order of their ids.
     *
     * @param int $after only with a higher id
     * @param int $limit at most so many
     * @param int $since only those that changed, or whose sign-ups changed, at this time or later (seconds since 1970)
     * @param int $endsafter only those that are undated, or end at this time or later; 0: all
     * @param int[]|null $courseids only of these courses; null: of all
     * @return session[] by id
     */
    public function page(int $after, int $limit, int $since, int $endsafter, ?array $courseids): array;

    /**
     * All sign-ups of some sessions, cancelled ones too.
     *
     * @param int[] $sessionids
     * @return signup[][] by session id and user id; a session without sign-ups may be missing
     */
    public function signups(array $sessionids): array;

    /**
     * One learner's sign-up.
     *
     * @param session $session
     * @param int $userid
     * @return signup with the state `absent` where there is none
     */
    public function signup(session $session, int $userid): signup;

    /**
     * The people who give some sessions.
     *
     * @param int[] $sessionids
     * @return array[] by session id: lists of ['userid' => int, 'role' => string]
     */
    public function instructors(array $sessionids): array;

    /**
     * Cancels a place that is held, waited for or requested. Sends nothing.
     *
     * @param session $session
     * @param int $userid
     * @param string $reason for people
     */
    public function cancel(session $session, int $userid, string $reason): void;

    /**
     * What follows a cancellation: the wait list moves up, people are told. A notice that can't be sent is no failure.
     *
     * @param session $session
     * @param int $userid
     * @param bool $notify whether the learner is told
     */
    public function after_cancel(session $session, int $userid, bool $notify): void;

    /**
     * Why the activity itself would not let this learner sign up again now.
     *
     * @param session $session
     * @param int $userid
     * @return string a reason (a word of the string table), or '' when it would
     */
    public function restore_refused(session $session, int $userid): string;

    /**
     * Signs the learner up again. Sends nothing.
     *
     * @param session $session
     * @param int $userid
     * @param bool $waitlisted onto the wait list
     */
    public function restore(session $session, int $userid, bool $waitlisted): void;

    /**
     * What follows a place that was given back: people are told. A notice that can't be sent is no failure.
     *
     * @param session $session
     * @param int $userid
     * @param bool $notify whether the learner is told
     */
    public function after_restore(session $session, int $userid, bool $notify): void;
}
