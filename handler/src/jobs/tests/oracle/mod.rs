//! An independent oracle: what the ledger must say, worked out from what truly happened and from
//! reference/judging.md#verdicts and reference/rules.md#states, and not from the code that is held against
//! it.
//!
//! - [`calendar`]: the truth: acts, copies, response mails.
//! - [`evidence`]: what a look at it means, row by row.
//! - [`model`]: the ledger of one place; [`allowed`]: all ledgers that chance allows.
//! - [`history`]: what may happen, for proptest to choose from.
//! - [`parts`]: several items for one place.
//! - [`play`]: both worlds side by side; [`stories`]: what that has found.
//!
//! `PROPTEST_CASES` says how many cases each property tries. One that fails says the seed of the failing case
//! and how to play it again ([`crate::replay`]); what it has found becomes a story with a name.

mod allowed;
mod calendar;
mod evidence;
mod history;
mod model;
mod parts;
mod play;
mod stories;
mod stories_of_giving_back;

use crate::enrolment::policy::PartPolicy;
use crate::jobs::testing::stores;
use crate::replay;
use history::{calm, history, killed, raced, taken_back};
use proptest::prelude::*;
use regex::Regex;
use std::sync::LazyLock;

/// Cases per run, in memory.
const CASES: u32 = 150;

/// For other stores than memory, too.
pub(super) const ALL: &[fn()] = &[
    the_ledger_is_what_the_rules_say,
    the_ledger_is_what_the_rules_say_wherever_a_worker_is_killed,
    the_ledger_is_what_the_rules_say_whoever_comes_first,
    who_accepts_again_is_given_back_what_the_rules_say,
    who_accepts_again_is_given_it_back_once_wherever_a_worker_is_killed,
    who_accepts_again_is_given_it_back_once_whoever_comes_first,
    several_items_for_one_place_speak_together,
    any_declined_item_decides,
];

fn uid_of_a_session() -> Regex {
    static UID: LazyLock<Regex> =
        LazyLock::new(|| r"^lms-(?<session>\d+)\.\d+@contoso\.com$".parse().unwrap());
    UID.clone()
}

fn cases() -> ProptestConfig {
    replay::cases(stores::cases(CASES))
}

fn run(test: impl Future<Output = Result<(), TestCaseError>>) -> Result<(), TestCaseError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(test)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_ledger_is_what_the_rules_say(history in history(calm, 10)) {
        run(play::play(&history))?;
    }

    #[test]
    fn the_ledger_is_what_the_rules_say_wherever_a_worker_is_killed(history in history(killed, 10)) {
        run(play::play(&history))?;
    }

    #[test]
    fn the_ledger_is_what_the_rules_say_whoever_comes_first(history in history(raced, 10)) {
        run(play::play(&history))?;
    }

    #[test]
    fn who_accepts_again_is_given_back_what_the_rules_say(history in taken_back(calm, 7)) {
        run(play::play(&history))?;
    }

    #[test]
    fn who_accepts_again_is_given_it_back_once_wherever_a_worker_is_killed(history in taken_back(killed, 7)) {
        run(play::play(&history))?;
    }

    #[test]
    fn who_accepts_again_is_given_it_back_once_whoever_comes_first(history in taken_back(raced, 7)) {
        run(play::play(&history))?;
    }

    #[test]
    fn several_items_for_one_place_speak_together(place in parts::place(&[PartPolicy::All,
    PartPolicy::Review])) {
        run(parts::play(&place))?;
    }

    #[test]
    fn any_declined_item_decides(place in parts::place(&[PartPolicy::Any])) {
        run(parts::play(&place))?;
    }
}
