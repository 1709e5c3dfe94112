//! Rooms: who is invited when, what is read of their answers, and who is told.

use super::play::*;
use crate::calendar::event::Answer;
use crate::calendar::room::Room;
use crate::jobs::publish::publish_session::publish;
use crate::jobs::testing::{World, address, contoso, minutes};
use crate::ledger::{alerts, source_sessions};
use crate::publishing::event_key::Audience;
use crate::publishing::policy::{Chosen, Publisher, Rooms, RoomsBy};
use crate::publishing::testing::session;
use crate::sessions::session::{PartId, Session, SessionState, Venue};
use chrono::{DateTime, Utc};

fn room(name: &str, seats: u32) -> Room {
    Room {
        address: address(name),
        name: name.to_owned(),
        nickname: None,
        building: None,
        capacity: Some(seats),
        is_bookable: true,
    }
}

fn of(first: bool) -> Publisher {
    let rooms = Some(Rooms { by: RoomsBy::Name, first });
    Publisher { rooms, calendar: None, ..publisher() }
}

fn at(venue: &str) -> Session {
    let mut session = session(10);
    session.parts[0].venue = Some(Venue { name: venue.to_owned(), room: None, mailbox: None });
    session
}

/// The directory has a blue room for one, a red one for ten, and a hall.
async fn world() -> World {
    let world = World::new().await;
    world.graph.publishing(|it| {
        it.rooms = vec![room("blue", 1), room("red", 10), room("hall", 100)];
        it.free = vec![address("hall")];
    });
    world
}

async fn once(world: &World, first: bool) -> Option<DateTime<Utc>> {
    let (context, session) = (world.context(), the_session());
    let done = publish(&world.app, context, &of(first), &Chosen::All, &session, u32::MAX, ends()).await;
    done.unwrap().next
}

async fn open_alerts(world: &World) -> Vec<(String, String)> {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().map(|alert| (format!("{} {}", alert.kind, alert.count), alert.step)).collect()
}

#[tokio::test(start_paused = true)]
async fn learners_are_invited_when_the_room_has_accepted() {
    let world = world().await;
    tell(&world, &at("Red"), &[held("ana"), held("ben")]).await;
    for _ in 0..3 {
        let next = once(&world, true).await.unwrap();
        world.clock.set(next);
    }
    assert_eq!(mailed(&world), [to("red", "invited")]);
    world.graph.answer_room("red", Answer::Accepted);
    run_as(&world, &of(true), &Chosen::All).await;
    assert_eq!(mailed(&world), [to("ana", "invited"), to("ben", "invited")]);
    run_as(&world, &of(true), &Chosen::All).await;
    assert_eq!((mailed(&world), open_alerts(&world).await), (vec![], vec![]));
    // Another venue: the one loses it, and the other is asked. Who is invited already is told of the place.
    tell(&world, &at("Hall"), &[held("ana"), held("ben")]).await;
    for _ in 0..4 {
        let Some(next) = once(&world, true).await else { break };
        world.clock.set(next);
    }
    let mails = mailed(&world);
    let of_rooms =
        |name: &str| mails.iter().filter(|mail| mail.0 == name).map(|mail| mail.1).collect::<Vec<_>>();
    assert_eq!((of_rooms("red"), of_rooms("hall")), (vec!["cancelled", "changed"], vec!["invited"]));
    assert_eq!(of_rooms("ana"), ["changed"]);
    world.graph.answer_room("hall", Answer::Accepted);
    run_as(&world, &of(true), &Chosen::All).await;
    let off = Session { state: SessionState::Cancelled, ..at("Hall") };
    tell(&world, &off, &[held("ana"), held("ben")]).await;
    run_as(&world, &of(true), &Chosen::All).await;
    assert_eq!(mailed(&world), ["ana", "ben", "hall"].map(|name| to(name, "cancelled")));
    assert!(world.graph.published().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_room_that_declines_or_is_silent_is_told_and_learners_do_not_wait_for_ever() {
    for (answer, after, what) in
        [(Some(Answer::Declined), minutes(0), "has declined"), (None, minutes(60), "does not answer")]
    {
        let world = world().await;
        tell(&world, &at("Red"), &[held("ana"), held("ben")]).await;
        let began = world.now();
        once(&world, true).await;
        if let Some(answer) = answer {
            world.graph.answer_room("red", answer);
        }
        let mut told = None;
        loop {
            let next = once(&world, true).await;
            if told.is_none() && !open_alerts(&world).await.is_empty() {
                told = Some(world.now());
            }
            if mailed(&world).iter().any(|mail| mail.0 == "ana") {
                break;
            }
            world.clock.set(next.unwrap());
        }
        assert!(told.unwrap() - began >= after && told.unwrap() - began <= after + minutes(3), "{what}");
        assert!(world.now() - began >= minutes(240) && world.now() - began < minutes(243), "{what}");
        let [(kind, step)] = &open_alerts(&world).await[..] else { panic!("one alert") };
        assert_eq!(kind, "room 1");
        let said = format!("red@contoso.com {what} for session 4711");
        assert!(step.contains(&said) && step.contains("free then: hall@contoso.com"), "{step}");
        assert!(!step.contains("First aid"), "{step}");
        once(&world, true).await;
        assert_eq!(open_alerts(&world).await.len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_who_need_not() {
    // Without `first`, and for a venue that is no room.
    for (first, venue, booked) in [(false, "Red", true), (true, "Somewhere", false)] {
        let world = world().await;
        tell(&world, &at(venue), &[held("ana")]).await;
        once(&world, first).await;
        let mails = mailed(&world);
        assert!(mails.contains(&to("ana", "invited")), "{mails:?}");
        assert_eq!(mails.contains(&to("red", "invited")), booked, "{mails:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delegate_may_take_their_time_and_a_small_room_is_told() {
    let world = world().await;
    tell(&world, &at("Red"), &[held("ana")]).await;
    once(&world, false).await;
    world.graph.answer_room("red", Answer::TentativelyAccepted);
    for _ in 0..4 {
        world.clock.set(once(&world, false).await.unwrap());
    }
    assert_eq!(open_alerts(&world).await, []);
    let small = self::world().await;
    tell(&small, &at("Blue"), &[held("ana"), held("ben")]).await;
    once(&small, false).await;
    small.graph.answer_room("blue", Answer::Accepted);
    run_as(&small, &of(false), &Chosen::All).await;
    let [(kind, step)] = &open_alerts(&small).await[..] else { panic!("one alert") };
    assert!(kind == "room 1" && step.contains("is too small"), "{step}");
}

/// Each day is an event of its own: a room takes no more than a day at a time.
#[tokio::test(start_paused = true)]
async fn each_day_is_booked_and_a_moved_one_is_decided_anew() {
    let world = world().await;
    let mut course = at("Red");
    let mut second = course.parts[0].clone();
    (second.id, second.span) = (PartId("2".into()), session(14).parts[0].span.clone());
    course.parts.push(second);
    tell(&world, &course, &[held("ana")]).await;
    once(&world, true).await;
    assert_eq!(mailed(&world), [to("red", "invited"), to("red", "invited")]);
    world.graph.answer_room("red", Answer::Accepted);
    run_as(&world, &of(true), &Chosen::All).await;
    assert_eq!(mailed(&world), [to("ana", "invited"), to("ana", "invited")]);
    course.parts[0].span = session(16).parts[0].span.clone();
    tell(&world, &course, &[held("ana")]).await;
    for _ in 0..3 {
        let Some(next) = once(&world, true).await else { break };
        world.clock.set(next);
    }
    assert_eq!(mailed(&world), [to("ana", "changed"), to("red", "changed")]);
    world.graph.answer_room("red", Answer::Declined);
    source_sessions::note_answers(&world.app.ledger, &contoso(), &the_session()).await.unwrap();
    run_as(&world, &of(true), &Chosen::All).await;
    assert_eq!(open_alerts(&world).await[0].0, "room 2", "both days, as the fake answers");
    let booking = written_of(&world, Audience::Session).await.booking.unwrap();
    assert!(booking.is_lost(world.now()));
}
