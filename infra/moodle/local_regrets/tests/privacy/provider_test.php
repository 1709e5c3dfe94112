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

namespace local_regrets\privacy;

defined('MOODLE_INTERNAL') || die();
require_once(__DIR__ . '/../fixtures/world.php');

use core_privacy\local\request\approved_contextlist;
use core_privacy\local\request\writer;
use local_regrets\world;

/**
 * Personal data.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \local_regrets\privacy\provider
 */
final class provider_test extends \core_privacy\tests\provider_testcase {
    use world;

    /**
     * What is kept is exported, and forgotten; the key still answers.
     */
    public function test_export_and_delete(): void {
        global $DB;
        $this->make_world();
        $this->redirectEmails();
        $session = $this->make_session();
        $user = $this->make_signup($session);
        $this->cancel($session, $user, 'k1');
        $contexts = provider::get_contexts_for_userid($user->id);
        $this->assertCount(1, $contexts);
        $list = new approved_contextlist($user, 'local_regrets', $contexts->get_contextids());
        provider::export_user_data($list);
        $this->assertTrue(writer::with_context(\context::instance_by_id($contexts->get_contextids()[0]))->has_any_data());
        provider::delete_data_for_user($list);
        $this->assertSame(0, $DB->count_records('local_regrets_request', ['userid' => $user->id]));
        $this->assertTrue($this->cancel($session, $user, 'k1')['replayed']);
    }
}
