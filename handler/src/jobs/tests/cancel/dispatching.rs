//! reference/rules.md#one-road: `dispatch-due` is the one place that paces a connection, and the one valve.

use crate::calendar::event::Answer;
use crate::enrolment::lms_answer::{LmsOutcome, Reply};
use crate::enrolment::policy::{Brake, Rate};
use crate::enrolment::transitions::State;
use crate::enrolment::valve::{Valve, ValveState};
use crate::enrolment::wakeups::{WakeUp, WakeUpKind};
use crate::ids::TenantName;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::cancel::dispatch::Wake;
use crate::jobs::operate::operator;
use crate::jobs::operate::operator::{Attribution, ValveCommand};
use crate::jobs::testing::lms::{down, reply};
use crate::jobs::testing::tables::Count;
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::{agenda, enrolments, valves};
use crate::messages::{ChangeType, EnrolmentRef, LinkRef};
use crate::store::{Table, Tables, typed};
use chrono::Duration;

/// So many declines, all due now.
async fn due(world: &World, sessions: u32) {
    for session in 1..=sessions {
        world.graph.invite("ana", session);
        world.graph.answer("ana", session, Answer::Declined);
        world.hint("ana", session, ChangeType::Created).await;
    }
    world.clock.advance(minutes(10));
}

async fn close(world: &World, state: ValveState) {
    let now = world.now();
    valves::change_valve(&world.app.ledger, &contoso(), now, |valve| {
        let mut next = valve.clone();
        next.close(state, "testing".into(), now);
        Some(next)
    })
    .await
    .unwrap();
}

async fn two_a_minute() -> World {
    World::with(|tenant| tenant.lms.rate = Rate { requests: 2, per: Duration::minutes(1) }).await
}

/// How many each tick sends.
async fn sent_by_ticks(world: &World, ticks: usize, apart: Duration) -> Vec<usize> {
    let mut sent = Vec::new();
    for _ in 0..ticks {
        sent.push(world.tick().await.len());
        world.clock.advance(apart);
    }
    sent
}

#[tokio::test(start_paused = true)]
async fn no_tick_lets_more_through_than_the_rate_allows_and_none_is_forgotten() {
    let world = two_a_minute().await;
    due(&world, 7).await;
    assert_eq!(sent_by_ticks(&world, 6, minutes(1)).await, [2, 2, 2, 1, 0, 0]);
    assert_eq!(world.lms.effects().len(), 7);
    world.assert_sound("all sent");
}

#[tokio::test(start_paused = true)]
async fn what_a_tick_has_sent_is_taken_off_the_rate_of_the_next() {
    let world = two_a_minute().await;
    due(&world, 3).await;
    let sent = sent_by_ticks(&world, 4, Duration::seconds(20)).await;
    assert_eq!(sent, [2, 0, 0, 1], "a minute has room for two");
}

/// A kill left a wake-up behind, and somebody was woken for it. The place comes to need one of the very same
/// moment.
#[tokio::test(start_paused = true)]
async fn who_was_woken_for_a_wake_up_that_a_kill_left_behind_was_not_woken_for_the_next_of_its_moment() {
    let world = World::new().await;
    due(&world, 1).await;
    assert_eq!(world.dispatch().await.cancellations.len(), 1);
    let row = world.row("ana", 1).await;
    let at = row.reference();
    world.tables.delete(Table::Enrolments, &at.partition, &at.row, None).await.unwrap();
    assert!(world.dispatch().await.cancellations.is_empty(), "woken already");
    enrolments::commit(&world.app.ledger, None, row).await.unwrap();
    assert_eq!(world.tick().await.len(), 1);
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
}

#[tokio::test(start_paused = true)]
async fn a_closed_valve_wakes_nothing() {
    for state in
        [ValveState::Stopped, ValveState::Braked, ValveState::CredentialBroken, ValveState::EndpointGone]
    {
        let world = World::new().await;
        due(&world, 3).await;
        close(&world, state).await;
        assert!(world.dispatch().await.cancellations.is_empty(), "{state:?}");
        world.pass(Duration::hours(2)).await;
        assert_eq!(world.lms.asked(), 0, "{state:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_on_its_way_when_the_valve_closed_is_put_back_without_counting() {
    for state in
        [ValveState::Stopped, ValveState::Braked, ValveState::CredentialBroken, ValveState::EndpointGone]
    {
        let world = World::new().await;
        due(&world, 1).await;
        let wake = world.dispatch().await;
        close(&world, state).await;
        assert_eq!(world.deliver(&wake).await, [AttemptResult::PutBack], "{state:?}");
        let row = world.row("ana", 1).await;
        assert_eq!((row.state, row.attempt.tries), (State::Waiting, 0));
        world.assert_sound("put back");
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_pauses_the_whole_connection_and_what_is_on_its_way_to_it() {
    let world = World::new().await;
    due(&world, 3).await;
    let retry_after = Some(std::time::Duration::from_secs(600));
    world.lms.script([Reply { retry_after, pause: retry_after, ..reply(LmsOutcome::Outage) }]);
    world.tick().await;
    assert_eq!(world.lms.asked(), 1, "the second and third were woken in the same tick");
    world.pass(minutes(9)).await;
    assert_eq!(world.lms.asked(), 1);
    world.pass(minutes(25)).await;
    assert_eq!(world.lms.effects().len(), 3);
    world.assert_sound("after the pause");
}

/// When the rows wait to be carried on, in seconds from now.
async fn waits(world: &World, sessions: u32) -> Vec<i64> {
    let mut waits = Vec::new();
    for session in 1..=sessions {
        let row = world.row("ana", session).await;
        waits.extend(row.attempt.due.map(|due| (due - world.now()).num_seconds()));
    }
    waits
}

#[tokio::test(start_paused = true)]
async fn what_is_put_back_for_a_pause_comes_back_when_the_pause_ends() {
    for seconds in [5, 90] {
        let world = World::new().await;
        due(&world, 3).await;
        let retry_after = Some(std::time::Duration::from_secs(seconds));
        world.lms.script([Reply { retry_after, pause: retry_after, ..reply(LmsOutcome::Outage) }]);
        world.tick().await;
        let waits = waits(&world, 3).await;
        let seconds = i64::try_from(seconds).unwrap();
        assert!(waits.iter().filter(|wait| **wait == seconds).count() >= 2, "{waits:?}");
        assert!(waits.iter().all(|wait| *wait >= seconds), "{waits:?}");
        world.clock.advance(Duration::seconds(seconds));
        world.tick().await;
        assert!(world.lms.asked() >= 3, "they come back at once");
    }
    // A valve that is closed for another reason is looked at every minute, and not before its pause ends.
    for (pause, expected) in [(5, 60), (90, 90)] {
        let world = World::new().await;
        due(&world, 2).await;
        let wake = world.dispatch().await;
        let now = world.now();
        close(&world, ValveState::Stopped).await;
        valves::change_valve(&world.app.ledger, &contoso(), now, |valve| {
            Some(Valve { pause_until: Some(world.now() + Duration::seconds(pause)), ..valve.clone() })
        })
        .await
        .unwrap();
        world.deliver(&wake).await;
        assert_eq!(waits(&world, 2).await, [expected, expected]);
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_a_lower_bound_whatever_the_status() {
    use LmsOutcome as O;
    for (outcome, status) in [
        (O::Outage, 500),
        (O::Outage, 502),
        (O::Outage, 504),
        (O::Outage, 408),
        (O::Outage, 425),
        (O::Outage, 404),
        (O::Outage, 200),
        (O::Accepted, 202),
        (O::Outage, 429),
        (O::Outage, 503),
        (O::CredentialBroken, 403),
    ] {
        let world = World::new().await;
        due(&world, 1).await;
        let retry_after = Some(std::time::Duration::from_secs(700));
        world.lms.always(Some(Reply { retry_after, status: Some(status), ..reply(outcome) }));
        world.tick().await;
        let waits = waits(&world, 1).await;
        assert!(waits[0] >= 700, "{outcome:?} {status}: {waits:?}");
        world.pass(minutes(11)).await;
        assert_eq!(world.lms.asked(), 1, "{outcome:?} {status}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_pause_holds_back_the_others() {
    for (pauses, asked) in [(true, 1), (false, 3)] {
        let world = World::new().await;
        due(&world, 3).await;
        let retry_after = Some(std::time::Duration::from_secs(600));
        let pause = retry_after.filter(|_| pauses);
        world.lms.script([Reply { retry_after, pause, ..reply(LmsOutcome::Outage) }]);
        world.tick().await;
        assert_eq!(world.lms.asked(), asked, "{pauses}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_breaker_that_opens_stops_what_is_on_its_way_and_lets_one_probe_through_per_tick() {
    let world = World::new().await;
    due(&world, 30).await;
    world.lms.always(Some(down()));
    world.tick().await;
    assert_eq!(world.lms.asked(), 5, "the sixth of the same tick meets an open breaker");
    for tick in 1..=10 {
        world.clock.advance(minutes(1));
        world.tick().await;
        assert!(world.lms.asked() <= 5 + tick, "{} after {tick} ticks", world.lms.asked());
    }
    assert!(world.lms.asked() > 5, "probes are sent");
    world.lms.always(None);
    world.pass(Duration::hours(2)).await;
    assert_eq!(world.lms.effects().len(), 30);
    world.assert_sound("after the outage");
}

#[tokio::test(start_paused = true)]
async fn what_was_woken_is_not_woken_again_before_ten_minutes() {
    let world = World::new().await;
    due(&world, 2).await;
    let mut woken = Vec::new();
    for _ in 0..21 {
        woken.push(world.dispatch().await.cancellations.len());
        world.clock.advance(minutes(1));
    }
    let ticks: Vec<usize> = (0..woken.len()).filter(|tick| woken[*tick] > 0).collect();
    assert_eq!(ticks, [0, 10, 20]);
    assert_eq!(woken.iter().sum::<usize>(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_wake_up_that_no_row_needs_is_cleared_away_by_whoever_it_wakes() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    let row = world.row("ana", 1).await;
    let whats = [
        WakeUpKind::Cancel { enrolment: row.reference() },
        WakeUpKind::Look {
            enrolment: row.reference(),
            link: row.parts[0].link.clone(),
            part: row.parts[0].key.clone(),
        },
        WakeUpKind::Cancel {
            enrolment: EnrolmentRef { partition: "contoso~nobody".into(), row: "nobody".into() },
        },
    ];
    for what in whats {
        let entry = WakeUp { tenant: contoso(), due: world.now(), what };
        agenda::schedule(&world.app.ledger, &entry, None).await.unwrap();
    }
    world.tick().await;
    assert_eq!(world.agenda().len(), 3, "their writer may be just about to write the row");
    world.pass(minutes(12)).await;
    assert!(world.agenda().is_empty(), "{:?}", world.agenda());
    assert_eq!(world.lms.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_row_of_the_agenda_that_nobody_understands_holds_up_no_other() {
    let world = World::new().await;
    due(&world, 1).await;
    let odd = typed::entity(&serde_json::json!({ "written": "by a newer build" })).unwrap();
    for partition in ["cancel~contoso", "look~contoso"] {
        world
            .tables
            .insert(Table::Agenda, partition, "2026-01-01T00:00:00.000Z~odd", odd.clone())
            .await
            .unwrap();
    }
    world.tick().await;
    assert_eq!(world.state("ana", 1).await, State::Done);
    let alerts = crate::ledger::alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    assert_eq!(alerts.iter().map(|alert| alert.kind.as_str()).collect::<Vec<_>>(), ["unreadable-row"]);
}

#[tokio::test(start_paused = true)]
async fn a_learner_who_declines_too_much_is_held_back_alone_until_a_person_opens_the_valve() {
    let world = World::with(|tenant| tenant.policy.brake = Brake::default()).await;
    due(&world, 9).await;
    world.invited("ben", 1).await;
    world.declined("ben", 1).await;
    world.pass(Duration::hours(2)).await;
    assert_eq!((world.lms.cancelled("ben", 1), world.lms.asked()), (1, 1));
    let alerts = crate::ledger::alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    assert_eq!(alerts.iter().map(|alert| alert.kind.as_str()).collect::<Vec<_>>(), ["brake"]);

    let signed = Attribution { by: "Kim".into(), reason: "a long illness".into() };
    operator::set_valve(&world.app, &contoso(), ValveCommand::Open, &signed).await.unwrap();
    world.pass(minutes(15)).await;
    assert_eq!(world.lms.effects().len(), 10);
    world.assert_sound("released");
}

#[tokio::test(start_paused = true)]
async fn an_idle_tick_writes_nothing() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.tables.count();
    world.tick().await;
    assert_eq!(world.tables.count(), Count { gets: 0, scans: 2, writes: 0 });
}

/// Entries of the agenda that are due, a second apart, and nothing behind them.
async fn entries(world: &World, tenant: &TenantName, cancellations: u32, looks: u32) {
    let enrolment = |n: u32| EnrolmentRef { partition: format!("{tenant}~1"), row: format!("row{n}") };
    let link = LinkRef { partition: format!("{tenant}~ana"), row: "e-1".into() };
    let cancel = (0..cancellations).map(|n| WakeUpKind::Cancel { enrolment: enrolment(n) });
    let look = |n: u32| WakeUpKind::Look { enrolment: enrolment(n), link: link.clone(), part: "p".into() };
    for (n, what) in cancel.chain((0..looks).map(look)).enumerate() {
        let due = world.now() - Duration::hours(3) + Duration::milliseconds(n as i64);
        let entry = WakeUp { tenant: tenant.clone(), due, what };
        agenda::schedule(&world.app.ledger, &entry, None).await.unwrap();
    }
}

async fn fast() -> World {
    World::with(|tenant| tenant.lms.rate = Rate { requests: 100_000, per: Duration::seconds(1) }).await
}

fn looks(wake: &Wake) -> usize {
    wake.changes.iter().map(|message| message.hints.len()).sum()
}

/// Each write of a hundred takes a second, and a tick has ten.
#[tokio::test(start_paused = true)]
async fn cancellations_go_before_looks_and_starve_them_for_no_tick() {
    let mut world = fast().await;
    world.app.timing.budgets.dispatch = std::time::Duration::from_secs(10);
    world.tables.slow(Table::Agenda, std::time::Duration::from_secs(1));
    entries(&world, &contoso(), 300, 2_000).await;
    let wake = world.dispatch().await;
    assert_eq!(wake.cancellations.len(), 300, "all of them");
    assert!((100..=700).contains(&looks(&wake)), "looks have what is left: {}", looks(&wake));

    entries(&world, &contoso(), 1_000, 0).await;
    for _ in 0..2 {
        world.clock.advance(minutes(11));
        let wake = world.dispatch().await;
        assert!((400..=600).contains(&wake.cancellations.len()), "{}", wake.cancellations.len());
        assert!((100..=400).contains(&looks(&wake)), "{}", looks(&wake));
    }
}

/// Nobody works on what is woken: an instance that is down, or an LMS that takes its time.
#[tokio::test(start_paused = true)]
async fn what_is_under_way_is_not_heaped_up_and_leaves_room_for_whoever_is_new() {
    let mut world = fast().await;
    world.neighbour("adatum", None).await;
    entries(&world, &contoso(), 3_000, 9_000).await;
    let mut sent = Vec::new();
    for _ in 0..9 {
        let wake = world.dispatch().await;
        sent.push((wake.cancellations.len(), looks(&wake)));
        world.clock.advance(minutes(1));
    }
    let (cancellations, looks) = sent.iter().fold((0, 0), |all, sent| (all.0 + sent.0, all.1 + sent.1));
    assert_eq!((cancellations, looks), (1_000, 8_000), "{sent:?}");

    let adatum = TenantName::new("adatum");
    entries(&world, &adatum, 20, 0).await;
    let wake = world.dispatch().await;
    let theirs = wake.cancellations.iter().filter(|message| message.tenant == adatum).count();
    assert_eq!(theirs, 20, "whoever comes new has room at once");
}

#[tokio::test(start_paused = true)]
async fn each_tick_has_room_for_every_tenant_however_much_one_has() {
    let mut world = fast().await;
    let others: Vec<TenantName> = (0..30).map(|n| TenantName::new(format!("tenant{n:02}"))).collect();
    entries(&world, &contoso(), 3_000, 0).await;
    for name in &others {
        world.neighbour(name.as_str(), None).await;
        entries(&world, name, 10, 0).await;
    }
    let wake = world.dispatch().await;
    let mut woken = std::collections::BTreeMap::<TenantName, usize>::new();
    wake.cancellations.iter().for_each(|message| *woken.entry(message.tenant.clone()).or_default() += 1);
    assert!(others.iter().all(|name| woken.get(name) == Some(&10)), "{woken:?}");
    assert_eq!(woken[&contoso()], 700, "and the rest of the room is whose who has more");
    let first: std::collections::BTreeSet<_> =
        wake.cancellations.iter().take(31).map(|message| &message.tenant).collect();
    assert_eq!(first.len(), 31, "one of each, then the next of each");
}
