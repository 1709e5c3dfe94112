use super::*;
use crate::calendar::link::Link;
use crate::calendar::reading::{Source, Verdict};
use crate::clock::whole_millis;
use crate::enrolment::attempt::{Outcome, OutcomeKind};
use crate::enrolment::decision::{Ignored, Review, ReviewCause};
use crate::enrolment::lms_answer::LmsOutcome;
use crate::enrolment::part::{Declined, Part, PartReading};
use crate::ids::{EventId, UserId};
use crate::messages::LinkRef;
use crate::replay::cases;
use crate::store::{Etag, Row, Table, rules, typed};
use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

fn now() -> DateTime<Utc> {
    whole_millis("2026-11-21T12:00:00.123Z".parse().unwrap())
}

fn link(n: usize) -> Link {
    let event = EventId::new(format!("{n}{}", "A".repeat(152)));
    Link {
        tenant: "t".repeat(32).as_str().into(),
        mailbox: UserId::new("3f2c1a70-1111-4a4a-9b9b-0123456789ab"),
        event: Some(event),
        ical_uid: None,
        original_start: None,
        series: None,
        organizer: None,
        organizer_event: None,
        organizer_asked: true,
        listed_at: Some(now()),
        listed_as: std::collections::BTreeSet::new(),
        dropped: false,
        invited_at: None,
        noted: None,
        subject: None,
        wants_no_answer: false,
        updated_at: None,
        session: "s".repeat(128).as_str().into(),
        learner: "l".repeat(128).as_str().into(),
        outside: false,
        start: Some(now() + Duration::days(1)),
        end: Some(now() + Duration::days(1)),
    }
}

fn part(n: usize, verdict: Verdict) -> Part {
    let link = link(n);
    let seen = PartReading { verdict, source: Source::LearnerCopy, answered_at: Some(now()) };
    let at = LinkRef::of_event(&link.tenant, &link.mailbox, link.event.as_ref().unwrap());
    Part {
        reading: Some(seen),
        decline: Some(Declined {
            source: Source::LearnerCopy,
            answered_at: Some(now()),
            start: Some(now()),
            repeated_at: None,
        }),
        weak_since: Some(now()),
        back: Some(now()),
        unreadable: 12,
        look: Some(now()),
        ..Part::new(&link, &at)
    }
}

fn row(parts: impl IntoIterator<Item = Part>) -> Enrolment {
    let mut row = Enrolment::watched(&link(0), now());
    row.parts = parts.into_iter().collect();
    row
}

/// What is stored of a row, if the tables take it.
fn stored(row: &Enrolment) -> Enrolment {
    let at = row.reference();
    let entity = typed::entity(row).unwrap();
    rules::entity(&at.partition, &at.row, &entity).unwrap();
    let row = Row { partition: at.partition, row: at.row, etag: Etag("1".into()), entity };
    typed::read(Table::Enrolments, row).unwrap().value
}

#[test]
fn sixty_four_declined_parts_are_stored() {
    let row = fit(row((0..64).map(|n| part(n, Verdict::Declined))));
    assert_eq!(row.parts.len(), 64);
    assert_eq!(stored(&row), row);
}

#[test]
fn a_story_of_long_reasons_is_stored_and_keeps_what_may_not_be_filed() {
    let mut long = row([part(0, Verdict::Declined)]);
    for n in 0..200 {
        long.tell(now(), "operator@contoso.com", format!("{n}: {}", "why not? ".repeat(60)));
    }
    let row = fit(long.clone());
    assert_eq!(stored(&row), row);
    assert_eq!((row.story[..8].to_vec(), row.told), (long.story[..8].to_vec(), 201));
    assert_eq!(row.story[row.story.len() - 16..], long.story[long.story.len() - 16..]);
}

#[test]
fn the_first_and_the_last_lines_stay_whatever_they_take() {
    let mut long = row([part(0, Verdict::Declined)]);
    for n in 10..33 {
        long.tell(now(), "olga", format!("{n}{}", "\u{1d11e}".repeat(TEXT - 2)));
    }
    assert_eq!(long.story.len(), 24);
    assert_eq!(fit(long.clone()).story, long.story);
}

#[test]
fn what_fits_stays_as_it_is() {
    let mut small = row((0..50).map(|n| part(n, Verdict::Attending)));
    small.tell(now(), "ana", "x".repeat(500));
    assert_eq!(fit(small.clone()), small);
}

#[test]
fn only_parts_that_are_over_go() {
    let parts = (0..100).map(|n| part(n, if n % 2 == 0 { Verdict::Ended } else { Verdict::Attending }));
    let row = fit(row(parts));
    let left =
        |verdict| row.parts.iter().filter(|part| part.reading.as_ref().unwrap().verdict == verdict).count();
    assert_eq!((left(Verdict::Attending), left(Verdict::Ended)), (50, 14));
}

/// Whatever is in the row, what is kept of it can be stored and read again.
fn is_stored(parts: usize, lines: usize, text: &str, times: usize) -> Result<(), TestCaseError> {
    let long = text.repeat(times);
    let mut whole = row((0..parts).map(|n| part(n, Verdict::Declined)));
    for _ in 0..lines {
        whole.tell(now(), &long, long.clone());
    }
    whole.attempt.review = Some(Review { cause: ReviewCause::Lms, since: now(), why: long.clone() });
    whole.attempt.outcome =
        Some(Outcome { kind: OutcomeKind::Lms(LmsOutcome::Refused), at: now(), message: Some(long.clone()) });
    whole.ignored = Some(Ignored { at: now(), by: long.clone(), answered_at: None });
    whole.trace = Some(long);
    let row = fit(whole);
    prop_assert_eq!(stored(&row), row);
    Ok(())
}

/// Characters that JSON writes with six times as many, in everything at once.
#[test]
fn what_grows_when_it_is_written_is_stored() {
    is_stored(342, 23, "\u{1}", 1_996).unwrap();
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn any_row_is_stored(
        parts in 0_usize..700, lines in 0_usize..120, text in r#"["\\\u{1}\u{7f}ü€😀a]{1,12}"#,
        times in 0_usize..3_000,
    ) {
        is_stored(parts, lines, &text, times)?;
    }
}
