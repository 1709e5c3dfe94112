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

use local_regrets\webhook\ledger;
use local_regrets\webhook\sender;
use local_regrets\webhook\signer;

/**
 * What is told, and how it is signed.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \local_regrets\webhook\signer
 * @covers     \local_regrets\webhook\sender
 * @covers     \local_regrets\webhook\ledger
 * @covers     \local_regrets\webhook\change
 */
final class webhook_test extends \advanced_testcase {
    use world;

    /**
     * The example of the specification's libraries.
     */
    public function test_signature(): void {
        $signer = new signer('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
        $headers = $signer->headers('msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}');
        $this->assertSame('webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=', $headers[2]);
        foreach (['', 'whsec_', 'whsec_c2hvcnQ=', 'no base64!', str_repeat('QUFB', 30)] as $secret) {
            try {
                new signer($secret);
                $this->fail("$secret was taken");
            } catch (\moodle_exception $e) {
                $this->assertSame('invalidsecret', $e->errorcode);
            }
        }
    }

    /**
     * Personal data go over TLS, or no further than this machine.
     */
    public function test_addresses(): void {
        foreach (['https://regrets.example.org/api', 'http://127.0.0.1:8080/x', 'http://localhost/x'] as $url) {
            $this->assertTrue(sender::is_safe($url), $url);
        }
        $unsafe = [
            '', 'x', 'http://regrets.example.org/', 'ftp://example.org/', 'https://a:b@example.org/',
            'http://127.0.0.1.example.org/',
        ];
        foreach ($unsafe as $url) {
            $this->assertFalse(sender::is_safe($url), $url);
        }
    }

    /**
     * Each change once, under one id however often it is tried.
     */
    public function test_changes(): void {
        $this->make_world();
        $this->redirectEmails();
        $session = $this->make_session();
        $user = $this->make_signup($session);
        $types = function () use ($session): array {
            return array_column(ledger::pending('facetoface', $session), 'type');
        };
        $this->assertSame(['session.upserted', 'enrolment.upserted'], $types());
        $ids = function () use ($session): array {
            return array_map(function ($change) {
                return $change->id();
            }, ledger::pending('facetoface', $session));
        };
        $before = $ids();
        $this->assertSame($before, $ids());
        foreach (ledger::pending('facetoface', $session) as $change) {
            $change->settle();
        }
        $this->assertSame([], $types());
        $this->cancel($session, $user, 'k1');
        [$change] = ledger::pending('facetoface', $session);
        $this->assertSame(['enrolment.removed', 'k1'], [$change->type, $change->data['causedBy']]);
        $change->settle();
        $this->restore($session, $user, 'k2');
        [$change] = ledger::pending('facetoface', $session);
        $this->assertSame(['enrolment.upserted', 'k2'], [$change->type, $change->data['causedBy']]);
        $this->assertNotContains($change->id(), $before);
        $change->settle();
        facetoface_user_cancel(facetoface_get_session($session), $user->id);
        [$change] = ledger::pending('facetoface', $session);
        $this->assertNull($change->data['causedBy']);
        $change->settle();
        facetoface_delete_session(facetoface_get_session($session));
        $this->assertSame(['session.cancelled'], $types());
    }

    /**
     * A mark queues one task, and none where nothing is to be posted.
     */
    public function test_marks(): void {
        global $DB;
        $this->make_world();
        $session = $this->make_session();
        ledger::mark('facetoface', $session);
        $this->assertSame(0, $DB->count_records('local_regrets_session'));
        set_config('post', 1, 'local_regrets');
        set_config('url', 'https://regrets.example.org/', 'local_regrets');
        ledger::mark('facetoface', $session);
        ledger::mark('facetoface', $session);
        $tasks = \core\task\manager::get_adhoc_tasks(task\post_changes::class);
        $this->assertCount(1, $tasks);
    }
}
