//! Where secrets may stand in a text that can't be parsed, so that a syntax error doesn't show them.

use super::source::Place;
use regex::Regex;

/// On a line that names a secret: any literal but an app setting's name, quoted or not, finished or not.
const LITERAL: &str = r#"(?x)
    (?: \b env \s* = \s* (?: "[^"\n]*"? | '[^'\n]*'? ) )
  | (?<literal> "[^"\n]*"? | '[^'\n]*'? )
  | = \s* (?<bare> [^\s"'\{\[\#,=] [^\s,\}\]]* )
"#;

const NAMES_A_SECRET: &str = r"(?i)secr|certif|credential|passw|token|_key|pem|whsec_";

/// Places in source 0.
pub(super) fn literal_secrets(text: &str) -> Vec<Place> {
    let (Ok(literal), Ok(names_a_secret)) = (Regex::new(LITERAL), Regex::new(NAMES_A_SECRET)) else {
        return vec![Place::new(0, 0..text.len())];
    };
    let mut start = 0;
    let mut places = Vec::new();
    for line in text.split_inclusive('\n') {
        if names_a_secret.is_match(line) {
            for found in literal.captures_iter(line) {
                let name = found.name("bare").filter(|bare| !bare.as_str().starts_with("env"));
                if let Some(secret) = found.name("literal").or(name) {
                    places.push(Place::new(0, start + secret.start()..start + secret.end()));
                }
            }
        }
        start += line.len();
    }
    places
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::*;

    #[test]
    fn literals_of_secrets_are_masked_and_names_are_not() {
        for (line, masked) in [
            ("client_secret = \"hunter2\"", "client_secret = *********"),
            ("client_secret = hunter2", "client_secret = *******"),
            ("secret = 'hunter2", "secret = ********"),
            ("a = 1\nsecret = [\"x\", 'y']", "a = 1\nsecret = [***, ***]"),
            ("credential = { client_secret = { env = \"NAME\" }", "credential = { client_secret = { env = \"NAME\" }"),
            ("grace = \"5m\"", "grace = \"5m\""),
        ] {
            let mut source = Source::file("f", line);
            for place in literal_secrets(line) {
                source.mask(place.start(), place.len());
            }
            assert_eq!(source.text, masked);
        }
    }
}
