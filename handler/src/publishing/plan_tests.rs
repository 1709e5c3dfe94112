use super::*;
use crate::ids::{Address, LearnerKey, SessionId};
use crate::publishing::event_key::{Audience, EventKey};
use crate::publishing::testing::{at, content, span};
use crate::publishing::written::Underway;
use crate::sessions::session::PartId;

const SEEN: u32 = 6;

fn policy() -> Publishing {
    Publishing { state: PublishState::On, ..Publishing::default() }
}

fn row(stand: Stand) -> Written {
    let key = EventKey {
        session: SessionId::new("4711"),
        part: PartId("1".into()),
        audience: Audience::Learner(LearnerKey::new("ana")),
    };
    let mut row = Written::new(key, Address::new("learning@contoso.com"));
    if stand != Stand::None {
        row.wanted = content(10).fingerprints();
        (row.start, row.end) = (Some(span(10).start()), Some(span(10).end()));
    }
    row.stand = stand;
    row
}

fn wants(content: Content) -> Wish {
    Wish::Stand { content: Box::new(content), seen_at: at(SEEN, 0) }
}

fn withdrawn() -> Wish {
    Wish::CallOff { why: CallOff::Withdrawn, seen_at: at(SEEN, 0) }
}

fn called_off(hour: u32) -> Stand {
    Stand::CalledOff { at: at(hour, 0), why: CallOff::Withdrawn }
}

fn letting_go() -> Plan {
    Plan::LetGo { at: at(5, 0) }
}

fn create(invitation: u32) -> Plan {
    Plan::Do(Act::Create { invitation: Invitation(invitation), wanted: content(10).fingerprints() })
}

/// Each wish against each stand, before the session, while it runs, and after it.
#[test]
fn each_wish_meets_each_stand() {
    use Reason::*;
    let nothing = Plan::Nothing;
    let cancel = || Plan::Do(Act::Cancel { why: CallOff::Withdrawn });
    let (before, amid, after) = (at(8, 0), at(10, 30), at(12, 0));
    let cases: Vec<(&str, Wish, Stand, [Plan; 3])> = vec![
        ("new", wants(content(10)), Stand::None, [create(1), nothing(Over), nothing(Over)]),
        (
            "as it is",
            wants(content(10)),
            Stand::Stands,
            [nothing(AsWanted), nothing(AsWanted), nothing(Over)],
        ),
        ("anew", wants(content(10)), called_off(5), [create(2), nothing(Over), nothing(Over)]),
        (
            "read before",
            wants(content(10)),
            called_off(7),
            [nothing(CalledOff), nothing(CalledOff), nothing(CalledOff)],
        ),
        (
            "read at that very time",
            wants(content(10)),
            called_off(SEEN),
            [nothing(CalledOff), nothing(CalledOff), nothing(CalledOff)],
        ),
        (
            "replaced, and not read since",
            wants(content(10)),
            Stand::CalledOff { at: at(7, 0), why: CallOff::Replaced },
            [create(2), nothing(Over), nothing(Over)],
        ),
        (
            "held again after a decline",
            wants(content(10)),
            Stand::LetGo { at: at(5, 0) },
            [create(2), nothing(Over), nothing(Over)],
        ),
        (
            "declined, and not read since",
            wants(content(10)),
            Stand::LetGo { at: at(7, 0) },
            [nothing(CalledOff), nothing(CalledOff), nothing(CalledOff)],
        ),
        (
            "taken away",
            wants(content(11)),
            Stand::TakenAway { at: at(5, 0) },
            [nothing(TakenAway), nothing(TakenAway), nothing(TakenAway)],
        ),
        (
            "never invited",
            withdrawn(),
            Stand::None,
            [nothing(NeverWritten), nothing(NeverWritten), nothing(NeverWritten)],
        ),
        ("withdrawn", withdrawn(), Stand::Stands, [cancel(), cancel(), nothing(Over)]),
        (
            "withdrawn twice",
            withdrawn(),
            called_off(5),
            [nothing(CalledOff), nothing(CalledOff), nothing(CalledOff)],
        ),
        (
            "cancelled by the LMS after a decline",
            withdrawn(),
            Stand::LetGo { at: at(5, 0) },
            [nothing(CalledOff), nothing(CalledOff), nothing(CalledOff)],
        ),
        ("declined", Wish::LetGo { at: at(5, 0) }, Stand::Stands, [letting_go(), letting_go(), letting_go()]),
        (
            "in doubt",
            Wish::Hold(Hold::Doubtful),
            Stand::Stands,
            [nothing(Held(Hold::Doubtful)), nothing(Held(Hold::Doubtful)), nothing(Held(Hold::Doubtful))],
        ),
    ];
    for (name, wish, stand, plans) in cases {
        for (now, expected) in [before, amid, after].into_iter().zip(plans) {
            assert_eq!(plan(&wish, &row(stand.clone()), &policy(), now), expected, "{name}, {now}");
        }
    }
}

#[test]
fn edits_wait_for_each_other_and_go_as_one() {
    let mut row = row(Stand::Stands);
    let edited = wants(content(14));
    let now = at(7, 0);
    let settle = plan(&edited, &row, &policy(), now);
    assert_eq!(settle, Plan::Settle { since: now, until: at(7, 10) });
    row.edited = Some(now);
    // A second edit does not begin anew.
    let mut more = content(15);
    more.place = None;
    assert_eq!(plan(&wants(more.clone()), &row, &policy(), at(7, 5)), settle);
    let Plan::Do(Act::Update { fields, wanted }) = plan(&wants(more.clone()), &row, &policy(), at(7, 10))
    else {
        panic!("one mail");
    };
    assert_eq!(fields, [Field::When, Field::Place].into());
    row.wanted = wanted;
    row.edited = None;
    assert_eq!(plan(&wants(more), &row, &policy(), at(7, 11)), Plan::Nothing(Reason::AsWanted));
}

#[test]
fn what_is_edited_back_mails_nobody() {
    let mut row = row(Stand::Stands);
    row.edited = Some(at(7, 0));
    assert_eq!(plan(&wants(content(10)), &row, &policy(), at(7, 20)), Plan::Unsettle);
}

/// Whoever is on the way must know.
#[test]
fn shortly_before_the_start_an_edit_does_not_wait() {
    let mut moved = content(10);
    moved.place = None;
    for (now, waits) in [(at(8, 30), true), (at(8, 55), true), (at(9, 0), false), (at(9, 30), false)] {
        let plan = plan(&wants(moved.clone()), &row(Stand::Stands), &policy(), now);
        assert_eq!(matches!(plan, Plan::Settle { .. }), waits, "{now}: {plan:?}");
        assert_eq!(matches!(plan, Plan::Do(Act::Update { .. })), !waits, "{now}: {plan:?}");
    }
}

/// What is moved to the evening at a quarter to nine: whoever sets out for ten must know.
#[test]
fn shortly_before_the_old_start_a_later_one_does_not_wait() {
    for (minute, waits) in [(30, true), (59, true)] {
        let plan = plan(&wants(content(20)), &row(Stand::Stands), &policy(), at(8, minute));
        assert_eq!(matches!(plan, Plan::Settle { .. }), waits, "8:{minute}: {plan:?}");
    }
    let plan = plan(&wants(content(20)), &row(Stand::Stands), &policy(), at(9, 0));
    assert!(matches!(plan, Plan::Do(Act::Update { .. })), "{plan:?}");
}

#[test]
fn what_is_not_sent_by_itself_goes_along_with_what_is() {
    let mut retitled = content(10);
    retitled.title = "First aid, again".into();
    let as_wanted = Plan::Nothing(Reason::AsWanted);
    assert_eq!(plan(&wants(retitled.clone()), &row(Stand::Stands), &policy(), at(7, 0)), as_wanted);
    retitled.place = None;
    let mut waited = row(Stand::Stands);
    waited.edited = Some(at(6, 0));
    let Plan::Do(Act::Update { fields, .. }) = plan(&wants(retitled), &waited, &policy(), at(7, 0)) else {
        panic!("a mail");
    };
    assert_eq!(fields, [Field::Place, Field::Title].into());
}

/// Two requests: the list alone mails only whom it concerns.
#[test]
fn times_are_written_before_the_list_and_never_with_it() {
    let mut both = content(14);
    both.attendees.clear();
    let mut row = row(Stand::Stands);
    row.edited = Some(at(6, 0));
    let Plan::Do(Act::Update { fields, wanted }) = plan(&wants(both.clone()), &row, &policy(), at(7, 0))
    else {
        panic!("times first");
    };
    assert_eq!(fields, [Field::When].into());
    row.wanted = wanted;
    let Plan::Do(Act::Attendees { wanted, takes_off: false }) =
        plan(&wants(both.clone()), &row, &policy(), at(7, 0))
    else {
        panic!("then the list");
    };
    assert_eq!(wanted, both.fingerprints());
}

/// On Tuesday Monday's session is moved to next week.
#[test]
fn what_was_over_and_is_held_later_is_told() {
    let mut row = row(Stand::Stands);
    row.edited = Some(at(11, 30));
    let plan = plan(&wants(content(20)), &row, &policy(), at(12, 0));
    assert!(matches!(plan, Plan::Do(Act::Update { .. })), "{plan:?}");
}

#[test]
fn nothing_is_begun_while_an_act_is_under_way_or_publishing_is_off() {
    let mut row = row(Stand::Stands);
    let off = Publishing::default();
    assert_eq!(plan(&withdrawn(), &row, &off, at(7, 0)), Plan::Nothing(Reason::Off));
    row.act = Some(Underway { act: Act::Cancel { why: CallOff::Withdrawn }, since: at(6, 0) });
    assert_eq!(plan(&withdrawn(), &row, &policy(), at(7, 0)), Plan::Nothing(Reason::Underway));
}
