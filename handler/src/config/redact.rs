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

/// In a connector file, a credential may stand under a key that says less.
const NAMES_A_CREDENTIAL: &str =
    r"(?i)secr|certif|credential|passw|token|[_-]key|pem|whsec_|authorization|^\s*(?:value|user)\b";

/// The places of what may be a literal secret in this source, which has this index.
pub(super) fn literal_secrets(index: usize, source: &Source) -> Vec<Place> {
    let names_a_secret = if source.is_connector { NAMES_A_CREDENTIAL } else { NAMES_A_SECRET };
    let (Ok(literal), Ok(names_a_secret)) = (Regex::new(LITERAL), Regex::new(names_a_secret)) else {
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
