//! How long a first publication takes, held against what the mailbox's limits allow.
//!
//! The gate plays a small one. `FIRST_SESSIONS=1000 cargo test --release --workspace --lib publish::first --
//! --nocapture` plays 20,000 invitations, and prints what it came to.

use super::rounds::Rounds;
use crate::lms::RosterReach;
use crate::publishing::budget::SendLimits;
use crate::publishing::testing::{record, session};
use crate::sessions::place_record::{PlaceRecord, RecordState};
use chrono::Duration;

const PEOPLE: u32 = 20;

#[tokio::test(start_paused = true)]
async fn a_first_publication_takes_as_long_as_the_mailbox_must() {
    let sessions = std::env::var("FIRST_SESSIONS").map_or(12, |text| text.parse().unwrap());
    let rounds = Rounds::new(RosterReach::All, |publish| publish.publisher.calendar = None).await;
    let mut all = Vec::new();
    let mut places = Vec::new();
    for number in 0..sessions {
        let id = (5_000 + number).to_string();
        let mut one = session(10);
        one.id = id.as_str().into();
        all.push(one);
        for person in 0..PEOPLE {
            let name = format!("p{person}s{id}");
            rounds.world.graph.hire(&name);
            let record = record(&format!("r-{name}"), &name, RecordState::Held);
            places.push(PlaceRecord { session: id.as_str().into(), ..record });
        }
    }
    rounds.shows(&all, &places);
    rounds.rounds(4).await;
    assert_eq!(rounds.mailed(), [], "the first mails wait for a person");
    rounds.confirm(None).await;
    let (wanted, began) = (sessions * PEOPLE, rounds.world.now());
    let (mut mails, mut last) = (0, began);
    while mails < wanted as usize {
        let before = rounds.world.now();
        for (minute, new) in (1..).zip(rounds.minutes().await) {
            mails += new;
            if new > 0 {
                last = before + Duration::minutes(minute);
            }
        }
        assert!(rounds.world.now() < last + Duration::days(2), "{mails} of {wanted} are mailed");
    }
    assert_eq!(mails, wanted as usize);
    let limits = SendLimits::default();
    let days = i64::from((wanted - 1) / limits.recipients_a_day);
    let rest = wanted - u32::try_from(days).unwrap() * limits.recipients_a_day;
    let ideal = Duration::days(days) + Duration::minutes(i64::from(rest.div_ceil(limits.messages_a_minute)));
    let took = last - began;
    println!(
        "{sessions} sessions, {wanted} invitations: {} minutes, {} at the least by the mailbox's limits",
        took.num_minutes(),
        ideal.num_minutes()
    );
    // Until the next round somebody waits for the word.
    let most = ideal * 6 / 5 + Duration::minutes(5);
    assert!(took <= most, "{} minutes, {} at the most", took.num_minutes(), most.num_minutes());
}
