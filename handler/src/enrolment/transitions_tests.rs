//! A second copy of the table, in words and by state: what must be true, said from the learner's and the
//! LMS's side. Written from reference/rules.md#states and reference/judging.md#decisions, not from the code.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test names what it is about")]

use super::*;
use LmsOutcome as O;
use WeakPolicy as P;

const WEAK: [Event; 6] = [
    Event::Removed(P::Cancel),
    Event::Removed(P::Review),
    Event::Removed(P::Ignore),
    Event::Unseen(P::Cancel),
    Event::Unseen(P::Review),
    Event::Unseen(P::Ignore),
];

const LMS: [O; 15] = [
    O::Done,
    O::Accepted,
    O::AlreadyCancelled,
    O::NotEnrolled,
    O::Superseded,
    O::UnknownLearner,
    O::UnknownSession,
    O::TooLate,
    O::Refused,
    O::HeldElsewhere,
    O::Outage,
    O::CredentialBroken,
    O::EndpointGone,
    O::Unclear,
    O::Unexpected,
];

fn all_events() -> Vec<Event> {
    let mut events = vec![
        Event::Declined,
        Event::DeclinedAnew,
        Event::Attending,
        Event::AttendingAnew,
        Event::Unanswered,
        Event::InvitedAnew,
        Event::UnansweredMoved,
        Event::CancelledByOrganizer,
        Event::DroppedByOrganizer,
        Event::Split,
        Event::ForPerson,
        Event::Unasked,
        Event::UnaskedInTime,
        Event::Ended,
        Event::DeadlinePassed,
        Event::Due,
        Event::ClaimRunOut,
        Event::WasAnOutage,
        Event::GivenAnew,
        Event::Approve,
        Event::Ignore,
        Event::Retry,
        Event::ValveClosed,
    ];
    events.extend(WEAK);
    events.extend(LMS.map(Event::Lms));
    events.extend(RestoreOutcome::VARIANTS.iter().copied().map(Event::Restored));
    events
}

/// The expected table: one line a cell that does something; every other cell is listed as quiet, and which
/// kind of quiet.
#[test]
fn the_table_cell_by_cell() {
    // Columns: W watched, S waiting strong, K waiting weak, R running, D done, X expired, s/w/p/l review
    // strong, weak, parts, lms. Letters: . stay, n note, d decide, + strengthen, - withdraw, ? review, L
    // review-lms, x expire, c claim, r release,
    //          l lapse, a again, f finish, b begin the next generation, p approve, i ignore, ! refuse; of
    //          giving back: C claim, P lapse, A again, R release, K keep, T tell a person, X drop
    let expected = "
        declined               dn+nnndddndn
        declined-anew          dn+nbddddndn
        removed-cancel         d.n....nd.d.
        removed-review         ?.?....n?.?.
        removed-ignore         n.-....n-.n.
        unseen-cancel          d.n....nd.d.
        unseen-review          ?.?....n?.?.
        unseen-ignore          n.-....n-.n.
        attending              n--nn----nnn
        attending-anew         n--nb----nnn
        unanswered             n.-....--.n.
        invited-anew           n.-.b-.--.n.
        unanswered-moved       n?-....--.T.
        cancelled-by-organizer n--nnn---nXn
        dropped-by-organizer   nn-nnnn--nTn
        unasked                ?.?....n?.?.
        unasked-in-time        ?.?....n?.?.
        split                  ???...n?n.?.
        for-person             .??.........
        ended                  nxxnnnxxxnXn
        deadline-passed        .x?...x.x.T.
        due                    .cc.......C.
        claim-run-out          ...l.......P
        lms-done               ...f........
        lms-accepted           ...a........
        lms-already-cancelled  ...f........
        lms-not-enrolled       ...f........
        lms-superseded         ...f........
        lms-unknown-learner    ...L........
        lms-unknown-session    ...L........
        lms-too-late           ...x........
        lms-refused            ...L........
        lms-held-elsewhere     ...L........
        lms-outage             ...a........
        lms-credential-broken  ...r........
        lms-endpoint-gone      ...r........
        lms-unclear            ...L........
        lms-unexpected         ...L........
        restored-given-back        ...........K
        restored-already-held      ...........K
        restored-waitlisted        ...........T
        restored-requested         ...........T
        restored-full              ...........T
        restored-closed            ...........T
        restored-refused           ...........T
        restored-unknown-learner   ...........T
        restored-unknown-session   ...........T
        restored-unclear           ...........T
        restored-outage            ...........A
        restored-credential-broken ...........R
        was-an-outage          .........a..
        given-anew             ....?.......
        approve                !!!!!!pppp!!
        ignore                 !!!!!!iiii!!
        retry                  !pp!!p!!!p!!
        valve-closed           .rrr......RR
    ";
    let mut seen = 0;
    for line in expected.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, cells) = line.split_once(char::is_whitespace).unwrap();
        let event =
            all_events().into_iter().find(|event| word(*event) == name).unwrap_or_else(|| panic!("{name}?"));
        for (stand, letter) in StateColumn::ALL.into_iter().zip(cells.trim().chars()) {
            assert_eq!(letter_of(cell(stand, event)), letter, "{stand:?} × {name}");
            seen += 1;
        }
    }
    assert_eq!(seen, all_events().len() * StateColumn::ALL.len(), "a cell is not in the expected table");
}

fn word(event: Event) -> String {
    let policy = |p: P| match p {
        P::Cancel => "cancel",
        P::Review => "review",
        P::Ignore => "ignore",
    };
    match event {
        Event::Removed(p) => format!("removed-{}", policy(p)),
        Event::Unseen(p) => format!("unseen-{}", policy(p)),
        Event::Lms(outcome) => {
            let name = serde_json::to_value(outcome).unwrap();
            format!("lms-{}", name.as_str().unwrap().replace('_', "-"))
        }
        Event::Restored(outcome) => {
            let name: &str = outcome.into();
            format!("restored-{}", name.replace('_', "-"))
        }
        other => {
            let mut text = String::new();
            for c in format!("{other:?}").chars() {
                if c.is_uppercase() && !text.is_empty() {
                    text.push('-');
                }
                text.extend(c.to_lowercase());
            }
            text
        }
    }
}

fn letter_of(what: Action) -> char {
    match what {
        Action::Stay => '.',
        Action::Note => 'n',
        Action::Decide => 'd',
        Action::Strengthen => '+',
        Action::Withdraw => '-',
        Action::Review => '?',
        Action::ReviewLms => 'L',
        Action::Expire => 'x',
        Action::Claim => 'c',
        Action::Release => 'r',
        Action::Lapse => 'l',
        Action::Again => 'a',
        Action::Finish => 'f',
        Action::Begin => 'b',
        Action::Approve => 'p',
        Action::Ignore => 'i',
        Action::Refuse => '!',
        Action::Back(BackStep::Claim) => 'C',
        Action::Back(BackStep::Lapse) => 'P',
        Action::Back(BackStep::Again) => 'A',
        Action::Back(BackStep::Release) => 'R',
        Action::Back(BackStep::Keep) => 'K',
        Action::Back(BackStep::Tell) => 'T',
        Action::Back(BackStep::Drop) => 'X',
    }
}

#[test]
fn whoever_attends_is_never_on_the_way_to_the_lms() {
    for stand in [
        StateColumn::WaitingStrong,
        StateColumn::WaitingWeak,
        StateColumn::ReviewStrong,
        StateColumn::ReviewWeak,
        StateColumn::ReviewParts,
    ] {
        assert_eq!(cell(stand, Event::Attending), Action::Withdraw, "{stand:?}");
    }
}

#[test]
fn only_a_claim_may_reach_the_lms_and_only_from_waiting() {
    for stand in StateColumn::ALL {
        for event in all_events() {
            if cell(stand, event) == Action::Claim {
                let from_waiting = matches!(stand, StateColumn::WaitingStrong | StateColumn::WaitingWeak)
                    && matches!(event, Event::Due);
                assert!(from_waiting, "{stand:?} × {event:?}");
            }
        }
    }
}

#[test]
fn nothing_is_given_back_but_under_a_claim_of_its_own() {
    for event in all_events() {
        for stand in StateColumn::ALL {
            let what = cell(stand, event);
            match what {
                Action::Back(BackStep::Claim) => {
                    assert_eq!((stand, event), (StateColumn::BackWanted, Event::Due));
                }
                Action::Back(BackStep::Keep) => assert_eq!(stand, StateColumn::BackRunning, "{event:?}"),
                _ => {}
            }
            if stand == StateColumn::BackRunning {
                assert!(!matches!(what, Action::Decide | Action::Review | Action::Begin), "{event:?}");
            }
        }
    }
}

#[test]
fn fading_evidence_never_undoes_a_strong_decline() {
    for event in WEAK {
        assert_eq!(cell(StateColumn::WaitingStrong, event), Action::Stay, "{event:?}");
    }
    assert_eq!(
        cell(StateColumn::WaitingStrong, Event::DroppedByOrganizer),
        Action::Note,
        "a decliner is taken off the list"
    );
}
