//! The whole loop where the LMS tells Regrets of its sessions and places by itself: told, invited after a
//! person's word, moved, declined, withdrawn; with the handler killed in the middle.

use super::{is_mailed, mailed, slot};
use crate::stage;
use simulator::publishing::{allow, configure};
use simulator::world::act::Reply;
use std::time::Duration;
use suites::{ORGANIZER, address, alerts, becomes, known, mails, setup, stays, wait_until, watched};

const NAMES: [&str; 4] = ["ana", "bo", "cy", "dee"];
const SESSION: &str = "4711";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_is_mailed_once_and_declines_cancel_places() {
    let mut setup = setup(&NAMES);
    configure(&mut setup, ORGANIZER);
    setup.comes_again = Some("00:00:01");
    let mut stage = stage(setup, |world| allow(world, ORGANIZER)).await;
    let world = stage.simulator.world().clone();
    stage.connect_push().unwrap();
    watched(&stage, NAMES.len()).await;

    // Told, and killed at once: whatever was not taken is told again, and what was taken is not lost.
    world.hold_session(SESSION, "First aid", slot(7));
    for name in NAMES {
        world.enrol(SESSION, &address(name)).unwrap();
    }
    world.tell_of(SESSION).unwrap();
    stage.kill_handler().await.unwrap();
    wait_until(&stage, "four invitations wait", || async {
        let held = stage.held_mails().await.map_err(|why| why.to_string())?;
        if held == 4 { Ok(()) } else { Err(format!("{held} wait; told: {:?}", world.told())) }
    })
    .await;
    let mut all = Vec::new();
    assert_eq!(mails(&stage), all, "the first mails wait for a person");
    assert_eq!(alerts(&stage).await, ["publish-held"]);

    // The word; killed while the invitations are written.
    stage.let_out("kim", "these four").await.unwrap();
    wait_until(&stage, "the first is invited", || async {
        if mails(&stage).is_empty() { Err("nobody".to_owned()) } else { Ok(()) }
    })
    .await;
    stage.kill_handler().await.unwrap();
    mailed(&stage, &mut all, &["ana invitation", "bo invitation", "cy invitation", "dee invitation"]).await;
    known(&stage, NAMES.len()).await;

    // Declined: the LMS is told, and says so itself afterwards; nobody is mailed about it.
    let event = |name: &str| world.own_event(ORGANIZER, &address(name)).unwrap();
    let decline = Reply::new(&address("ana"), &event("ana")).keep(false);
    world.decline(&decline.mail_after(Duration::from_millis(50))).unwrap();
    becomes(&stage, SESSION, "ana", "done declined/organizer-copy done; gone, 1 effects").await;

    // Moved: who still comes hears of it once.
    world.move_session(SESSION, slot(9)).unwrap();
    mailed(&stage, &mut all, &["bo update", "cy update", "dee update"]).await;

    // Withdrawn in the LMS: one cancellation, and no order to the LMS.
    world.unenrol(SESSION, &address("bo")).unwrap();
    mailed(&stage, &mut all, &["bo cancellation"]).await;

    // The session is off: who still has a place hears of it, and neither Ana nor Bo.
    world.call_off_session(SESSION, "the trainer is ill").unwrap();
    mailed(&stage, &mut all, &["cy cancellation", "dee cancellation"]).await;
    stays(&stage, "nobody is mailed any more", || is_mailed(&stage, &all)).await;
    let orders = world.effects().into_iter().filter(|effect| effect.took_effect).count();
    assert_eq!(orders, 1, "Ana's place alone was cancelled: {:?}", world.effects());
    assert_eq!(world.told().refused, Vec::<String>::new());
}
