<?php
// This file is free software under the GNU General Public License, version 3 or later: see local_regrets/COPYING.

/**
 * What infra/moodle/check asks of the plugin beside its style.
 *
 *   php check.php lint FILE…      each file is PHP, and says whose licence it is under
 *   php check.php plugin FOLDER   strings, capabilities, tasks, observers and services name what is there
 *
 * @package    local_regrets
 * @copyright  2026 The Regrets authors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

/** @var string[] what was found wrong */
$wrong = [];

/**
 * Strings of a language.
 *
 * @param string $file
 * @return string[]
 */
function strings_of(string $file): array {
    $string = [];
    include($file);
    return $string;
}

/**
 * All of the plugin's own code as one text.
 *
 * @param string $folder
 * @return string
 */
function code_of(string $folder): string {
    $code = '';
    foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS)) as $file) {
        if ($file->getExtension() === 'php' && strpos($file->getPathname(), '/lang/') === false) {
            $code .= file_get_contents($file->getPathname());
        }
    }
    return $code;
}

if ($argv[1] === 'lint') {
    foreach (array_slice($argv, 2) as $file) {
        exec(escapeshellarg(PHP_BINARY) . ' -l ' . escapeshellarg($file) . ' 2>&1', $said, $status);
        if ($status !== 0) {
            $wrong[] = implode("\n", array_filter($said));
        }
        $said = [];
        if (strpos(file_get_contents($file), 'General Public License') === false) {
            $wrong[] = "$file: its head does not say its licence";
        }
    }
} else {
    define('MOODLE_INTERNAL', true);
    foreach (['CONTEXT_MODULE' => 70, 'RISK_PERSONAL' => 8, 'RISK_DATALOSS' => 32, 'RISK_SPAM' => 16] as $name => $value) {
        define($name, $value);
    }
    $folder = $argv[2];
    $english = strings_of("$folder/lang/en/local_regrets.php");
    $german = strings_of("$folder/lang/de/local_regrets.php");
    foreach (array_keys(array_diff_key($english, $german) + array_diff_key($german, $english)) as $key) {
        $wrong[] = "$key: is in one language only";
    }
    foreach ([$english, $german] as $strings) {
        $sorted = $strings;
        ksort($sorted);
        if (array_keys($sorted) !== array_keys($strings)) {
            $wrong[] = 'strings are not in alphabetical order';
        }
    }
    $code = code_of($folder);
    $used = [];
    foreach (
        [
            '/get_string\(\s*\'([^\'$]+)\',\s*\'local_regrets\'/' => '',
            '/moodle_exception\(\s*\'([a-z]+)\',\s*\'local_regrets\'/' => '',
            '/new outcome\(\'[a-z_]+\', \'([a-z]+)\'\)/' => 'reason:',
            '/new outcome\(\'([a-z_]+)\'\)/' => 'outcome:',
            '/return \'(signedupelsewhere|managermissing|maynotsignup)\'/' => 'reason:',
            '/\$text\(\'([a-z]+)\'/' => 'setting:',
            '/\$heading\(\'([a-z]+)\'\)/' => 'heading:',
            '/\'(privacy:[a-z:]+)\'/' => '',
        ] as $pattern => $prefix
    ) {
        preg_match_all($pattern, $code, $found);
        foreach ($found[1] as $key) {
            $used[] = $prefix . $key;
        }
    }
    foreach (array_unique($used) as $key) {
        if (!isset($english[$key]) && $key !== 'outcome:refused' && $key !== 'outcome:closed') {
            $wrong[] = "$key: no such string";
        }
    }
    $capabilities = $functions = $services = $tasks = $observers = [];
    foreach (['access', 'services', 'tasks', 'events'] as $file) {
        include("$folder/db/$file.php");
    }
    foreach (array_keys($capabilities) as $capability) {
        $key = str_replace('local/', '', $capability);
        if (!isset($english[$key])) {
            $wrong[] = "$key: no string for the capability";
        }
    }
    $classes = array_merge(array_column($functions, 'classname'), array_column($tasks, 'classname'));
    foreach ($observers as $observer) {
        [$class, $method] = explode('::', ltrim($observer['callback'], '\\'));
        $classes[] = $class;
        if (strpos($code, "function $method(") === false) {
            $wrong[] = "$method: no such observer";
        }
    }
    foreach ($classes as $class) {
        $path = $folder . '/classes/' . str_replace('\\', '/', preg_replace('/^local_regrets\\\\/', '', $class)) . '.php';
        if (!is_file($path)) {
            $wrong[] = "$class: no such class";
        }
    }
}

foreach ($wrong as $line) {
    fwrite(STDERR, "infra/moodle/check: $line\n");
}
exit($wrong ? 1 : 0);
