//! All that stands is called off by a person's word, once publishing is off.

use super::play::*;
use super::rounds::{Rounds, open, three};
use crate::jobs::operate::operator::OperatorError;
use crate::jobs::publish::withdraw::{self, Withdrawal};
use crate::jobs::publish::{sync, work};
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{contoso, minutes};
use crate::lms::RosterReach;
use crate::publishing::policy::PublishState;
use crate::publishing::testing::session;

fn word(mails: u64) -> Withdrawal {
    Withdrawal { mails, by: "Kim".into(), reason: "another tool does it".into() }
}

/// Three are invited, and publishing is off.
async fn off() -> Rounds {
    let mut rounds = open(RosterReach::All, |_| {}).await;
    rounds.shows(&[session(10)], &three());
    rounds.rounds(15).await;
    assert_eq!(rounds.mailed().len(), 2);
    rounds.configured(|publish| publish.publisher.policy.state = PublishState::Off).await;
    rounds
}

async fn asked(rounds: &Rounds, mails: u64) -> Result<usize, OperatorError> {
    withdraw::ask(&rounds.world.app, &contoso(), &word(mails)).await.map(|found| found.events)
}

#[tokio::test(start_paused = true)]
async fn what_was_published_is_called_off_as_often_as_was_shown() {
    let rounds = off().await;
    let shown = withdraw::show(&rounds.world.app, &contoso()).await.unwrap();
    // The organization's calendar has it, too, and nobody is mailed about that.
    assert_eq!((shown.sessions, shown.events, shown.mails), (1, 4, 3));
    rounds.rounds(15).await;
    assert_eq!(rounds.mailed(), [], "off leaves what stands");
    assert!(matches!(asked(&rounds, 2).await, Err(OperatorError::Conflict(_))), "more than was shown");
    assert_eq!(asked(&rounds, 3).await.unwrap(), 4);
    rounds.rounds(3).await;
    let all = [to("ana", "cancelled"), to("ben", "cancelled"), to("cem", "cancelled")];
    assert_eq!(rounds.mailed(), all);
    assert_eq!(rounds.world.graph.published(), []);
    assert!(matches!(asked(&rounds, 3).await, Err(OperatorError::Conflict(_))), "nothing stands any more");
    rounds.rounds(30).await;
    assert_eq!(rounds.mailed(), []);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_withdrawn_that_would_be_made_again_and_publishing_anew_waits_for_a_person() {
    let mut rounds = open(RosterReach::All, |_| {}).await;
    assert!(matches!(asked(&rounds, 3).await, Err(OperatorError::Conflict(_))), "publishing is on");
    rounds.configured(|publish| publish.publisher.policy.state = PublishState::Off).await;
    asked(&rounds, 1).await.unwrap();
    // Somebody has thought better of it before it was done.
    rounds.configured(|publish| publish.publisher.policy.state = PublishState::On).await;
    rounds.rounds(15).await;
    assert_eq!(rounds.mailed(), []);
    rounds.configured(|publish| publish.publisher.policy.state = PublishState::Off).await;
    rounds.rounds(4).await;
    assert_eq!(rounds.mailed(), [], "that word is over");
    asked(&rounds, 1).await.unwrap();
    rounds.rounds(4).await;
    assert_eq!(rounds.mailed(), [to("ana", "cancelled")]);
    rounds.configured(|publish| publish.publisher.policy.state = PublishState::On).await;
    rounds.rounds(20).await;
    assert_eq!((rounds.mailed(), rounds.alerts().await), (vec![], vec!["publish-held 1".to_owned()]));
    rounds.confirm(None).await;
    rounds.rounds(4).await;
    assert_eq!(rounds.mailed(), [to("ana", "invited")]);
}

/// Somebody publishes between two rounds.
#[tokio::test(start_paused = true)]
async fn a_word_is_about_no_more_people_than_were_shown() {
    let rounds = off().await;
    asked(&rounds, 3).await.unwrap();
    tell(&rounds.world, &session(10), &["ana", "ben", "cem", "dee"].map(held)).await;
    run(&rounds.world).await;
    assert_eq!(rounds.mailed(), [to("dee", "invited")]);
    rounds.rounds(4).await;
    assert_eq!(rounds.mailed(), []);
    assert!(matches!(asked(&rounds, 3).await, Err(OperatorError::Conflict(_))), "more than was shown");
    asked(&rounds, 4).await.unwrap();
    rounds.rounds(4).await;
    assert_eq!(rounds.mailed(), ["ana", "ben", "cem", "dee"].map(|name| to(name, "cancelled")));
}

#[tokio::test(start_paused = true)]
async fn killed_at_any_write_nobody_is_mailed_twice_and_nothing_is_left() {
    for n in 0..40 {
        for death in [Death::Before(n), Death::After(n)] {
            let mut rounds = off().await;
            asked(&rounds, 3).await.unwrap();
            rounds.world.clock.advance(minutes(5));
            let app = &rounds.world.app;
            let whole = async {
                for message in sync::plan(app, None).await.unwrap() {
                    work::work(app, &message).await.unwrap();
                }
            };
            let done = rounds.world.tables.killed(death, whole).await.is_some();
            rounds.world.restart().await;
            rounds.rounds(4).await;
            assert_eq!(rounds.mailed().len(), 3, "{death:?}");
            assert_eq!(rounds.world.graph.published(), [], "{death:?}");
            if done && matches!(death, Death::After(_)) {
                assert!(n > 5, "it writes {n} times");
                return;
            }
        }
    }
    panic!("it comes to no end");
}
