//! Series: what becomes of the whole, and of one occurrence, on the learner's copy and on the organizer's.

use super::*;
use item::{Exception, Occurrence};

fn first() -> DateTime<Utc> {
    at("2026-02-01T09:00:00Z")
}

fn second() -> DateTime<Utc> {
    at("2026-02-08T09:00:00Z")
}

fn series(matrix: Matrix) -> Model {
    let mut model = world();
    model.matrix = matrix;
    model.invite(&Invite { occurrences: vec![first(), second()], ..invitation() }, now()).unwrap();
    model
}

fn own_ids() -> Matrix {
    Matrix { occurrence_told_by_own_id: true, ..Matrix::default() }
}

fn second_of_ana() -> Reply {
    ana().of(second())
}

fn occurrences<'m>(model: &'m Model, address: &str) -> &'m [Occurrence] {
    let item = model.whose(address).unwrap().1.mailbox.copy("lms-1@contoso.com").unwrap();
    item.series.occurrences()
}

/// The second occurrence in a few words: answer, `showAs`, cancelled, start; or that it is lost, or as the
/// series has it.
fn look(model: &Model, address: &str) -> String {
    match &occurrences(model, address)[1] {
        Occurrence { is_lost: true, .. } => "lost".to_owned(),
        Occurrence { exception: None, .. } => "plain".to_owned(),
        Occurrence { exception: Some(Exception { slot, status, show_as, is_cancelled, .. }), .. } => {
            let cancelled = if *is_cancelled { " cancelled" } else { "" };
            format!(
                "{} {}{cancelled} {}",
                status.answer.as_str(),
                show_as.as_str(),
                slot.start.format("%d %H")
            )
        }
    }
}

/// What the organizer's copy says of Ana in the second occurrence; `inherited`: nothing of its own.
fn listed_there(model: &Model) -> &'static str {
    let exception = occurrences(model, LEARNING)[1].exception.as_ref();
    let Some(own) = exception.and_then(|own| own.invitees.as_ref()) else { return "inherited" };
    own.iter().find(|invitee| invitee.party.is(ANA)).unwrap().status.answer.as_str()
}

/// As [`told`], with `*` where an occurrence's own id is named.
fn told_of(model: &Model, effects: &Effects) -> String {
    let text = told(model, effects);
    let masters: Vec<String> = [ANA, BO, LEARNING]
        .iter()
        .flat_map(|address| &model.whose(address).unwrap().1.mailbox.items)
        .map(|item| item.immutable.clone())
        .collect();
    let parts = text.split(", ").zip(&effects.changes);
    let marked =
        parts.map(
            |(text, change)| {
                if masters.contains(&change.immutable) { text.to_owned() } else { format!("{text}*") }
            },
        );
    marked.collect::<Vec<_>>().join(", ")
}

type Line = (&'static str, Act, &'static str, &'static str, &'static str, &'static str);

/// The act; who is told what; the same when occurrences are named, too; Ana's occurrence; her answer on the
/// organizer's.
const LINES: [Line; 8] = [
    (
        "decline",
        |m| m.decline(&second_of_ana(), now()),
        "ana updated, learning updated",
        "ana updated, ana deleted*, learning updated, learning updated*",
        "lost",
        "declined",
    ),
    (
        "decline, kept",
        |m| m.decline(&second_of_ana().keep(true), now()),
        "ana updated, learning updated",
        "ana updated, ana updated*, learning updated, learning updated*",
        "declined free 08 09",
        "declined",
    ),
    (
        "decline, silent",
        |m| m.decline(&second_of_ana().silent(), now()),
        "ana updated",
        "ana updated, ana deleted*",
        "lost",
        "inherited",
    ),
    (
        "delete",
        |m| m.delete(&second_of_ana(), now()),
        "ana updated",
        "ana updated, ana deleted*",
        "lost",
        "inherited",
    ),
    (
        "accept",
        |m| m.accept(&second_of_ana(), now()),
        "ana updated, learning updated",
        "ana updated, ana updated*, learning updated, learning updated*",
        "accepted busy 08 09",
        "accepted",
    ),
    (
        "tentative",
        |m| m.tentative(&second_of_ana(), now()),
        "ana updated, learning updated",
        "ana updated, ana updated*, learning updated, learning updated*",
        "tentativelyAccepted tentative 08 09",
        "tentativelyAccepted",
    ),
    (
        "cancel",
        |m| m.cancel_occurrence(&cancel_second(), now()),
        "learning updated, ana updated, bo updated",
        "learning updated, learning deleted*, ana updated, ana updated*, bo updated, bo updated*",
        "notResponded free cancelled 08 09",
        "inherited",
    ),
    (
        "retime",
        |m| m.retime_occurrence(&move_second(), now()),
        "learning updated, ana updated, bo updated",
        "learning updated, learning updated*, ana updated, ana updated*, bo updated, bo updated*",
        "notResponded tentative 09 13",
        "notResponded",
    ),
];

fn cancel_second() -> CancelOccurrence {
    CancelOccurrence { session: "1".to_owned(), occurrence: second() }
}

fn move_second() -> RetimeOccurrence {
    let (start, end) = (at("2026-02-09T13:00:00Z"), at("2026-02-09T15:00:00Z"));
    RetimeOccurrence { session: "1".to_owned(), occurrence: second(), start, end }
}

#[test]
fn what_befalls_one_occurrence_is_told_of_the_master_and_perhaps_of_the_occurrence() {
    for (name, act, of_master, of_both, anas, answer) in LINES {
        for (matrix, changes) in [(Matrix::default(), of_master), (own_ids(), of_both)] {
            let mut model = series(matrix);
            let mut effects = act(&mut model).unwrap();
            deliver(&mut model, &mut effects);
            assert_eq!(told_of(&model, &effects), changes, "{name}");
            assert_eq!((look(&model, ANA).as_str(), listed_there(&model)), (anas, answer), "{name}");
            assert_eq!(
                occurrences(&model, ANA)[0],
                Occurrence { start: first(), is_lost: false, exception: None }
            );
            assert_eq!(listed(&model), "notResponded", "{name}: the master's own answer");
        }
    }
}

#[test]
fn the_whole_series_is_declined_as_a_single_meeting_is() {
    for (keep, changes, anas) in [
        (false, "ana deleted, learning updated", "gone"),
        (true, "ana updated, learning updated", "declined free"),
    ] {
        let mut model = series(Matrix::default());
        let mut effects = model.decline(&ana().keep(keep), now()).unwrap();
        deliver(&mut model, &mut effects);
        assert_eq!(told_of(&model, &effects), changes);
        assert_eq!((copy(&model, ANA).as_str(), listed(&model).as_str()), (anas, "declined"));
        assert_eq!(listed_there(&model), "inherited");
    }
}

#[test]
fn an_answer_to_the_series_reaches_the_answered_occurrence_or_does_not() {
    for (reaches, anas, answer) in
        [(false, "accepted busy 08 09", "accepted"), (true, "declined free 08 09", "declined")]
    {
        let mut model = series(Matrix { series_answer_reaches_exceptions: reaches, ..Matrix::default() });
        let mut accepted = model.accept(&second_of_ana(), now()).unwrap();
        deliver(&mut model, &mut accepted);
        let mut declined = model.decline(&ana().keep(true), now() + Duration::minutes(1)).unwrap();
        deliver(&mut model, &mut declined);
        assert_eq!(
            (look(&model, ANA).as_str(), listed_there(&model), listed(&model).as_str()),
            (anas, answer, "declined")
        );
    }
}

#[test]
fn a_cancelled_occurrence_stays_with_the_learner_as_cancelled_or_goes() {
    for (stays, anas) in [(true, "notResponded free cancelled 08 09"), (false, "lost")] {
        let mut model = series(Matrix { cancelled_occurrence_stays: stays, ..Matrix::default() });
        model.cancel_occurrence(&cancel_second(), now()).unwrap();
        assert_eq!((look(&model, ANA).as_str(), look(&model, LEARNING).as_str()), (anas, "lost"));
        assert_eq!(model.cancel_occurrence(&cancel_second(), now()), Err(ActError::NoOccurrence(second())));
        assert_eq!(model.decline(&second_of_ana(), now()), Err(ActError::NoOccurrence(second())));
    }
}

#[test]
fn a_moved_occurrence_comes_back_to_who_had_removed_it_or_does_not() {
    for (restores, changes, anas) in [
        (
            true,
            "learning updated, learning updated*, ana updated, ana created*, bo updated, bo updated*",
            "notResponded tentative 09 13",
        ),
        (false, "learning updated, learning updated*, bo updated, bo updated*", "lost"),
    ] {
        let mut model = series(Matrix { retime_restores_removed: restores, ..own_ids() });
        model.decline(&second_of_ana(), now()).unwrap();
        let effects = model.retime_occurrence(&move_second(), now()).unwrap();
        assert_eq!((told_of(&model, &effects).as_str(), look(&model, ANA).as_str()), (changes, anas));
    }
}

#[test]
fn an_answer_to_the_old_time_of_an_occurrence_changes_nothing() {
    let mut model = series(Matrix::default());
    let declined = model.decline(&second_of_ana().keep(true), now()).unwrap();
    model.retime_occurrence(&move_second(), now()).unwrap();
    assert_eq!(model.deliver(&declined.mails[0], now()), []);
    assert_eq!(listed_there(&model), "notResponded");
}

#[test]
fn an_answer_to_a_cancelled_occurrence_does_not_bring_it_back() {
    let mut model = series(Matrix::default());
    let declined = model.decline(&second_of_ana().keep(true), now()).unwrap();
    model.cancel_occurrence(&cancel_second(), now()).unwrap();
    assert_eq!(model.deliver(&declined.mails[0], now()), []);
    assert_eq!(look(&model, LEARNING), "lost");
}

#[test]
fn an_invitation_sent_later_tells_of_moved_and_not_of_cancelled_occurrences() {
    let mut model = series(Matrix::default());
    model.retime_occurrence(&move_second(), now()).unwrap();
    model
        .cancel_occurrence(&CancelOccurrence { session: "1".to_owned(), occurrence: first() }, now())
        .unwrap();
    let cy = Reinvite { learner: "cy@contoso.com".to_owned(), ..again() };
    model.reinvite(&cy, now()).unwrap();
    let shown = occurrences(&model, "cy@contoso.com");
    assert_eq!((shown.len(), shown[0].exception.as_ref().unwrap().slot.start), (1, move_second().start));
}

#[test]
fn an_occurrence_that_was_removed_can_be_answered_no_more() {
    let mut model = series(Matrix::default());
    model.decline(&second_of_ana(), now()).unwrap();
    assert_eq!(model.decline(&second_of_ana(), now()), Err(ActError::NoOccurrence(second())));
    assert_eq!(model.accept(&second_of_ana(), now()), Err(ActError::NoOccurrence(second())));
    let never = now();
    assert_eq!(model.decline(&ana().of(never), now()), Err(ActError::NoOccurrence(never)));
    let backwards = RetimeOccurrence { end: second(), ..move_second() };
    assert_eq!(model.retime_occurrence(&backwards, now()), Err(ActError::Backwards));
}

#[test]
fn people_without_a_mailbox_here_answer_one_occurrence_by_mail() {
    let mut model = world();
    let attendees = vec![ANA.to_owned(), "dee@fabrikam.com".to_owned()];
    let starts = vec![first(), second()];
    model.invite(&Invite { occurrences: starts, attendees, ..invitation() }, now()).unwrap();
    let mut effects = model.decline(&Reply::new("dee@fabrikam.com", "1").of(second()), now()).unwrap();
    assert_eq!(effects.changes, []);
    deliver(&mut model, &mut effects);
    assert_eq!((told(&model, &effects).as_str(), listed_there(&model)), ("learning updated", "notResponded"));
}

#[test]
fn a_whole_series_moves_to_another_calendar_and_its_occurrences_get_other_ids_with_it() {
    for changes_id in [true, false] {
        let mut model = series(Matrix { move_changes_immutable_id: changes_id, ..Matrix::default() });
        let effects = model.move_copy(&to_other_calendar(), now()).unwrap();
        assert_eq!(told(&model, &effects), "ana deleted, ana created");
        let id = |change: &Change| ids::occurrence(&change.immutable, second());
        assert_eq!(id(&effects.changes[0]) != id(&effects.changes[1]), changes_id);
    }
}
