//! What a person, or something else, takes out of an organizer's calendar: one by one, and in number.

use super::play::*;
use super::rounds::{Rounds, open};
use crate::config::Publish;
use crate::graph::GraphError;
use crate::graph::port::AutomaticReplies;
use crate::jobs::operate::operator::OperatorError;
use crate::jobs::operate::publish_json::Again;
use crate::jobs::publish::again::{self, Named, Wanted};
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{ORGANIZER, World, address, contoso, minutes, user};
use crate::ledger::alerts::{self, AlertKind};
use crate::lms::RosterReach;
use crate::messages::{ChangeType, Hint};
use crate::publishing::event_key::Invitation;
use crate::publishing::testing::session;
use crate::publishing::written::Stand;
use crate::sessions::place_record::PlaceRecord;
use chrono::Duration;
use std::collections::BTreeSet;

const EIGHT: [&str; 8] = ["ana", "ben", "cem", "dan", "eva", "fay", "gus", "hal"];

fn of(names: &[&str]) -> Vec<PlaceRecord> {
    names.iter().map(|name| held(name)).collect()
}

/// Eight are invited, and what is in the calendars is known.
async fn eight(change: impl FnOnce(&mut Publish)) -> Rounds {
    let rounds = open(RosterReach::All, change).await;
    for name in EIGHT {
        rounds.world.graph.hire(name);
        rounds.world.know(&contoso(), name).await;
    }
    rounds.shows(&[session(10)], &of(&EIGHT));
    rounds.rounds(15).await;
    assert_eq!(rounds.mailed().len(), 7);
    for name in EIGHT {
        let copy = rounds.world.graph.invitations(name).pop().unwrap().id;
        let change = ChangeType::Created;
        rounds.world.observe(&[Hint::Changed { mailbox: user(name), event: copy, change }]).await;
    }
    rounds.world.follow().await;
    rounds
}

/// Whoever is at the organizer's mailbox calls the events of these off; every notification of it arrives, the
/// learners' first.
async fn vanish(rounds: &Rounds, names: &[&str]) {
    let world = &rounds.world;
    let copies: Vec<_> = names.iter().map(|name| (*name, world.graph.invitations(name))).collect();
    for event in world.graph.published() {
        if names.iter().any(|name| event.attendees[0].address == address(name)) {
            world.graph.cancel_by_hand(&event.id);
        }
    }
    let hints = copies.into_iter().flat_map(|(name, copies)| {
        copies.into_iter().map(move |copy| Hint::Changed {
            mailbox: user(name),
            event: copy.id,
            change: ChangeType::Deleted,
        })
    });
    world.observe(&hints.collect::<Vec<_>>()).await;
    world.clock.advance(minutes(1));
    world.follow().await;
}

async fn step(world: &World, kind: &str) -> String {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().find(|alert| alert.kind == *kind).expect("it is open").step
}

fn learning() -> Named {
    Named { organizer: Some(address(ORGANIZER)), ..Named::default() }
}

async fn shown(world: &World, named: Named) -> Again {
    again::show(&world.app, &contoso(), named).await.unwrap()
}

fn word(named: Named, mails: u64) -> Wanted {
    let Named { session, learner, organizer } = named;
    Wanted { session, learner, organizer, leave: false, mails, by: "Kim".into(), reason: "by mistake".into() }
}

async fn says(world: &World, word: &Wanted) -> Result<Again, OperatorError> {
    again::ask(&world.app, &contoso(), word).await
}

/// No learner has lost anything, and nothing waits for anybody to judge it.
async fn assert_no_place_was_touched(rounds: &Rounds) {
    rounds.world.pass(minutes(300)).await;
    for name in EIGHT {
        assert_eq!(rounds.world.lms.cancelled(name, 4711), 0, "{name}");
    }
    let open = rounds.alerts().await;
    assert!(!open.iter().any(|one| one.starts_with("review") || one.starts_with("expired")), "{open:?}");
}

#[tokio::test(start_paused = true)]
async fn one_that_a_person_calls_off_is_no_decline_is_told_and_is_made_again_when_somebody_says_so() {
    let rounds = eight(|_| {}).await;
    let world = &rounds.world;
    vanish(&rounds, &["ben"]).await;
    assert_no_place_was_touched(&rounds).await;
    rounds.rounds(15).await;
    assert_eq!(rounds.mailed(), []);
    assert_eq!(rounds.alerts().await, ["event-taken-away 1"]);
    assert!(step(world, "event-taken-away").await.contains("4711 (First aid)"));
    assert!(matches!(written(world, "ben").await.stand, Stand::TakenAway { .. }));
    // It holds up nothing else.
    rounds.shows(&[session(14)], &of(&EIGHT));
    rounds.rounds(20).await;
    assert_eq!(rounds.mailed().len(), 7);
    let found = shown(world, Named::default()).await;
    assert_eq!((found.events, found.mails, found.of.len()), (1, 1, 1));
    let ben = || Named {
        session: Some(the_session()),
        learner: Some("ben@contoso.com".into()),
        ..Named::default()
    };
    let ana = Named { learner: Some("ana@contoso.com".into()), ..ben() };
    assert!(matches!(says(world, &word(ana, 1)).await, Err(OperatorError::Conflict(_))), "she has hers");
    assert!(matches!(says(world, &word(ben(), 0)).await, Err(OperatorError::Conflict(_))), "more than said");
    assert!(matches!(says(world, &word(Named::default(), 1)).await, Err(OperatorError::Wrong(_))));
    assert_eq!(says(world, &word(ben(), 1)).await.unwrap().events, 0);
    rounds.rounds(3).await;
    assert_eq!(rounds.mailed(), [to("ben", "invited")]);
    assert_eq!(written(world, "ben").await.invitation, Invitation(2));
    // Once more by hand: that is told again.
    alerts::acknowledge(&world.app.ledger, &contoso(), AlertKind::EventTakenAway, "Kim").await.unwrap();
    world.follow().await;
    vanish(&rounds, &["ben"]).await;
    rounds.rounds(15).await;
    assert_eq!(rounds.alerts().await, ["event-taken-away 1"]);
    // What his copy of the new invitation would say counts as ever.
    says(world, &word(ben(), 1)).await.unwrap();
    rounds.rounds(3).await;
    assert_eq!(rounds.mailed(), [to("ben", "invited")]);
    world.clock.advance(minutes(1));
    let copy = world.graph.decline_published("ben");
    let change = ChangeType::Updated;
    world.observe(&[Hint::Changed { mailbox: user("ben"), event: copy, change }]).await;
    world.pass(minutes(120)).await;
    assert_eq!(world.lms.cancelled("ben", 4711), 1);
}

#[tokio::test(start_paused = true)]
async fn many_at_once_stop_the_calendar_with_one_alert_and_touch_no_place() {
    let until = crate::jobs::testing::noon() + Duration::days(2);
    for (replies, cause) in [
        (None, "the cause: not known"),
        (Some(AutomaticReplies::Off), "the cause: not known"),
        (Some(AutomaticReplies::Until(until)), "an absence can decline and cancel"),
    ] {
        let rounds = eight(|_| {}).await;
        let world = &rounds.world;
        world.graph.state.lock().unwrap().replies = replies;
        vanish(&rounds, &EIGHT[..6]).await;
        assert_no_place_was_touched(&rounds).await;
        // Somebody new, and another time: nothing of it is written there.
        world.graph.hire("ida");
        let session = session(14);
        rounds.shows(&[session], &[of(&EIGHT), of(&["ida"])].concat());
        rounds.rounds(40).await;
        assert_eq!(rounds.mailed(), []);
        assert_eq!(rounds.alerts().await, ["organizer-calendar 1"]);
        let told = step(world, "organizer-calendar").await;
        assert!(told.contains(cause) && told.contains("6 of 8 events are gone"), "{told}");
        // The organization's calendar is another.
        assert_eq!(world.graph.published_in("calendar").len(), 1);
        let found = shown(world, learning()).await;
        assert_eq!((found.events, found.mails, found.stopped.len()), (6, 6, 1));
        assert_eq!(shown(world, Named::default()).await.events, 0, "a word of its own is needed");
        assert!(matches!(says(world, &word(learning(), 5)).await, Err(OperatorError::Conflict(_))));
        says(world, &word(learning(), 6)).await.unwrap();
        rounds.rounds(20).await;
        let mails = rounds.mailed();
        let of = |why| mails.iter().filter(|mail| mail.1 == why).count();
        assert_eq!((mails.len(), of("invited"), of("changed")), (9, 7, 2), "{mails:?}");
        assert_eq!(rounds.alerts().await, Vec::<String>::new());
        assert!(matches!(says(world, &word(learning(), 6)).await, Err(OperatorError::Conflict(_))));
        rounds.rounds(80).await;
        assert_eq!(rounds.mailed(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_left_at_that_is_taken_away_and_the_rest_goes_on() {
    let rounds = eight(|_| {}).await;
    let world = &rounds.world;
    vanish(&rounds, &EIGHT[..6]).await;
    rounds.shows(&[session(14)], &of(&EIGHT));
    rounds.rounds(30).await;
    let leave = Wanted { leave: true, ..word(learning(), 0) };
    says(world, &leave).await.unwrap();
    rounds.rounds(20).await;
    assert_eq!(rounds.mailed(), [to("gus", "changed"), to("hal", "changed")]);
    assert_eq!(rounds.alerts().await, ["event-taken-away 6"]);
    assert_no_place_was_touched(&rounds).await;
}

/// The person has them back from Deleted Items, before or after anybody says anything.
#[tokio::test(start_paused = true)]
async fn what_is_put_back_is_taken_as_it_is() {
    for (gone, says_so) in [(1, false), (6, true), (6, false)] {
        let rounds = eight(|_| {}).await;
        let world = &rounds.world;
        let before = world.graph.published();
        vanish(&rounds, &EIGHT[..gone]).await;
        for event in before {
            world.graph.put(ORGANIZER, event);
        }
        match (gone, says_so) {
            (6, true) => drop(says(world, &word(learning(), 6)).await.unwrap()),
            (6, false) => {
                drop(says(world, &Wanted { leave: true, ..word(learning(), 0) }).await.unwrap());
            }
            _ => {}
        }
        rounds.rounds(20).await;
        assert_eq!((rounds.mailed(), rounds.alerts().await), (vec![], Vec::new()), "{gone} {says_so}");
        assert_eq!(world.graph.published().len(), 8);
        assert_eq!(written(world, "ana").await.stand, Stand::Stands);
        assert_eq!(written(world, "ana").await.missing, None);
    }
}

/// Nobody notices it by a notification: calendars are compared a few times a day.
#[tokio::test(start_paused = true)]
async fn a_comparison_finds_what_no_notification_told() {
    let rounds = eight(|_| {}).await;
    let world = &rounds.world;
    let calls = |world: &World| world.graph.all_calls().get("calendar_view").copied().unwrap_or_default();
    calls(world);
    rounds.rounds(12 * 24).await;
    // Two calendars, four times; each message comes twice.
    assert_eq!(calls(world), 16);
    for event in world.graph.published().into_iter().take(2) {
        world.graph.take_away(&event.id);
    }
    rounds.rounds(12 * 7).await;
    assert_eq!((rounds.mailed(), rounds.alerts().await), (vec![], vec!["event-taken-away 2".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_lost_mailbox_has_lost_no_event() {
    let failure = crate::jobs::testing::graph::failure;
    for (failure, clears) in [
        (GraphError::NoMailbox(failure()), false),
        (GraphError::Refused(failure()), false),
        (GraphError::NoMailbox(failure()), true),
        (GraphError::Refused(failure()), true),
    ] {
        let rounds = eight(|_| {}).await;
        let world = &rounds.world;
        world.graph.set_failure(ORGANIZER, Some(failure));
        // Learners' copies are cleared away, as whoever gives a mailbox up may do.
        for name in EIGHT.iter().filter(|_| clears) {
            let copies = world.graph.invitations(name);
            for copy in copies {
                world.graph.remove_event(name, &copy.id);
                let change = ChangeType::Deleted;
                world.observe(&[Hint::Changed { mailbox: user(name), event: copy.id, change }]).await;
            }
        }
        rounds.shows(&[session(14)], &of(&EIGHT));
        rounds.rounds(12 * 7).await;
        world.pass(minutes(300)).await;
        for name in EIGHT {
            assert_eq!(world.lms.cancelled(name, 4711), 0, "{name}");
            let row = written(world, name).await;
            assert_eq!((row.stand, row.missing), (Stand::Stands, None), "{name}");
        }
        assert_eq!(rounds.mailed(), []);
        assert!(rounds.alerts().await.contains(&"organizer-calendar 1".to_owned()));
        world.graph.set_failure(ORGANIZER, None);
        rounds.rounds(12 * 7).await;
        // Where copies are gone and nobody could tell why, a person judges each first.
        assert_eq!(rounds.mailed().len(), if clears { 0 } else { 8 });
        assert!(!rounds.alerts().await.contains(&"organizer-calendar 1".to_owned()));
    }
}

/// A learner who has declined, and one who has no place any more, are not invited again.
#[tokio::test(start_paused = true)]
async fn nobody_is_invited_again_who_is_not_wanted_any_more() {
    let rounds = eight(|_| {}).await;
    let world = &rounds.world;
    world.clock.advance(minutes(1));
    let copy = world.graph.decline_published("ana");
    let change = ChangeType::Updated;
    world.observe(&[Hint::Changed { mailbox: user("ana"), event: copy, change }]).await;
    vanish(&rounds, &EIGHT[1..]).await;
    rounds.shows(&[session(10)], &[vec![cancelled("ben")], of(&EIGHT[2..]), of(&["ana"])].concat());
    rounds.rounds(15).await;
    let found = shown(world, learning()).await;
    assert_eq!((found.events, found.unwanted), (6, 1));
    says(world, &word(learning(), 6)).await.unwrap();
    rounds.rounds(30).await;
    let invited: BTreeSet<String> = rounds.mailed().into_iter().map(|mail| mail.0).collect();
    assert_eq!(invited, EIGHT[2..].iter().map(|name| (*name).to_owned()).collect());
}

/// Wherever the look, or the person's word, is killed.
#[tokio::test(start_paused = true)]
async fn killed_anywhere_it_stops_once_and_is_made_again_once() {
    let mut deaths = 0;
    for n in 0.. {
        let mut unharmed = 0;
        for death in [Death::Before(n), Death::After(n)] {
            let mut rounds = eight(|_| {}).await;
            for event in rounds.world.graph.published().into_iter().take(6) {
                rounds.world.graph.cancel_by_hand(&event.id);
            }
            let message =
                crate::messages::Sessions::of(contoso(), crate::messages::SessionsTask::Calendars, vec![]);
            let work = crate::jobs::publish::work::work(&rounds.world.app, &message);
            unharmed += usize::from(rounds.world.tables.killed(death, work).await.is_some());
            rounds.world.restart().await;
            // Its message comes again.
            crate::jobs::publish::work::work(&rounds.world.app, &message).await.unwrap();
            rounds.rounds(12 * 7).await;
            assert_eq!(rounds.mailed(), [], "{death:?}");
            assert_eq!(rounds.alerts().await, ["organizer-calendar 1"], "{death:?}");
            let word = word(learning(), 6);
            let asked = says(&rounds.world, &word);
            unharmed += usize::from(rounds.world.tables.killed(death, asked).await.is_some());
            rounds.world.restart().await;
            let left = shown(&rounds.world, learning()).await;
            if left.events > 0 || !left.stopped.is_empty() {
                says(&rounds.world, &word).await.unwrap();
            }
            // What was left of the alert ends with the next comparison.
            rounds.rounds(12 * 7).await;
            let mails = rounds.mailed();
            assert_eq!(mails.len(), 6, "{death:?} {mails:?}");
            assert!(mails.iter().all(|mail| mail.1 == "invited"), "{death:?} {mails:?}");
            assert_eq!(rounds.alerts().await, Vec::<String>::new(), "{death:?}");
            rounds.world.assert_sound(&format!("{death:?}"));
        }
        if unharmed == 4 {
            break;
        }
        deaths += 4 - unharmed;
    }
    assert!(deaths >= 30, "{deaths}");
}
