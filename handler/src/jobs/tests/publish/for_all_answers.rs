//! What is answered to one event for all: it is judged before the list is written, and whoever declined stays
//! listed.

use super::for_all::{all, once_all, run_all};
use super::play::*;
use crate::calendar::event::Answer;
use crate::config::WatchMode;
use crate::enrolment::transitions::State;
use crate::jobs::testing::graph::unavailable;
use crate::jobs::testing::{ORGANIZER, World, address, contoso, minutes, user};
use crate::ledger::{alerts, enrolments, links, mailboxes};
use crate::messages::{ChangeType, EnrolmentRef, Hint};
use crate::publishing::content::listed;
use crate::publishing::event_key::Audience;
use crate::publishing::policy::Chosen;
use crate::publishing::testing::session;
use crate::store::Table;

/// Ana and Ben are invited. Whether a list that is written back loses declines, nobody says.
async fn invited(mode: WatchMode, voids: bool) -> World {
    let world = World::with(|tenant| {
        tenant.watch.mode = mode;
        tenant.publish = Some(super::rounds::publish());
    })
    .await;
    world.graph.publishing(|it| it.voids = voids);
    tell(&world, &session(10), &[held("ana"), held("ben")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), [to("ana", "invited"), to("ben", "invited")]);
    world
}

fn every() -> impl Iterator<Item = (WatchMode, bool)> {
    let modes = [WatchMode::Attendees, WatchMode::Organizer, WatchMode::Both];
    modes.into_iter().flat_map(|mode| [(mode, false), (mode, true)])
}

/// The organizer's copy changed; and the learner's, where that is watched.
async fn hint(world: &World, name: &str, change: ChangeType) {
    let event = world.graph.published().pop().unwrap().id;
    let mut hints = vec![Hint::Organized { organizer: user(ORGANIZER), event }];
    if world.tenant.watch.mode.reads_learners()
        && let Some(copy) = world.graph.invitations(name).pop()
    {
        hints.push(Hint::Changed { mailbox: user(name), event: copy.id, change });
    }
    world.observe(&hints).await;
}

/// Outlook takes the copy away, and nobody has told us.
fn declines_unseen(world: &World, name: &str) {
    let copy = world.graph.decline_published(name);
    world.graph.remove_event(name, &copy);
}

async fn is_listed(world: &World, name: &str) -> bool {
    let row = written_of(world, Audience::Session).await;
    let event = world.graph.published().pop().unwrap();
    let is_there = event.attendees.iter().any(|one| one.address == address(name));
    assert_eq!(row.listed.contains(&listed(&address(name))), is_there);
    is_there
}

#[tokio::test(start_paused = true)]
async fn who_declines_loses_the_place_stays_listed_and_is_invited_anew_when_it_is_given_again() {
    for (mode, voids) in every() {
        let world = invited(mode, voids).await;
        world.graph.decline_published("ana");
        hint(&world, "ana", ChangeType::Updated).await;
        world.pass(minutes(60)).await;
        assert_eq!((world.state("ana", 4711).await, world.lms.cancelled("ana", 4711)), (State::Done, 1));
        tell(&world, &session(10), &[cancelled("ana"), held("ben")]).await;
        run_all(&world).await;
        assert_eq!(mailed(&world), [], "{mode:?} {voids}");
        world.graph.publishing(|it| assert_eq!(it.lists, 0, "nothing is written for it"));
        // Whatever becomes of the list, nobody is mailed about it.
        tell(&world, &session(10), &[cancelled("ana"), held("ben"), held("cem")]).await;
        run_all(&world).await;
        assert_eq!(mailed(&world), [to("cem", "invited")]);
        assert!(is_listed(&world, "ana").await);
        hint(&world, "ana", ChangeType::Updated).await;
        world.pass(minutes(180)).await;
        assert_eq!((world.state("ana", 4711).await, world.lms.cancelled("ana", 4711)), (State::Done, 1));
        // Given again: the copy is gone from the calendar, so there is a new invitation.
        tell(&world, &session(10), &[held("ana"), held("ben"), held("cem")]).await;
        run_all(&world).await;
        assert_eq!(mailed(&world), [to("ana", "cancelled"), to("ana", "invited")], "{mode:?} {voids}");
        run_all(&world).await;
        assert_eq!(mailed(&world), []);
        hint(&world, "ana", ChangeType::Created).await;
        world.pass(minutes(60)).await;
        world.graph.decline_published("ana");
        hint(&world, "ana", ChangeType::Updated).await;
        world.pass(minutes(60)).await;
        assert_eq!(world.lms.cancelled("ana", 4711), 2, "{mode:?} {voids}");
        tell(&world, &session(10), &[cancelled("ana"), held("ben"), held("cem")]).await;
        run_all(&world).await;
        assert_eq!((mailed(&world), is_listed(&world, "ana").await), (vec![], true));
    }
}

/// A decline that nobody was told of stands in the list that is about to be written.
#[tokio::test(start_paused = true)]
async fn a_decline_that_was_not_seen_is_judged_before_the_list_or_the_time_is_written() {
    for (mode, voids) in every() {
        for hour in [10, 14] {
            let world = invited(mode, voids).await;
            declines_unseen(&world, "ana");
            tell(&world, &session(hour), &[held("ana"), held("ben"), held("cem")]).await;
            run_all(&world).await;
            let mut expected = vec![to("cem", "invited")];
            if hour == 14 {
                expected.extend([to("ana", "changed"), to("ben", "changed")]);
            }
            expected.sort();
            assert_eq!(mailed(&world), expected, "{mode:?} {voids}");
            let row = world.row("ana", 4711).await;
            assert!(row.parts.iter().any(|part| part.decline.is_some()), "{mode:?} {voids} {row:?}");
            if hour == 10 {
                world.pass(minutes(60)).await;
                assert_eq!(world.lms.cancelled("ana", 4711), 1, "{mode:?} {voids}");
            }
        }
    }
}

/// Somebody answers between the reading and the writing.
#[tokio::test(start_paused = true)]
async fn a_decline_that_comes_between_is_read_again_and_judged() {
    for (mode, voids) in every() {
        let world = invited(mode, voids).await;
        world.graph.publishing(|it| it.declining.push_back("ana".into()));
        tell(&world, &session(10), &[held("ana"), held("ben"), held("cem")]).await;
        run_all(&world).await;
        assert_eq!(mailed(&world), [to("cem", "invited")], "{mode:?} {voids}");
        world.pass(minutes(60)).await;
        assert_eq!((world.lms.cancelled("ana", 4711), world.lms.cancelled("ben", 4711)), (1, 0));
        assert!(is_listed(&world, "ana").await);
    }
}

/// What is withdrawn by the LMS in the same breath in which it is declined mails nobody who declined.
#[tokio::test(start_paused = true)]
async fn who_declined_unseen_and_is_withdrawn_is_not_mailed() {
    for (mode, voids) in every() {
        let world = invited(mode, voids).await;
        declines_unseen(&world, "ana");
        tell(&world, &session(10), &[cancelled("ana"), cancelled("ben"), held("cem")]).await;
        run_all(&world).await;
        assert_eq!(mailed(&world), [to("ben", "cancelled"), to("cem", "invited")], "{mode:?} {voids}");
    }
}

/// Nobody can say whether a decline in the list is the learner's last word.
#[tokio::test(start_paused = true)]
async fn while_a_decline_can_not_be_judged_the_list_waits_but_not_for_ever() {
    let world = invited(WatchMode::Attendees, true).await;
    declines_unseen(&world, "ana");
    world.graph.set_failure("ana", Some(unavailable()));
    tell(&world, &session(10), &[held("ana"), held("ben"), held("cem")]).await;
    let began = world.now();
    let mut mails = Vec::new();
    while mails.is_empty() {
        let done = once_all(&world).await;
        mails = mailed(&world);
        if mails.is_empty() {
            world.clock.set(done.next.expect("it comes again"));
        }
    }
    let recheck = world.tenant.policy.recheck;
    assert!(world.now() - began >= recheck && world.now() - began <= recheck + minutes(15));
    assert_eq!(mails, [to("cem", "invited")]);
    world.pass(minutes(120)).await;
    assert_eq!(world.lms.cancelled("ana", 4711), 1);
}

/// Ana leads and holds a place, Ina leads only.
#[tokio::test(start_paused = true)]
async fn an_instructors_answer_is_no_learners() {
    for mode in [WatchMode::Attendees, WatchMode::Organizer, WatchMode::Both] {
        let world = World::with(|tenant| {
            tenant.watch.mode = mode;
            tenant.publish = Some(super::rounds::publish());
        })
        .await;
        world.graph.hire("ina");
        world.know(&contoso(), "ina").await;
        tell(&world, &led(session(10), &["ana", "ina"]), &[held("ana"), held("ben")]).await;
        run_all(&world).await;
        mailed(&world);
        for name in ["ina", "ana"] {
            world.graph.decline_published(name);
            hint(&world, name, ChangeType::Updated).await;
            world.pass(minutes(60)).await;
            run_all(&world).await;
        }
        let at = EnrolmentRef::of(&contoso(), &the_session(), &"ina@contoso.com".into());
        assert!(enrolments::load(&world.app.ledger, &at).await.unwrap().is_none(), "{mode:?}");
        assert!(links::of_mailbox(&world.app.ledger, &contoso(), &user("ina")).await.unwrap().is_empty());
        assert_eq!((world.lms.cancelled("ina", 4711), world.lms.cancelled("ana", 4711)), (0, 1), "{mode:?}");
        let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
        let open: Vec<_> = open.into_iter().map(|alert| format!("{} {}", alert.kind, alert.count)).collect();
        assert_eq!(open, ["instructor-declined 2"], "{mode:?}");
        assert_eq!(mailed(&world), []);
    }
}

/// The ledger of what is written is lost; whoever declined is not mailed.
#[tokio::test(start_paused = true)]
async fn after_a_lost_ledger_who_declined_stays() {
    for (mode, voids) in every() {
        let world = invited(mode, voids).await;
        world.graph.decline_published("ana");
        hint(&world, "ana", ChangeType::Updated).await;
        world.pass(minutes(60)).await;
        world.tables.wipe(Table::Connections);
        world.graph.publishing(|it| it.forgets = true);
        for name in ["ana", "ben", "cem"] {
            world.know(&contoso(), name).await;
        }
        tell(&world, &session(10), &[cancelled("ana"), held("ben"), held("cem")]).await;
        run_as(&world, &all(), &Chosen::All).await;
        assert_eq!(mailed(&world), [to("cem", "invited")], "{mode:?} {voids}");
        assert!(is_listed(&world, "ana").await);
    }
}

/// Whoever accepts again in their own calendar is what the calendar says.
#[tokio::test(start_paused = true)]
async fn a_decline_in_the_list_that_the_learners_own_copy_has_overtaken_holds_nothing_up() {
    let world = invited(WatchMode::Attendees, true).await;
    let copy = world.graph.decline_published("ana");
    world.clock.advance(minutes(1));
    let now = world.now();
    world.graph.change("ana", &copy, |event| {
        event.response = crate::calendar::event::Response { answer: Answer::Accepted, at: Some(now) };
    });
    assert!(mailboxes::is_watched(&world.app.ledger, &contoso(), &user("ana")).await.unwrap());
    tell(&world, &session(10), &[held("ana"), held("ben"), held("cem")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), [to("cem", "invited")]);
    world.pass(minutes(120)).await;
    assert_eq!(world.lms.cancelled("ana", 4711), 0);
}
