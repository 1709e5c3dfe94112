//! No invocation waits for more than ten seconds in all, whoever is silent; and nothing is lost by it.

use crate::calendar::event::Answer;
use crate::config::WebhookSecret;
use crate::custom_handler::{Function as _, Invocation};
use crate::enrolment::lms_answer::{LmsOutcome, OrderEvidence, OrderVerdict, Reach, Reply};
use crate::enrolment::policy::{Mailboxes, Rate};
use crate::enrolment::transitions::State;
use crate::functions::poison::{Kind, Poison};
use crate::graph::port::Graph;
use crate::graph::testing::{silent_graph, throttling_graph};
use crate::invocation_deadline::{ASKING, WHOLE};
use crate::jobs::JobError;
use crate::jobs::cancel::attempt;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::context::AppContext;
use crate::jobs::observe::hints;
use crate::jobs::testing::graph::{copy, unavailable};
use crate::jobs::testing::{ORGANIZER, World, address, changes, contoso, minutes, noon, user};
use crate::jobs::watch::{maintain, plan};
use crate::ledger::mailboxes;
use crate::ledger::mailboxes::SubscriptionState;
use crate::lms::webhook::{ANSWER, WebhookConnector};
use crate::lms::{Budget, Connector, Order};
use crate::messages::{Cancellation, ChangeType, Changes, MailboxTask, Mailboxes as Message, TaskKind};
use crate::store::Table;
use async_trait::async_trait;
use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;

/// How long it took, and what came of it.
async fn timed<T>(work: impl Future<Output = T>) -> (Duration, T) {
    let began = Instant::now();
    let done = work.await;
    (began.elapsed(), done)
}

/// Ana has declined, and her cancellation is due; Ben declines an invitation that nobody has seen yet; Cem's
/// mailbox is to be watched.
async fn eventful() -> (World, Cancellation, Changes, Message) {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.clock.advance(minutes(10));
    let cancellation = world.dispatch().await.cancellations.remove(0);
    world.graph.invite("ben", 1);
    world.graph.answer("ben", 1, Answer::Declined);
    let hints = changes(&[world.graph.hint("ben", 1, ChangeType::Created)]);
    let task = MailboxTask { mailbox: user("cem"), kind: TaskKind::Tend, subscription: None };
    let tasks = Message::of(contoso(), vec![task]);
    (world, cancellation, hints, tasks)
}

/// Everything that was hinted at is judged, and each place is cancelled once.
async fn assert_all_is_done(world: &World) {
    for _ in 0..4 {
        world.watch().await;
        world.pass(minutes(30)).await;
    }
    for learner in ["ana", "ben"] {
        assert_eq!(
            (world.state(learner, 1).await, world.lms.cancelled(learner, 1)),
            (State::Done, 1),
            "{learner}"
        );
        assert_eq!(
            world.row(learner, 1).await.attempt.tries,
            1,
            "{learner}: what was put back is no attempt"
        );
    }
    let cem = mailboxes::load(&world.app.ledger, &contoso(), &user("cem")).await.unwrap().unwrap();
    assert_eq!(cem.state, SubscriptionState::Watched);
    world.assert_sound("in the end");
}

async fn graph_that_fails(graph: impl Graph) {
    let (world, cancellation, hints, tasks) = eventful().await;
    let app: AppContext = world.instance_over(Arc::new(graph)).await;
    let (took, observed) = timed(hints::observe(&app, &hints)).await;
    assert!(took <= ASKING + Duration::from_millis(200), "observing: {took:?}");
    assert_eq!(observed.unwrap().postponed, 1);
    let (took, attempt) = timed(attempt::cancel(&app, &cancellation)).await;
    assert!(took <= WHOLE, "cancelling: {took:?}");
    assert_eq!(attempt.unwrap(), AttemptResult::PutBack);
    let (took, maintained) = timed(maintain::maintain(&app, &tasks)).await;
    assert!(took <= WHOLE, "tending: {took:?}");
    maintained.unwrap();
    assert_eq!(world.lms.asked(), 0);
    assert_all_is_done(&world).await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_graph_holds_nobody_for_longer() {
    graph_that_fails(silent_graph()).await;
}

#[tokio::test(start_paused = true)]
async fn a_graph_that_wants_to_be_left_alone_holds_nobody_for_longer() {
    graph_that_fails(throttling_graph(120)).await;
}

/// Forty hints in one message, each of a mailbox of its own, and as many calls one after the other.
#[tokio::test(start_paused = true)]
async fn many_hints_wait_no_longer_than_one() {
    let world = World::new().await;
    let app = world.instance_over(Arc::new(silent_graph())).await;
    let hint = |n: u32| crate::messages::Hint::Changed {
        mailbox: user("ana"),
        event: copy("ana", n),
        change: ChangeType::Created,
    };
    let hints = changes(&(0..200).map(hint).collect::<Vec<_>>());
    let (took, observed) = timed(hints::observe(&app, &hints)).await;
    assert!(took <= WHOLE, "{took:?}");
    assert_eq!(observed.unwrap().postponed, 200);
}

#[tokio::test(start_paused = true)]
async fn a_silent_store_holds_nobody_for_longer_and_what_it_held_up_comes_again() {
    let (world, cancellation, hints, tasks) = eventful().await;
    world.tables.silent.store(true, Ordering::SeqCst);
    let (took, failed) = timed(hints::observe(&world.app, &hints)).await;
    assert!(took <= WHOLE && matches!(failed, Err(JobError::OutOfTime)), "observing: {took:?}, {failed:?}");
    let (took, failed) = timed(attempt::cancel(&world.app, &cancellation)).await;
    assert!(took <= WHOLE && matches!(failed, Err(JobError::OutOfTime)), "cancelling: {took:?}, {failed:?}");
    let (took, failed) = timed(maintain::maintain(&world.app, &tasks)).await;
    assert!(took <= WHOLE && matches!(failed, Err(JobError::OutOfTime)), "tending: {took:?}, {failed:?}");

    world.tables.silent.store(false, Ordering::SeqCst);
    hints::observe(&world.app, &hints).await.unwrap();
    world.cancel(&cancellation).await;
    maintain::maintain(&world.app, &tasks).await.unwrap();
    assert_all_is_done(&world).await;
}

/// A poison queue has no poison queue: what can't be taken care of in time goes back to where it came from.
#[tokio::test(start_paused = true)]
async fn a_silent_store_holds_no_poisoned_message_for_longer() {
    let (world, ..) = eventful().await;
    let app = Arc::new(world.instance().await);
    world.tables.silent.store(true, Ordering::SeqCst);
    for (kind, name) in [
        (Kind::Changes, "poison-changes"),
        (Kind::Mailboxes, "poison-mailboxes"),
        (Kind::Cancellations, "poison-cancellations"),
    ] {
        let body = serde_json::json!({"Data": {"message": "\"{}\""}, "Metadata": {}}).to_string();
        let function = Poison { app: Arc::clone(&app), kind };
        let (took, outputs) = timed(function.invoke(Invocation::new(name, body))).await;
        assert!(took <= WHOLE, "{name}: {took:?}");
        let sent = String::from_utf8(outputs.unwrap().to_json().unwrap()).unwrap();
        assert!(sent.contains("{}"), "{name}: {sent}");
    }
}

/// Has the order and never says what became of it.
struct SilentLms;

#[async_trait]
impl Connector for SilentLms {
    async fn cancel(&self, _: &Order, budget: Budget) -> Reply {
        tokio::time::sleep(ANSWER.min(budget.left())).await;
        Reply::new(LmsOutcome::Outage, Reach::Sent)
    }
}

/// It alone is waited for as long as one answer may take: nobody would know what became of an order that was
/// hung up on.
#[tokio::test(start_paused = true)]
async fn a_silent_lms_has_the_time_of_one_answer_and_the_attempt_counts() {
    let (world, cancellation, ..) = eventful().await;
    *world.lms.instead.lock().unwrap() = Some(Arc::new(SilentLms));
    let (took, attempt) = timed(world.cancel(&cancellation)).await;
    assert!(took <= ANSWER, "{took:?}: it was waited for nobody else");
    assert!(matches!(attempt, AttemptResult::Asked(_)), "{attempt:?}");
    let row = world.row("ana", 1).await;
    assert_eq!((row.state, row.attempt.tries, row.maybe_effected), (State::Waiting, 1, true));
    *world.lms.instead.lock().unwrap() = None;
    world.pass(minutes(30)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
}

/// Graph is slow, the LMS is silent, and then the store is: the outcome is not written down, and whoever
/// comes after the lease knows that the LMS may have done it.
#[tokio::test(start_paused = true)]
async fn an_order_that_may_have_arrived_is_never_called_unsent() {
    let (world, cancellation, ..) = eventful().await;
    *world.lms.instead.lock().unwrap() = Some(Arc::new(SilentLms));
    let goes_silent = async {
        tokio::time::sleep(ANSWER / 2).await;
        world.tables.silent.store(true, Ordering::SeqCst);
    };
    let ((took, failed), ()) = futures::join!(timed(attempt::cancel(&world.app, &cancellation)), goes_silent);
    assert!(took <= ANSWER + WHOLE, "{took:?}");
    assert!(failed.is_err(), "{failed:?}");
    world.tables.silent.store(false, Ordering::SeqCst);
    *world.lms.instead.lock().unwrap() = None;
    assert_eq!(world.state("ana", 1).await, State::Running);
    world.pass(minutes(30)).await;
    let row = world.row("ana", 1).await;
    assert_eq!((row.state, row.attempt.tries), (State::Done, 2));
    let asked: Vec<_> =
        world.lms.orders().iter().map(|order| (order.attempt, order.may_be_repeated)).collect();
    assert_eq!(asked, [(2, true)]);
}

/// A rate of one a minute, of which this minute's is spent: nobody waits for the next one, and the attempt
/// does not count.
#[tokio::test(start_paused = true)]
async fn room_in_the_connections_rate_is_not_waited_for_either() {
    let (world, cancellation, ..) = eventful().await;
    let url = "http://127.0.0.1:1/".parse().unwrap();
    let secret = WebhookSecret::parse("bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g").unwrap();
    let rate = Rate { requests: 1, per: minutes(1) };
    let http = crate::http::client::client(&crate::http::client::HttpOptions::default()).unwrap();
    let lms = WebhookConnector::new(url, &[secret], rate, http, Arc::new(world.clock.clone()));
    // Nobody is there, and that takes this minute's room.
    let first = Order { id: "other".into(), ..order() };
    lms.cancel(&first, Budget::of(ANSWER * 2)).await;
    *world.lms.instead.lock().unwrap() = Some(Arc::new(lms));
    let (took, attempt) = timed(world.cancel(&cancellation)).await;
    assert!(took <= WHOLE, "{took:?}");
    assert!(matches!(attempt, AttemptResult::Asked(Reply { reach: Reach::NotTried, .. })), "{attempt:?}");
    assert_eq!(world.row("ana", 1).await.attempt.tries, 0);
}

fn order() -> Order {
    Order {
        id: String::new(),
        tenant: contoso(),
        session: crate::ids::SessionId::new("1".to_owned()),
        learner: crate::ids::LearnerKey::new("ben@contoso.com"),
        generation: 1,
        decision: 1,
        verdict: OrderVerdict::Declined,
        evidence: OrderEvidence::LearnerCopy,
        declined_at: None,
        decided_at: noon(),
        session_start: None,
        attempt: 1,
        may_be_repeated: false,
    }
}

/// A new link that takes nine seconds to be written: the hint is cut off in time to be put on the agenda.
#[tokio::test(start_paused = true)]
async fn a_hint_that_a_slow_ledger_holds_up_goes_on_the_agenda() {
    let (world, cancellation, hints, tasks) = eventful().await;
    world.tables.slow(Table::Links, Duration::from_secs(9));
    let (took, observed) = timed(hints::observe(&world.app, &hints)).await;
    assert!(took <= WHOLE, "{took:?}");
    assert_eq!(observed.unwrap().postponed, 1);
    world.tables.slow(Table::Links, Duration::ZERO);
    world.cancel(&cancellation).await;
    maintain::maintain(&world.app, &tasks).await.unwrap();
    assert_all_is_done(&world).await;
}

/// Whether the learner proposed another time stands in the organizer's copy alone. Where there was no time to
/// read it, it is read later, and nobody takes silence for a no.
#[tokio::test(start_paused = true)]
async fn a_proposal_that_there_was_no_time_to_ask_for_is_asked_for_later() {
    let (world, cancellation, ..) = eventful().await;
    world.graph.original(1, |event| {
        for attendee in event.attendees.iter_mut().filter(|attendee| attendee.address == address("ana")) {
            attendee.response.answer = Answer::Declined;
            attendee.proposes = true;
        }
    });
    world.graph.set_failure(ORGANIZER, Some(unavailable()));
    world.graph.state.lock().unwrap().patience = Duration::from_secs(25);
    let (took, attempt) = timed(world.cancel(&cancellation)).await;
    assert!(took <= WHOLE, "{took:?}");
    assert_eq!((attempt, world.lms.asked()), (AttemptResult::PutBack, 0));
    world.graph.set_failure(ORGANIZER, None);
    world.pass(minutes(5)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Review, 0));
}

/// Of a hundred mailboxes there is room for forty: the others go on by a next message, and none is lost or
/// made twice.
#[tokio::test(start_paused = true)]
async fn mailboxes_that_find_no_room_in_time_go_on_by_the_next_message() {
    let world = World::with(|tenant| {
        tenant.watch.mailboxes = Mailboxes::All;
        tenant.watch.organizers.clear();
    })
    .await;
    for n in 0..96 {
        world.graph.hire(&format!("p{n}"));
    }
    let mut queue: VecDeque<Message> = plan::plan(&world.app, None).await.unwrap().into();
    let mut went_on = 0;
    while let Some(message) = queue.pop_front() {
        let (took, maintained) = timed(maintain::maintain(&world.app, &message)).await;
        // The ledger's clock stands still while somebody waits.
        world.clock.advance(chrono::Duration::seconds(1));
        assert!(took <= WHOLE, "{took:?}");
        if let Some(rest) = maintained.unwrap().rest {
            went_on += 1;
            queue.push_back(rest);
        }
    }
    let made = world.graph.calls("create_subscription");
    assert_eq!((made, world.graph.subscribed().len()), (100, 100));
    assert!(went_on > 0);
}
