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

namespace local_regrets\webhook;

use local_regrets\config;
use local_regrets\providers;
use local_regrets\session;
use local_regrets\session_provider;
use local_regrets\signup;
use local_regrets\task\post_changes;

/**
 * What Regrets was told, session by session and place by place, and what is to be told now.
 *
 * A change is the difference between what was told and what is, so nothing is missed whoever changed it, nothing is told twice,
 * and a task that fails half-way goes on where it stopped. `changes` counts marks, `posted` is the count that was last dealt
 * with; where they differ a task is queued.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class ledger {
    /** @var int the session is there */
    const LIVE = 0;

    /** @var int the session was deleted, and Regrets knows it */
    const GONE = 1;

    /** @var int the session is over: nobody looks at it any more unless an event names it */
    const OVER = 2;

    /**
     * Whether changes are posted at all.
     *
     * @return bool
     */
    public static function is_on(): bool {
        return config::flag('post') && config::text('url') !== '';
    }

    /**
     * Notes that a session may have changed, and sees that a task looks at it.
     *
     * @param string $provider
     * @param int $sessionid
     */
    public static function mark(string $provider, int $sessionid): void {
        global $DB;

        if (!self::is_on()) {
            return;
        }
        $row = self::row($provider, $sessionid);
        $DB->execute(
            'UPDATE {local_regrets_session} SET changes = changes + 1, timemodified = ? WHERE id = ?',
            [time(), $row->id]
        );
        $row = $DB->get_record('local_regrets_session', ['id' => $row->id], '*', MUST_EXIST);
        if ((int) $row->changes - 1 === (int) $row->posted) {
            // Otherwise a task is queued already; it counts the marks again when it has dealt with the earlier ones.
            post_changes::queue($provider, $sessionid);
        }
    }

    /**
     * The row of a session, made where there is none.
     *
     * @param string $provider
     * @param int $sessionid
     * @return \stdClass
     */
    public static function row(string $provider, int $sessionid): \stdClass {
        global $DB;

        $place = ['provider' => $provider, 'sessionid' => $sessionid];
        $row = $DB->get_record('local_regrets_session', $place);
        if ($row) {
            return $row;
        }
        try {
            $DB->insert_record('local_regrets_session', (object) ($place + ['timemodified' => time()]));
        } catch (\dml_write_exception $e) {
            // Another process made it at the same moment, or the reading below says what is wrong.
            unset($e);
        }
        return $DB->get_record('local_regrets_session', $place, '*', MUST_EXIST);
    }

    /**
     * Everything about a session that Regrets was not told.
     *
     * @param string $provider
     * @param int $sessionid
     * @return change[] the session first
     */
    public static function pending(string $provider, int $sessionid): array {
        $activity = providers::all()[$provider] ?? null;
        $row = self::row($provider, $sessionid);
        $session = $activity ? $activity->find($sessionid) : null;
        if ($session === null) {
            $known = $row->contenthash !== null && (int) $row->gone !== self::GONE;
            return $known ? [change::session_gone($row)] : [];
        }
        $roster = $activity->signups([$sessionid])[$sessionid] ?? [];
        return self::compare($row, self::told([$sessionid], $provider)[$sessionid] ?? [], $session, $roster);
    }

    /**
     * What was told of places.
     *
     * @param int[] $sessionids
     * @param string $provider
     * @return array[] rows by session id and user id
     */
    public static function told(array $sessionids, string $provider): array {
        global $DB;

        if (!$sessionids) {
            return [];
        }
        [$in, $params] = $DB->get_in_or_equal($sessionids, SQL_PARAMS_NAMED);
        $params['provider'] = $provider;
        $told = [];
        foreach ($DB->get_records_select('local_regrets_signup', "provider = :provider AND sessionid $in", $params) as $row) {
            $told[(int) $row->sessionid][(int) $row->userid] = $row;
        }
        return $told;
    }

    /**
     * The difference between what was told and what is.
     *
     * @param \stdClass $row what was told of the session
     * @param \stdClass[] $told what was told of its places, by user id
     * @param session $session
     * @param signup[] $roster by user id
     * @return change[]
     */
    public static function compare(\stdClass $row, array $told, session $session, array $roster): array {
        $changes = [];
        if ($row->contenthash !== change::hash_of($session) || (int) $row->gone !== self::LIVE) {
            $changes[] = change::session($row, $session);
        }
        foreach ($roster as $userid => $signup) {
            $before = $told[$userid]->state ?? signup::ABSENT;
            if ($before !== $signup->state) {
                $changes[] = change::place($session, $told[$userid] ?? null, $signup);
            }
        }
        foreach (array_diff_key($told, $roster) as $userid => $place) {
            if ($place->state !== signup::ABSENT) {
                $changes[] = change::place($session, $place, new signup((int) $userid));
            }
        }
        return $changes;
    }

    /**
     * Notes that a session is over, so that it is neither compared nor kept for ever.
     *
     * @param int $id row of local_regrets_session
     */
    public static function over(int $id): void {
        global $DB;

        $DB->set_field('local_regrets_session', 'gone', self::OVER, ['id' => $id]);
    }

    /**
     * Takes what is as told: of sessions that were there before the plugin was switched on, which are read page by page.
     *
     * @param session_provider $activity
     * @param session[] $sessions
     */
    public static function accept(session_provider $activity, array $sessions): void {
        $rosters = $activity->signups(array_keys($sessions));
        // A pass that was killed half-way has left some.
        $told = self::told(array_keys($sessions), $activity::name());
        foreach ($sessions as $id => $session) {
            $row = self::row($activity::name(), $id);
            foreach (self::compare($row, $told[$id] ?? [], $session, $rosters[$id] ?? []) as $change) {
                $change->settle();
            }
        }
    }
}
