//! A room and an online meeting with a session: the room is asked before anybody is invited, learners' events
//! hold the link of the meeting, and a room that is taken is told of with another that is free.

use super::{is_mailed, mailed, slot};
use crate::stage;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;
use simulator::options::UserSeed;
use simulator::publishing::{allow, configure};
use simulator::stage::Stage;
use simulator::world::rooms::RoomRules;
use suites::{ORGANIZER, address, alerts, becomes, known, mails, setup, stays, wait_until, watched};

const NAMES: [&str; 3] = ["ana", "bo", "cy"];

/// Everything that waits for a person's word may go out.
async fn let_out(stage: &Stage, wanted: u64) {
    wait_until(stage, "mails wait", || async {
        let held = stage.held_mails().await.map_err(|why| why.to_string())?;
        if held == wanted { Ok(()) } else { Err(format!("{held} wait")) }
    })
    .await;
    stage.let_out("kim", "all of them").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_asked_first_and_a_taken_one_is_told_of() {
    let mut setup = setup(&NAMES);
    configure(&mut setup, ORGANIZER);
    // The organizer's own calendar tells of the room's answer.
    setup.policy.watch = "both";
    setup.policy.more.push_str(concat!(
        "online = \"event\"\n",
        "rooms.first = true\n",
        "rooms.map = { \"Room 7\" = \"room7@contoso.com\", \"Room 8\" = \"room8@contoso.com\" }\n",
    ));
    let stage = stage(setup, |world| {
        allow(world, ORGANIZER);
        world.edit_tenant("contoso.com", |tenant| tenant.app.roles.insert("Place.Read.All".to_owned()));
        for name in ["room7", "room8"] {
            world.add_person("contoso.com", &UserSeed::new(name, &address(name))).unwrap();
            world.make_room(&address(name), RoomRules::default()).unwrap();
        }
    })
    .await;
    let world = stage.simulator.world().clone();
    stage.connect_push().unwrap();
    watched(&stage, NAMES.len() + 1).await;

    world.hold_session("4711", "First aid", slot(7));
    for name in &NAMES[..2] {
        world.enrol("4711", &address(name)).unwrap();
    }
    world.tell_of("4711").unwrap();
    let_out(&stage, 3).await;
    let mut all = Vec::new();
    mailed(&stage, &mut all, &["ana invitation", "bo invitation", "room7 invitation"]).await;
    let order: Vec<String> = world.mails().into_iter().map(|mail| mail.recipient).collect();
    assert_eq!(order.first(), Some(&address("room7")), "the room is asked before anybody comes: {order:?}");
    known(&stage, 2).await;
    let event = world.own_event(ORGANIZER, &address("ana")).unwrap();
    let body = |uid: &str| {
        let found = world.events_of(ORGANIZER).into_iter().find(|item| item.ical_uid == uid);
        found.unwrap().body
    };
    assert!(body(&event).contains("https://teams.microsoft.com/l/meetup-join/"), "{}", body(&event));

    // At the same hour the room is taken: a person is told, with one that is free, and learners wait.
    world.hold_session("4712", "Fire drill", slot(7));
    world.enrol("4712", &address("cy")).unwrap();
    world.tell_of("4712").unwrap();
    mailed(&stage, &mut all, &["room7 invitation"]).await;
    wait_until(&stage, "the room is told of", || async {
        let open = alerts(&stage).await;
        if open == ["room"] { Ok(()) } else { Err(format!("{open:?}")) }
    })
    .await;
    let told = stage.manage("status").await.unwrap().to_string();
    assert!(told.contains("room8"), "{told}");

    // The LMS names that one: it is asked, and then who comes.
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (start, end) = (time(slot(7).start), time(slot(7).end));
    let part = json!({ "id": "1", "start": start, "end": end, "place": "Room 8" });
    let says =
        json!({ "session": "4712", "name": "Fire drill", "timezone": "Europe/Berlin", "parts": [part] });
    world.lms_says("session.upserted", "4712", says);
    // What the event says and who is listed are two writes: the room that is given up gets both.
    let rooms = ["room7 update", "room7 cancellation", "room8 invitation"];
    mailed(&stage, &mut all, &[&rooms[..], &["cy invitation"]].concat()).await;

    // Who declines loses the place, whatever the room says.
    let decline = simulator::world::act::Reply::new(&address("ana"), &event).keep(false);
    world.decline(&decline.mail_after(std::time::Duration::from_millis(50))).unwrap();
    becomes(&stage, "4711", "ana", "done declined/organizer-copy done; gone, 1 effects").await;
    stays(&stage, "nobody is mailed about it", || is_mailed(&stage, &all)).await;
    assert_eq!(mails(&stage), all);
}
