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

defined('MOODLE_INTERNAL') || die();
require_once(__DIR__ . '/fixtures/world.php');

/**
 * Cancelling.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \local_regrets\cancellation
 * @covers     \local_regrets\deed
 * @covers     \local_regrets\request
 */
final class cancellation_test extends \advanced_testcase {
    use world;

    /**
     * Once for a key, with one notice, and the sign-up is still there.
     */
    public function test_once_for_a_key(): void {
        global $DB;
        $this->make_world();
        $session = $this->make_session();
        $user = $this->make_signup($session);
        $mails = $this->redirectEmails();
        $events = $this->redirectEvents();
        $first = $this->cancel($session, $user, 'k1');
        $this->assertSame(['done', 'held', 'cancelled', false], [
            $first['outcome'], $first['before'], $first['after'], $first['replayed'],
        ]);
        $again = $this->cancel($session, $user, 'k1');
        $this->assertSame(['done', true], [$again['outcome'], $again['replayed']]);
        $this->assertSame('already_cancelled', $this->cancel($session, $user, 'k2')['outcome']);
        $this->assertSame(1, $mails->count());
        $this->assertCount(1, array_filter($events->get_events(), function ($event) use ($user) {
            return $event instanceof \mod_facetoface\event\cancel_booking && (int) $event->relateduserid === (int) $user->id;
        }));
        $this->assertSame(1, $DB->count_records('facetoface_signups', ['sessionid' => $session]));
        $this->assertSame(2, $DB->count_records('facetoface_signups_status'));
        $this->assertSame('Declined', $DB->get_field('facetoface_signups_status', 'note', ['statuscode' => 10]));
    }

    /**
     * A key is not used for two things.
     */
    public function test_key_of_another_request(): void {
        $this->make_world();
        $this->redirectEmails();
        $session = $this->make_session();
        $user = $this->make_signup($session);
        $other = $this->make_signup($session);
        $this->cancel($session, $user, 'k1');
        try {
            $this->cancel($session, $other, 'k1');
            $this->fail('was answered');
        } catch (\moodle_exception $e) {
            $this->assertSame('keyreused', $e->errorcode);
        }
        $this->assertSame('held', $this->state($session, $other));
    }

    /**
     * The place that becomes free goes to the wait list, also when the request was killed before.
     */
    public function test_wait_list_moves_up(): void {
        global $DB;
        $this->make_world();
        $this->redirectEmails();
        $session = $this->make_session(WEEKSECS, ['capacity' => 1, 'allowoverbook' => 1]);
        $user = $this->make_signup($session);
        $next = $this->make_signup($session, MDL_F2F_STATUS_WAITLISTED);
        $last = $this->make_signup($session, MDL_F2F_STATUS_WAITLISTED);
        $this->cancel($session, $user, 'k1');
        $this->assertSame(['held', 'waitlisted'], [$this->state($session, $next), $this->state($session, $last)]);
        $this->assertSame(0, $DB->count_records('local_regrets_request', ['followup' => 1]));
        // As if killed after the transaction: the task that was queued within it does the rest.
        $this->cancel($session, $next, 'k2');
        $DB->set_field('local_regrets_request', 'followup', 1, ['keytext' => 'k2']);
        $this->runAdhocTasks(task\finish_request::class);
        $this->assertSame(0, $DB->count_records('local_regrets_request', ['followup' => 1]));
        $this->assertSame('held', $this->state($session, $last));
    }

    /**
     * What is not cancelled, and why.
     */
    public function test_not_cancelled(): void {
        $this->make_world();
        $session = $this->make_session();
        $user = $this->make_signup($session);
        $stranger = $this->getDataGenerator()->create_user();
        $this->assertSame('not_enrolled', $this->cancel($session, $stranger, 'a')['outcome']);
        $this->assertSame('unknown_learner', $this->cancel($session, (object) ['id' => 999999], 'b')['outcome']);
        foreach ([999999, 'x', '', '7abc', '99999999999999999999'] as $place => $unknown) {
            $this->assertSame('unknown_session', $this->cancel($unknown, $user, "c$place")['outcome']);
        }
        $started = $this->make_session(-60);
        $late = $this->make_signup($started);
        $this->assertSame('too_late', $this->cancel($started, $late, 'd')['outcome']);
        set_config('cutoff', 2 * WEEKSECS, 'local_regrets');
        $this->assertSame('cutoff', $this->cancel($session, $user, 'e')['reason']);
        set_config('cutoff', 0, 'local_regrets');
        $fixed = $this->make_session(WEEKSECS, ['allowcancellations' => 0]);
        $bound = $this->make_signup($fixed);
        $this->assertSame('cancellationsoff', $this->cancel($fixed, $bound, 'f')['reason']);
        set_config('obeyallowcancellations', 0, 'local_regrets');
        $this->redirectEmails();
        $this->assertSame('done', $this->cancel($fixed, $bound, 'g')['outcome']);
    }

    /**
     * A failure leaves neither the deed nor the key.
     */
    public function test_all_or_nothing(): void {
        global $DB;
        // Where tests run inside a transaction of their own, nothing within is undone.
        $this->preventResetByRollback();
        $this->make_world();
        $session = $this->make_session();
        $user = $this->make_signup($session);
        $request = new request('cancel', 'facetoface', (string) $session, 'id', (string) $user->id, 'k1');
        $deed = new class ($request) extends deed {
            #[\Override]
            protected function capability(): string {
                return 'local/regrets:cancel';
            }
            #[\Override]
            protected function verdict(session $session, signup $signup): ?outcome {
                return null;
            }
            #[\Override]
            protected function write(session $session, signup $signup): void {
                $this->provider->cancel($session, $signup->userid, '');
            }
            #[\Override]
            protected function reached(signup $after): outcome {
                throw new \moodle_exception('notcancelled', 'local_regrets', '', $after->state);
            }
        };
        try {
            $deed->run();
            $this->fail('was answered');
        } catch (\moodle_exception $e) {
            $this->assertSame('notcancelled', $e->errorcode);
        }
        $this->assertSame(0, $DB->count_records('local_regrets_request'));
        $this->assertSame('held', $this->state($session, $user));
    }

    /**
     * Rights are asked every time, and a key that was answered opens nothing.
     */
    public function test_rights(): void {
        $this->make_world();
        $this->redirectEmails();
        $session = $this->make_session();
        $user = $this->make_signup($session);
        $this->cancel($session, $user, 'k1');
        $this->setUser($this->getDataGenerator()->create_and_enrol($this->course, 'editingteacher'));
        foreach ([$session, 999999] as $place) {
            try {
                $this->cancel($place, $user, 'k1');
                $this->fail('was answered');
            } catch (\required_capability_exception $e) {
                $this->assertSame('nopermissions', $e->errorcode);
            }
        }
    }
}
