use super::*;
use crate::ids::SessionId;
use crate::publishing::event_key::{Audience, EventKey};
use crate::publishing::testing::{at, session};
use crate::publishing::wish::Hold;
use crate::publishing::written::Meeting;
use crate::sessions::session::PartId;
use crate::sessions::session::SessionState;

fn ina() -> Instructor {
    Instructor {
        address: Some(Address::new("ina@contoso.com")),
        name: Some("Ina <script>".into()),
        is_primary: true,
    }
}

fn attending(names: Option<&[&str]>) -> Attending {
    let names = names.map(|names| names.iter().map(ToString::to_string).collect());
    Attending { held: 2, names, as_of: at(8, 0) }
}

fn row() -> Written {
    let key =
        EventKey { session: SessionId::new("4711"), part: PartId("1".into()), audience: Audience::Session };
    Written::new(key, Address::new("learning@contoso.com"))
}

fn leading(facts: &Facts<'_>, invited: BTreeMap<Address, Attendee>, attending: &Attending) -> Wish {
    wish(facts, Purpose { invited, attending, room: None, makes_meeting: false, for_all: false }, &row())
}

fn word(wish: &Wish) -> String {
    match wish {
        Wish::Stand { content, .. } => format!("stand, {} invited", content.attendees.len()),
        Wish::CallOff { why, .. } => format!("off {why:?}"),
        Wish::LetGo { .. } => "let go".into(),
        Wish::Hold(why) => format!("{why:?}"),
    }
}

#[test]
fn each_state_has_its_consequence_for_both() {
    use SessionState as S;
    let ill = "off Session { reason: Some(\"ill\") }";
    let cases = [
        (S::Scheduled, "stand, 1 invited", "stand, 0 invited"),
        (S::Cancelled, ill, ill),
        (S::Draft, "NotYet", "NotYet"),
        (S::Hidden, "NotYet", "NotYet"),
        (S::Finished, "NotYet", "NotYet"),
        (S::Unknown("odd".into()), "Doubtful", "Doubtful"),
    ];
    for (state, own, calendar) in cases {
        let mut session = session(10);
        (session.state, session.reason) = (state.clone(), Some("ill".into()));
        let part = session.parts.first();
        let facts =
            Facts { session: &session, is_gone: false, part, seen_at: at(8, 0), words: &Words::default() };
        let invited = instructors(&[ina()], &Address::new("learning@contoso.com"));
        assert_eq!(word(&leading(&facts, invited.clone(), &attending(None))), own, "{state:?}");
        assert_eq!(word(&in_calendar(&facts)), calendar, "{state:?}");
        let gone = Facts { is_gone: true, ..facts };
        let off = "off Session { reason: None }";
        assert_eq!(word(&leading(&gone, invited, &attending(None))), off);
        assert_eq!(word(&in_calendar(&gone)), off);
    }
    let undated = Session { parts: Vec::new(), ..session(10) };
    let part = undated.parts.first();
    let facts =
        Facts { session: &undated, is_gone: false, part, seen_at: at(8, 0), words: &Words::default() };
    assert_eq!(in_calendar(&facts), Wish::Hold(Hold::NotYet));
}

#[test]
fn without_anybody_to_invite_there_is_no_event() {
    let session = session(10);
    let part = session.parts.first();
    let facts =
        Facts { session: &session, is_gone: false, part, seen_at: at(8, 0), words: &Words::default() };
    assert_eq!(word(&leading(&facts, BTreeMap::new(), &attending(None))), "off Withdrawn");
}

#[test]
fn only_who_can_be_written_to_is_invited_and_the_organizer_never() {
    let of = |address: Option<&str>| Instructor { address: address.map(Address::new), ..ina() };
    let all = [
        of(None),
        of(Some("ina")),
        of(Some("/o=exchangelabs/cn=ina")),
        of(Some("Learning@contoso.com")),
        of(Some("ina@contoso.com")),
        of(Some("INA@contoso.com")),
    ];
    let invited = instructors(&all, &Address::new("learning@contoso.com"));
    assert_eq!(invited.keys().map(|one| one.as_str()).collect::<Vec<_>>(), ["ina@contoso.com"]);
}

#[test]
fn how_many_come_is_told_and_who_where_that_is_asked_for() {
    let session = session(10);
    let part = session.parts.first();
    let facts =
        Facts { session: &session, is_gone: false, part, seen_at: at(8, 0), words: &Words::default() };
    let told = |names: Option<&[&str]>| {
        let invited = instructors(&[ina()], &Address::new("learning@contoso.com"));
        let Wish::Stand { content, .. } = leading(&facts, invited, &attending(names)) else {
            panic!("it stands")
        };
        content
    };
    let (count, names) = (told(None), told(Some(&["Ana & Co.", "Ben"])));
    assert_eq!(count.also, "<p>2 people hold a place, as of Monday, 1 March 2027, 08:00.</p>");
    assert_eq!(names.also, format!("{}<p>Ana &amp; Co.</p><p>Ben</p>", count.also));
    assert!(count.text.contains("https://example.com/join"), "{}", count.text);
    assert!(!count.text.contains("decline"), "{}", count.text);
    // Nobody is mailed because somebody has taken a place.
    assert_eq!(count.fingerprints(), names.fingerprints());
    let Wish::Stand { content, .. } = in_calendar(&facts) else { panic!("it stands") };
    assert!(content.link.is_none() && content.also.is_empty() && !content.text.contains("http"));
}

/// What becomes of an event whose way into the meeting is another one now.
#[test]
fn what_is_online_stays_so_and_the_links_of_the_lms_win() {
    let of = |link: bool, makes_meeting: bool, change: &dyn Fn(&mut Written)| {
        let mut session = session(10);
        if !link {
            session.parts[0].link = None;
        }
        let part = session.parts.first();
        let facts =
            Facts { session: &session, is_gone: false, part, seen_at: at(8, 0), words: &Words::default() };
        let mut row = row();
        change(&mut row);
        let purpose = Purpose {
            invited: BTreeMap::new(),
            attending: &attending(None),
            room: None,
            makes_meeting,
            for_all: false,
        };
        match wish(&facts, purpose, &row) {
            Wish::Stand { content, .. } => {
                assert!(content.also.is_empty() && !content.text.contains("http"), "{content:?}");
                format!("online {}", content.online)
            }
            other @ (Wish::CallOff { .. } | Wish::LetGo { .. } | Wish::Hold(_)) => word(&other),
        }
    };
    let online = |row: &mut Written| {
        row.stand = Stand::Stands;
        row.meeting = Some(Meeting::begun(at(7, 0), true));
    };
    let told = |row: &mut Written| {
        row.stand = Stand::Stands;
        row.wanted = crate::publishing::testing::content(10).fingerprints();
    };
    let untold = |row: &mut Written| {
        let content = Content { link: None, ..crate::publishing::testing::content(10) };
        row.stand = Stand::Stands;
        row.wanted = content.fingerprints();
    };
    let new = |_: &mut Written| {};
    assert_eq!(of(false, true, &new), "online true");
    assert_eq!(of(true, true, &new), "off Withdrawn");
    assert_eq!(of(false, false, &new), "off Withdrawn");
    assert_eq!(of(false, true, &online), "online true");
    // Not wanted any more: it can't be taken back.
    assert_eq!(of(false, false, &online), "online true");
    // The LMS shows a link by now, and nobody is invited.
    assert_eq!(of(true, true, &online), "off Withdrawn");
    assert_eq!(of(false, true, &told), "off Replaced");
    assert_eq!(of(false, true, &untold), "online true");
}

#[test]
fn an_online_event_gives_way_to_the_links_of_the_lms() {
    let session = session(10);
    let part = session.parts.first();
    let facts =
        Facts { session: &session, is_gone: false, part, seen_at: at(8, 0), words: &Words::default() };
    let mut row = row();
    (row.stand, row.meeting) = (Stand::Stands, Some(Meeting::begun(at(7, 0), true)));
    let invited = instructors(&[ina()], &Address::new("learning@contoso.com"));
    let purpose =
        Purpose { invited, attending: &attending(None), room: None, makes_meeting: true, for_all: false };
    assert_eq!(word(&wish(&facts, purpose.clone(), &row)), "off Replaced");
    row.stand = Stand::CalledOff { at: at(7, 30), why: CallOff::Replaced };
    row.meeting = None;
    let Wish::Stand { content, .. } = wish(&facts, purpose.clone(), &row) else { panic!("it stands") };
    assert!(!content.online && content.link.is_some());
    // A meeting beside it: its link stands in the text as the LMS's would.
    let mut session = session.clone();
    session.parts[0].link = None;
    let facts = Facts { session: &session, part: session.parts.first(), ..facts };
    let link = "https://teams.example/beside".parse().unwrap();
    row.meeting = Some(Meeting { link: Some(link), ..Meeting::begun(at(7, 0), false) });
    let purpose = Purpose { makes_meeting: false, ..purpose };
    let Wish::Stand { content, .. } = wish(&facts, purpose, &row) else { panic!("it stands") };
    assert!(content.text.contains("https://teams.example/beside"), "{}", content.text);
}
