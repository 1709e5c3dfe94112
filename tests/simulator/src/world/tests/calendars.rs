//! Calendars as places: copies that move, come back, are shared, or are swept away.

use super::*;

fn item(model: &Model) -> &Item {
    model.whose(ANA).unwrap().1.mailbox.copy("lms-1@contoso.com").unwrap()
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
        assert_eq!((copy(&model, ANA).as_str(), listed(&model).as_str()), ("accepted busy", "accepted"));
    }
}

#[test]
fn a_copy_is_dragged_back_without_an_answer_as_a_new_item_or_the_old_one() {
    let later = now() + Duration::minutes(1);
    for is_new in [true, false] {
        for (is_declined, look) in [(true, "declined free"), (false, "notResponded tentative")] {
            let matrix = Matrix {
                restored_copy_is_new: is_new,
                binned_copy_is_declined: is_declined,
                ..Matrix::default()
            };
            let mut model = invited(matrix);
            let declined = model.decline(&ana(), now()).unwrap();
            let effects = model.restore(&who(), later).unwrap();
            assert_eq!((told(&model, &effects).as_str(), effects.mails.len()), ("ana created", 0));
            assert_eq!(copy(&model, ANA), look);
            assert_eq!(declined.changes[0].immutable != effects.changes[0].immutable, is_new);
            assert_ne!(declined.changes[0].mutable, effects.changes[0].mutable);
            assert_eq!(item(&model).created, if is_new { later } else { now() });
        }
    }
}

#[test]
fn what_was_accepted_and_deleted_comes_back_accepted() {
    let mut model = invited(Matrix::default());
    model.accept(&ana(), now()).unwrap();
    model.delete(&ana(), now()).unwrap();
    model.restore(&who(), now()).unwrap();
    assert_eq!(copy(&model, ANA), "accepted busy");
    let learner = "cy@contoso.com".to_owned();
    let stranger = Who { learner: learner.clone(), session: "1".to_owned() };
    let refusal = ActError::NothingBinned { learner, session: "1".to_owned() };
    assert_eq!(model.restore(&stranger, now()), Err(refusal));
}

#[test]
fn a_move_keeps_the_answer_and_when_the_item_was_made() {
    let mut model = invited(Matrix::default());
    model.accept(&ana(), now()).unwrap();
    model.move_copy(&to_other_calendar(), now() + Duration::minutes(1)).unwrap();
    assert_eq!((copy(&model, ANA).as_str(), item(&model).created), ("accepted busy", now()));
    assert_ne!(item(&model).calendar, model.whose(ANA).unwrap().1.mailbox.default_calendar());
}

#[test]
fn an_emptied_calendar_is_many_removals_and_no_answer() {
    let mut model = invited(Matrix::default());
    model.invite(&Invite { session: "2".to_owned(), ..invitation() }, now()).unwrap();
    let effects = model.empty_calendar(&Whom { learner: ANA.to_owned() }, now()).unwrap();
    assert_eq!((told(&model, &effects).as_str(), effects.mails.len()), ("ana deleted, ana deleted", 0));
    assert_eq!((copy(&model, ANA).as_str(), listed(&model).as_str()), ("gone", "notResponded"));
}

#[test]
fn a_disabled_mailbox_takes_nothing_and_comes_back_as_it_was() {
    let mut model = invited(Matrix::default());
    let ana_alone = Whom { learner: ANA.to_owned() };
    model.disable_mailbox(&ana_alone).unwrap();
    assert_eq!(model.disable_mailbox(&ana_alone), Err(ActError::Disabled(ANA.to_owned())));
    assert_eq!(model.decline(&ana(), now()), Err(ActError::Disabled(ANA.to_owned())));
    let effects = model.retime(&later(), now()).unwrap();
    assert_eq!(told(&model, &effects), "learning updated, bo updated");
    model.enable_mailbox(&ana_alone).unwrap();
    assert_eq!(model.enable_mailbox(&ana_alone), Err(ActError::NotDisabled(ANA.to_owned())));
    assert_eq!(item(&model).slot.start, invitation().start, "the new time never arrived");
    let guest = Whom { learner: "dee@fabrikam.com".to_owned() };
    assert_eq!(model.disable_mailbox(&guest), Err(ActError::NoMailbox(guest.learner.clone())));
    assert_eq!(model.enable_mailbox(&guest), Err(ActError::NoMailbox(guest.learner.clone())));
}

#[test]
fn calendars_are_shared_within_a_tenant_and_once() {
    let mut model = world();
    let share = |from: &str, with: &str| ShareCalendar { from: from.to_owned(), with: with.to_owned() };
    model.share_calendar(&share(BO, ANA)).unwrap();
    let why = |refusal: Result<(), ActError>| match refusal {
        Err(ActError::NoSharing { why, .. }) => why.to_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(why(model.share_calendar(&share(BO, ANA))), "it is shared with them already");
    assert_eq!(why(model.share_calendar(&share(ANA, ANA))), "it is theirs");
    assert_eq!(why(model.share_calendar(&share("eve@fabrikam.com", ANA))), "they are in different tenants");
    let nobody = ActError::Nobody("zed@nowhere.example".to_owned());
    assert_eq!(model.share_calendar(&share("zed@nowhere.example", ANA)), Err(nobody));
}
