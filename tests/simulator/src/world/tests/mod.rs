//! handler/reference/graph-events.md#what-is-told, line by line: what each act does to each copy, and who is
//! told what.

mod calendars;
mod mails;
mod series;
mod spread;
mod switches;

use super::act::{
    Cancel, CancelOccurrence, Forward, Invite, List, Move, Reinvite, Reply, Retime, RetimeOccurrence,
    ShareCalendar, Who, Whom,
};
use super::*;
use crate::options::{TenantSeed, UserSeed};
use item::Answer;

const ANA: &str = "ana@contoso.com";
const BO: &str = "bo@contoso.com";
const LEARNING: &str = "learning@contoso.com";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    at("2026-01-01T10:00:00Z")
}

fn world() -> Model {
    let mut mint = Mint::new(7);
    let tenant = TenantSeed::contoso().build(&mut mint);
    let other =
        TenantSeed::new("fabrikam.com").user(UserSeed::new("Eve Fab", "eve@fabrikam.com")).build(&mut mint);
    Model::new(vec![tenant, other], Matrix::default(), mint)
}

fn invitation() -> Invite {
    Invite::new("1", LEARNING, &[ANA, BO], at("2026-02-01T09:00:00Z"), at("2026-02-01T11:00:00Z"))
}

fn invited(matrix: Matrix) -> Model {
    let mut model = world();
    model.matrix = matrix;
    model.invite(&invitation(), now()).unwrap();
    model
}

/// `who kind` of every change.
fn told(model: &Model, effects: &Effects) -> String {
    let who = |change: &Change| {
        let user = model.tenant(change.tenant).and_then(|tenant| tenant.user(change.user)).unwrap();
        format!("{} {}", user.address().split('@').next().unwrap(), change.kind.as_str())
    };
    effects.changes.iter().map(who).collect::<Vec<_>>().join(", ")
}

/// The live copy in a few words: answer, `showAs`, and whether it is cancelled.
fn copy(model: &Model, address: &str) -> String {
    match model.whose(address).unwrap().1.mailbox.copy("lms-1@contoso.com") {
        None => "gone".to_owned(),
        Some(item) => {
            let cancelled = if item.is_cancelled { " cancelled" } else { "" };
            format!("{} {}{cancelled}", item.status.answer.as_str(), item.show_as.as_str())
        }
    }
}

/// What the organizer's copy says of Ana.
fn listed(model: &Model) -> String {
    listed_as(model, ANA)
}

fn listed_as(model: &Model, address: &str) -> String {
    let Some(item) = model.whose(LEARNING).unwrap().1.mailbox.copy("lms-1@contoso.com") else {
        return "gone".to_owned();
    };
    let Some(invitee) = item.invitees.iter().find(|invitee| invitee.party.is(address)) else {
        return "absent".to_owned();
    };
    let proposes = if invitee.proposed.is_some() { ", proposes" } else { "" };
    format!("{}{proposes}", invitee.status.answer.as_str())
}

fn deliver(model: &mut Model, effects: &mut Effects) {
    for mail in std::mem::take(&mut effects.mails) {
        effects.changes.extend(model.deliver(&mail, now()));
    }
}

type Act = fn(&mut Model) -> Result<Effects, ActError>;

fn who() -> Who {
    Who { learner: ANA.to_owned(), session: "1".to_owned() }
}

fn again() -> Reinvite {
    Reinvite { learner: ANA.to_owned(), session: "1".to_owned(), enrol: true }
}

fn to_other_calendar() -> Move {
    Move { learner: ANA.to_owned(), session: "1".to_owned(), calendar: "Training".to_owned() }
}

fn later() -> Retime {
    Retime { session: "1".to_owned(), start: at("2026-02-02T09:00:00Z"), end: at("2026-02-02T11:00:00Z") }
}

fn later_slot() -> Slot {
    Slot { start: later().start, end: later().end }
}

fn cancel() -> Cancel {
    Cancel { session: "1".to_owned() }
}

fn ana() -> Reply {
    Reply::new(ANA, "1")
}

#[test]
fn each_act_changes_the_copies_and_tells_the_mailboxes_of_the_matrix() {
    // The act; who is told what once the mails have come; Ana's copy; what the organizer's says of her.
    let lines: [(&str, Act, &str, &str, &str); 19] = [
        ("accept", |m| m.accept(&ana(), now()), "ana updated, learning updated", "accepted busy", "accepted"),
        (
            "tentative",
            |m| m.tentative(&ana(), now()),
            "ana updated, learning updated",
            "tentativelyAccepted tentative",
            "tentativelyAccepted",
        ),
        ("decline", |m| m.decline(&ana(), now()), "ana deleted, learning updated", "gone", "declined"),
        (
            "decline, kept",
            |m| m.decline(&ana().keep(true), now()),
            "ana updated, learning updated",
            "declined free",
            "declined",
        ),
        ("decline, silent", |m| m.decline(&ana().silent(), now()), "ana deleted", "gone", "notResponded"),
        (
            "decline, kept, silent",
            |m| m.decline(&ana().keep(true).silent(), now()),
            "ana updated",
            "declined free",
            "notResponded",
        ),
        ("delete", |m| m.delete(&ana(), now()), "ana deleted", "gone", "notResponded"),
        (
            "move",
            |m| m.move_copy(&to_other_calendar(), now()),
            "ana deleted, ana created",
            "notResponded tentative",
            "notResponded",
        ),
        (
            "cancel",
            |m| m.cancel(&cancel(), now()),
            "learning deleted, ana updated, bo updated",
            "notResponded free cancelled",
            "gone",
        ),
        (
            "drop",
            |m| m.drop_learner(&who(), now()),
            "learning updated, ana updated",
            "notResponded free cancelled",
            "absent",
        ),
        (
            "retime",
            |m| m.retime(&later(), now()),
            "learning updated, ana updated, bo updated",
            "notResponded tentative",
            "notResponded",
        ),
        (
            "decline, another time proposed",
            |m| m.decline(&Reply { propose: Some(later_slot()), ..ana() }, now()),
            "ana deleted, learning updated",
            "gone",
            "declined, proposes",
        ),
        (
            "tentative, another time proposed",
            |m| m.tentative(&Reply { propose: Some(later_slot()), ..ana() }, now()),
            "ana updated, learning updated",
            "tentativelyAccepted tentative",
            "tentativelyAccepted, proposes",
        ),
        (
            "decline by a delegate",
            |m| m.decline(&Reply { by: Some(BO.to_owned()), ..ana() }, now()),
            "ana deleted, learning updated",
            "gone",
            "declined",
        ),
        (
            "decline, mail lost",
            |m| m.decline(&ana().mail_lost(), now()),
            "ana deleted",
            "gone",
            "notResponded",
        ),
        (
            "delete with a response",
            |m| m.delete(&Reply { respond: Some(true), ..ana() }, now()),
            "ana deleted, learning updated",
            "gone",
            "declined",
        ),
        (
            "auto-decline",
            |m| m.auto_decline(&who(), now()),
            "ana deleted, learning updated",
            "gone",
            "declined",
        ),
        ("clean-up", |m| m.clean_up(&who(), now()), "ana deleted", "gone", "notResponded"),
        (
            "cancelled, then removed",
            |m| {
                m.cancel(&cancel(), now())?;
                m.remove_cancelled(&who(), now())
            },
            "ana deleted",
            "gone",
            "gone",
        ),
    ];
    for (name, act, changes, learner, organizer) in lines {
        let mut model = invited(Matrix::default());
        let mut effects = act(&mut model).unwrap();
        deliver(&mut model, &mut effects);
        assert_eq!(told(&model, &effects), changes, "{name}");
        assert_eq!(copy(&model, ANA), learner, "{name}");
        assert_eq!(listed(&model), organizer, "{name}");
    }
}

#[test]
fn an_invitation_makes_one_copy_each_with_ids_of_their_own_and_one_ical_uid() {
    let mut model = world();
    let mut act = invitation();
    act.attendees.extend([
        "eve@fabrikam.com".to_owned(),
        "dee@fabrikam.com".to_owned(),
        "zed@nowhere.example".to_owned(),
    ]);
    let effects = model.invite(&act, now()).unwrap();
    // Guests and strangers have no mailbox here; the other tenant's Eve has.
    assert_eq!(told(&model, &effects), "learning created, ana created, bo created, eve created");
    let mut ids: Vec<&str> = effects.changes.iter().map(|change| change.immutable.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    let anas = model.whose(ANA).unwrap().1.mailbox.copy("lms-1@contoso.com").unwrap();
    assert!(anas.invitees.iter().all(|invitee| invitee.status.answer == Answer::None));
}

#[test]
fn an_invitation_from_outside_has_no_original_and_its_answers_reach_nobody() {
    let mut model = world();
    model.invite(&Invite { from_outside: true, ..invitation() }, now()).unwrap();
    assert_eq!(listed(&model), "gone");
    let effects = model.decline(&ana(), now()).unwrap();
    assert_eq!(told(&model, &effects), "ana deleted");
    assert_eq!(effects.mails, []);
}

#[test]
fn a_mail_that_was_overtaken_changes_nothing() {
    let mut model = invited(Matrix::default());
    let declined = model.decline(&ana().keep(true), now()).unwrap();
    let mut accepted = model.accept(&ana(), now() + Duration::minutes(1)).unwrap();
    deliver(&mut model, &mut accepted);
    model.deliver(&declined.mails[0], now() + Duration::minutes(2));
    assert_eq!(listed(&model), "accepted");

    let declined = model.decline(&ana(), now() + Duration::minutes(3)).unwrap();
    model.retime(&later(), now() + Duration::minutes(4)).unwrap();
    assert_eq!(model.deliver(&declined.mails[0], now() + Duration::minutes(5)), []);
    assert_eq!(listed(&model), "notResponded");
}

#[test]
fn a_delegates_name_stands_in_the_mail_alone() {
    let mut model = invited(Matrix::default());
    let effects = model.decline(&Reply { by: Some(BO.to_owned()), ..ana() }, now()).unwrap();
    assert_eq!((effects.mails[0].learner.as_str(), effects.mails[0].sender.as_str()), (ANA, BO));
    let own = invited(Matrix::default()).decline(&ana(), now()).unwrap();
    assert_eq!(effects.changes, own.changes);
}

#[test]
fn a_learner_is_dropped_after_the_decline_and_the_decline_is_not_to_be_seen_any_more() {
    for (keep, ends) in [(false, "gone"), (true, "declined free cancelled")] {
        let mut model = invited(Matrix::default());
        let mut declined = model.decline(&ana().keep(keep), now()).unwrap();
        deliver(&mut model, &mut declined);
        model.drop_learner(&who(), now()).unwrap();
        assert_eq!((copy(&model, ANA).as_str(), listed(&model).as_str()), (ends, "absent"));
    }
}

#[test]
fn acts_that_make_no_sense_are_refused() {
    let person = |address: &str| (address.to_owned(), "1".to_owned());
    let mut model = invited(Matrix::default());
    assert_eq!(model.invite(&invitation(), now()), Err(ActError::DoubleUid("lms-1@contoso.com".to_owned())));
    assert_eq!(model.accept(&Reply::new(ANA, "9"), now()), Err(ActError::NoMeeting("9".to_owned())));
    let (learner, session) = person("cy@contoso.com");
    assert_eq!(
        model.decline(&Reply::new(&learner, "1"), now()),
        Err(ActError::NotInvited { learner, session })
    );
    let proposing = Reply { propose: Some(later_slot()), ..ana() };
    assert_eq!(model.accept(&proposing, now()), Err(ActError::NoProposal));
    let by_a_stranger = Reply { by: Some("zed@nowhere.example".to_owned()), ..ana() };
    assert_eq!(model.decline(&by_a_stranger, now()), Err(ActError::Nobody("zed@nowhere.example".to_owned())));
    let (learner, session) = person(ANA);
    assert_eq!(model.remove_cancelled(&who(), now()), Err(ActError::NotCancelled { learner, session }));
    let (learner, session) = person(ANA);
    assert_eq!(model.restore(&who(), now()), Err(ActError::HasCopy { learner, session }));
    let backwards = Retime { end: at("2026-02-01T09:00:00Z"), ..later() };
    assert_eq!(model.retime(&backwards, now()), Err(ActError::Backwards));

    model.decline(&ana(), now()).unwrap();
    let refusals = [
        model.decline(&ana(), now()),
        model.remove_cancelled(&who(), now()),
        model.clean_up(&who(), now()),
        model.touch(&who(), now()),
        model.move_copy(&to_other_calendar(), now()),
    ];
    for refusal in refusals {
        let (learner, session) = person(ANA);
        assert_eq!(refusal, Err(ActError::NoCopy { learner, session }));
    }
    model.cancel(&cancel(), now()).unwrap();
    assert_eq!(model.reinvite(&again(), now()), Err(ActError::CalledOff("1".to_owned())));
}
