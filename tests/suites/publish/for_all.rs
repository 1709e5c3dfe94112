//! One event for all learners of a session (`events = "session"`): each hears of what concerns them, a
//! decline costs the one place, and the list is written over without losing anybody's answer; with the
//! handler killed in the middle.

use super::{is_mailed, mailed, slot};
use crate::stage;
use simulator::publishing::{allow, configure};
use simulator::world::act::Reply;
use simulator::world::item::Item;
use std::time::Duration;
use suites::{ORGANIZER, address, alerts, becomes, known, setup, stays, wait_until, watched};

const NAMES: [&str; 5] = ["ana", "bo", "cy", "dee", "eve"];
const SESSION: &str = "4711";

#[tokio::test(flavor = "multi_thread")]
async fn all_have_one_event_and_a_decline_costs_the_one_place() {
    let mut setup = setup(&NAMES);
    configure(&mut setup, ORGANIZER);
    setup.policy.more.push_str("events = \"session\"\n");
    let mut stage = stage(setup, |world| allow(world, ORGANIZER)).await;
    let world = stage.simulator.world().clone();
    stage.connect_push().unwrap();
    watched(&stage, NAMES.len()).await;
    world.hold_session(SESSION, "First aid", slot(7));
    for name in &NAMES[..4] {
        world.enrol(SESSION, &address(name)).unwrap();
    }
    world.tell_of(SESSION).unwrap();
    wait_until(&stage, "four invitations wait", || async {
        let held = stage.held_mails().await.map_err(|why| why.to_string())?;
        if held == 4 { Ok(()) } else { Err(format!("{held} wait; told: {:?}", world.told())) }
    })
    .await;
    stage.let_out("kim", "these four").await.unwrap();
    let mut all = Vec::new();
    mailed(&stage, &mut all, &["ana invitation", "bo invitation", "cy invitation", "dee invitation"]).await;
    known(&stage, 4).await;
    let the_event = || {
        let ours = |item: &Item| !item.extended.is_empty() && !item.is_cancelled;
        let found: Vec<Item> = world.events_of(ORGANIZER).into_iter().filter(ours).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found.into_iter().next().unwrap()
    };
    assert!(the_event().details.hide_attendees, "nobody sees another");

    // Declined: the one place, and nobody is mailed; then another comes, so that the list is written over.
    let decline = Reply::new(&address("ana"), &the_event().ical_uid).keep(false);
    world.decline(&decline.mail_after(Duration::from_millis(50))).unwrap();
    becomes(&stage, SESSION, "ana", "done declined/organizer-copy done; gone, 1 effects").await;
    world.enrol(SESSION, &address("eve")).unwrap();
    stage.kill_handler().await.unwrap();
    mailed(&stage, &mut all, &["eve invitation"]).await;
    assert_eq!(the_event().invitees.len(), 5, "who declined stays listed");
    known(&stage, NAMES.len()).await;

    // Of two who decline while the list is about to be written, none is lost.
    let decline = Reply::new(&address("bo"), &the_event().ical_uid).keep(false);
    world.decline(&decline.mail_after(Duration::from_millis(50))).unwrap();
    world.unenrol(SESSION, &address("cy")).unwrap();
    mailed(&stage, &mut all, &["cy cancellation"]).await;
    becomes(&stage, SESSION, "bo", "done declined/organizer-copy done; gone, 1 effects").await;

    // Off: Exchange leaves out nobody who is listed.
    world.call_off_session(SESSION, "the trainer is ill").unwrap();
    let off = ["ana cancellation", "bo cancellation", "dee cancellation", "eve cancellation"];
    mailed(&stage, &mut all, &off).await;
    stays(&stage, "nobody is mailed any more", || is_mailed(&stage, &all)).await;
    let orders = world.effects().into_iter().filter(|effect| effect.took_effect).count();
    assert_eq!(orders, 2, "two places: {:?}", world.effects());
    let open = alerts(&stage).await;
    assert!(open.is_empty(), "{open:?}");
}
