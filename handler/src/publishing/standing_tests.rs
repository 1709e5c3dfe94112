use super::*;
use crate::ids::Address;
use crate::publishing::event_key::{Audience, EventKey};
use crate::publishing::testing::{at, place, session};
use crate::sessions::place_record::RecordState;

fn row(stand: Stand, made: u32) -> Written {
    let session = session(10);
    let key = EventKey {
        session: session.id.clone(),
        part: session.parts[0].id.clone(),
        audience: Audience::Learner(place(RecordState::Held).learner),
    };
    let mut row = Written::new(key, Address::new("learning@contoso.com"));
    (row.stand, row.made_at) = (stand, Some(at(made, 0)));
    row
}

fn word(wish: &Wish) -> String {
    match wish {
        Wish::Stand { .. } => "stand".into(),
        Wish::CallOff { why: CallOff::Session { reason }, .. } => format!("off {reason:?}"),
        Wish::CallOff { why: CallOff::Withdrawn, .. } => "withdrawn".into(),
        Wish::CallOff { why: CallOff::Replaced, .. } => "replaced".into(),
        Wish::CallOff { why: CallOff::Unpublished, .. } => "unpublished".into(),
        Wish::CallOff { why: CallOff::TakenAway, .. } => "taken away".into(),
        Wish::LetGo { .. } => "let go".into(),
        Wish::Hold(why) => format!("{why:?}"),
    }
}

/// Each state of session, place and decline, for an event that stands since six.
#[test]
fn each_fact_has_its_consequence() {
    use RecordState as R;
    use SessionState as S;
    let lost = Decline::LostPlace { at: at(7, 0) };
    let cases = [
        (S::Scheduled, R::Held, Decline::None, "stand"),
        (S::Scheduled, R::Held, Decline::Judged, "Declining"),
        (S::Scheduled, R::Held, lost, "let go"),
        (S::Scheduled, R::Cancelled, lost, "let go"),
        (S::Scheduled, R::Cancelled, Decline::None, "withdrawn"),
        (S::Scheduled, R::Cancelled, Decline::Judged, "Declining"),
        (S::Scheduled, R::Tombstone, Decline::None, "withdrawn"),
        (S::Scheduled, R::Waitlisted, Decline::None, "Pending"),
        (S::Scheduled, R::Unknown("parked".into()), Decline::None, "Doubtful"),
        (S::Cancelled, R::Held, Decline::None, "off Some(\"ill\")"),
        (S::Cancelled, R::Held, Decline::Judged, "off Some(\"ill\")"),
        (S::Cancelled, R::Held, lost, "let go"),
        (S::Draft, R::Held, Decline::None, "NotYet"),
        (S::Hidden, R::Cancelled, Decline::None, "NotYet"),
        (S::Unknown("odd".into()), R::Cancelled, Decline::None, "Doubtful"),
    ];
    for (state, record, decline, expected) in cases {
        let mut session = session(10);
        (session.state, session.reason) = (state.clone(), Some("ill".into()));
        let place = place(record.clone());
        let facts = Facts {
            session: &session,
            is_gone: false,
            part: session.parts.first(),
            place: Some(&place),
            seen_at: at(8, 0),
            session_seen_at: at(8, 0),
            place_seen_at: at(8, 0),
            decline,
            words: &Words::default(),
            way: &WayIn::Link,
        };
        let told = word(&wish(&facts, &row(Stand::Stands, 6)));
        assert_eq!(told, expected, "{state:?}, {record:?}, {decline:?}");
    }
}

/// A second invitation went out after the first was declined: the old decline is none of it.
#[test]
fn a_decline_lets_go_only_of_the_invitation_that_it_answers() {
    let (session, place) = (session(10), place(RecordState::Held));
    let facts = Facts {
        session: &session,
        is_gone: false,
        part: session.parts.first(),
        place: Some(&place),
        seen_at: at(8, 0),
        session_seen_at: at(8, 0),
        place_seen_at: at(8, 0),
        decline: Decline::LostPlace { at: at(7, 0) },
        words: &Words::default(),
        way: &WayIn::Link,
    };
    assert_eq!(word(&wish(&facts, &row(Stand::Stands, 6))), "let go");
    assert_eq!(word(&wish(&facts, &row(Stand::Stands, 8))), "stand");
    // Let go of already: whether it is held again is the plan's to see, by the time of the reading.
    assert_eq!(word(&wish(&facts, &row(Stand::LetGo { at: at(7, 0) }, 6))), "stand");
}

#[test]
fn a_session_or_a_part_that_is_gone_is_called_off_and_a_missing_date_is_not() {
    let (whole, place) = (session(10), place(RecordState::Held));
    let mut undated = whole.clone();
    undated.parts.clear();
    let mut cancelled = whole.clone();
    cancelled.parts[0].cancelled = true;
    for (session, is_gone, part, expected) in [
        (&whole, true, whole.parts.first(), "off None"),
        (&whole, false, None, "off None"),
        (&undated, false, None, "NotYet"),
        (&cancelled, false, cancelled.parts.first(), "off None"),
    ] {
        let facts = Facts {
            session,
            is_gone,
            part,
            place: Some(&place),
            seen_at: at(8, 0),
            session_seen_at: at(8, 0),
            place_seen_at: at(8, 0),
            decline: Decline::None,
            words: &Words::default(),
            way: &WayIn::Link,
        };
        assert_eq!(word(&wish(&facts, &row(Stand::Stands, 6))), expected);
    }
}

/// An LMS that tells by itself tells of the session, or of the place, and not of both.
#[test]
fn what_came_to_an_end_is_wanted_again_by_its_own_reading() {
    let (session, place) = (session(10), place(RecordState::Held));
    let off = |why| Stand::CalledOff { at: at(7, 0), why };
    let cases = [
        (off(CallOff::Session { reason: None }), (8, 6), Decline::None, 8),
        (off(CallOff::Session { reason: None }), (6, 8), Decline::None, 6),
        // The place was lost since then, and nobody has read it again.
        (off(CallOff::Session { reason: None }), (8, 6), Decline::LostPlace { at: at(7, 30) }, 6),
        (off(CallOff::Withdrawn), (6, 8), Decline::None, 8),
        (off(CallOff::Withdrawn), (8, 6), Decline::None, 6),
        (Stand::LetGo { at: at(7, 0) }, (6, 8), Decline::LostPlace { at: at(7, 0) }, 8),
        (Stand::LetGo { at: at(7, 0) }, (8, 6), Decline::LostPlace { at: at(7, 0) }, 6),
    ];
    for (stand, (of_session, of_place), decline, wanted) in cases {
        let facts = Facts {
            session: &session,
            is_gone: false,
            part: session.parts.first(),
            place: Some(&place),
            seen_at: at(6, 0),
            session_seen_at: at(of_session, 0),
            place_seen_at: at(of_place, 0),
            decline,
            words: &Words::default(),
            way: &WayIn::Link,
        };
        let Wish::Stand { seen_at, .. } = wish(&facts, &row(stand.clone(), 6)) else { panic!("{stand:?}") };
        assert_eq!(seen_at, at(wanted, 0), "{stand:?} {decline:?}");
    }
}
