//! Invitations that reach people past the organizer's list, and people whom Exchange here does not host.

use super::*;

const CY: &str = "cy@contoso.com";
const TEAM: &str = "team@contoso.com";

fn to_cy() -> Forward {
    Forward { learner: ANA.to_owned(), to: CY.to_owned(), session: "1".to_owned(), enrol: false }
}

/// Ana and Cy are invited through a list; Bo by name.
fn by_list(matrix: Matrix) -> Model {
    let mut model = world();
    model.matrix = matrix;
    let members = vec![ANA.to_owned(), BO.to_owned(), CY.to_owned()];
    model.set_list(&List { address: TEAM.to_owned(), members }).unwrap();
    let attendees = vec![TEAM.to_owned(), BO.to_owned()];
    let effects = model.invite(&Invite { attendees, ..invitation() }, now()).unwrap();
    assert_eq!(told(&model, &effects), "learning created, bo created, ana created, cy created");
    model
}

#[test]
fn whom_it_was_forwarded_to_has_a_copy_and_is_listed_at_once_or_from_the_first_answer_on() {
    for (at_once, changes, before) in
        [(true, "learning updated, cy created", "notResponded"), (false, "cy created", "absent")]
    {
        let mut model = invited(Matrix { forward_lists_at_once: at_once, ..Matrix::default() });
        let effects = model.forward(&to_cy(), now()).unwrap();
        assert_eq!(told(&model, &effects), changes);
        assert_eq!(
            (copy(&model, CY).as_str(), listed_as(&model, CY).as_str()),
            ("notResponded tentative", before)
        );
        let mut declined = model.decline(&Reply::new(CY, "1"), now()).unwrap();
        deliver(&mut model, &mut declined);
        assert_eq!(told(&model, &declined), "cy deleted, learning updated");
        assert_eq!(
            (listed_as(&model, CY).as_str(), copy(&model, ANA).as_str()),
            ("declined", "notResponded tentative")
        );
    }
}

#[test]
fn an_unlisted_guest_of_a_forward_hears_of_a_cancellation_too() {
    let mut model = invited(Matrix { forward_lists_at_once: false, ..Matrix::default() });
    model.forward(&to_cy(), now()).unwrap();
    let effects = model.cancel(&cancel(), now()).unwrap();
    assert_eq!(told(&model, &effects), "learning deleted, ana updated, bo updated, cy updated");
}

#[test]
fn a_member_of_an_invited_list_has_a_copy_and_is_listed_when_they_answer_or_never() {
    for (is_listed, changes, answer) in
        [(true, "ana deleted, learning updated", "declined"), (false, "ana deleted", "absent")]
    {
        let mut model = by_list(Matrix { answering_member_is_listed: is_listed, ..Matrix::default() });
        assert_eq!((listed(&model).as_str(), listed_as(&model, TEAM).as_str()), ("absent", "notResponded"));
        let mut effects = model.decline(&ana(), now()).unwrap();
        deliver(&mut model, &mut effects);
        assert_eq!((told(&model, &effects).as_str(), listed(&model).as_str()), (changes, answer));
        assert_eq!(listed_as(&model, CY), "absent");
    }
}

#[test]
fn a_list_is_dropped_with_those_behind_it() {
    let mut model = by_list(Matrix::default());
    let not_listed = ActError::NotListed { learner: ANA.to_owned(), session: "1".to_owned() };
    assert_eq!(model.drop_learner(&who(), now()), Err(not_listed));
    let team = Who { learner: TEAM.to_owned(), session: "1".to_owned() };
    let effects = model.drop_learner(&team, now()).unwrap();
    assert_eq!(told(&model, &effects), "learning updated, ana updated, cy updated");
    assert_eq!(
        (copy(&model, BO).as_str(), listed_as(&model, TEAM).as_str()),
        ("notResponded tentative", "absent")
    );
}

#[test]
fn guests_and_people_outside_answer_by_mail_alone() {
    for address in ["dee@fabrikam.com", "zed@nowhere.example"] {
        let mut model = world();
        let attendees = vec![ANA.to_owned(), address.to_owned()];
        let effects = model.invite(&Invite { attendees, ..invitation() }, now()).unwrap();
        assert_eq!(told(&model, &effects), "learning created, ana created");
        let mut effects = model.decline(&Reply::new(address, "1"), now()).unwrap();
        assert_eq!(effects.changes, []);
        deliver(&mut model, &mut effects);
        assert_eq!(
            (told(&model, &effects).as_str(), listed_as(&model, address).as_str()),
            ("learning updated", "declined")
        );
    }
}

#[test]
fn a_room_declines_by_its_rules() {
    let mut model = world();
    let room = "room4@contoso.com".to_owned();
    model.invite(&Invite { rooms: vec![room.clone()], ..invitation() }, now()).unwrap();
    let mut effects =
        model.auto_decline(&Who { learner: room.clone(), session: "1".to_owned() }, now()).unwrap();
    deliver(&mut model, &mut effects);
    assert_eq!(
        (told(&model, &effects).as_str(), listed_as(&model, &room).as_str()),
        ("learning updated", "declined")
    );
    assert_eq!(listed(&model), "notResponded");
}

#[test]
fn forwards_and_lists_that_make_no_sense_are_refused() {
    let mut model = invited(Matrix::default());
    let to_bo = Forward { to: BO.to_owned(), ..to_cy() };
    let invited_already = ActError::InvitedAlready { learner: BO.to_owned(), session: "1".to_owned() };
    assert_eq!(model.forward(&to_bo, now()), Err(invited_already));
    let list = List { address: ANA.to_owned(), members: Vec::new() };
    assert_eq!(model.set_list(&list), Err(ActError::NoList(ANA.to_owned())));
    model.decline(&ana(), now()).unwrap();
    let no_copy = ActError::NoCopy { learner: ANA.to_owned(), session: "1".to_owned() };
    assert_eq!(model.forward(&to_cy(), now()), Err(no_copy));
    model.cancel(&cancel(), now()).unwrap();
    assert_eq!(model.forward(&to_cy(), now()), Err(ActError::CalledOff("1".to_owned())));
}
