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
 * Giving back.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \local_regrets\restoration
 */
final class restoration_test extends \advanced_testcase {
    use world;

    /**
     * Once for a key, with a notice.
     */
    public function test_given_back(): void {
        $this->make_world();
        $session = $this->make_session();
        $user = $this->make_signup($session);
        $mails = $this->redirectEmails();
        $this->cancel($session, $user, 'k1');
        $this->assertSame('held', $this->restore($session, $user, 'k2')['outcome']);
        $this->assertTrue($this->restore($session, $user, 'k2')['replayed']);
        $this->assertSame('stillheld', $this->restore($session, $user, 'k3')['reason']);
        $this->assertSame(2, $mails->count());
    }

    /**
     * Only what Regrets itself cancelled last.
     */
    public function test_only_ours(): void {
        $this->make_world();
        $this->redirectEmails();
        $session = $this->make_session();
        $user = $this->make_signup($session);
        $this->cancel($session, $user, 'k1');
        $this->restore($session, $user, 'k2');
        facetoface_user_cancel(facetoface_get_session($session), $user->id);
        $this->assertSame('notours', $this->restore($session, $user, 'k3')['reason']);
        set_config('restoreonlyours', 0, 'local_regrets');
        $this->assertSame('held', $this->restore($session, $user, 'k4')['outcome']);
    }

    /**
     * Nobody who waits is passed over, unless the site says so.
     */
    public function test_full(): void {
        global $DB;
        $this->make_world();
        $this->redirectEmails();
        $session = $this->make_session(WEEKSECS, ['capacity' => 1, 'allowoverbook' => 1]);
        $user = $this->make_signup($session);
        $next = $this->make_signup($session, MDL_F2F_STATUS_WAITLISTED);
        $this->cancel($session, $user, 'k1');
        $this->assertSame('full', $this->restore($session, $user, 'k2')['outcome']);
        set_config('restoretowaitlist', 1, 'local_regrets');
        $this->assertSame('waitlisted', $this->restore($session, $user, 'k3')['outcome']);
        // Who stood on the list stands on it again, without that setting.
        set_config('restoretowaitlist', 0, 'local_regrets');
        $this->cancel($session, $user, 'k4');
        $this->assertSame('waitlisted', $this->restore($session, $user, 'k5')['outcome']);
        $this->assertSame('held', $this->state($session, $next));
        // Room, but somebody waits.
        $this->cancel($session, $user, 'k6');
        $this->make_signup($session, MDL_F2F_STATUS_WAITLISTED);
        $other = $this->make_signup($session, MDL_F2F_STATUS_REQUESTED);
        $this->cancel($session, $other, 'k7');
        $DB->set_field('facetoface_sessions', 'capacity', 5, ['id' => $session]);
        $this->make_signup($session, MDL_F2F_STATUS_WAITLISTED);
        $DB->set_field('facetoface_sessions', 'allowoverbook', 0, ['id' => $session]);
        $this->assertSame('otherswait', $this->restore($session, $user, 'k8')['reason']);
        set_config('restorepastwaitlist', 1, 'local_regrets');
        $this->assertSame('held', $this->restore($session, $user, 'k9')['outcome']);
    }

    /**
     * What is not given back.
     */
    public function test_refused(): void {
        global $DB;
        $this->make_world();
        $this->redirectEmails();
        $session = $this->make_session();
        $user = $this->make_signup($session);
        $this->cancel($session, $user, 'k1');
        $DB->set_field('user_enrolments', 'status', ENROL_USER_SUSPENDED, ['userid' => $user->id]);
        $this->assertSame('notincourse', $this->restore($session, $user, 'k2')['reason']);
        $DB->set_field('user_enrolments', 'status', ENROL_USER_ACTIVE, ['userid' => $user->id]);
        $DB->set_field('facetoface_sessions_dates', 'timestart', time() - 1, ['sessionid' => $session]);
        $this->assertSame('closed', $this->restore($session, $user, 'k3')['outcome']);
        $never = $this->getDataGenerator()->create_and_enrol($this->course, 'student');
        $this->assertSame('nevercancelled', $this->restore($this->make_session(), $never, 'k4')['reason']);
    }
}
