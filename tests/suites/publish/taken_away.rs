//! Whoever acts in the organizer's mailbox: one event edited, one called off, and many at once, as an absence
//! does. No place is lost by it, and a person has them made again.

use super::{mailed, mails, slot};
use crate::stage;
use serde_json::{Value, json};
use simulator::publishing::{allow, configure};
use simulator::stage::Stage;
use simulator::world::act::Retime;
use suites::{ORGANIZER, address, alerts, known, setup, stays, wait_until, watched};

const NAMES: [&str; 7] = ["ana", "bo", "cy", "dee", "eli", "fay", "gus"];
const SESSION: &str = "4711";

async fn alerted(stage: &Stage, kind: &str) {
    wait_until(stage, kind, || async {
        let open = alerts(stage).await;
        if open.iter().any(|one| one == kind) { Ok(()) } else { Err(format!("{open:?}")) }
    })
    .await;
}

fn number(found: &Value, name: &str) -> u64 {
    found.get(name).and_then(Value::as_u64).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_by_hand_in_the_organizers_calendar_costs_no_place() {
    let mut setup = setup(&NAMES);
    configure(&mut setup, ORGANIZER);
    // The organizer's own calendar tells of what is done in it.
    setup.policy.watch = "both";
    let stage = stage(setup, |world| allow(world, ORGANIZER)).await;
    let world = stage.simulator.world().clone();
    stage.connect_push().unwrap();
    watched(&stage, NAMES.len() + 1).await;
    world.hold_session(SESSION, "First aid", slot(7));
    for name in NAMES {
        world.enrol(SESSION, &address(name)).unwrap();
    }
    world.tell_of(SESSION).unwrap();
    wait_until(&stage, "all wait", || async {
        let held = stage.held_mails().await.map_err(|why| why.to_string())?;
        if held == NAMES.len() as u64 { Ok(()) } else { Err(held.to_string()) }
    })
    .await;
    stage.let_out("kim", "all of them").await.unwrap();
    let mut all = Vec::new();
    let each =
        |what: &str, names: &[&str]| names.iter().map(|name| format!("{name} {what}")).collect::<Vec<_>>();
    let of = |lines: &[String]| lines.iter().map(String::as_str).collect::<Vec<&str>>().join("\n");
    mailed(&stage, &mut all, &of(&each("invitation", &NAMES)).lines().collect::<Vec<_>>()).await;
    known(&stage, NAMES.len()).await;
    let event = |name: &str| world.own_event(ORGANIZER, &address(name)).unwrap();

    // Gus's event gets another time by hand: Exchange tells him, and a person is told.
    let moved = slot(8);
    let retime = Retime { session: event("gus"), start: moved.start, end: moved.end };
    world.retime(&retime).unwrap();
    mailed(&stage, &mut all, &["gus update"]).await;
    alerted(&stage, "event-edited").await;

    // Whoever is away for so long has it all called off.
    world.be_away(ORGANIZER, slot(7).end + chrono::Duration::hours(4)).unwrap();
    mailed(&stage, &mut all, &of(&each("cancellation", &NAMES[..6])).lines().collect::<Vec<_>>()).await;
    alerted(&stage, "organizer-calendar").await;
    let path = "tenants/contoso/publish/again";
    let mut shown = Value::Null;
    for _ in 0..100 {
        shown = stage.manage(&format!("{path}?organizer={ORGANIZER}")).await.unwrap();
        if number(&shown, "mails") == 6 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!((number(&shown, "mails"), number(&shown, "events")), (6, 6), "{shown}");
    let held = &all;
    stays(&stage, "nobody is mailed, and no place is lost", || async {
        let taken = world.effects().into_iter().filter(|effect| effect.took_effect).count();
        if mails(&stage) == *held && taken == 0 {
            Ok(())
        } else {
            Err(format!("{:?} {taken}", mails(&stage)))
        }
    })
    .await;

    let word = json!({ "organizer": ORGANIZER, "mails": 6, "by": "kim", "reason": "the absence is over" });
    stage.say(path, &word).await.unwrap();
    mailed(&stage, &mut all, &of(&each("invitation", &NAMES[..6])).lines().collect::<Vec<_>>()).await;
    let open = alerts(&stage).await;
    assert!(!open.contains(&"organizer-calendar".to_owned()), "{open:?}");
    let taken: Vec<_> = world.effects().into_iter().filter(|effect| effect.took_effect).collect();
    assert!(taken.is_empty(), "{taken:?}");
}
