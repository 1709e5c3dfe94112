//! reference/rules.md#nothing-in-silence: nothing is dropped unheard; reference/rules.md#personal-data:
//! nothing personal outlives its retention.

use crate::calendar::event::Answer;
use crate::enrolment::attempt::Claim;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::transitions::State;
use crate::enrolment::valve::ValveState;
use crate::jobs::operate::dead_letters;
use crate::jobs::operate::housekeeping::{hourly, housekeep};
use crate::jobs::operate::session_visit::HousekeepingReport;
use crate::jobs::testing::graph::FakeGraph;
use crate::jobs::testing::{World, changes, contoso, minutes, noon, user};
use crate::jobs::watch::switched_off;
use crate::ledger::{alerts, mailboxes, unreadable_messages, valves};
use crate::messages::{ChangeType, MailboxTask, Mailboxes, TaskKind, VERSION};
use crate::store::{Table, Tables, typed};
use chrono::Duration;

#[tokio::test(start_paused = true)]
async fn wake_ups_are_restored_after_the_whole_agenda_is_lost() {
    let world = World::new().await;
    for session in 1..=3 {
        world.invited("ana", session).await;
    }
    world.declined("ana", 1).await;
    world.graph.remove("ana", 2);
    world.hint("ana", 2, ChangeType::Deleted).await;
    let before = world.agenda();
    assert_eq!(before.len(), 2);
    world.tables.wipe(Table::Agenda);
    let kept = housekeep(&world.app).await.unwrap();
    assert_eq!(kept, HousekeepingReport { enrolments: 3, wakeups_restored: 2, forgotten: 0 });
    assert_eq!(world.agenda(), before);
    world.pass(minutes(45)).await;
    assert_eq!((world.state("ana", 1).await, world.state("ana", 2).await), (State::Done, State::Review));
    world.assert_sound("restored");
}

#[tokio::test(start_paused = true)]
async fn at_the_end_of_retention_row_and_links_go_and_the_audit_stays() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.pass(minutes(15)).await;
    let lines = world.tables.dump(Table::Activity).len();
    // The session ends four days and eight hours after noon.
    world.clock.set(noon() + Duration::days(94));
    assert_eq!(housekeep(&world.app).await.unwrap().forgotten, 0);
    world.clock.set(noon() + Duration::days(95));
    assert_eq!(housekeep(&world.app).await.unwrap().forgotten, 1);
    for table in [Table::Enrolments, Table::Links, Table::Agenda] {
        assert!(world.tables.dump(table).is_empty(), "{table:?}");
    }
    assert_eq!(world.tables.dump(Table::Activity).len(), lines);
    assert!(crate::ledger::sessions::sessions(&world.app.ledger, &contoso()).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_end_of_one_sessions_retention_takes_no_link_of_another() {
    let world = World::new().await;
    let late = noon() + Duration::days(200);
    for session in [1, 2] {
        world.graph.invite("ana", session);
        if session == 2 {
            world
                .graph
                .copy("ana", 2, |event| (event.start, event.end) = (Some(late), Some(late + minutes(60))));
        }
        world.hint("ana", session, ChangeType::Created).await;
    }
    world.clock.set(noon() + Duration::days(95));
    assert_eq!(housekeep(&world.app).await.unwrap().forgotten, 1);
    let left: Vec<_> =
        world.tables.dump(Table::Links).into_iter().map(|row| row.entity["session"].clone()).collect();
    assert_eq!(left, ["2"]);
}

#[tokio::test(start_paused = true)]
async fn a_row_whose_session_never_had_a_time_goes_too() {
    let world = World::new().await;
    let mut timeless = FakeGraph::event("copy-1-ana".into(), 1);
    (timeless.start, timeless.end) = (None, None);
    world.graph.put("ana", timeless);
    world.hint("ana", 1, ChangeType::Created).await;
    world.clock.advance(Duration::days(91));
    housekeep(&world.app).await.unwrap();
    assert_eq!(world.find("ana", 1).await, None);
}

#[tokio::test(start_paused = true)]
async fn what_is_on_its_way_is_never_removed() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    for state in [State::Waiting, State::Running] {
        let mut row = world.row("ana", 1).await;
        row.state = state;
        (row.start, row.end) = (None, Some(noon() - Duration::days(400)));
        let at = row.reference();
        crate::ledger::enrolments::update(&world.app.ledger, &at, |_| Some(row.clone())).await.unwrap();
        housekeep(&world.app).await.unwrap();
        assert_eq!(world.state("ana", 1).await, state);
        assert_eq!(world.tables.dump(Table::Links).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_waits_behind_a_closed_valve_expires_at_its_deadline_with_an_alert() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    let now = world.now();
    valves::change_valve(&world.app.ledger, &contoso(), now, |valve| {
        let mut next = valve.clone();
        next.close(ValveState::Stopped, "holiday".into(), now);
        Some(next)
    })
    .await
    .unwrap();
    world.pass_by(minutes(60), Duration::days(4)).await;
    housekeep(&world.app).await.unwrap();
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Expired, 0));
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    assert!(open.iter().any(|alert| alert.kind == "expired"));
    world.assert_sound("expired");
}

#[tokio::test(start_paused = true)]
async fn a_row_that_nobody_understands_holds_up_no_housekeeping() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    let partition = world.row("ana", 1).await.reference().partition;
    let odd = typed::entity(&serde_json::json!({ "written": "by a newer build" })).unwrap();
    world.tables.insert(Table::Enrolments, &partition, "0", odd).await.unwrap();
    world.tables.wipe(Table::Agenda);
    assert_eq!(housekeep(&world.app).await.unwrap().wakeups_restored, 1);
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    assert_eq!(open.iter().map(|alert| alert.kind.as_str()).collect::<Vec<_>>(), ["unreadable-row"]);
}

#[tokio::test(start_paused = true)]
async fn a_poisoned_change_becomes_a_look() {
    let world = World::new().await;
    world.graph.invite("ana", 1);
    world.graph.answer("ana", 1, Answer::Declined);
    let hint = world.graph.hint("ana", 1, ChangeType::Created);
    let again = crate::messages::Hint::Again {
        hint: Box::new(world.graph.hint("ben", 2, ChangeType::Created)),
        tries: 3,
        agenda: crate::messages::AgendaRef { partition: "look~contoso".into(), row: "gone".into() },
    };
    world.graph.invite("ben", 2);
    let text = serde_json::to_string(&changes(&[hint, again])).unwrap();
    dead_letters::change(&world.app, &text).await.unwrap();
    world.pass(minutes(15)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
    assert_eq!(world.state("ben", 2).await, State::Watched, "its agenda row was lost, the message was not");
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    assert_eq!(open.iter().map(|alert| alert.kind.as_str()).collect::<Vec<_>>(), ["poison-changes"]);
}

#[tokio::test(start_paused = true)]
async fn a_poisoned_resync_mark_and_mailbox_task_are_planned_anew() {
    let world = World::new().await;
    world.watch().await;
    world.clock.advance(minutes(1));
    let task = MailboxTask { mailbox: user("ana"), kind: TaskKind::Removed, subscription: None };
    let message = Mailboxes::of(contoso(), vec![task]);
    dead_letters::mailboxes(&world.app, &serde_json::to_string(&message).unwrap()).await.unwrap();
    let row = mailboxes::load(&world.app.ledger, &contoso(), &user("ana")).await.unwrap().unwrap();
    assert_eq!((row.due, row.resync_wanted), (world.now(), Some(world.now())));
}

#[tokio::test(start_paused = true)]
async fn a_poisoned_cancellation_is_carried_on_by_the_agenda() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.clock.advance(minutes(10));
    let message = world.dispatch().await.cancellations.remove(0);
    dead_letters::cancellation(&world.app, &serde_json::to_string(&message).unwrap()).await.unwrap();
    world.pass(minutes(12)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_can_read_is_kept_for_review() {
    let world = World::new().await;
    let mut other = changes(&[]);
    other.tenant = "unreadable".into();
    let mut newer = changes(&[]);
    newer.v = VERSION + 1;
    let texts = [
        "not JSON".to_owned(),
        serde_json::to_string(&other).unwrap(),
        serde_json::to_string(&newer).unwrap(),
    ];
    for text in &texts {
        for _ in 0..2 {
            dead_letters::change(&world.app, text).await.unwrap();
            dead_letters::mailboxes(&world.app, text).await.unwrap();
            dead_letters::cancellation(&world.app, text).await.unwrap();
        }
    }
    let kept = world.tables.dump(Table::Agenda);
    assert_eq!(kept.len(), 9, "each once");
    assert!(kept.iter().all(|row| row.partition == unreadable_messages::UNREADABLE));
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    assert_eq!(open.iter().map(|alert| alert.kind.as_str()).collect::<Vec<_>>(), ["poison-unreadable"]);
    world.tick().await;
    housekeep(&world.app).await.unwrap();
}

/// reference/rules.md#personal-data.
#[tokio::test(start_paused = true)]
async fn nothing_personal_is_stored_but_the_learner_key() {
    let world = World::new().await;
    world.watch().await;
    for (learner, session) in [("ana", 1), ("ben", 1), ("cem", 2)] {
        let mut copy = FakeGraph::event(crate::jobs::testing::graph::copy(learner, session), session);
        copy.subject = Some("Fire safety for Ana".into());
        copy.body = Some("Bring your badge".into());
        world.graph.invite(learner, session);
        world.graph.put(learner, copy);
        world.hint(learner, session, ChangeType::Created).await;
    }
    world.declined("ana", 1).await;
    world.graph.remove("ben", 1);
    world.hint("ben", 1, ChangeType::Deleted).await;
    world.lms.script([crate::enrolment::lms_answer::Reply {
        message: Some("no such learner".into()),
        ..crate::jobs::testing::lms::reply(crate::enrolment::lms_answer::LmsOutcome::UnknownLearner)
    }]);
    world.pass(minutes(60)).await;
    housekeep(&world.app).await.unwrap();

    let mut learner_keys = 0;
    for table in Table::ALL {
        for row in world.tables.dump(table) {
            let mut entity = row.entity.clone();
            if matches!(table, Table::Enrolments | Table::Links) {
                learner_keys += usize::from(entity.remove("learner").is_some());
                // Graph's own id of the invitation; of ours it holds no person's address.
                entity.remove("ical_uid");
            }
            let text = format!("{} {} {}", row.partition, row.row, serde_json::Value::from(entity));
            for forbidden in
                ["ana@", "ben@", "cem@", "learning@", "Fire safety", "badge", "not a secret", "whsec"]
            {
                assert!(!text.contains(forbidden), "{forbidden} in {table:?}: {text}");
            }
            if table == Table::Enrolments {
                let row: Enrolment = serde_json::from_value(row.entity.into()).unwrap();
                assert!(row.story.iter().all(|line| !line.text.contains('@')), "{:?}", row.story);
            }
        }
    }
    assert!(learner_keys >= 6, "the test must see rows: {learner_keys}");
}

/// How long something is kept is promised to people, and does not rest with the tenant. What is younger
/// stays, and nobody is called.
#[tokio::test(start_paused = true)]
async fn retention_goes_on_while_a_tenant_is_switched_off_and_takes_nothing_else() {
    let mut world = World::new().await;
    for learner in ["ana", "ben", "cem"] {
        world.invited(learner, 1).await;
    }
    let late = noon() + Duration::days(200);
    world.graph.invite("ana", 2);
    world.graph.copy("ana", 2, |event| (event.start, event.end) = (Some(late), Some(late + minutes(60))));
    world.hint("ana", 2, ChangeType::Created).await;
    world.declined("ana", 2).await;
    world.declined("ana", 1).await;
    world.pass(minutes(15)).await;
    world.declined("ben", 1).await;
    housekeep(&world.app).await.unwrap();
    let states = [world.state("ana", 1).await, world.state("ben", 1).await, world.state("cem", 1).await];
    assert_eq!(states, [State::Done, State::Waiting, State::Watched]);
    let (younger, asked) = (world.row("ana", 2).await, world.lms.asked());

    world.tenant.active = false;
    world.restart().await;
    switched_off::note(&world.app).await.unwrap();
    world.graph.all_calls();
    // The session ends four days and eight hours after noon.
    world.clock.set(noon() + Duration::days(94));
    let before = Table::ALL.map(|table| world.tables.dump(table));
    assert_eq!(housekeep(&world.app).await.unwrap().forgotten, 0);
    let unchanged = |table: Table| table == Table::Connections;
    for (table, before) in Table::ALL.into_iter().zip(before) {
        assert!(unchanged(table) || world.tables.dump(table) == before, "{table:?}");
    }
    world.clock.set(noon() + Duration::days(94) + Duration::hours(12));
    assert_eq!(hourly(&world.app).await.unwrap().forgotten, 0, "once a day");
    assert_eq!(housekeep(&world.app).await.unwrap().forgotten, 3);
    assert_eq!(world.row("ana", 2).await, younger);
    assert_eq!(world.tables.dump(Table::Enrolments).len(), 1);
    let links: Vec<_> =
        world.tables.dump(Table::Links).into_iter().map(|row| row.entity["session"].clone()).collect();
    assert_eq!(links, ["2"]);
    let agenda = world.agenda();
    assert!(agenda.iter().all(|(_, row)| row.entry.what.enrolment() == Some(&younger.reference())));
    let lines = world.tables.dump(Table::Activity);
    let undone = |row: &&crate::store::Row| {
        row.entity.values().any(|value| value.to_string().contains("forgotten undone"))
    };
    assert_eq!(lines.iter().filter(undone).count(), 1, "ben's, which nobody carries out any more");
    assert_eq!((world.graph.all_calls(), world.lms.asked()), ([].into(), asked));
    assert!(alerts::open(&world.app.ledger, &contoso()).await.unwrap().is_empty());
    world.clock.set(noon() + Duration::days(300));
    housekeep(&world.app).await.unwrap();
    for table in [Table::Enrolments, Table::Links, Table::Agenda] {
        assert!(world.tables.dump(table).is_empty(), "{table:?}");
    }
    assert!(crate::ledger::sessions::sessions(&world.app.ledger, &contoso()).await.unwrap().is_empty());
}

/// What is at the LMS at that moment is not taken away from under it.
#[tokio::test(start_paused = true)]
async fn what_is_at_the_lms_stays_though_its_tenant_is_switched_off() {
    let mut world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    let mut row = world.row("ana", 1).await;
    (row.start, row.end) = (None, Some(noon() - Duration::days(400)));
    row.state = State::Running;
    row.attempt.claim = Some(Claim { token: "t".into(), until: world.now() + minutes(3) });
    let at = row.reference();
    crate::ledger::enrolments::update(&world.app.ledger, &at, |_| Some(row.clone())).await.unwrap();
    world.tenant.active = false;
    world.restart().await;
    housekeep(&world.app).await.unwrap();
    assert_eq!(world.state("ana", 1).await, State::Running);
    assert_eq!(world.tables.dump(Table::Links).len(), 1);
    world.clock.advance(minutes(3));
    assert_eq!(housekeep(&world.app).await.unwrap().forgotten, 1);
    assert!(world.tables.dump(Table::Links).is_empty());
}
