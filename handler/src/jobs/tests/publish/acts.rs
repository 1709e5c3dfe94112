//! Acts on events: what is sent to whom, what is not sent, and what becomes of lost answers.

use super::play::*;
use crate::enrolment::transitions::State;
use crate::jobs::publish::publish_session::publish;
use crate::jobs::publish::published::Counts;
use crate::jobs::publish::retention;
use crate::jobs::testing::published::refused;
use crate::jobs::testing::{World, contoso, minutes, user};
use crate::ledger::alerts;
use crate::messages::{ChangeType, Hint};
use crate::publishing::policy::Chosen;
use crate::publishing::testing::session;
use crate::publishing::written::Stand;
use crate::sessions::pass::Doubt;
use crate::sessions::place_record::RecordState;
use crate::sessions::session::SessionState;
use crate::store::Table;
use chrono::Duration;

async fn open_alerts(world: &World) -> Vec<String> {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().map(|alert| alert.kind.to_string()).collect()
}

/// Ana and Ben are invited, and nobody else.
async fn invited() -> World {
    let world = World::new().await;
    tell(&world, &session(10), &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "invited"), to("ben", "invited")]);
    world
}

#[tokio::test(start_paused = true)]
async fn who_holds_a_place_is_invited_once_and_found_by_a_link() {
    let world = invited().await;
    let event = world.graph.invitations("ana").pop().unwrap();
    let span = &session(10).parts[0].span;
    assert_eq!((event.start, event.end), (Some(span.start()), Some(span.end())));
    assert_eq!(world.state("ana", 4711).await, State::Watched);
    // Again and again, read anew or not: nobody hears of it.
    for _ in 0..3 {
        tell(&world, &session(10), &[held("ana"), held("ben")]).await;
        run(&world).await;
    }
    assert_eq!(mailed(&world), []);
    assert_eq!(written(&world, "ana").await.stand, Stand::Stands);
}

#[tokio::test(start_paused = true)]
async fn edits_are_gathered_into_one_mail() {
    let world = invited().await;
    let mut edited = session(14);
    tell(&world, &edited, &[held("ana"), held("ben")]).await;
    let first = once(&world).await.unwrap();
    assert!(first.next.is_some(), "it waits for others");
    world.clock.advance(minutes(5));
    edited.parts[0].venue = None;
    edited.title = "First aid, again".into();
    tell(&world, &edited, &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "changed"), to("ben", "changed")]);
    let copy = world.graph.invitations("ana").pop().unwrap();
    assert_eq!(copy.start, Some(edited.parts[0].span.start()));
    assert_eq!(copy.subject.as_deref(), Some("First aid, again"));
}

#[tokio::test(start_paused = true)]
async fn what_is_edited_and_edited_back_mails_nobody() {
    let world = invited().await;
    tell(&world, &session(14), &[held("ana"), held("ben")]).await;
    once(&world).await.unwrap();
    tell(&world, &session(10), &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), []);
    assert_eq!(written(&world, "ana").await.edited, None);
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_place_is_called_off_and_held_again_is_invited_anew() {
    let world = invited().await;
    tell(&world, &session(10), &[cancelled("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "cancelled")]);
    run(&world).await;
    assert_eq!(mailed(&world), []);
    tell(&world, &session(10), &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "invited")]);
    assert_eq!(written(&world, "ana").await.invitation.0, 2);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_session_is_told_to_all_in_the_words_of_the_lms() {
    let world = invited().await;
    let off = crate::sessions::session::Session {
        state: SessionState::Cancelled,
        reason: Some("ill".into()),
        ..session(10)
    };
    tell(&world, &off, &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "cancelled"), to("ben", "cancelled")]);
}

/// The whole way: published, declined in Outlook, cancelled at the LMS, let go of; and invited anew
/// where the LMS gives the place again.
#[tokio::test(start_paused = true)]
async fn who_declined_and_lost_the_place_hears_no_more_of_it() {
    let world = invited().await;
    let copy = world.graph.decline_published("ana");
    world.observe(&[Hint::Changed { mailbox: user("ana"), event: copy, change: ChangeType::Updated }]).await;
    // While it is judged the session moves: Ben is told.
    tell(&world, &session(14), &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ben", "changed")]);
    world.pass(minutes(60)).await;
    assert_eq!(world.state("ana", 4711).await, State::Done);
    assert_eq!(world.lms.cancelled("ana", 4711), 1);
    tell(&world, &session(14), &[cancelled("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), []);
    assert!(matches!(written(&world, "ana").await.stand, Stand::LetGo { .. }));
    // The session is off: the one who let go hears nothing.
    tell(&world, &session(14), &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "invited")]);
    assert_eq!(world.state("ana", 4711).await, State::Watched);
    assert_eq!(world.row("ana", 4711).await.generation, 2);
}

/// The place is given again before anybody published in between.
#[tokio::test(start_paused = true)]
async fn who_is_given_the_place_again_is_invited_again_whenever_that_is_seen() {
    let world = invited().await;
    let copy = world.graph.decline_published("ana");
    world.observe(&[Hint::Changed { mailbox: user("ana"), event: copy, change: ChangeType::Updated }]).await;
    world.pass(minutes(60)).await;
    assert_eq!(world.state("ana", 4711).await, State::Done);
    // The record looks as it did before.
    tell(&world, &session(10), &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "invited")]);
    run(&world).await;
    assert_eq!(mailed(&world), []);
}

#[tokio::test(start_paused = true)]
async fn a_doubtful_pass_removes_nothing_and_tells_nobody() {
    let world = invited().await;
    let source = FakeSource::silent();
    for _ in 0..3 {
        let mut pass = sessions(&[]);
        pass.doubt(Doubt::Forbidden { at: "sessions".into() });
        assert_eq!(merge_sessions(&world, &source, &pass).await.gone, 0);
        let mut pass = records(&[]);
        pass.doubt(Doubt::NotEnded { at: "places".into() });
        assert_eq!(merge_places(&world, &source, &pass).await.gone, 0);
        run(&world).await;
    }
    assert_eq!(mailed(&world), []);
    assert_eq!(world.graph.published().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_written_to_who_waits_or_is_not_understood() {
    let world = World::new().await;
    let parked = RecordState::Unknown("parked".into());
    let record = crate::publishing::testing::record;
    let all = [record("1", "ana", RecordState::Waitlisted), record("2", "ben", parked)];
    tell(&world, &session(10), &all).await;
    run(&world).await;
    tell(
        &world,
        &crate::sessions::session::Session { state: SessionState::Draft, ..session(10) },
        &[held("cem")],
    )
    .await;
    run(&world).await;
    assert_eq!(mailed(&world), []);
}

/// Done, and nobody heard of it.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_up_and_nothing_is_sent_twice() {
    let world = World::new().await;
    tell(&world, &session(10), &[held("ana")]).await;
    world.graph.publishing(|it| it.lost.push_back("create"));
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "invited")]);
    assert_eq!(world.state("ana", 4711).await, State::Watched);
    world.graph.publishing(|it| it.lost.push_back("change"));
    tell(&world, &session(14), &[held("ana")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "changed")]);
    world.graph.publishing(|it| it.lost.push_back("call_off"));
    tell(&world, &session(14), &[cancelled("ana")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "cancelled")]);
    assert!(matches!(written(&world, "ana").await.stand, Stand::CalledOff { .. }));
}

/// A look-up that fails is not "none".
#[tokio::test(start_paused = true)]
async fn a_look_up_that_fails_changes_nothing() {
    let world = World::new().await;
    tell(&world, &session(10), &[held("ana")]).await;
    world.graph.publishing(|it| {
        it.lost.push_back("create");
        it.forgets = true;
    });
    once(&world).await.unwrap();
    world.graph.is_down(true);
    for _ in 0..5 {
        world.clock.advance(minutes(10));
        let run = once(&world).await.unwrap();
        assert!(run.next.is_some());
    }
    assert!(written(&world, "ana").await.act.is_some());
    world.graph.is_down(false);
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "invited")]);
    assert_eq!(world.graph.published().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_ledger_makes_no_second_event() {
    let world = invited().await;
    world.tables.wipe(Table::Connections);
    world.graph.publishing(|it| it.forgets = true);
    tell(&world, &session(10), &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), []);
    assert_eq!(world.graph.published().len(), 2);
    // What changed meanwhile is told once.
    world.tables.wipe(Table::Connections);
    tell(&world, &session(14), &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "changed"), to("ben", "changed")]);
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_transaction_is_a_find() {
    for status in [400, 409] {
        let world = World::new().await;
        tell(&world, &session(10), &[held("ana")]).await;
        // The event comes into being while the request is refused as its double.
        world.graph.publishing(|it| it.lost.push_back("create"));
        once(&world).await.unwrap();
        assert_eq!(mailed(&world), [to("ana", "invited")]);
        world.tables.wipe(Table::Connections);
        tell(&world, &session(10), &[held("ana")]).await;
        let duplicate = refused(status, "ErrorDuplicateTransactionId");
        world.graph.publishing(|it| it.fails.push_back(("create", duplicate)));
        run(&world).await;
        assert_eq!(mailed(&world), [], "{status}");
        assert_eq!(written(&world, "ana").await.stand, Stand::Stands, "{status}");
        assert!(open_alerts(&world).await.is_empty(), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_tried_again_later_and_is_planned_anew() {
    let world = World::new().await;
    tell(&world, &session(10), &[held("ana"), held("ben")]).await;
    world.graph.publishing(|it| it.fails.push_back(("create", refused(429, "ApplicationThrottled"))));
    let first = once(&world).await.unwrap();
    assert!(first.next.unwrap() >= world.now() + Duration::seconds(90));
    assert_eq!(mailed(&world).len(), 1, "it holds up no other");
    // Meanwhile nobody wants it any more.
    tell(&world, &session(10), &[cancelled("ana"), cancelled("ben")]).await;
    run(&world).await;
    let mails = mailed(&world);
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0].1, "cancelled");
}

#[tokio::test(start_paused = true)]
async fn what_a_person_took_away_is_not_made_again() {
    let world = invited().await;
    for event in world.graph.published() {
        world.graph.take_away(&event.id);
    }
    for hour in [14, 15] {
        tell(&world, &session(hour), &[held("ana"), held("ben")]).await;
        run(&world).await;
    }
    assert_eq!(mailed(&world), []);
    assert_eq!(open_alerts(&world).await, ["event-taken-away"]);
    assert!(matches!(written(&world, "ana").await.stand, Stand::TakenAway { .. }));
}

/// Several instances, one mailbox.
#[tokio::test(start_paused = true)]
async fn a_mailbox_sends_no_more_than_it_may_however_many_ask_it() {
    let world = World::new().await;
    let names = ["ana", "ben", "cem"];
    tell(&world, &session(10), &names.map(held)).await;
    let mut publisher = publisher();
    publisher.limits.messages_a_minute = 2;
    let other = world.instance().await;
    let (began, session) = (world.now(), the_session());
    for app in [&world.app, &other] {
        let context = app.context(&contoso()).unwrap();
        let run = publish(app, context, &publisher, &Chosen::All, &session, u32::MAX, ends());
        assert_eq!(run.await.unwrap().next, Some(began + minutes(1)));
    }
    assert_eq!(mailed(&world).len(), 2);
    world.clock.set(began + minutes(1));
    run(&world).await;
    assert_eq!(mailed(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_preview_counts_and_writes_nothing() {
    let world = World::new().await;
    tell(&world, &session(10), &[held("ana"), held("ben")]).await;
    let before = world.tables.dump(Table::Connections);
    assert_eq!(counted(&world).await, Counts { invitations: 2, mails: 2, ..Counts::default() });
    assert_eq!(mailed(&world), []);
    assert_eq!(world.tables.dump(Table::Connections), before);
}

#[tokio::test(start_paused = true)]
async fn what_is_over_goes_after_the_retention() {
    let world = invited().await;
    let rows = |world: &World| {
        let all = world.tables.dump(Table::Connections);
        let ours = ["~source-", "~written~", "~published"];
        all.iter().filter(|row| ours.iter().any(|one| row.partition.contains(one))).count()
    };
    // A session, two places, two events with what each stands for, and one in the calendar.
    assert_eq!(rows(&world), 8);
    let end = session(10).parts[0].span.end();
    let retention = world.tenant.policy.retention;
    world.clock.set(end + retention - minutes(1));
    retention::forget(&world.app, world.context()).await.unwrap();
    assert_eq!(rows(&world), 8);
    world.clock.advance(minutes(1));
    retention::forget(&world.app, world.context()).await.unwrap();
    assert_eq!(rows(&world), 0);
}

/// Outlook takes what is declined out of the calendar, or leaves it there: neither says anything of the place
/// that is given again.
#[tokio::test(start_paused = true)]
async fn who_is_invited_again_and_declines_again_loses_the_place_again() {
    for stays in [true, false] {
        let world = invited().await;
        for times in 1..=3 {
            world.clock.advance(minutes(1));
            let copy = world.graph.decline_published("ana");
            if !stays {
                world.graph.remove_event("ana", &copy);
            }
            let hint = Hint::Changed { mailbox: user("ana"), event: copy, change: ChangeType::Updated };
            world.observe(&[hint]).await;
            world.pass(minutes(60)).await;
            assert_eq!(world.state("ana", 4711).await, State::Done, "{stays} {times}");
            assert_eq!(world.lms.cancelled("ana", 4711), times);
            tell(&world, &session(10), &[held("ana"), held("ben")]).await;
            run(&world).await;
            assert_eq!(mailed(&world), [to("ana", "invited")]);
            // What is left of the old invitations is looked at, too.
            let event = world.graph.invitations("ana").pop().unwrap().id;
            world
                .observe(&[Hint::Changed { mailbox: user("ana"), event, change: ChangeType::Created }])
                .await;
            world.pass(minutes(120)).await;
            assert_eq!(world.state("ana", 4711).await, State::Watched, "{stays} {times}");
        }
        // Nothing of them holds up what is sent of the one that stands.
        tell(&world, &session(12), &[held("ana"), held("ben")]).await;
        run(&world).await;
        assert_eq!(mailed(&world), [to("ana", "changed"), to("ben", "changed")]);
    }
}
