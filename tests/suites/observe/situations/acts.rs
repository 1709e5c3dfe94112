//! What people do, as functions of the world and the row's name: learner and session are called by it.

use chrono::{DateTime, Duration as Span, Utc};
use simulator::world::act::{
    Cancel, CancelOccurrence, Forward, Move, Reinvite, Reply, Retime, RetimeOccurrence, ShareCalendar, Who,
    Whom,
};
use simulator::world::item::{Answer, Status};
use simulator::{Fault, World};
use std::time::Duration;
use suites::{ORGANIZER, address, decline, reply};

pub(super) fn who(name: &str) -> Who {
    Who { learner: address(name), session: name.to_owned() }
}

fn whom(name: &str) -> Whom {
    Whom { learner: address(name) }
}

/// The colleague in the same session.
pub(super) fn mate(name: &str) -> String {
    format!("{name}-mate")
}

/// Another address of the same mailbox.
pub(super) fn alias(name: &str) -> String {
    address(&format!("{name}-alias"))
}

/// What Exchange's own directory calls somebody.
pub(super) fn exchange_name(name: &str) -> String {
    format!("/o=ExchangeLabs/ou=Exchange Administrative Group/cn=Recipients/cn={name}")
}

fn soon(reply: Reply) -> Reply {
    reply.mail_after(Duration::from_millis(50))
}

pub(super) fn accepts(world: &World, name: &str) {
    world.accept(&reply(name, name)).unwrap();
}

/// Only after this the organizer's copy says so, too: needed where that copy must not be asked too early.
pub(super) fn accepts_soon(world: &World, name: &str) {
    world.accept(&soon(reply(name, name))).unwrap();
}

/// The organizer's copy keeps what it says.
pub(super) fn accepts_in_silence(world: &World, name: &str) {
    world.accept(&reply(name, name).silent()).unwrap();
}

pub(super) fn tentative(world: &World, name: &str) {
    world.tentative(&reply(name, name)).unwrap();
}

pub(super) fn tentative_with_another_time(world: &World, name: &str) {
    world.tentative(&proposing(name)).unwrap();
}

pub(super) fn touches(world: &World, name: &str) {
    world.touch(&who(name)).unwrap();
}

pub(super) fn declines(world: &World, name: &str) {
    decline(world, name, name);
}

pub(super) fn declines_and_keeps(world: &World, name: &str) {
    world.decline(&reply(name, name).keep(true)).unwrap();
}

pub(super) fn declines_in_silence(world: &World, name: &str) {
    world.decline(&reply(name, name).keep(false).silent()).unwrap();
}

pub(super) fn keeps_in_silence(world: &World, name: &str) {
    world.decline(&reply(name, name).keep(true).silent()).unwrap();
}

/// After the first look, before the last.
pub(super) fn declines_with_a_late_mail(world: &World, name: &str) {
    world.decline(&reply(name, name).keep(false).mail_after(Duration::from_millis(1_500))).unwrap();
}

pub(super) fn declines_and_the_mail_is_lost(world: &World, name: &str) {
    world.decline(&reply(name, name).keep(false).mail_lost()).unwrap();
}

pub(super) fn declines_by_a_delegate(world: &World, name: &str) {
    let word = soon(reply(name, name).keep(false));
    world.decline(&Reply { by: Some(ORGANIZER.to_owned()), ..word }).unwrap();
}

fn proposing(name: &str) -> Reply {
    let start = Utc::now() + Span::days(8);
    let propose = simulator::world::item::Slot { start, end: start + Span::hours(2) };
    Reply { propose: Some(propose), ..soon(reply(name, name).keep(false)) }
}

pub(super) fn keeps_with_another_time(world: &World, name: &str) {
    world.decline(&proposing(name).keep(true)).unwrap();
}

pub(super) fn declines_with_another_time(world: &World, name: &str) {
    world.decline(&proposing(name)).unwrap();
}

pub(super) fn is_declined_by_a_rule(world: &World, name: &str) {
    world.auto_decline(&who(name)).unwrap();
}

pub(super) fn deletes(world: &World, name: &str) {
    world.delete(&reply(name, name)).unwrap();
}

pub(super) fn deletes_with_a_word(world: &World, name: &str) {
    world.delete(&Reply { respond: Some(true), ..soon(reply(name, name)) }).unwrap();
}

pub(super) fn moves(world: &World, name: &str) {
    let calendar = "Private".to_owned();
    world.move_copy(&Move { learner: address(name), session: name.to_owned(), calendar }).unwrap();
}

pub(super) fn restores(world: &World, name: &str) {
    world.restore(&who(name)).unwrap();
}

pub(super) fn is_cleaned_up(world: &World, name: &str) {
    world.clean_up(&who(name)).unwrap();
}

pub(super) fn empties(world: &World, name: &str) {
    world.empty_calendar(&whom(name)).unwrap();
}

/// Graph answers with 503 for this mailbox, for good.
pub(super) fn the_mailbox_shuts(world: &World, name: &str) {
    let (mailbox, code, retry_after) = (Some(address(name)), None, None);
    world.inject(Fault::GraphStatus { mailbox, status: 503, code, retry_after, outer: false });
}

pub(super) fn declines_behind_a_shut_mailbox(world: &World, name: &str) {
    the_mailbox_shuts(world, name);
    declines(world, name);
}

pub(super) fn touches_behind_a_shut_mailbox(world: &World, name: &str) {
    the_mailbox_shuts(world, name);
    touches(world, name);
}

/// Of the two addresses that the organizer invited.
pub(super) fn declines_as_the_alias(world: &World, name: &str) {
    let word = soon(Reply::new(&alias(name), name));
    world.decline(&word.keep(false)).unwrap();
}

pub(super) fn declines_as_exchange_calls_them(world: &World, name: &str) {
    world.decline(&soon(Reply::new(&exchange_name(name), name)).keep(false)).unwrap();
}

/// What the organizer's list says under these addresses.
fn lists(world: &World, name: &str, says: &[(String, Status)]) {
    let uid = format!("lms-{name}@contoso.com");
    world
        .edit_user(ORGANIZER, |organizer| {
            let copy = organizer.mailbox.copy_mut(&uid).unwrap();
            for (address, status) in says {
                copy.invitee_mut(address).unwrap().status = *status;
            }
        })
        .unwrap();
}

/// The list has an acceptance without a time under the alias, and hears of the decline under the other
/// address.
pub(super) fn declines_beside_an_answer_without_a_time(world: &World, name: &str) {
    lists(world, name, &[(alias(name), Status { answer: Answer::Accepted, at: None })]);
    declines(world, name);
}

/// Of one moment, a decline and an acceptance.
pub(super) fn removes_while_the_list_disagrees(world: &World, name: &str) {
    let now = Utc::now();
    let says = [(address(name), Answer::Declined), (alias(name), Answer::Accepted)];
    lists(world, name, &says.map(|(address, answer)| (address, Status::given(answer, now))));
    declines_in_silence(world, name);
}

pub(super) fn loses_the_mailbox(world: &World, name: &str) {
    world.disable_mailbox(&whom(name)).unwrap();
}

pub(super) fn calls_off(world: &World, name: &str) {
    world.cancel(&Cancel { session: name.to_owned() }).unwrap();
}

/// Where what the organizer did has left nothing to remove, there is nothing to do.
pub(super) fn tidies(world: &World, name: &str) {
    if world.copy(&address(name), name).is_some() {
        world.remove_cancelled(&who(name)).unwrap();
    }
}

pub(super) fn drops(world: &World, name: &str) {
    world.drop_learner(&who(name)).unwrap();
}

pub(super) fn retimes(world: &World, name: &str) {
    let start = Utc::now() + Span::days(9);
    world.retime(&Retime { session: name.to_owned(), start, end: start + Span::hours(2) }).unwrap();
}

/// On the list and in the LMS.
pub(super) fn invites_again(world: &World, name: &str) {
    world.reinvite(&Reinvite { learner: address(name), session: name.to_owned(), enrol: true }).unwrap();
}

/// A coordinator gives the place back in the LMS, and the learner comes.
pub(super) fn accepts_a_place_given_back(world: &World, name: &str) {
    world.enrol(name, &address(name)).unwrap();
    accepts(world, name);
}

/// The colleague is known to the LMS, but has no place in this session.
pub(super) fn forwards(world: &World, name: &str) {
    let to = address(&mate(name));
    let session = name.to_owned();
    world.forward(&Forward { learner: address(name), to, session, enrol: false }).unwrap();
}

pub(super) fn the_mate_declines(world: &World, name: &str) {
    decline(world, &mate(name), name);
}

/// The colleague, who comes, and the organizer both share their calendars with the learner.
pub(super) fn others_share_their_calendars(world: &World, name: &str) {
    world.accept(&reply(&mate(name), name)).unwrap();
    for from in [address(&mate(name)), ORGANIZER.to_owned()] {
        world.share_calendar(&ShareCalendar { from, with: address(name) }).unwrap();
    }
}

/// In a week.
pub(super) fn midnight_in_tokyo() -> DateTime<Utc> {
    (Utc::now() + Span::days(7)).date_naive().and_hms_opt(15, 0, 0).unwrap().and_utc()
}

/// The starts of a series, or of the events that stand for one session, counted from 0.
pub(super) fn start(n: usize) -> DateTime<Utc> {
    let day = Utc::now().date_naive().and_hms_opt(9, 0, 0).unwrap().and_utc();
    day + Span::days(7 * (i64::try_from(n).unwrap() + 1))
}

pub(super) const OCCURRENCES: usize = 3;

pub(super) fn declines_one(world: &World, name: &str) {
    world.decline(&soon(reply(name, name).keep(false).of(start(1)))).unwrap();
}

pub(super) fn declines_and_keeps_one(world: &World, name: &str) {
    world.decline(&soon(reply(name, name).keep(true).of(start(1)))).unwrap();
}

pub(super) fn accepts_one(world: &World, name: &str) {
    world.accept(&soon(reply(name, name).of(start(1)))).unwrap();
}

pub(super) fn deletes_one(world: &World, name: &str) {
    world.delete(&reply(name, name).of(start(1))).unwrap();
}

pub(super) fn declines_each(world: &World, name: &str) {
    for n in 0..OCCURRENCES {
        world.decline(&soon(reply(name, name).keep(false).of(start(n)))).unwrap();
    }
}

pub(super) fn calls_one_off(world: &World, name: &str) {
    world.cancel_occurrence(&CancelOccurrence { session: name.to_owned(), occurrence: start(1) }).unwrap();
}

pub(super) fn retimes_one(world: &World, name: &str) {
    let (occurrence, new) = (start(1), start(1) + Span::days(1));
    let session = name.to_owned();
    world
        .retime_occurrence(&RetimeOccurrence { session, occurrence, start: new, end: new + Span::hours(2) })
        .unwrap();
}

/// The `iCalUId` of the second event of a session that has two.
pub(super) fn second_uid(name: &str) -> String {
    format!("lms-{name}@second.contoso.com")
}

pub(super) fn declines_the_second(world: &World, name: &str) {
    decline(world, name, &second_uid(name));
}

pub(super) fn declines_both(world: &World, name: &str) {
    decline(world, name, &format!("lms-{name}@contoso.com"));
    decline(world, name, &second_uid(name));
}
