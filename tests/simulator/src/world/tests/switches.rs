//! Lines that are unconfirmed (handler/reference/graph-events.md#switches): both answers, each with
//! everything else as by default.

use super::*;

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
fn a_cancelled_meeting_is_removed_by_the_learner_whether_or_not_the_organizers_copy_stays() {
    for (goes, organizer) in [(true, "gone"), (false, "notResponded")] {
        let mut model = invited(Matrix { cancelled_original_goes: goes, ..Matrix::default() });
        model.cancel(&cancel(), now()).unwrap();
        let removed = model.remove_cancelled(&who(), now()).unwrap();
        assert_eq!(told(&model, &removed), "ana deleted");
        assert_eq!((copy(&model, ANA).as_str(), listed(&model).as_str()), ("gone", organizer));
    }
}

#[test]
fn who_is_invited_again_has_a_copy_without_an_answer_and_on_the_list_perhaps_the_old_one() {
    for (voids, answer) in [(true, "notResponded"), (false, "declined")] {
        for (keep, kind) in [(false, "created"), (true, "updated")] {
            let mut model = invited(Matrix { reinvite_voids_answer: voids, ..Matrix::default() });
            let mut declined = model.decline(&ana().keep(keep), now()).unwrap();
            deliver(&mut model, &mut declined);
            let effects = model.reinvite(&again(), now() + Duration::minutes(1)).unwrap();
            assert_eq!(told(&model, &effects), format!("learning updated, ana {kind}"));
            assert_eq!(
                (copy(&model, ANA).as_str(), listed(&model).as_str()),
                ("notResponded tentative", answer)
            );
        }
    }
}

#[test]
fn an_answer_to_the_first_invitation_may_arrive_after_the_second() {
    let mut model = invited(Matrix::default());
    let late = model.decline(&ana(), now()).unwrap();
    model.reinvite(&again(), now() + Duration::minutes(1)).unwrap();
    model.deliver(&late.mails[0], now() + Duration::minutes(2));
    assert_eq!((copy(&model, ANA).as_str(), listed(&model).as_str()), ("notResponded tentative", "declined"));
}

#[test]
fn a_dropped_learner_can_be_invited_again() {
    let mut model = invited(Matrix::default());
    model.drop_learner(&who(), now()).unwrap();
    model.remove_cancelled(&who(), now()).unwrap();
    let effects = model.reinvite(&again(), now()).unwrap();
    assert_eq!(told(&model, &effects), "learning updated, ana created");
    assert_eq!(
        (copy(&model, ANA).as_str(), listed(&model).as_str()),
        ("notResponded tentative", "notResponded")
    );
}
