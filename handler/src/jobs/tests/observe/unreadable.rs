//! What is done while something can't be read, or can't be asked for: nobody loses a place for it, and no
//! decline is lost.

use crate::calendar::event::Answer;
use crate::calendar::reading::Verdict;
use crate::enrolment::lms_answer::{OrderEvidence, OrderVerdict};
use crate::enrolment::policy::WeakPolicy;
use crate::enrolment::transitions::State;
use crate::graph::GraphError;
use crate::jobs::operate::housekeeping;
use crate::jobs::testing::graph::{failure, unavailable};
use crate::jobs::testing::{ORGANIZER, World, minutes};
use crate::ledger::alerts::{self, AlertKind};
use crate::messages::ChangeType;
use chrono::Duration;

fn unread(world: &World) {
    world.graph.set_failure("ana", Some(unavailable()));
}

/// The invitation is seen while its organizer's mailbox answers with this.
async fn invited_without_organizer(world: &World, answer: GraphError) {
    world.watch().await;
    world.graph.set_failure(ORGANIZER, Some(answer));
    world.graph.invite("ana", 1);
    world.hint("ana", 1, ChangeType::Created).await;
}

async fn open(world: &World) -> Vec<AlertKind> {
    alerts::open(&world.app.ledger, &world.tenant.name)
        .await
        .unwrap()
        .into_iter()
        .map(|alert| alert.kind)
        .collect()
}

/// The decline reached the organizer, and the learner's mailbox answers with 503 for days.
#[tokio::test(start_paused = true)]
async fn a_dated_decline_of_the_organizers_list_counts_when_the_patience_with_the_mailbox_is_over() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    unread(&world);
    world.graph.respond("ana", 1, Answer::Declined);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(59)).await;
    assert_eq!(world.state("ana", 1).await, State::Watched, "not before policy.recheck is over");
    world.pass(minutes(3)).await;
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    world.pass(minutes(12)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
    let orders = world.lms.orders();
    assert_eq!(
        (orders[0].verdict, orders[0].evidence),
        (OrderVerdict::Declined, OrderEvidence::OrganizerCopy)
    );
    world.assert_sound("done");
}

/// Declined, taken back without a word to the organizer, and then nothing can be read: the list is old.
#[tokio::test(start_paused = true)]
async fn a_decline_that_is_older_than_an_acceptance_that_was_seen_decides_nothing() {
    for goes in [false, true] {
        let world = World::with(|tenant| tenant.policy.removed = WeakPolicy::Ignore).await;
        world.invited("ana", 1).await;
        world.graph.answer("ana", 1, Answer::Declined);
        world.graph.respond("ana", 1, Answer::Declined);
        world.pass(minutes(1)).await;
        world.graph.answer("ana", 1, Answer::Accepted);
        world.hint("ana", 1, ChangeType::Updated).await;
        match goes {
            true => world.graph.remove("ana", 1),
            false => unread(&world),
        }
        world.hint("ana", 1, ChangeType::Deleted).await;
        world.pass(Duration::hours(5)).await;
        assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Watched, 0), "gone: {goes}");
        world.assert_sound("attends");
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_acceptance_in_the_list_withdraws_what_waits_though_the_mailbox_cannot_be_read() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.answer("ana", 1, Answer::Declined);
    world.hint("ana", 1, ChangeType::Updated).await;
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    world.pass(minutes(1)).await;
    unread(&world);
    world.graph.respond("ana", 1, Answer::Accepted);
    world.pass(minutes(120)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Watched, 0));
}

#[tokio::test(start_paused = true)]
async fn that_the_organizer_cancels_counts_though_the_learners_mailbox_cannot_be_read() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.answer("ana", 1, Answer::Declined);
    world.hint("ana", 1, ChangeType::Updated).await;
    unread(&world);
    world.graph.original(1, |event| event.is_cancelled = true);
    world.pass(minutes(120)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Watched, 0));
    assert_eq!(world.row("ana", 1).await.verdict().unwrap().verdict, Verdict::CancelledByOrganizer);
}

/// That somebody is not in the list says nothing of a copy that nobody can look at.
#[tokio::test(start_paused = true)]
async fn whoever_was_dropped_while_their_mailbox_cannot_be_read_is_judged_when_it_can() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    unread(&world);
    world.graph.original(1, |event| event.attendees.clear());
    world.hint("ana", 1, ChangeType::Updated).await;
    world.pass(minutes(90)).await;
    assert_eq!(world.row("ana", 1).await.verdict().unwrap().verdict, Verdict::Unanswered);
    world.graph.set_failure("ana", None);
    world.pass(minutes(90)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Watched, 0));
}

/// The invitation was seen, and the organizer's mailbox could not be read at that moment.
#[tokio::test(start_paused = true)]
async fn an_organizer_who_could_not_be_read_is_met_as_soon_as_they_can() {
    let world = World::new().await;
    invited_without_organizer(&world, unavailable()).await;
    assert_eq!(world.state("ana", 1).await, State::Watched, "nobody waits for it");
    world.pass(minutes(5)).await;
    world.graph.set_failure(ORGANIZER, None);
    world.pass(minutes(10)).await;
    world.graph.original(1, |event| event.attendees.clear());
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    assert_eq!(world.row("ana", 1).await.verdict().unwrap().verdict, Verdict::DroppedByOrganizer);
    world.pass(minutes(120)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Watched, 0));
    world.assert_sound("dropped");
}

/// Nobody can tell then who cancelled, and who merely removed a copy; whatever the policy says of that, a
/// person is asked.
#[tokio::test(start_paused = true)]
async fn what_goes_before_its_organizer_could_be_read_is_a_persons_to_judge() {
    for is_cancelled in [false, true] {
        let world = World::with(|tenant| {
            (tenant.policy.unseen, tenant.policy.removed) = (WeakPolicy::Cancel, WeakPolicy::Cancel);
        })
        .await;
        invited_without_organizer(&world, unavailable()).await;
        match is_cancelled {
            true => world.graph.remove_original(1),
            false => world.graph.original(1, |event| event.attendees.clear()),
        }
        world.graph.remove("ana", 1);
        world.hint("ana", 1, ChangeType::Deleted).await;
        world.pass(minutes(5)).await;
        world.graph.set_failure(ORGANIZER, None);
        world.pass(Duration::hours(5)).await;
        assert_eq!(
            (world.state("ana", 1).await, world.lms.asked()),
            (State::Review, 0),
            "cancelled: {is_cancelled}"
        );
        world.assert_sound("asked");
    }
}

/// A cancelled copy that is tidied away while its organizer's mailbox refuses us: why it went is known from
/// before.
#[tokio::test(start_paused = true)]
async fn what_was_seen_cancelled_needs_no_organizer_to_explain_that_it_is_gone() {
    let world = World::with(|tenant| tenant.policy.unseen = WeakPolicy::Cancel).await;
    invited_without_organizer(&world, GraphError::Refused(failure())).await;
    world.graph.copy("ana", 1, |event| event.is_cancelled = true);
    world.hint("ana", 1, ChangeType::Updated).await;
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(Duration::hours(5)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Watched, 0));
    assert_eq!(world.row("ana", 1).await.verdict().unwrap().verdict, Verdict::CancelledByOrganizer);
}

/// After more than a day it is left to comparisons, so that a mailbox that never answers is no work without
/// an end.
#[tokio::test(start_paused = true)]
async fn an_organizer_who_can_never_be_read_is_not_asked_for_ever() {
    let world = World::new().await;
    invited_without_organizer(&world, unavailable()).await;
    assert_eq!(world.agenda().len(), 1);
    world.pass(Duration::hours(40)).await;
    assert!(world.agenda().is_empty(), "{:?}", world.agenda());
    assert_eq!(world.state("ana", 1).await, State::Watched);
}

#[tokio::test(start_paused = true)]
async fn the_patience_counts_from_the_first_look_that_failed() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.answer("ana", 1, Answer::Declined);
    world.hint("ana", 1, ChangeType::Updated).await;
    world.pass(minutes(1)).await;
    world.graph.down(Some(unavailable()));
    world.hint("ana", 1, ChangeType::Updated).await;
    // Due after the grace of ten minutes; the first look failed at the first minute.
    world.pass(minutes(59)).await;
    assert_eq!(world.lms.asked(), 0);
    world.pass(minutes(3)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Done, 1));
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_read_for_six_hours_is_told_until_it_can() {
    let world = World::without_organizer().await;
    world.invited("ana", 1).await;
    unread(&world);
    world.hint("ana", 1, ChangeType::Updated).await;
    world.pass(Duration::hours(5)).await;
    assert!(!open(&world).await.contains(&AlertKind::PartsUnknown));
    world.pass(Duration::hours(3)).await;
    assert!(open(&world).await.contains(&AlertKind::PartsUnknown));
    housekeeping::housekeep(&world.app).await.unwrap();
    assert!(open(&world).await.contains(&AlertKind::PartsUnknown), "its cause is still there");
    world.graph.set_failure("ana", None);
    world.pass(Duration::hours(2)).await;
    housekeeping::housekeep(&world.app).await.unwrap();
    assert!(!open(&world).await.contains(&AlertKind::PartsUnknown));
}

/// The copy vanished, that settled, and then Graph answers with 503 for good.
#[tokio::test(start_paused = true)]
async fn a_removal_is_never_sent_without_a_fresh_look_and_goes_to_a_person_at_the_deadline() {
    let world = World::without_organizer().await;
    world.invited("ana", 1).await;
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(33)).await;
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    world.graph.down(Some(unavailable()));
    world.pass(Duration::days(3)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Waiting, 0), "it waits for a look");
    world.pass(Duration::hours(24)).await;
    let row = world.row("ana", 1).await;
    assert_eq!((row.state, world.lms.asked()), (State::Review, 0), "{:?}", row.story);
    assert!(open(&world).await.contains(&AlertKind::Review));
    // Nobody but a person who says so may have it sent now.
    let id = crate::ledger::enrolment_ids::id_of(&row.reference());
    let signed =
        crate::jobs::operate::operator::Attribution { by: "olga".into(), reason: "she told me".into() };
    let word = crate::enrolment::operator_decision::OperatorDecision::Approve;
    let refused =
        crate::jobs::operate::operator::decide(&world.app, &id, word, &signed).await.unwrap_err().to_string();
    assert!(refused.contains("the deadline passed at") && refused.contains("\"late\": true"), "{refused}");
    crate::jobs::operate::operator::decide_late(&world.app, &id, word, &signed, true).await.unwrap();
    world.graph.down(None);
    world.pass(minutes(5)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Done, 1));
}

/// A valve that is closed until the deadline leaves no time for a look either.
#[tokio::test(start_paused = true)]
async fn a_removal_behind_a_closed_valve_goes_to_a_person_at_the_deadline_and_a_decline_expires() {
    for (declines, state) in [(false, State::Review), (true, State::Expired)] {
        let world = World::without_organizer().await;
        world.invited("ana", 1).await;
        if declines {
            world.graph.answer("ana", 1, Answer::Declined);
            world.hint("ana", 1, ChangeType::Updated).await;
        }
        let signed =
            crate::jobs::operate::operator::Attribution { by: "olga".into(), reason: "exam week".into() };
        let stopped = crate::jobs::operate::operator::ValveCommand::Stopped;
        crate::jobs::operate::operator::set_valve(&world.app, &world.tenant.name, stopped, &signed)
            .await
            .unwrap();
        if !declines {
            world.graph.remove("ana", 1);
            world.hint("ana", 1, ChangeType::Deleted).await;
        }
        world.pass(Duration::hours(97)).await;
        // Nobody is woken behind a closed valve.
        housekeeping::housekeep(&world.app).await.unwrap();
        assert_eq!((world.state("ana", 1).await, world.lms.asked()), (state, 0), "declines: {declines}");
        world.pass(Duration::hours(8)).await;
        housekeeping::housekeep(&world.app).await.unwrap();
        assert_eq!(world.state("ana", 1).await, State::Expired, "the session is over");
    }
}

/// An odd item without an `iCalUId`, whose copy goes: nothing is left to look for it by, or its subject and
/// start are.
#[tokio::test(start_paused = true)]
async fn a_copy_without_a_uid_that_is_gone_is_a_persons_to_judge_whatever_the_policies_say() {
    for subject in [None, Some("Fire safety [1]")] {
        let world = World::with(|tenant| {
            tenant.policy.removed = WeakPolicy::Cancel;
            let pattern = r"\[(?<session>\d+)\]".parse().unwrap();
            tenant.recognise.session = crate::calendar::matching::SessionSource::Body(pattern);
        })
        .await;
        world.graph.invite("ana", 1);
        let nameless = |event: &mut crate::calendar::event::Event| {
            (event.ical_uid, event.body) = (None, Some("session [1]".into()));
            event.subject = subject.map(str::to_owned);
        };
        world.graph.copy("ana", 1, nameless);
        world.graph.original(1, nameless);
        world.graph.answer("ana", 1, Answer::Accepted);
        world.hint("ana", 1, ChangeType::Created).await;
        assert_eq!(world.state("ana", 1).await, State::Watched);
        world.graph.remove("ana", 1);
        world.hint("ana", 1, ChangeType::Deleted).await;
        world.pass(minutes(60)).await;
        let row = world.row("ana", 1).await;
        assert_eq!((row.state, world.lms.asked()), (State::Review, 0), "{subject:?}: {:?}", row.story);
        // It ends with a person, who may have it sent.
        assert_eq!(row.decision.unwrap().verdict, OrderVerdict::Unseen);
        world.assert_sound("a person is asked");
    }
}

/// The organizer's copy without an `iCalUId` is found by start and subject, and its dated decline counts.
#[tokio::test(start_paused = true)]
async fn an_organizers_copy_without_a_uid_is_found_by_start_and_subject() {
    let world = World::with(|tenant| {
        let pattern = r"\[(?<session>\d+)\]".parse().unwrap();
        tenant.recognise.session = crate::calendar::matching::SessionSource::Subject(pattern);
    })
    .await;
    world.graph.invite("ana", 1);
    let nameless = |event: &mut crate::calendar::event::Event| {
        (event.ical_uid, event.subject) = (None, Some("Fire safety [1]".into()));
    };
    world.graph.copy("ana", 1, nameless);
    world.graph.original(1, nameless);
    world.hint("ana", 1, ChangeType::Created).await;
    world.graph.remove("ana", 1);
    world.graph.respond("ana", 1, Answer::Declined);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(15)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
    let links = world.tables.dump(crate::store::Table::Links);
    assert!(
        !links.is_empty() && links.iter().all(|row| !format!("{row:?}").contains("Fire")),
        "no plain text is kept"
    );
}

/// The mailbox that is named as readable refuses us for a while: that is no proof that it holds nothing.
#[tokio::test(start_paused = true)]
async fn an_organizers_mailbox_that_refuses_us_is_not_one_that_has_no_copy() {
    let world = World::new().await;
    world.graph.set_failure(ORGANIZER, Some(GraphError::Refused(failure())));
    world.invited("ana", 1).await;
    world.graph.answer("ana", 1, Answer::Accepted);
    world.hint("ana", 1, ChangeType::Updated).await;
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(60)).await;
    assert_eq!(
        (world.state("ana", 1).await, world.lms.asked()),
        (State::Review, 0),
        "although unseen = cancel"
    );
    // A strong reading replaces what a person was asked about.
    world.graph.set_failure(ORGANIZER, None);
    world.graph.respond("ana", 1, Answer::Declined);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(15)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
}

fn organizer_unread(world: &World) {
    world.graph.set_failure(ORGANIZER, Some(unavailable()));
}

/// Whether it was declined, deleted or cancelled only the organizer's copy could say, and that answers with
/// 503 for days.
#[tokio::test(start_paused = true)]
async fn a_copy_that_is_gone_while_the_organizer_cannot_be_asked_goes_to_a_person_at_the_deadline() {
    let world = World::with(|tenant| tenant.policy.deadline = Duration::hours(2)).await;
    world.invited("ana", 1).await;
    organizer_unread(&world);
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(Duration::hours(8)).await;
    assert!(open(&world).await.contains(&AlertKind::PartsUnknown));
    // The session begins after 96 hours.
    world.pass(Duration::hours(85) + minutes(59)).await;
    assert_eq!(
        (world.state("ana", 1).await, world.lms.asked()),
        (State::Watched, 0),
        "somebody may still be asked"
    );
    world.pass(minutes(1)).await;
    let row = world.row("ana", 1).await;
    assert_eq!((row.state, world.lms.asked()), (State::Review, 0), "{:?}", row.story);
    assert_eq!(row.decision.as_ref().unwrap().verdict, OrderVerdict::Unseen);
    assert!(open(&world).await.contains(&AlertKind::Review));
    let told = &row.story.last().unwrap().text;
    assert!(told.contains("copy is gone") && told.contains("as late"), "{told}");
    world.pass(minutes(30)).await;
    assert_eq!(world.row("ana", 1).await.told, row.told, "it is told once");

    let id = crate::ledger::enrolment_ids::id_of(&row.reference());
    let signed =
        crate::jobs::operate::operator::Attribution { by: "olga".into(), reason: "she told me".into() };
    let word = crate::enrolment::operator_decision::OperatorDecision::Approve;
    let refused =
        crate::jobs::operate::operator::decide(&world.app, &id, word, &signed).await.unwrap_err().to_string();
    assert!(refused.contains("\"late\": true"), "{refused}");
    crate::jobs::operate::operator::decide_late(&world.app, &id, word, &signed, true).await.unwrap();
    world.pass(minutes(5)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Done, 1));
    world.assert_sound("done");
}

/// Seen to be gone once, and nothing can be read afterwards: it never settled.
#[tokio::test(start_paused = true)]
async fn a_removal_that_never_settled_because_nothing_could_be_read_goes_to_a_person_at_the_deadline() {
    let world = World::without_organizer().await;
    world.invited("ana", 1).await;
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(5)).await;
    world.graph.down(Some(unavailable()));
    world.pass(Duration::hours(96)).await;
    let row = world.row("ana", 1).await;
    assert_eq!((row.state, world.lms.asked()), (State::Review, 0), "{:?}", row.story);
    world.pass(Duration::hours(9)).await;
    housekeeping::housekeep(&world.app).await.unwrap();
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Expired, 0), "the session is over");
}

/// Only what nobody could be asked about is a person's: an ignored removal, an item that is back, one taken
/// away too late, and whatever a person has said that it does not count, are not.
#[tokio::test(start_paused = true)]
async fn what_was_judged_or_is_back_does_not_go_to_a_person_at_the_deadline() {
    for case in ["ignored by policy", "back", "too late", "ignored by a person"] {
        let world = World::with(|tenant| {
            tenant.policy.removed = WeakPolicy::Ignore;
            tenant.policy.deadline = Duration::hours(2);
        })
        .await;
        world.invited("ana", 1).await;
        match case {
            "ignored by policy" => {
                world.graph.remove("ana", 1);
                world.hint("ana", 1, ChangeType::Deleted).await;
                world.pass(minutes(60)).await;
                organizer_unread(&world);
                world.hint("ana", 1, ChangeType::Deleted).await;
            }
            "back" => {
                organizer_unread(&world);
                world.graph.remove("ana", 1);
                world.hint("ana", 1, ChangeType::Deleted).await;
                world.pass(minutes(60)).await;
                world.graph.invite("ana", 1);
                world.hint("ana", 1, ChangeType::Created).await;
                unread(&world);
                world.hint("ana", 1, ChangeType::Updated).await;
            }
            "too late" => {
                organizer_unread(&world);
                world.pass(Duration::hours(94)).await;
                world.graph.remove("ana", 1);
                world.hint("ana", 1, ChangeType::Deleted).await;
            }
            _ => {
                organizer_unread(&world);
                world.graph.remove("ana", 1);
                world.hint("ana", 1, ChangeType::Deleted).await;
                world.pass(Duration::hours(95)).await;
                assert_eq!(world.state("ana", 1).await, State::Review);
                let id = crate::ledger::enrolment_ids::id_of(&world.row("ana", 1).await.reference());
                let signed = crate::jobs::operate::operator::Attribution {
                    by: "olga".into(),
                    reason: "she comes".into(),
                };
                let word = crate::enrolment::operator_decision::OperatorDecision::Ignore;
                crate::jobs::operate::operator::decide(&world.app, &id, word, &signed).await.unwrap();
            }
        }
        while world.now() < crate::jobs::testing::noon() + Duration::hours(98) {
            world.pass(Duration::hours(1)).await;
        }
        let row = world.row("ana", 1).await;
        assert_eq!((row.state, world.lms.asked()), (State::Watched, 0), "{case}: {:?}", row.story);
    }
}

/// One of several items is gone, and the organizer can't be asked; the others are declined.
#[tokio::test(start_paused = true)]
async fn an_item_of_several_of_which_nobody_could_be_asked_goes_to_a_person_at_its_deadline() {
    use crate::calendar::reading::{LearnerSide, Reading};
    use crate::calendar::reading::{Source, Verdict as V};
    use crate::enrolment::apply_reading::apply_reading;
    use crate::enrolment::apply_reading::tests::{link, noon, policy, reading};
    let (first, second) = (
        link(),
        crate::calendar::link::Link {
            event: Some("other".into()),
            ical_uid: Some(crate::ids::ICalUid::new("lms-1b")),
            ..link()
        },
    );
    let gone = Reading {
        verdict: V::Unknown,
        source: Source::Nothing,
        side: LearnerSide::Gone,
        ..reading(V::Unknown)
    };
    let saw = |row, link: &crate::calendar::link::Link, reading: &Reading, now| {
        apply_reading(&row, link, &link.stored_at().unwrap(), reading, &policy(), now).unwrap_or(row)
    };
    let row = crate::enrolment::enrolment::Enrolment::watched(&first, noon());
    let row = saw(row, &first, &reading(V::Unanswered), noon());
    let row = saw(row, &second, &reading(V::Unanswered), noon());
    let row = saw(row, &first, &reading(V::Declined), noon());
    let row = saw(row, &second, &gone, noon());
    let late = first.start.unwrap();
    let row = saw(row, &second, &gone, late - Duration::seconds(1));
    assert_ne!(row.decision.as_ref().map(|decision| decision.verdict), Some(OrderVerdict::Unseen));
    let look = row.parts[1].look.unwrap();
    assert!(look <= late, "the look at the deadline is planned: {look}");
    let row = saw(row, &second, &gone, late);
    assert_eq!(
        (row.state, row.decision.unwrap().verdict),
        (State::Review, OrderVerdict::Unseen),
        "{:?}",
        row.story
    );
}
