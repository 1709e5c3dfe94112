//! Ids as Exchange makes them: URL-safe Base64, case-sensitive. Every second immutable id of a mailbox
//! differs from the one before it in the case of one letter, or in `-` against `_`, so that whoever compares
//! or stores them loosely is found out.

use chrono::{DateTime, Utc};
use rand::{Rng, SeedableRng, rngs::StdRng};
use uuid::Uuid;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The one source of chance in the world: the same seed gives the same ids.
#[derive(Debug)]
pub struct Mint(StdRng);

/// What a mailbox remembers, so that its next id may be the near-twin of the last.
#[derive(Debug, Clone, Default)]
pub struct Twin {
    last: Option<String>,
    made: u32,
}

impl Mint {
    pub fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    pub fn uuid(&mut self) -> Uuid {
        uuid::Builder::from_random_bytes(self.0.random()).into_uuid()
    }

    fn text(&mut self, length: usize) -> String {
        (0..length)
            .filter_map(|_| ALPHABET.get(self.0.random_range(0..ALPHABET.len())))
            .map(|byte| char::from(*byte))
            .collect()
    }

    pub fn immutable(&mut self, twin: &mut Twin) -> String {
        twin.made += 1;
        match twin.last.take() {
            Some(last) if twin.made.is_multiple_of(4) => last.replacen("q-Q", "q_Q", 1),
            Some(last) => last.replacen("q-Q", "Q-Q", 1),
            None => {
                let id =
                    format!("AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A{}q-Q{}AAA=", self.text(22), self.text(6));
                twin.last = Some(id.clone());
                id
            }
        }
    }

    pub fn mutable(&mut self) -> String {
        format!(
            "AAMkADlhNjJjN2M1LTJiYWUtNGVhMS04ODEzLTRjNDlmYmZkYWMyYQBGAAAAAAA2{}AAENAAAX{}AAA=",
            self.text(22),
            self.text(22)
        )
    }

    pub fn calendar(&mut self) -> String {
        format!("AAMkADlhNjJjN2M1LTJiYWUtNGVhMS04ODEzLTRjNDlmYmZkYWMyYQBG{}AAA=", self.text(20))
    }
}

/// The id of an occurrence: stable, made of its master's and its original start. Its real form is not
/// documented.
pub fn occurrence(master: &str, start: DateTime<Utc>) -> String {
    format!("{}o{:x}", master.trim_end_matches('='), start.timestamp())
}

#[cfg(test)]
#[path = "ids_tests.rs"]
mod tests;
