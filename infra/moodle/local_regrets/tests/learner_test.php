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
 * Who is found by what.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \local_regrets\learner
 */
final class learner_test extends \advanced_testcase {
    /**
     * An account with an address that no form would check.
     *
     * @param string $email
     * @param array $more
     * @return int
     */
    private function user(string $email, array $more = []): int {
        global $DB;
        $user = $this->getDataGenerator()->create_user($more);
        $DB->set_field('user', 'email', $email, ['id' => $user->id]);
        return (int) $user->id;
    }

    /**
     * Letter case does not count, accents do, and two are two.
     */
    public function test_addresses(): void {
        $this->resetAfterTest();
        $plain = $this->user('Rene@Example.org');
        $accent = $this->user("ren\u{e9}@example.org");
        $this->user('twin@example.org');
        $this->user('Twin@example.org');
        $this->assertSame([$plain], learner::find('email', ' RENE@example.ORG '));
        $this->assertSame([$accent], learner::find('email', "REN\u{c9}@example.org"));
        $this->assertSame([$accent], learner::find('email', "rene\u{301}@example.org"));
        $this->assertCount(2, learner::find('email', 'twin@example.org'));
        foreach (['', ' ', '%', 'rene@example.or_', 'stranger@example.org'] as $nobody) {
            $this->assertSame([], learner::find('email', $nobody));
        }
    }

    /**
     * User names in any case, ID numbers exactly, ids as they are written.
     */
    public function test_other_fields(): void {
        $this->resetAfterTest();
        $user = $this->user('a@example.org', ['username' => 'ana', 'idnumber' => 'P-7']);
        $this->user('b@example.org', ['username' => 'ben', 'idnumber' => 'p-8']);
        $this->assertSame([$user], learner::find('username', 'ANA'));
        $this->assertSame([$user], learner::find('idnumber', 'P-7'));
        $this->assertSame([], learner::find('idnumber', 'P-8'));
        $this->assertSame([$user], learner::find('id', (string) $user));
        foreach (["0$user", "$user.0", "-$user", '0', '99999999999999999999', "{$user}abc"] as $nobody) {
            $this->assertSame([], learner::find('id', $nobody), $nobody);
        }
    }

    /**
     * Who was deleted is not found.
     */
    public function test_deleted(): void {
        $this->resetAfterTest();
        $user = $this->getDataGenerator()->create_user(['idnumber' => 'P-9']);
        delete_user($user);
        $this->assertSame([], learner::find('id', (string) $user->id));
        $this->assertSame([], learner::find('idnumber', 'P-9'));
    }
}
