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

/**
 * Signs messages as the Standard Webhooks specification says (https://www.standardwebhooks.com/).
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class signer {
    /** @var string the key's bytes */
    private $key;

    /**
     * Reads a secret.
     *
     * @param string $secret 24 to 64 bytes in base64, with or without `whsec_` and padding, in either alphabet
     * @throws \moodle_exception it is none
     */
    public function __construct(string $secret) {
        $text = preg_replace('/^whsec_/', '', trim($secret));
        $key = base64_decode(rtrim(strtr($text, '-_', '+/'), '='), true);
        if ($key === false || strlen($key) < 24 || strlen($key) > 64) {
            throw new \moodle_exception('invalidsecret', 'local_regrets');
        }
        $this->key = $key;
    }

    /**
     * The headers of a message.
     *
     * @param string $id
     * @param int $timestamp seconds since 1970
     * @param string $body
     * @return string[] header lines
     */
    public function headers(string $id, int $timestamp, string $body): array {
        $signature = base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $this->key, true));
        return ["webhook-id: $id", "webhook-timestamp: $timestamp", "webhook-signature: v1,$signature"];
    }
}
