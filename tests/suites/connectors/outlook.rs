//! From the decline in Outlook to the cancelled sign-up in Moodle, of events that name no session: the real
//! binary looks it up.

use super::facetoface::SETTINGS;
use super::looked_up::TITLE;
use fake_lms::Fake;
use fake_lms::moodle::Moodle;
use simulator::stage::Stage;
use simulator::world::act::Invite;
use std::path::Path;
use suites::{address, alerts, decline, id, meeting, setup, story, wait_until, watched};

const NAMES: [&str; 3] = ["ana", "bo", "cy"];

/// What people call the meetings in the calendar; the LMS knows nothing of it.
const LADDERS: &str = "one-of-the-meetings";
const TWINS: &str = "another";

fn training(meeting_of: &str, title: &str, names: &[&str]) -> Invite {
    let mut invite = meeting(meeting_of, names);
    title.clone_into(&mut invite.subject);
    invite.body.clear();
    invite
}

/// Ana, Bo and Cy are signed up for session 12; 21 and 22 are alike.
fn academy(ladders: &Invite, twins: &Invite) -> Moodle {
    let mut moodle = Moodle::default();
    moodle.course(6);
    for (user, name) in [7, 8, 9].into_iter().zip(NAMES) {
        moodle.user(user, name);
    }
    let start = |invite: &Invite| Some(invite.start.timestamp());
    for (session, name, starts) in [
        (11, "First aid", start(ladders)),
        (12, TITLE, start(ladders)),
        (13, TITLE, start(ladders).map(|starts| starts + 86_400)),
        (21, "Lifting", start(twins)),
        (22, "Lifting", start(twins)),
    ] {
        moodle.facetoface.session(session, 10);
        let made = moodle.facetoface.sessions.get_mut(&session).unwrap();
        name.clone_into(&mut made.name);
        made.starts = starts;
        (7..10).for_each(|user| moodle.facetoface.sign_up(session, user, "held"));
    }
    // The list comes in pages.
    moodle.facetoface.page = 2;
    moodle
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_of_an_event_without_a_link_cancels_the_place_that_was_looked_up() {
    let ladders = training(LADDERS, TITLE, &NAMES);
    let twins = training(TWINS, "Lifting", &NAMES);
    let fake = Fake::start(academy(&ladders, &twins)).await;
    let token = SETTINGS.iter().find(|(name, _)| *name == "token").unwrap().1;
    let mut setup = setup(&NAMES);
    setup.policy.session = "{ lookup = true }";
    setup.policy.lms = Some(format!(
        "connector = \"moodle-facetoface\"\nbase_url = \"{}\"\n\
         token = {{ env = \"MOODLE_TOKEN\" }}\nrate = {{ requests = 100, per = \"1s\" }}\n",
        fake.url().as_str().trim_end_matches('/'),
    ));
    setup.env.push(("MOODLE_TOKEN", Some(token.to_owned())));
    let regrets = Path::new(env!("CARGO_BIN_EXE_regrets-under-test"));
    let before = |world: &simulator::World| {
        world.invite(&ladders).unwrap();
        world.invite(&twins).unwrap();
    };
    let stage = Stage::start_with(regrets, setup, before).await.unwrap_or_else(|error| panic!("{error}"));
    watched(&stage, NAMES.len()).await;
    let state = async |session: &str, name: &str| {
        let rows = stage.enrolments().await.unwrap_or_default();
        let row = rows.into_iter().find(|row| row["id"] == id(session, name).as_str()).unwrap_or_default();
        row["state"].as_str().unwrap_or("-").to_owned()
    };
    let becomes = async |name: &str, wanted: &str| {
        wait_until(&stage, &format!("{name} becomes {wanted}"), || async {
            let seen = state("12", name).await;
            if seen == wanted { Ok(()) } else { Err(format!("{seen}: {:?}", alerts(&stage).await)) }
        })
        .await;
    };
    for name in NAMES {
        becomes(name, "watched").await;
    }
    let world = stage.simulator.world();
    for meeting_of in [TWINS, LADDERS] {
        decline(world, "ana", meeting_of);
    }
    becomes("ana", "done").await;
    assert_eq!(fake.effects(), ["cancel 7 in session 12"], "{:?}", story(&stage, "12", "ana").await);
    assert_eq!(state("12", "bo").await, "watched");
    // Two fit the other one: nobody has a place in the ledger because of it, and a person is told.
    assert!(alerts(&stage).await.contains(&"session-ambiguous".to_owned()));
    let rows = stage.enrolments().await.unwrap();
    assert_eq!(rows.len(), NAMES.len(), "{rows:?}");
    assert!(world.is_enrolled(TWINS, &address("ana")));
}
