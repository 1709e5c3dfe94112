//! Occurrences speak for themselves: the series may be called "Course", and each occurrence name its session.

use crate::calendar::event::{Answer, Attendee, Event, EventKind, Response};
use crate::calendar::matching::SessionSource;
use crate::config::{Tenant, WatchMode};
use crate::enrolment::policy::Mailboxes;
use crate::enrolment::transitions::State;
use crate::ids::EventId;
use crate::jobs::testing::graph::{FakeGraph, copy, original};
use crate::jobs::testing::{ORGANIZER, World, address, contoso, noon, user};
use crate::messages::{ChangeType, Hint};
use chrono::Duration;

fn by_subject(tenant: &mut Tenant) {
    tenant.recognise.session = SessionSource::Subject(r"\[session (?<session>\d+)\]".parse().unwrap());
}

fn of_week(master: &EventId, week: u32) -> EventId {
    EventId::new(format!("{}.week-{week}", master.as_str()))
}

/// A series of which the occurrences of these weeks name sessions 81 and on.
fn put(world: &World, mailbox: &str, master: &EventId, named: &[u32], dress: impl Fn(&mut Event)) {
    let mut series = Event { kind: EventKind::SeriesMaster, ..FakeGraph::event(master.clone(), 1) };
    series.subject = Some("Course".to_owned());
    dress(&mut series);
    world.graph.put(mailbox, series.clone());
    for week in 0..3_u32 {
        let start = noon() + Duration::days(4 + 7 * i64::from(week));
        let names = named.contains(&week);
        let subject = if names { format!("Course [session {}]", 81 + week) } else { "Course".to_owned() };
        world.graph.put(
            mailbox,
            Event {
                id: of_week(master, week),
                kind: EventKind::Exception,
                series_master: Some(master.clone()),
                original_start: Some(start),
                start: Some(start),
                end: Some(start + Duration::hours(2)),
                subject: Some(subject),
                ..series.clone()
            },
        );
    }
}

async fn dropped(world: &World) -> Vec<String> {
    let status = crate::jobs::operate::status::tenant(&world.app, &contoso()).await.unwrap();
    status.dropped.into_keys().collect()
}

async fn watches_each(world: &World) {
    for session in 81..84 {
        assert_eq!(world.state("ana", session).await, State::Watched, "session {session}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hint_about_the_series_finds_them() {
    let world = World::with(by_subject).await;
    put(&world, "ana", &copy("ana", 1), &[0, 1, 2], |_| {});
    world.hint("ana", 1, ChangeType::Created).await;
    watches_each(&world).await;

    // One of them is declined; Graph tells of the series again.
    let at = Some(world.now());
    world.graph.change("ana", &of_week(&copy("ana", 1), 1), |event| {
        event.response = Response { answer: Answer::Declined, at };
    });
    world.hint("ana", 1, ChangeType::Updated).await;
    world.pass(Duration::minutes(15)).await;
    assert_eq!([81, 82, 83].map(|session| world.lms.cancelled("ana", session)), [0, 1, 0]);

    // The series itself goes.
    for week in 0..3 {
        world.graph.remove_event("ana", &of_week(&copy("ana", 1), week));
    }
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    assert!(world.row("ana", 83).await.parts[0].weak_since.is_some(), "found by the way that the series was");
}

#[tokio::test(start_paused = true)]
async fn a_comparison_finds_them() {
    let world = World::with(by_subject).await;
    world.watch().await;
    put(&world, "ana", &copy("ana", 1), &[0, 1, 2], |_| {});
    world.clock.advance(Duration::minutes(1));
    world.resync("ana").await;
    watches_each(&world).await;
}

#[tokio::test(start_paused = true)]
async fn the_organizers_calendar_shows_them() {
    let world = World::with(|tenant| {
        by_subject(tenant);
        (tenant.watch.mode, tenant.watch.mailboxes) = (WatchMode::Organizer, Mailboxes::None);
    })
    .await;
    put(&world, ORGANIZER, &original(1), &[0, 1, 2], |event| {
        event.is_organizer = true;
        let response = Response { answer: Answer::None, at: None };
        event.attendees =
            vec![Attendee { address: address("ana"), response, is_resource: false, proposes: false }];
    });
    let hint = Hint::Changed { mailbox: user(ORGANIZER), event: original(1), change: ChangeType::Created };
    world.observe(&[hint]).await;
    watches_each(&world).await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_told_is_counted() {
    let world = World::with(by_subject).await;
    put(&world, "ana", &copy("ana", 1), &[1], |_| {});
    world.hint("ana", 1, ChangeType::Created).await;
    assert_eq!(dropped(&world).await, ["occurrence_without_session"]);
    put(&world, "ana", &copy("ana", 2), &[], |_| {});
    world.hint("ana", 2, ChangeType::Created).await;
    assert_eq!(dropped(&world).await, ["occurrence_without_session", "series_without_session"]);
    // Somebody else's weekly meeting is nobody's business.
    put(&world, "ana", &copy("ana", 3), &[], |event| event.organizer = Some(address("ben")));
    world.graph.calls("instances");
    world.hint("ana", 3, ChangeType::Created).await;
    assert_eq!(world.graph.calls("instances"), 0);
}
