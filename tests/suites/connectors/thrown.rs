//! What `tests/fuzz` throws arbitrary bytes at, without a fuzzer: what its targets begin with, and changes of
//! it. `FUZZ_SECONDS=300` has each go on for so long; what a target can't take is written to a file.

#[path = "../../fuzz/targets/mod.rs"]
mod targets;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng, SeedableRng as _};
use regrets::lms::presets;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Of one input, on a busy machine.
const SLOW: Duration = Duration::from_secs(5);
/// Of each target, where nobody says for how long.
const FEW: usize = 60;

#[test]
fn the_targets_of_the_fuzzer_take_what_is_thrown_at_them() {
    let seconds = std::env::var("FUZZ_SECONDS").ok().map(|text| text.parse::<u64>().unwrap());
    let first = match seconds {
        Some(_) => rand::rng().random(),
        None => 7,
    };
    for (name, target) in targets::ALL {
        let mut dice = StdRng::seed_from_u64(first);
        let mut pool = seeds(name);
        assert!(pool.len() >= 4, "{name}");
        let (began, mut count, mut slowest) = (Instant::now(), 0, Duration::ZERO);
        let goes_on = |count: usize| match seconds {
            Some(seconds) => began.elapsed() < Duration::from_secs(seconds),
            None => count < FEW,
        };
        while goes_on(count) {
            let seed = pool.choose(&mut dice).cloned().unwrap();
            let bytes = if count < pool.len().min(FEW / 3) { seed } else { mutated(&seed, &mut dice) };
            let start = Instant::now();
            let done = catch_unwind(AssertUnwindSafe(|| target(&bytes)));
            let took = start.elapsed();
            if done.is_err() || took > SLOW {
                let file = std::env::temp_dir().join(format!("regrets-fuzz-{name}"));
                std::fs::write(&file, &bytes).unwrap();
                panic!("{name}, after {count} inputs, in {took:?}: {}", file.display());
            }
            // Some of what was made is gone on from.
            if dice.random_ratio(1, 50) {
                pool.push(bytes);
            }
            (count, slowest) = (count + 1, slowest.max(took));
        }
        println!("{name}: {count} inputs, the slowest took {slowest:?}; seed {first}");
    }
}

/// What the formats know, and what has cost readers their stack, their time or their place.
const PIECES: [&[u8]; 30] = [
    b"{{ x }}",
    b"{{ session | part(\"/\", 0) }}",
    b"{{ learner | lower | default(\"\") }}",
    b"{{",
    b"}}",
    b"'",
    b"''",
    b"\"",
    b"'''",
    b"<a b='",
    b"]]>",
    b"../",
    b"%2e%2e%2f",
    b"\r\nx: y",
    b"$..*",
    b"$[?@.a == 'b']",
    b"((((a*)*)*)*)*",
    b"\\w{1000}{1000}",
    b"[[write]]\n",
    b"[[[[[[[[[[[[[[[[",
    b"{ a = { a = { a = ",
    b"1e999",
    b"99999999999999999999999999",
    b"{\"people\":[{\"id\":17,\"mail\":\"ana@contoso.com\"}]}",
    b"{\"seats\":[{\"id\":9,\"person\":17,\"status\":\"FREED\"}]}",
    b"{\"seats\":[]}",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\0",
    b"\xf0\x9f\x92\xa9",
];

/// Of a target, by its name.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let texts = presets::names().filter_map(presets::text);
    match target {
        "connector_file" => texts.map(|text| text.as_bytes().to_vec()).collect(),
        "template" => {
            let quoted = texts.flat_map(str::lines).filter(|line| line.contains("{{"));
            let mut values = ["a/b?c#d", "o'neil", "..", "", "\r\nx: y", "<&>\"'"].into_iter().cycle();
            quoted
                .filter_map(|line| Some(line.split_once('=')?.1.trim().trim_matches(['"', '\''])))
                .zip(0_u8..=u8::MAX)
                .map(|(text, n)| format!("{}{text}\0{}", char::from(n % 6), values.next().unwrap_or("v")))
                .map(String::into_bytes)
                .collect()
        }
        _ => {
            let fits: [&[u8]; 4] = [
                b"\0\0\0\0",
                // Everything is honest but the answer to the write, and the reading after it.
                b"\0\0\x01\x00\x00\0\0",
                b"\0\0\0\x01\x00\x10{\"seats\": []}   ",
                b"\x15\x02\x06<html>\x01\xe0\x05{\"peo",
            ];
            fits.iter().map(|bytes| bytes.to_vec()).collect()
        }
    }
}

/// The same with some changes.
fn mutated(seed: &[u8], dice: &mut impl Rng) -> Vec<u8> {
    const LONGEST: usize = 64 * 1024;
    let mut bytes = seed.to_vec();
    for _ in 0..dice.random_range(1..8) {
        let at = dice.random_range(0..=bytes.len());
        let end = (at + dice.random_range(0..40)).min(bytes.len());
        match dice.random_range(0..7) {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let part = bytes[at..end].to_vec();
                let times = dice.random_range(1..60);
                bytes.splice(at..at, part.repeat(times));
            }
            2 => {
                let piece = PIECES.choose(dice).copied().unwrap_or_default();
                bytes.splice(at..end, piece.iter().copied());
            }
            3 => {
                let piece = PIECES.choose(dice).copied().unwrap_or_default();
                bytes.splice(at..at, piece.repeat(dice.random_range(1..200)));
            }
            4 => bytes.iter_mut().skip(at).take(end - at).for_each(|byte| *byte = dice.random()),
            5 => bytes.truncate(at),
            _ => {
                let noise: Vec<u8> = (0..dice.random_range(0..64)).map(|_| dice.random()).collect();
                bytes.splice(at..at, noise);
            }
        }
        bytes.truncate(LONGEST);
    }
    bytes
}
