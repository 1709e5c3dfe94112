//! Safe by default, and what the policies do to people who declined nothing.

use super::*;
use crate::config::warnings::warnings;
use crate::enrolment::policy::{Policy, PolicyMode, WeakPolicy};

fn told(toml: &str) -> (String, Vec<String>) {
    let config = read(toml).unwrap_or_else(|errors| panic!("{errors}"));
    (describe(&meaning(toml)).to_string(), removals_only(&config))
}

#[test]
fn nothing_is_cancelled_until_somebody_wrote_that_it_shall_be() {
    let config = read(&minimal("")).unwrap();
    let policy = &tenant(&config).policy;
    assert_eq!(
        (policy.mode, policy.removed, policy.unseen),
        (PolicyMode::Observe, WeakPolicy::Review, WeakPolicy::Review)
    );
    let written = read(&minimal("mode = 'act'\nunseen = 'cancel'")).unwrap();
    let policy = &tenant(&written).policy;
    assert_eq!((policy.mode, policy.unseen), (PolicyMode::Act, WeakPolicy::Cancel));
    // A section that is left out means the same as an empty one.
    let without = minimal("").replace("[tenant.contoso.policy]", "");
    assert_eq!(format!("{:?}", tenant(&read(&without).unwrap()).policy), format!("{:?}", Policy::default()));
}

#[test]
fn what_the_policies_do_to_who_declined_nothing_is_said_in_words() {
    let asked = |toml: String| toml.replace("all = true }", "all = true }\norganizers = ['l@contoso.com']");
    let organizer = |toml: String| asked(toml).replace("mailboxes", "mode = 'organizer'\nmailboxes");
    let cases = [
        (
            minimal(""),
            [
                "A learner merely deletes the item: it looks again for 30m; then it asks a person, because \
                 no organizer's",
                "A clean-up of old mail takes the item away: nobody can tell that from a learner who deletes \
                 it",
                "cancels by mail from outside: a cancelled copy that was seen in the calendar is written \
                 down",
            ],
        ),
        (
            asked(minimal("mode = 'act'\nremoved = 'ignore'\nunseen = 'cancel'")),
            [
                "and shows no decline, it does nothing; where there is none to ask, it cancels the place.",
                "A clean-up of old mail takes the item away",
                "one that was gone before it was seen counts as deleted, so it cancels the place.",
            ],
        ),
        (
            minimal("unseen = 'cancel'"),
            [
                "then it writes down that the place would be cancelled",
                "A clean-up of old mail",
                "counts as deleted, so it writes down that the place would be cancelled.",
            ],
        ),
        (
            organizer(minimal("mode = 'act'\nunseen = 'cancel'")),
            [
                "Whoever merely deletes the item keeps the place",
                "whoever's old mail is cleaned up",
                "A cancellation that came as mail from outside is not seen",
            ],
        ),
    ];
    for (toml, sentences) in cases {
        let (said, _) = told(&toml);
        for sentence in sentences {
            assert!(said.contains(sentence), "wanted: {sentence}\nsaid: {said}");
        }
    }
}

#[test]
fn a_warning_tells_where_a_plain_delete_would_cancel() {
    let asked = |toml: String| toml.replace("all = true }", "all = true }\norganizers = ['l@contoso.com']");
    let organizer = |toml: String| asked(toml).replace("mailboxes", "mode = 'organizer'\nmailboxes");
    let both = "mode = 'act'\nremoved = 'cancel'\nunseen = 'cancel'";
    for (toml, warned) in [
        (minimal(""), None),
        (minimal("mode = 'act'"), None),
        (minimal("mode = 'act'\nunseen = 'ignore'"), None),
        (
            minimal("mode = 'act'\nunseen = 'cancel'"),
            Some("policy.unseen = \"cancel\", whoever merely deletes"),
        ),
        (minimal("unseen = 'cancel'"), Some("would lose the place, once policy.mode is \"act\"")),
        (minimal("mode = 'act'\nremoved = 'cancel'"), None),
        (asked(minimal("mode = 'act'\nremoved = 'cancel'")), Some("with policy.removed = \"cancel\"")),
        (asked(minimal(both)), Some("with policy.removed and policy.unseen = \"cancel\"")),
        // Nobody's own calendar is read there.
        (organizer(minimal(both)), None),
    ] {
        let (_, warnings) = told(&toml);
        match warned {
            None => assert_eq!(warnings, Vec::<String>::new(), "{toml}"),
            Some(words) => {
                assert_eq!(warnings.len(), 1, "{toml}");
                assert!(
                    warnings[0].starts_with("tenant contoso: ") && warnings[0].contains(words),
                    "{warnings:?}"
                );
            }
        }
    }
}

/// Without what is said of settings that have no effect.
fn removals_only(config: &Config) -> Vec<String> {
    warnings(&config.tenants).into_iter().filter(|one| !one.contains("has no effect")).collect()
}
