//! Where secrets may stand in a text, whether it can be parsed or not, so that an error doesn't show them.

use super::source::{Place, Source};
use regex::Regex;

/// On a line that names a secret: any literal but a name or an id, quoted or not, finished or not.
const LITERAL: &str = r#"(?x)
    (?: \b (?: env | client_id ) \s* = \s* (?: "[^"\n]*"? | '[^'\n]*'? ) )
  | (?<literal> "[^"\n]*"? | '[^'\n]*'? )
  | = \s* (?<bare> [^\s"'\{\[\#,=] [^\s,\}\]]* )
"#;

const NAMES_A_SECRET: &str = r"(?i)secr|certif|credential|passw|token|_key|pem|whsec_";

/// The places of what may be a literal secret in this source, which has this index.
pub(super) fn literal_secrets(index: usize, source: &Source) -> Vec<Place> {
    let (Ok(literal), Ok(names_a_secret)) = (Regex::new(LITERAL), Regex::new(NAMES_A_SECRET)) else {
        return vec![Place::new(index, 0..source.text.len())];
    };
    let mut start = 0;
    let mut places = Vec::new();
    for line in source.text.split_inclusive('\n') {
        if names_a_secret.is_match(line) {
            for found in literal.captures_iter(line) {
                // Unquoted, it is a slip in a file; in an app setting it may be the name that `…__ENV` gives.
                let bare = found.name("bare").filter(|_| !source.is_setting);
                if let Some(secret) = found.name("literal").or(bare) {
                    places.push(Place::new(index, start + secret.start()..start + secret.end()));
                }
            }
        }
        start += line.len();
    }
    places
}

/// A key whose value is a secret, or that is named as if it were: its value is never shown in an error.
pub(super) fn names_a_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    ["secr", "certif", "credential", "passw", "token", "_key", "pem"].iter().any(|part| key.contains(part))
}

#[cfg(test)]
#[path = "redact_tests.rs"]
mod tests;
