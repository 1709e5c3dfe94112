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
use local_regrets\session;
use local_regrets\signup;

/**
 * One thing to tell Regrets, and how it is noted that it was told.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class change {
    /** @var string[] states that are places, whatever was made of them */
    const PLACES = [signup::HELD, signup::WAITLISTED, signup::REQUESTED, signup::ATTENDED];

    /** @var string|null type of the message, null: nothing to tell, only to note */
    public $type;

    /** @var array the message's data */
    public $data;

    /** @var string table whose row is written when it was told */
    private $table;

    /** @var \stdClass that row */
    private $row;

    /**
     * Makes one.
     *
     * @param string|null $type
     * @param array $data
     * @param string $table
     * @param \stdClass $row
     */
    private function __construct(?string $type, array $data, string $table, \stdClass $row) {
        $this->type = $type;
        $this->data = $data;
        $this->table = $table;
        $this->row = $row;
    }

    /**
     * A session is new, or something about it changed.
     *
     * @param \stdClass $row of local_regrets_session
     * @param session $session
     * @return self
     */
    public static function session(\stdClass $row, session $session): self {
        $told = clone $row;
        $told->contenthash = self::hash_of($session);
        $told->contextid = \context_module::instance($session->cmid)->id;
        $told->courseid = $session->courseid;
        $told->gone = ledger::LIVE;
        $told->revision = (int) $row->revision + 1;
        $over = (int) $row->gone === ledger::OVER && $row->contenthash === $told->contenthash;
        return new self($over ? null : 'session.upserted', self::content($session), 'local_regrets_session', $told);
    }

    /**
     * A session was deleted.
     *
     * @param \stdClass $row of local_regrets_session
     * @return self
     */
    public static function session_gone(\stdClass $row): self {
        $told = clone $row;
        $told->gone = ledger::GONE;
        $told->contenthash = null;
        $told->revision = (int) $row->revision + 1;
        $data = ['provider' => $row->provider, 'session' => $row->sessionid, 'course' => (string) $row->courseid];
        return new self('session.cancelled', $data, 'local_regrets_session', $told);
    }

    /**
     * A place was given, or it is another one now, or it is gone.
     *
     * @param session $session
     * @param \stdClass|null $told row of local_regrets_signup
     * @param signup $signup
     * @return self
     */
    public static function place(session $session, ?\stdClass $told, signup $signup): self {
        $before = $told->state ?? signup::ABSENT;
        $row = (object) [
            'provider' => $session->provider,
            'sessionid' => $session->id,
            'userid' => $signup->userid,
            'contextid' => \context_module::instance($session->cmid)->id,
            'state' => $signup->state,
            'revision' => (int) ($told->revision ?? 0) + 1,
        ];
        $had = in_array($before, self::PLACES, true);
        $has = in_array($signup->state, self::PLACES, true);
        $type = $has ? 'enrolment.upserted' : ($had ? 'enrolment.removed' : null);
        return new self($type, [
            'provider' => $session->provider,
            'session' => (string) $session->id,
            'course' => (string) $session->courseid,
            'learner' => self::learner($signup->userid),
            'state' => $signup->state,
            'previousState' => $before,
            'since' => self::instant($signup->timemodified),
            'causedBy' => self::cause($session, $signup),
        ], 'local_regrets_signup', $row);
    }

    /**
     * The id of the message: the same for every attempt to tell this, and for nothing else.
     *
     * @return string
     */
    public function id(): string {
        $what = [
            get_site_identifier(),
            $this->table,
            $this->row->provider,
            $this->row->sessionid,
            $this->row->userid ?? 0,
            $this->row->revision,
        ];
        return 'moodle_' . substr(hash('sha256', json_encode(array_map('strval', $what), JSON_THROW_ON_ERROR)), 0, 40);
    }

    /**
     * Notes that Regrets knows it.
     */
    public function settle(): void {
        global $DB;

        if ($this->table === 'local_regrets_session') {
            $row = clone $this->row;
            // These two belong to the marks.
            unset($row->changes, $row->posted);
            $row->timemodified = time();
            $DB->update_record($this->table, $row);
            if ((int) $row->gone === ledger::GONE) {
                $DB->delete_records('local_regrets_signup', ['provider' => $row->provider, 'sessionid' => $row->sessionid]);
            }
            return;
        }
        $row = clone $this->row;
        $row->timemodified = time();
        // Looked up again: another task may have noted it meanwhile.
        $place = ['provider' => $row->provider, 'sessionid' => $row->sessionid, 'userid' => $row->userid];
        $row->id = $DB->get_field($this->table, 'id', $place);
        if ($row->id) {
            $DB->update_record($this->table, $row);
        } else {
            $DB->insert_record($this->table, $row);
        }
    }

    /**
     * Tells two contents of a session apart.
     *
     * @param session $session
     * @return string
     */
    public static function hash_of(session $session): string {
        return hash('sha256', json_encode(self::content($session), JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE));
    }

    /**
     * What is told of a session. Counters are not: each sign-up would change the session.
     *
     * @param session $session
     * @return array
     */
    private static function content(session $session): array {
        $parts = [];
        foreach ($session->parts as $part) {
            $parts[] = ['start' => self::instant($part['start']), 'end' => self::instant($part['end'])];
        }
        return [
            'provider' => $session->provider,
            'session' => (string) $session->id,
            'course' => (string) $session->courseid,
            'name' => $session->name,
            'visible' => $session->visible,
            'dated' => $session->dated,
            'timezone' => \core_date::get_server_timezone(),
            'parts' => $parts,
            'place' => $session->place,
            'capacity' => $session->capacity,
            'cancellable' => $session->cancellable,
        ];
    }

    /**
     * A learner, with what the site wants to tell.
     *
     * @param int $userid
     * @return array
     */
    private static function learner(int $userid): array {
        global $DB;

        $learner = ['id' => (string) $userid];
        $user = $DB->get_record('user', ['id' => $userid, 'deleted' => 0], 'id, username, email, idnumber');
        foreach (explode(',', config::text('learnerfields')) as $field) {
            if ($user && in_array($field, ['username', 'email', 'idnumber'], true)) {
                $learner[$field] = $user->$field;
            }
        }
        return $learner;
    }

    /**
     * The key by which Regrets itself brought a place where it is now, so that it does not take its own deed for news.
     *
     * @param session $session
     * @param signup $signup
     * @return string|null
     */
    private static function cause(session $session, signup $signup): ?string {
        global $DB;

        if ($signup->statusid === 0) {
            return null;
        }
        $key = $DB->get_field('local_regrets_request', 'keytext', [
            'provider' => $session->provider,
            'sessionid' => $session->id,
            'userid' => $signup->userid,
            'statusid' => $signup->statusid,
        ], IGNORE_MULTIPLE);
        return $key === false || $key === '' ? null : $key;
    }

    /**
     * A time as the messages write it.
     *
     * @param int|null $seconds since 1970
     * @return string|null RFC 3339, UTC
     */
    private static function instant(?int $seconds): ?string {
        return $seconds === null ? null : gmdate('Y-m-d\TH:i:s\Z', $seconds);
    }
}
