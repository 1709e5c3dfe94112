//! One event for all learners of a session: who is listed, who is mailed, and what is not made twice.

use super::kills::dies_at_each_write;
use super::play::*;
use crate::jobs::publish::publish_session::publish;
use crate::jobs::publish::published::Published;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, address, contoso, minutes};
use crate::ledger::alerts;
use crate::publishing::event_key::Audience;
use crate::publishing::policy::{Chosen, Events, Online, PublishState, Publisher, Rooms, RoomsBy};
use crate::publishing::seats::MOST;
use crate::publishing::testing::session;
use crate::publishing::written::Stand;
use crate::sessions::place_record::PlaceRecord;
use crate::sessions::session::{Session, SessionState};
use crate::store::Table;

pub(super) fn all() -> Publisher {
    Publisher { events: Events::Session, calendar: None, ..publisher() }
}

pub(super) async fn run_all(world: &World) {
    run_as(world, &all(), &Chosen::All).await;
}

pub(super) async fn once_all(world: &World) -> Published {
    let (context, session) = (world.context(), the_session());
    publish(&world.app, context, &all(), &Chosen::All, &session, u32::MAX, ends()).await.unwrap()
}

async fn open_alerts(world: &World) -> Vec<String> {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().map(|alert| format!("{} {}", alert.kind, alert.count)).collect()
}

/// Ina leads, and Ana and Ben come.
async fn invited() -> World {
    let world = World::new().await;
    tell(&world, &led(session(10), &["ina"]), &[held("ana"), held("ben")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), ["ana", "ben", "ina"].map(|name| to(name, "invited")));
    world
}

#[tokio::test(start_paused = true)]
async fn all_have_one_event_and_hear_of_what_concerns_them() {
    let world = invited().await;
    assert_eq!(world.graph.published().len(), 1);
    world.graph.publishing(|it| assert_eq!(it.hidden, 1));
    let body = world.graph.invitations("ana").pop().unwrap().body.unwrap();
    assert!(!body.contains("hold a place") && body.contains("https://example.com/join"), "{body}");
    assert!(body.contains("decline this invitation"), "{body}");
    let led_by = |hour| led(session(hour), &["ina"]);
    tell(&world, &led_by(10), &[held("ana"), held("ben"), held("cem")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), [to("cem", "invited")]);
    tell(&world, &led_by(10), &[cancelled("ana"), held("ben"), held("cem")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), [to("ana", "cancelled")]);
    tell(&world, &led_by(10), &[held("ana"), held("ben"), held("cem")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), [to("ana", "invited")]);
    let everybody = |why| ["ana", "ben", "cem", "ina"].map(|name| to(name, why));
    tell(&world, &led_by(14), &[held("ana"), held("ben"), held("cem")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), everybody("changed"));
    run_all(&world).await;
    assert_eq!(mailed(&world), []);
    let off = Session { state: SessionState::Cancelled, ..led_by(14) };
    tell(&world, &off, &[held("ana"), held("ben"), held("cem")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), everybody("cancelled"));
    assert!(world.graph.published().is_empty());
    // It is held after all.
    tell(&world, &led_by(14), &[held("ana"), held("ben"), held("cem")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), everybody("invited"));
    assert_eq!(open_alerts(&world).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_understood_lists_nobody_and_takes_nobody_off() {
    use crate::publishing::testing::record;
    use crate::sessions::place_record::RecordState;
    let world = invited().await;
    let parked = |name: &str| record(&format!("r-{name}"), name, RecordState::Unknown("parked".into()));
    let waits = |name: &str| record(&format!("r-{name}"), name, RecordState::Waitlisted);
    tell(&world, &led(session(10), &["ina"]), &[parked("ana"), waits("ben"), waits("cem")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), []);
}

#[tokio::test(start_paused = true)]
async fn lost_answers_and_a_lost_ledger_mail_nobody_twice() {
    let world = World::new().await;
    let lose = |what| world.graph.publishing(|it| it.lost.push_back(what));
    lose("create");
    tell(&world, &session(10), &[held("ana"), held("ben")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), [to("ana", "invited"), to("ben", "invited")]);
    lose("list");
    tell(&world, &session(10), &[cancelled("ana"), held("ben"), held("cem")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), [to("ana", "cancelled"), to("cem", "invited")]);
    world.graph.publishing(|it| it.forgets = true);
    world.tables.wipe(Table::Connections);
    tell(&world, &session(10), &[held("ben"), held("cem")]).await;
    run_all(&world).await;
    assert_eq!((mailed(&world), world.graph.published().len()), (vec![], 1));
    world.graph.publishing(|it| assert_eq!(it.lists, 1, "what stands there is not written once more"));
    world.tables.wipe(Table::Connections);
    tell(&world, &session(14), &[held("ana"), held("ben"), held("cem")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), [to("ana", "invited"), to("ben", "changed"), to("cem", "changed")]);
}

struct Story {
    before: Vec<PlaceRecord>,
    after: Vec<PlaceRecord>,
    /// When it is held after that; at ten before.
    hour: u32,
    mails: Vec<(String, &'static str)>,
    writes: usize,
}

/// Killed at each of its writes.
async fn play(story: &Story) {
    let make = async || {
        let world = World::new().await;
        if !story.before.is_empty() {
            tell(&world, &session(10), &story.before).await;
            run_all(&world).await;
            world.graph.mails();
        }
        tell(&world, &session(story.hour), &story.after).await;
        if !story.before.is_empty() {
            // The change has settled.
            world.clock.set(once_all(&world).await.next.unwrap());
        }
        world
    };
    let once = async |world: &World| {
        once_all(world).await;
    };
    let is_so = async |world: &World, death: Death| {
        for (name, _) in story.mails.iter().filter(|mail| mail.1 == "invited") {
            let state = world.state(name, 4711).await;
            assert_eq!(state, crate::enrolment::transitions::State::Watched, "{death:?}");
        }
    };
    dies_at_each_write(make, (once, run_all), (&story.mails, story.writes), is_so).await;
}

#[tokio::test(start_paused = true)]
async fn all_are_invited_once_wherever_it_is_killed() {
    let mails = ["ana", "ben", "cem"].map(|name| to(name, "invited")).into();
    let after = vec![held("ana"), held("ben"), held("cem")];
    play(&Story { before: vec![], after, hour: 10, mails, writes: 10 }).await;
}

#[tokio::test(start_paused = true)]
async fn the_list_is_changed_once_wherever_it_is_killed() {
    play(&Story {
        before: vec![held("ana"), held("ben")],
        after: vec![cancelled("ana"), held("ben"), held("cem")],
        hour: 10,
        mails: vec![to("ana", "cancelled"), to("cem", "invited")],
        writes: 6,
    })
    .await;
}

/// Who leaves is not told that it moves, and who comes not that it once was at ten.
#[tokio::test(start_paused = true)]
async fn each_is_mailed_once_though_it_moves_while_some_leave_and_some_come() {
    play(&Story {
        before: vec![held("ana"), held("ben")],
        after: vec![cancelled("ana"), held("ben"), held("cem")],
        hour: 14,
        mails: vec![to("ana", "cancelled"), to("ben", "changed"), to("cem", "invited")],
        writes: 10,
    })
    .await;
}

/// Three requests follow from one change: what a person grants is all that they mail, and nothing waits anew
/// in between.
#[tokio::test(start_paused = true)]
async fn all_that_follows_is_counted_before_anything_is_mailed() {
    let world = invited().await;
    let moved = led(session(14), &["ina"]);
    tell(&world, &moved, &[cancelled("ana"), held("ben"), held("cem")]).await;
    world.clock.set(once_all(&world).await.next.unwrap());
    let (context, the_session) = (world.context(), the_session());
    let granting = async |granted| {
        publish(&world.app, context, &all(), &Chosen::All, &the_session, granted, ends()).await.unwrap()
    };
    let too_few = granting(3).await;
    assert_eq!((too_few.due.mails, too_few.due.changes, too_few.sent), (4, 1, 0));
    assert_eq!(mailed(&world), []);
    let began = world.now();
    assert_eq!(granting(4).await.sent, 4);
    assert_eq!(world.now(), began);
    let mails = [to("ana", "cancelled"), to("ben", "changed"), to("cem", "invited"), to("ina", "changed")];
    assert_eq!(mailed(&world), mails);
}

fn many(so_many: usize) -> Vec<PlaceRecord> {
    (0..so_many).map(|n| held(&format!("p{n:04}"))).collect()
}

#[tokio::test(start_paused = true)]
async fn more_than_one_event_takes_are_told_of_and_not_invited() {
    let world = World::new().await;
    tell(&world, &session(10), &many(MOST + 1)).await;
    run_all(&world).await;
    assert_eq!((mailed(&world), world.graph.published().len()), (vec![], 0));
    assert_eq!(open_alerts(&world).await, ["session-crowded 1"]);
    // Before anything is sent, too.
    let quiet = World::new().await;
    tell(&quiet, &session(10), &many(MOST + 1)).await;
    let mut preview = all();
    preview.policy.state = PublishState::Preview;
    let (context, id) = (quiet.context(), the_session());
    let done = publish(&quiet.app, context, &preview, &Chosen::All, &id, u32::MAX, ends()).await.unwrap();
    assert_eq!((done.due.mails, open_alerts(&quiet).await), (0, vec!["session-crowded 1".to_owned()]));
    // One gives the place back.
    let mut fits = many(MOST + 1);
    fits[0] = cancelled("p0000");
    tell(&world, &session(10), &fits).await;
    run_all(&world).await;
    assert_eq!((mailed(&world).len(), world.graph.published().len()), (MOST, 1));
    // And wants it again: whoever stands there stays, and is told what changes.
    tell(&world, &session(14), &many(MOST + 1)).await;
    run_all(&world).await;
    let mails = mailed(&world);
    assert!(mails.len() == MOST && mails.iter().all(|mail| mail.1 == "changed"), "{}", mails.len());
}

/// A session keeps what it was published as.
#[tokio::test(start_paused = true)]
async fn another_way_is_for_sessions_of_which_nothing_stands() {
    let each = || Publisher { calendar: None, ..publisher() };
    for (first, then, so_many) in [(each(), all(), [2, 3, 1]), (all(), each(), [1, 1, 3])] {
        let world = World::new().await;
        let publishes = async |publisher: &Publisher| run_as(&world, publisher, &Chosen::All).await;
        tell(&world, &session(10), &[held("ana"), held("ben")]).await;
        publishes(&first).await;
        assert_eq!(mailed(&world), [to("ana", "invited"), to("ben", "invited")]);
        assert_eq!(world.graph.published().len(), so_many[0]);
        publishes(&then).await;
        assert_eq!(mailed(&world), []);
        tell(&world, &session(10), &[held("ana"), held("ben"), held("cem")]).await;
        publishes(&then).await;
        assert_eq!(mailed(&world), [to("cem", "invited")]);
        assert_eq!(world.graph.published().len(), so_many[1]);
        let off = Session { state: SessionState::Cancelled, ..session(10) };
        tell(&world, &off, &[held("ana"), held("ben"), held("cem")]).await;
        publishes(&then).await;
        assert_eq!(mailed(&world), ["ana", "ben", "cem"].map(|name| to(name, "cancelled")));
        // Anew, and in the other way.
        tell(&world, &session(10), &[held("ana"), held("ben"), held("cem")]).await;
        publishes(&then).await;
        assert_eq!(mailed(&world), ["ana", "ben", "cem"].map(|name| to(name, "invited")));
        assert_eq!(world.graph.published().len(), so_many[2]);
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_chosen_are_listed() {
    let world = World::new().await;
    let chosen = |names: &[&str]| Chosen::These(names.iter().map(|name| address(name)).collect());
    tell(&world, &led(session(10), &["ina"]), &[held("ana"), held("ben")]).await;
    run_as(&world, &all(), &chosen(&["ana"])).await;
    assert_eq!(mailed(&world), [to("ana", "invited")]);
    run_all(&world).await;
    assert_eq!(mailed(&world), [to("ben", "invited"), to("ina", "invited")]);
    tell(&world, &led(session(14), &["ina"]), &[held("ana"), held("ben")]).await;
    run_as(&world, &all(), &chosen(&["ana"])).await;
    assert_eq!(mailed(&world), [], "others would be told, too");
}

#[tokio::test(start_paused = true)]
async fn learners_are_listed_when_the_room_has_accepted_and_the_link_is_there() {
    use crate::calendar::event::Answer;
    use crate::sessions::session::Venue;
    let world = World::new().await;
    let map = [("red".to_owned(), address("red"))].into();
    let rooms = Some(Rooms { by: RoomsBy::Table(map), first: true });
    let publisher = Publisher { rooms, online: Online::Meeting, ..all() };
    let mut there = led(session(10), &["ina"]);
    there.parts[0].venue = Some(Venue { name: "Red".into(), room: None, mailbox: None });
    there.parts[0].link = None;
    tell(&world, &there, &[held("ana"), held("ben")]).await;
    let once = async || {
        let (context, session) = (world.context(), the_session());
        let done = publish(&world.app, context, &publisher, &Chosen::All, &session, u32::MAX, ends()).await;
        world.clock.set(done.unwrap().next.expect("it waits"));
    };
    once().await;
    once().await;
    assert_eq!(mailed(&world), [to("ina", "invited"), to("red", "invited")]);
    world.graph.answer_room("red", Answer::Accepted);
    run_as(&world, &publisher, &Chosen::All).await;
    assert_eq!(mailed(&world), [to("ana", "invited"), to("ben", "invited")]);
    let body = world.graph.invitations("ana").pop().unwrap().body.unwrap();
    assert!(body.contains("https://teams.example/beside-0"), "{body}");
    // The meeting can't be made: for a quarter of an hour it is waited for.
    let world = World::new().await;
    world.graph.publishing(|it| it.no_policy = true);
    let publisher = Publisher { rooms: None, ..publisher };
    tell(&world, &there, &[held("ana")]).await;
    let began = world.now();
    loop {
        let (context, session) = (world.context(), the_session());
        let done = publish(&world.app, context, &publisher, &Chosen::All, &session, u32::MAX, ends()).await;
        if !mailed(&world).is_empty() {
            break;
        }
        world.clock.set(done.unwrap().next.unwrap());
    }
    assert!(world.now() - began >= minutes(15) && world.now() - began < minutes(18));
}

#[tokio::test(start_paused = true)]
async fn where_nobody_is_left_it_is_called_off() {
    let world = World::new().await;
    tell(&world, &session(10), &[held("ana")]).await;
    run_all(&world).await;
    tell(&world, &session(10), &[cancelled("ana")]).await;
    run_all(&world).await;
    assert_eq!(mailed(&world), [to("ana", "cancelled"), to("ana", "invited")]);
    assert!(matches!(written_of(&world, Audience::Session).await.stand, Stand::CalledOff { .. }));
}
