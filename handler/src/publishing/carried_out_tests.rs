use super::*;
use crate::ids::{Address, SessionId};
use crate::publishing::content::{Attendee, AttendeeKind};
use crate::publishing::event_key::{Audience, EventKey};
use crate::publishing::plan::Reason;
use crate::publishing::policy::PublishState;
use crate::publishing::testing::{at, content};
use crate::publishing::wish::CallOff;
use crate::publishing::written::Refused;
use crate::sessions::session::PartId;

fn policy() -> Publishing {
    Publishing { state: PublishState::On, ..Publishing::default() }
}

fn inviting(hour: u32, names: &[&str]) -> Content {
    let one = |name: &&str| {
        let who = Attendee { name: None, kind: AttendeeKind::Learner };
        (Address::new(&format!("{name}@contoso.com")), who)
    };
    Content { attendees: names.iter().map(one).collect(), ..content(hour) }
}

/// Stands as it was wanted, and an edit has waited long enough.
fn standing(was: &Content) -> Written {
    let key =
        EventKey { session: SessionId::new("4711"), part: PartId("1".into()), audience: Audience::Session };
    let row = Written::new(key, Address::new("learning@contoso.com"));
    let span = (was.span.start(), was.span.end());
    let row = row.listing(was.listed(), at(1, 0)).stands(was.fingerprints(), span);
    Written { edited: Some(at(6, 0)), ..row }
}

fn stand(content: &Content) -> Wish {
    Wish::Stand { content: Box::new(content.clone()), seen_at: at(6, 0) }
}

/// What each act is, with how many it mails.
fn all_acts(was: &Content, wanted: &Content) -> Vec<(&'static str, u32)> {
    let all = acts(standing(was), |_| stand(wanted), &policy(), at(7, 0));
    let word = |act: &Act| match act {
        Act::Create { .. } => "create",
        Act::Update { .. } => "update",
        Act::Attendees { takes_off: true, .. } => "take off",
        Act::Attendees { takes_off: false, .. } => "list",
        Act::Cancel { .. } => "cancel",
    };
    all.iter().map(|(act, mails)| (word(act), *mails)).collect()
}

/// Kim leaves, Lu comes, and the session moves: Kim is told that it is off for them, Ana that it has moved,
/// and Lu when it is.
#[test]
fn everybody_is_mailed_once_where_some_leave_and_some_come_while_it_moves() {
    let was = inviting(10, &["ana", "kim"]);
    for (names, moves, expected) in [
        (&["ana", "lu"][..], true, &[("take off", 1), ("update", 1), ("list", 1)][..]),
        (&["ana"][..], true, &[("take off", 1), ("update", 1)][..]),
        (&["ana", "kim", "lu"][..], true, &[("update", 2), ("list", 1)][..]),
        (&["ana", "kim"][..], true, &[("update", 2)][..]),
        (&["ana", "lu"][..], false, &[("list", 2)][..]),
        // Nobody would be left in between: what becomes of such an event nobody knows.
        (&["lu"][..], true, &[("update", 2), ("list", 3)][..]),
    ] {
        let wanted = inviting(if moves { 14 } else { 10 }, names);
        assert_eq!(all_acts(&was, &wanted), expected, "{names:?}, moves: {moves}");
    }
}

#[test]
fn whoever_is_taken_off_is_on_no_list_and_the_new_ones_are_not_yet() {
    let (was, wanted) = (inviting(10, &["ana", "kim"]), inviting(14, &["ana", "lu"]));
    let row = standing(&was);
    let Plan::Do(act) = plan(&stand(&wanted), &row, &policy(), at(7, 0)) else { panic!("an act") };
    assert_eq!(*says(&act, &wanted, &row), inviting(14, &["ana"]));
    let next = carried_out(&row, &act, Some(&wanted), &policy().sends, at(7, 0));
    assert_eq!(next.listed, inviting(10, &["ana"]).listed());
    // Of the rest nothing is taken for written.
    assert_eq!(next.wanted, inviting(10, &["ana"]).fingerprints());
    assert_eq!(next.edited, row.edited, "what waited goes on without waiting anew");
}

/// Graph does not take the list: that it moves is told all the same.
#[test]
fn a_list_that_is_refused_holds_nothing_up() {
    let (was, wanted) = (inviting(10, &["ana", "kim"]), inviting(14, &["ana", "lu"]));
    let refused = Some(Refused { tries: 1, until: at(7, 0), code: "ErrorInvalidRecipients".into() });
    let row = Written { refused, ..standing(&was) };
    let Plan::Do(Act::Update { fields, .. }) = plan(&stand(&wanted), &row, &policy(), at(7, 0)) else {
        panic!("it is told")
    };
    assert_eq!(fields, [Field::When].into());
}

/// A person has moved it in Outlook, which is undone, while somebody leaves.
#[test]
fn what_is_to_be_undone_outlives_the_list() {
    let (was, wanted) = (inviting(10, &["ana", "kim"]), inviting(10, &["ana"]));
    let row = Written { undo: [Field::When].into(), ..standing(&was) };
    let all = acts(row, |_| stand(&wanted), &policy(), at(7, 0));
    let undoes =
        |(act, _): &(Act, u32)| matches!(act, Act::Update { fields, .. } if fields.contains(&Field::When));
    assert!(all.iter().any(undoes), "{all:?}");
}

/// Called off for all that stand there, and made anew: both are mailed.
#[test]
fn what_is_replaced_mails_twice() {
    let was = inviting(10, &["ana", "kim"]);
    let wish = |row: &Written| match row.stand {
        Stand::Stands => Wish::CallOff { why: CallOff::Replaced, seen_at: at(6, 0) },
        Stand::None | Stand::CalledOff { .. } | Stand::LetGo { .. } | Stand::TakenAway { .. } => stand(&was),
    };
    let mails: Vec<u32> =
        acts(standing(&was), wish, &policy(), at(7, 0)).into_iter().map(|(_, mails)| mails).collect();
    assert_eq!(mails, [2, 2]);
}

#[test]
fn a_field_that_is_never_sent_keeps_nothing_waiting() {
    let was = inviting(10, &["ana"]);
    let wanted = Content { title: "First aid, again".into(), ..inviting(14, &["ana"]) };
    let row = standing(&was);
    let Plan::Do(act) = plan(&stand(&wanted), &row, &policy(), at(7, 0)) else { panic!("an act") };
    let next = carried_out(&row, &act, Some(&wanted), &policy().sends, at(7, 0));
    assert_eq!(next.edited, None);
    let retitled = Content { title: "First aid, once more".into(), ..wanted };
    assert_eq!(plan(&stand(&retitled), &next, &policy(), at(7, 1)), Plan::Nothing(Reason::AsWanted));
}
