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

/**
 * Posts messages to Regrets. Only a task calls it: no page waits for it.
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class sender {
    /** @var int seconds for the connection */
    const CONNECT = 5;

    /** @var int seconds for the answer */
    const ANSWER = 30;

    /** @var string */
    private $url;

    /** @var signer */
    private $signer;

    /**
     * Reads the settings.
     *
     * @throws \moodle_exception address or secret can't be used
     */
    public function __construct() {
        $this->url = config::text('url');
        if (!self::is_safe($this->url)) {
            throw new \moodle_exception('invalidurl', 'local_regrets');
        }
        $this->signer = new signer(config::text('secret'));
    }

    /**
     * Whether personal data may go to an address: over TLS, or no further than this machine.
     *
     * @param string $url
     * @return bool
     */
    public static function is_safe(string $url): bool {
        $parts = parse_url($url);
        if (!$parts || empty($parts['host']) || isset($parts['user']) || isset($parts['pass'])) {
            return false;
        }
        $loopback = in_array($parts['host'], ['127.0.0.1', '[::1]', 'localhost'], true);
        $scheme = strtolower($parts['scheme'] ?? '');
        return $scheme === 'https' || ($scheme === 'http' && $loopback);
    }

    /**
     * Posts one change, if the site wants it told.
     *
     * @param change $change
     * @throws \moodle_exception it was not taken: try again
     */
    public function send(change $change): void {
        global $CFG;
        require_once($CFG->libdir . '/filelib.php');

        if ($change->type === null || !self::is_wanted($change->type)) {
            return;
        }
        $now = time();
        $body = json_encode([
            'type' => $change->type,
            'timestamp' => gmdate('Y-m-d\TH:i:s\Z', $now),
            'data' => ['id' => $change->id()] + $change->data,
        ], JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE);
        $curl = new \curl();
        $curl->setHeader(array_merge(
            ['Content-Type: application/json'],
            $this->signer->headers($change->id(), $now, $body)
        ));
        $curl->post($this->url, $body, [
            'CURLOPT_CONNECTTIMEOUT' => self::CONNECT,
            'CURLOPT_TIMEOUT' => self::ANSWER,
            'CURLOPT_FOLLOWLOCATION' => false,
            // Moodle's own default lets any certificate pass.
            'CURLOPT_SSL_VERIFYPEER' => true,
            'CURLOPT_SSL_VERIFYHOST' => 2,
        ]);
        $status = $curl->get_errno() ? 0 : (int) ($curl->get_info()['http_code'] ?? 0);
        if ($status < 200 || $status > 299) {
            $said = $status ? "HTTP $status" : (string) $curl->error;
            throw new \moodle_exception('notposted', 'local_regrets', '', $said);
        }
    }

    /**
     * Whether the site wants a type told.
     *
     * @param string $type
     * @return bool
     */
    private static function is_wanted(string $type): bool {
        $setting = strpos($type, 'session.') === 0 ? 'postsessions' : 'postenrolments';
        return config::flag($setting);
    }
}
