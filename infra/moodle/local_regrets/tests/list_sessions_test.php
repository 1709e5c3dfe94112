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

use core_external\external_api;
use local_regrets\external\list_sessions;

/**
 * Listing.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \local_regrets\external\list_sessions
 * @covers     \local_regrets\provider\facetoface_reader
 */
final class list_sessions_test extends \advanced_testcase {
    use world;

    /**
     * A page as a client gets it.
     *
     * @param mixed ...$with
     * @return array
     */
    private function page(...$with): array {
        return external_api::clean_returnvalue(list_sessions::execute_returns(), list_sessions::execute(...$with));
    }

    /**
     * Every session comes once, however the pages are cut.
     */
    public function test_pages(): void {
        $this->make_world();
        $wanted = [];
        for ($i = 0; $i < 7; $i++) {
            $wanted[] = (string) $this->make_session();
        }
        foreach ([1, 2, 3, 7, 8] as $limit) {
            $found = [];
            $cursor = '';
            do {
                $page = $this->page(0, $cursor, $limit);
                $found = array_merge($found, array_column($page['sessions'], 'id'));
                $cursor = $page['nextcursor'];
            } while ($cursor !== '');
            $this->assertSame($wanted, $found);
        }
    }

    /**
     * A change of a sign-up is a change of the session.
     */
    public function test_since(): void {
        global $DB;
        $this->make_world();
        $session = $this->make_session();
        $this->make_session();
        $user = $this->make_signup($session);
        foreach (['facetoface', 'facetoface_sessions'] as $table) {
            $DB->set_field($table, 'timecreated', 1000);
            $DB->set_field($table, 'timemodified', 1000);
        }
        $DB->set_field('facetoface_signups_status', 'timecreated', 2000);
        $this->assertCount(2, $this->page(1000)['sessions']);
        $changed = $this->page(1001)['sessions'];
        $this->assertSame([(string) $session], array_column($changed, 'id'));
        $this->assertSame(2000, $changed[0]['timemodified']);
        $this->assertSame([(int) $user->id, 'held'], [
            $changed[0]['signups'][0]['userid'], $changed[0]['signups'][0]['state'],
        ]);
        $this->assertSame([], $this->page(2001)['sessions']);
    }

    /**
     * A place is given where it was first held, through the wait list and into a seat.
     */
    public function test_given(): void {
        global $DB;
        $this->make_world();
        $session = $this->make_session();
        $user = $this->make_signup($session, MDL_F2F_STATUS_WAITLISTED);
        $DB->set_field('facetoface_signups_status', 'timecreated', 1000);
        $signup = $DB->get_record('facetoface_signups', ['sessionid' => $session]);
        facetoface_update_signup_status($signup->id, MDL_F2F_STATUS_BOOKED, $user->id);
        $found = external\get_signup::execute((string) $session, 'id', (string) $user->id);
        $this->assertSame(['held', 1000], [$found['state'], $found['given']]);
        facetoface_update_signup_status($signup->id, MDL_F2F_STATUS_USER_CANCELLED, $user->id);
        $this->assertNull(external\get_signup::execute((string) $session, 'id', (string) $user->id)['given']);
        facetoface_update_signup_status($signup->id, MDL_F2F_STATUS_BOOKED, $user->id);
        $this->assertGreaterThan(1000, external\get_signup::execute((string) $session, 'id', (string) $user->id)['given']);
    }
}
