//! Facts sheet 6, line by line: what each act does to each copy, and who is told what.

use super::act::{Cancel, Invite, Move, Reinvite, Reply, Retime, Who};
use super::*;
use crate::options::{PersonSeed, TenantSeed};

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
    let other = TenantSeed::new("fabrikam.com").person(PersonSeed::new("Eve Fab", "eve@fabrikam.com")).build(&mut mint);
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
fn listed(model: &Model) -> &'static str {
    let Some(item) = model.whose(LEARNING).unwrap().1.mailbox.copy("lms-1@contoso.com") else { return "gone" };
    item.invitees
        .iter()
        .find(|invitee| invitee.party.is(ANA))
        .map_or("absent", |invitee| invitee.status.answer.as_str())
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

fn to_other_calendar() -> Move {
    Move { learner: ANA.to_owned(), session: "1".to_owned(), calendar: "Training".to_owned() }
}

fn later() -> Retime {
    Retime { session: "1".to_owned(), start: at("2026-02-02T09:00:00Z"), end: at("2026-02-02T11:00:00Z") }
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
    let lines: [(&str, Act, &str, &str, &str); 12] = [
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
        ("remove", |m| m.remove_cancelled(&who(), now()), "ana deleted", "gone", "notResponded"),
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
    assert!(anas.invitees.iter().all(|invitee| invitee.status.answer == item::Answer::None));
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
fn a_decline_is_taken_back_with_a_new_copy_or_the_old_one() {
    for (is_new, ids_differ) in [(true, true), (false, false)] {
        let mut model = invited(Matrix { restored_copy_is_new: is_new, ..Matrix::default() });
        let declined = model.decline(&ana(), now()).unwrap();
        let mut accepted = model.accept(&ana(), now() + Duration::minutes(1)).unwrap();
        assert_eq!(declined.changes[0].immutable != accepted.changes[0].immutable, ids_differ);
        deliver(&mut model, &mut accepted);
        assert_eq!(told(&model, &accepted), "ana created, learning updated");
        assert_eq!((copy(&model, ANA).as_str(), listed(&model)), ("accepted busy", "accepted"));
    }
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
    assert_eq!(model.deliver(&declined.mails[0], now() + Duration::minutes(5)), None);
    assert_eq!(listed(&model), "notResponded");
}

#[test]
fn the_uncertain_lines_of_the_matrix_can_be_switched() {
    let mut model = invited(Matrix { updated_before_deleted: true, ..Matrix::default() });
    let effects = model.decline(&ana().silent(), now()).unwrap();
    assert_eq!(told(&model, &effects), "ana updated, ana deleted");

    for (changes, ids_differ) in [(true, true), (false, false)] {
        let mut model = invited(Matrix { move_changes_immutable_id: changes, ..Matrix::default() });
        let effects = model.move_copy(&to_other_calendar(), now()).unwrap();
        assert_eq!(effects.changes[0].immutable != effects.changes[1].immutable, ids_differ);
        assert_ne!(effects.changes[0].mutable, effects.changes[1].mutable);
    }

    let mut model = invited(Matrix { dropped_copy_stays: false, ..Matrix::default() });
    let effects = model.drop_learner(&who(), now()).unwrap();
    assert_eq!(told(&model, &effects), "learning updated, ana deleted");

    let mut model = invited(Matrix { retime_restores_removed: false, ..Matrix::default() });
    model.decline(&ana(), now()).unwrap();
    let effects = model.retime(&later(), now()).unwrap();
    assert_eq!(told(&model, &effects), "learning updated, bo updated");

    let mut model = invited(Matrix { cancelled_original_goes: false, ..Matrix::default() });
    let effects = model.cancel(&cancel(), now()).unwrap();
    assert_eq!(told(&model, &effects), "learning updated, ana updated, bo updated");
}

#[test]
fn a_changed_time_brings_the_invitation_back_to_who_had_removed_it() {
    let mut model = invited(Matrix::default());
    model.decline(&ana(), now()).unwrap();
    let effects = model.retime(&later(), now()).unwrap();
    assert_eq!(told(&model, &effects), "learning updated, ana created, bo updated");
    assert_eq!(copy(&model, ANA), "notResponded tentative");
}

#[test]
fn a_dropped_learner_can_be_invited_again() {
    let mut model = invited(Matrix::default());
    model.drop_learner(&who(), now()).unwrap();
    model.remove_cancelled(&who(), now()).unwrap();
    let again = Reinvite { learner: ANA.to_owned(), session: "1".to_owned(), enrol: true };
    let effects = model.reinvite(&again, now()).unwrap();
    assert_eq!(told(&model, &effects), "learning updated, ana created");
    assert_eq!((copy(&model, ANA).as_str(), listed(&model)), ("notResponded tentative", "notResponded"));
}

#[test]
fn one_declined_occurrence_is_an_update_of_the_series() {
    let mut model = world();
    let starts = [at("2026-02-01T09:00:00Z"), at("2026-02-08T09:00:00Z")];
    model.invite(&Invite { occurrences: starts.to_vec(), ..invitation() }, now()).unwrap();
    let reply = Reply { occurrence: Some(starts[1]), ..ana() };
    let mut effects = model.decline(&reply, now()).unwrap();
    deliver(&mut model, &mut effects);
    assert_eq!(told(&model, &effects), "ana updated, learning updated");
    let series = model.whose(ANA).unwrap().1.mailbox.copy("lms-1@contoso.com").unwrap().series.clone();
    assert_eq!(series, Series::Master { starts: vec![starts[0]], lost: vec![starts[1]] });
    let original = model.whose(LEARNING).unwrap().1.mailbox.copy("lms-1@contoso.com").unwrap();
    assert_eq!(original.exceptions[&starts[1]][ANA].answer, item::Answer::Declined);
    assert_eq!(model.decline(&reply, now()), Err(ActError::NoOccurrence(starts[1])));
}

#[test]
fn acts_that_make_no_sense_are_refused() {
    let mut model = invited(Matrix::default());
    assert_eq!(model.invite(&invitation(), now()), Err(ActError::DoubleUid("lms-1@contoso.com".to_owned())));
    assert_eq!(model.accept(&Reply::new(ANA, "9"), now()), Err(ActError::NoMeeting("9".to_owned())));
    let stranger = Reply::new("cy@contoso.com", "1");
    assert!(matches!(model.decline(&stranger, now()), Err(ActError::NotInvited { .. })));
    model.decline(&ana(), now()).unwrap();
    assert!(matches!(model.decline(&ana(), now()), Err(ActError::NoCopy { .. })));
    let backwards = Retime { end: at("2026-02-01T09:00:00Z"), ..later() };
    assert_eq!(model.retime(&backwards, now()), Err(ActError::Backwards));
}
