use super::*;
use crate::publishing::testing::{at, place, session};
use crate::sessions::place_record::RecordState;

/// A session from ten to eleven.
fn word(
    change: impl FnOnce(&mut Session),
    record: RecordState,
    lost_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> String {
    let mut session = session(10);
    change(&mut session);
    let place = place(record);
    let facts = Facts {
        session: &session,
        is_gone: false,
        part: session.parts.first(),
        place: Some((&place, at(8, 0))),
        lost_at,
    };
    told(&door(&facts, TimeDelta::minutes(10), now))
}

fn told(door: &Door) -> String {
    match door {
        Door::NotYet { opens } => format!("opens {}", opens.format("%H:%M")),
        Door::Open { link } => link.to_string(),
        Door::Shut(why) => format!("{why:?}"),
    }
}

const LINK: &str = "https://example.com/join";

#[test]
fn it_opens_shortly_before_the_start_and_shuts_at_the_end() {
    let of = |hour, minute| word(|_| {}, RecordState::Held, None, at(hour, minute));
    assert_eq!([of(0, 0), of(9, 49)], ["opens 09:50", "opens 09:50"]);
    assert_eq!([of(9, 50), of(10, 0), of(10, 59)], [LINK, LINK, LINK]);
    assert_eq!([of(11, 0), of(23, 0)], ["Over", "Over"]);
    // A place that is not held opens nothing before, and an end is an end for all.
    let lost = |hour| word(|_| {}, RecordState::Cancelled, None, at(hour, 0));
    assert_eq!([lost(9), lost(10), lost(11)], ["NotHeld", "NotHeld", "Over"]);
}

/// Each state, while it would be open.
#[test]
fn each_fact_has_its_door() {
    use RecordState as R;
    use SessionState as S;
    let lost = |hour| Some(at(hour, 0));
    let cases = [
        (S::Scheduled, R::Held, None, LINK),
        // Cancelled for it, and the LMS was not read since, or has given the place anew.
        (S::Scheduled, R::Held, lost(8), "NotHeld"),
        (S::Scheduled, R::Held, lost(9), "NotHeld"),
        (S::Scheduled, R::Held, lost(7), LINK),
        (S::Scheduled, R::Cancelled, lost(7), "NotHeld"),
        (S::Scheduled, R::Tombstone, None, "NotHeld"),
        (S::Scheduled, R::Waitlisted, None, "Pending"),
        (S::Scheduled, R::Unknown("parked".into()), None, "Doubtful"),
        (S::Cancelled, R::Held, None, "Cancelled"),
        (S::Finished, R::Held, None, "Over"),
        (S::Draft, R::Held, None, LINK),
        (S::Hidden, R::Held, None, LINK),
        (S::Undated, R::Held, None, LINK),
        (S::Unknown("odd".into()), R::Held, None, LINK),
    ];
    for (state, record, lost_at, expected) in cases {
        let of = word(|session| session.state = state.clone(), record.clone(), lost_at, at(10, 0));
        assert_eq!(of, expected, "{state:?}, {record:?}, {lost_at:?}");
    }
    let of = |change: fn(&mut Session)| word(change, R::Held, None, at(10, 0));
    assert_eq!(of(|session| session.parts[0].cancelled = true), "Cancelled");
    assert_eq!(of(|session| session.parts.clear()), "NoDate");
    assert_eq!(of(|session| session.parts[0].link = None), "NoLink");
    assert_eq!(of(|session| session.parts[0].link = Some("javascript:alert(1)".parse().unwrap())), "NoLink");
    assert_eq!(
        of(|session| session.parts[0].link = Some("http://example.com/a".parse().unwrap())),
        "http://example.com/a"
    );
}

#[test]
fn what_is_gone_or_unknown_opens_nothing() {
    let (session, place) = (session(10), place(RecordState::Held));
    let held = Some((&place, at(8, 0)));
    let (part, lost_at) = (session.parts.first(), None);
    let all = Facts { session: &session, is_gone: false, part, place: held, lost_at };
    let of = |facts: Facts<'_>| told(&door(&facts, TimeDelta::minutes(10), at(10, 0)));
    assert_eq!(of(all), LINK);
    assert_eq!(of(Facts { is_gone: true, ..all }), "Cancelled");
    assert_eq!(of(Facts { part: None, ..all }), "Cancelled");
    assert_eq!(of(Facts { place: None, ..all }), "NotHeld");
    // However early it opens.
    assert_eq!(told(&door(&all, TimeDelta::MAX, at(0, 0))), LINK);
    assert_eq!(told(&door(&all, TimeDelta::zero(), at(9, 59))), "opens 10:00");
}
