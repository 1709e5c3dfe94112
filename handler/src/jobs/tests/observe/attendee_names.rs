//! Who is who in the organizer's list: one person may stand in it more than once, and under names of
//! Exchange's own.

use crate::calendar::event::{Answer, Attendee, Response};
use crate::calendar::reading::Verdict;
use crate::config::WatchMode;
use crate::enrolment::policy::{Mailboxes, WeakPolicy};
use crate::enrolment::transitions::State;
use crate::graph::port::User;
use crate::ids::Address;
use crate::jobs::testing::graph::original;
use crate::jobs::testing::{ORGANIZER, World, address, contoso, minutes, user};
use crate::ledger::alerts;
use crate::messages::{ChangeType, Hint};
use crate::store::Table;
use chrono::{DateTime, Utc};

const ANA: &str = "/O=ExchangeLabs/OU=Exchange Administrative Group (FYDIBOHF23SPDLT)/CN=Recipients/CN=Ana";

fn change(world: &World, name: &str, change: impl FnOnce(&mut User)) {
    change(world.graph.state.lock().unwrap().users.get_mut(&user(name)).unwrap());
}

/// One more entry in the organizer's list.
fn lists(world: &World, address: Address, answer: Answer, at: Option<DateTime<Utc>>) {
    let entry = Attendee { address, response: Response { answer, at }, is_resource: false, proposes: false };
    world.graph.original(1, |event| event.attendees.push(entry));
}

fn verdict(row: &crate::enrolment::enrolment::Enrolment) -> Verdict {
    row.parts[0].reading.as_ref().unwrap().verdict
}

/// The copy goes, and Graph tells of it.
async fn removes(world: &World) {
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
}

#[tokio::test(start_paused = true)]
async fn an_alias_that_declined_today_counts_more_than_a_primary_that_accepted_yesterday() {
    for is_first in [true, false] {
        let world = World::new().await;
        change(&world, "ana", |ana| ana.addresses.push(address("a.old")));
        world.invited("ana", 1).await;
        world.graph.respond("ana", 1, Answer::Accepted);
        world.clock.advance(minutes(24 * 60));
        lists(&world, address("a.old"), Answer::Declined, Some(world.now()));
        if is_first {
            world.graph.original(1, |event| event.attendees.reverse());
        }
        removes(&world).await;
        assert_eq!(world.state("ana", 1).await, State::Waiting, "the alias first: {is_first}");
        world.pass(minutes(15)).await;
        assert_eq!(world.lms.cancelled("ana", 1), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn answers_that_disagree_without_a_newest_one_go_to_a_person_whatever_the_policy() {
    for at in [None, Some(crate::jobs::testing::noon())] {
        let world = World::with(|tenant| tenant.policy.removed = WeakPolicy::Cancel).await;
        change(&world, "ana", |ana| ana.addresses.push(address("a.old")));
        world.invited("ana", 1).await;
        world
            .graph
            .original(1, |event| event.attendees[0].response = Response { answer: Answer::Accepted, at });
        lists(&world, address("a.old"), Answer::Declined, at);
        removes(&world).await;
        world.pass(minutes(60)).await;
        let row = world.row("ana", 1).await;
        assert_eq!((row.state, world.lms.cancelled("ana", 1)), (State::Review, 0), "{at:?}");
        assert!(row.attempt.review.unwrap().why.contains("more than once"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_of_exchanges_own_is_the_person_who_has_it() {
    let world = World::new().await;
    change(&world, "ana", |ana| ana.exchange_names.push(Address::new(&ANA.to_uppercase())));
    world.invited("ana", 1).await;
    let at = Some(world.now());
    world.graph.original(1, |event| {
        event.attendees[0] = Attendee {
            address: Address::new(ANA),
            response: Response { answer: Answer::Declined, at },
            is_resource: false,
            proposes: false,
        };
    });
    removes(&world).await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
}

/// Nobody but Exchange knows who that is: no guest, and never a learner of the LMS.
#[tokio::test(start_paused = true)]
async fn a_name_that_nobody_has_is_no_guest_and_is_never_sent_to_the_lms() {
    let world = World::with(|tenant| {
        (tenant.watch.mode, tenant.watch.mailboxes) = (WatchMode::Organizer, Mailboxes::None);
    })
    .await;
    world.graph.invite("ana", 1);
    lists(&world, Address::new(ANA), Answer::Declined, Some(world.now()));
    let hint = Hint::Changed { mailbox: user(ORGANIZER), event: original(1), change: ChangeType::Created };
    world.observe(&[hint]).await;
    world.pass(minutes(30)).await;
    let rows = world.tables.dump(Table::Enrolments);
    assert_eq!(rows.len(), 1, "Ana's alone");
    assert_eq!(world.lms.orders().len(), 0);
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    assert!(open.iter().any(|alert| alert.kind == "attendee-unknown"), "{open:?}");
}

#[tokio::test(start_paused = true)]
async fn an_organizer_under_a_name_of_exchanges_own_is_the_configured_one() {
    let name = Address::new("/o=ExchangeLabs/cn=Recipients/cn=Learning");
    let world = World::new().await;
    change(&world, ORGANIZER, |one| one.exchange_names.push(name.clone()));
    world.graph.invite("ana", 1);
    world.graph.copy("ana", 1, |event| event.organizer = Some(name.clone()));
    world.hint("ana", 1, ChangeType::Created).await;
    assert_eq!(world.state("ana", 1).await, State::Watched);
    world.declined("ana", 1).await;
    world.pass(minutes(15)).await;
    assert_eq!(world.lms.cancelled("ana", 1), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_of_an_organizer_whom_nobody_knows_is_no_silence() {
    let world = World::new().await;
    world.graph.invite("ana", 1);
    world.graph.copy("ana", 1, |event| event.organizer = Some(Address::new("/o=ExchangeLabs/cn=Who")));
    world.hint("ana", 1, ChangeType::Created).await;
    assert_eq!(world.find("ana", 1).await, None);
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    assert!(open.iter().any(|alert| alert.kind == "organizer-unknown"), "{open:?}");
}

/// The entry is there as it was; the directory does not give that address to the learner any more.
#[tokio::test(start_paused = true)]
async fn a_learner_whose_address_has_changed_is_not_dropped() {
    let mut world = World::new().await;
    change(&world, "ana", |ana| ana.addresses.push(address("a.old")));
    world.graph.invite("ana", 1);
    world.graph.original(1, |event| event.attendees[0].address = address("a.old"));
    world.hint("ana", 1, ChangeType::Created).await;
    change(&world, "ana", |ana| ana.addresses.retain(|one| *one != address("a.old")));
    world.restart().await;
    world.clock.advance(minutes(10));
    let at = Some(world.now());
    world.graph.original(1, |event| event.attendees[0].response = Response { answer: Answer::Declined, at });
    removes(&world).await;
    assert_eq!(verdict(&world.row("ana", 1).await), Verdict::Declined);
}

/// A forwarded invitation: dropped from the list, and there again past it.
#[tokio::test(start_paused = true)]
async fn a_living_copy_undoes_a_drop() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.original(1, |event| event.attendees.clear());
    removes(&world).await;
    assert_eq!(verdict(&world.row("ana", 1).await), Verdict::DroppedByOrganizer);
    world.clock.advance(minutes(30));

    // A colleague forwards it.
    world.graph.invite("ana", 1);
    world.graph.original(1, |event| event.attendees.clear());
    world.graph.answer("ana", 1, Answer::Accepted);
    world.hint("ana", 1, ChangeType::Created).await;
    assert_eq!(verdict(&world.row("ana", 1).await), Verdict::Attending);
    removes(&world).await;
    assert_eq!(verdict(&world.row("ana", 1).await), Verdict::Removed);
    world.pass(minutes(60)).await;
    assert_eq!(world.state("ana", 1).await, State::Review);
}
