//! The table of reference/judging.md#verdicts, row by row: one line a situation.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test names what it is about")]

use super::*;
use crate::calendar::reading::{Source, Strength, Verdict};
use crate::ids::{EventId, ICalUid, LearnerKey, SessionId, TenantName, UserId};

const NOW: &str = "2026-11-21T10:00:00Z";
const BEFORE: &str = "2026-11-20T10:00:00Z";
const TOMORROW: &str = "2026-11-22T09:00:00Z";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn link() -> Link {
    Link {
        tenant: TenantName::new("contoso"),
        mailbox: UserId::new("ana"),
        event: Some(EventId::new("copy")),
        ical_uid: Some(ICalUid::new("lms-1")),
        original_start: None,
        series: None,
        organizer: None,
        organizer_asked: false,
        organizer_event: None,
        listed_at: None,
        listed_as: BTreeSet::new(),
        dropped: false,
        session: SessionId::new("1"),
        learner: LearnerKey::new("ana@contoso.com"),
        outside: false,
        invited_at: None,
        updated_at: None,
        subject: None,
        wants_no_answer: false,
        start: Some(at(TOMORROW)),
        end: Some(at(TOMORROW)),
        noted: None,
    }
}

/// The organizer was asked while the learner's copy was there, and had none.
fn asked() -> Link {
    Link { organizer_asked: true, ..link() }
}

fn known_organizer() -> Link {
    let listed_as = BTreeSet::from(["hash-of-ana".to_owned()]);
    Link { organizer_event: Some(EventId::new("org")), listed_at: Some(at(BEFORE)), listed_as, ..asked() }
}

fn copy(answer: Answer) -> LearnerCopy {
    LearnerCopy::There(CopyState {
        event: EventId::new("copy"),
        response: Response { answer, at: Some(at(BEFORE)) },
        is_cancelled: false,
        created: None,
        modified: None,
        start: Some(at(TOMORROW)),
        end: Some(at(TOMORROW)),
    })
}

fn listed(answer: Answer) -> OrganizerCopy {
    organizer(Some(Response { answer, at: Some(at(BEFORE)) }), false)
}

fn organizer(entry: Option<Response>, is_cancelled: bool) -> OrganizerCopy {
    OrganizerCopy::There {
        event: EventId::new("org"),
        is_cancelled,
        entry: entry.map_or(AttendeeEntry::Absent, AttendeeEntry::Listed),
        listed_as: entry.map(|_| "hash-of-ana".to_owned()).into_iter().collect(),
        proposes: false,
        start: Some(at(TOMORROW)),
        end: Some(at(TOMORROW)),
    }
}

/// Cancelled, and everybody's answers can still be read.
fn cancelled_with(answer: Answer) -> OrganizerCopy {
    organizer(Some(Response { answer, at: Some(at(BEFORE)) }), true)
}

#[test]
fn every_row_of_the_table() {
    use Answer::{Accepted, Declined, None as NoAnswer, NotResponded, TentativelyAccepted};
    use LearnerCopy::{Gone, NotOurs, Unfindable, Unreadable};
    let cancelled_copy = match copy(Accepted) {
        LearnerCopy::There(state) => LearnerCopy::There(CopyState { is_cancelled: true, ..state }),
        other => other,
    };
    let asked_not = || OrganizerCopy::NotAsked;
    let rows: Vec<(u8, Verdict, LearnerCopy, OrganizerCopy, Link)> = vec![
        (2, Verdict::CancelledByOrganizer, cancelled_copy, asked_not(), link()),
        (3, Verdict::Declined, copy(Declined), asked_not(), link()),
        (4, Verdict::Attending, copy(Accepted), asked_not(), link()),
        (4, Verdict::Attending, copy(TentativelyAccepted), asked_not(), link()),
        (5, Verdict::Unanswered, copy(NotResponded), asked_not(), link()),
        (5, Verdict::Unanswered, copy(NoAnswer), asked_not(), link()),
        (7, Verdict::Declined, Gone, listed(Declined), known_organizer()),
        (7, Verdict::Declined, NotOurs, listed(Declined), known_organizer()),
        (8, Verdict::Attending, NotOurs, listed(Accepted), known_organizer()),
        (9, Verdict::CancelledByOrganizer, Gone, OrganizerCopy::Gone, known_organizer()),
        (9, Verdict::CancelledByOrganizer, Gone, OrganizerCopy::OccurrenceGone, link()),
        (9, Verdict::CancelledByOrganizer, Gone, organizer(None, true), known_organizer()),
        (9, Verdict::CancelledByOrganizer, Gone, cancelled_with(Declined), known_organizer()),
        (10, Verdict::DroppedByOrganizer, Gone, organizer(None, false), known_organizer()),
        (11, Verdict::Removed, Gone, organizer(None, false), asked()),
        (11, Verdict::Removed, Gone, listed(Accepted), known_organizer()),
        (11, Verdict::Removed, Gone, listed(NotResponded), known_organizer()),
        (12, Verdict::Unseen, Gone, OrganizerCopy::NotOurs, link()),
        (12, Verdict::Unseen, Gone, OrganizerCopy::Gone, asked()),
        // Nobody asked the organizer while the copy was there: what is gone may have been cancelled, or the
        // learner dropped.
        (13, Verdict::Unknown, Gone, OrganizerCopy::Gone, link()),
        (13, Verdict::Unknown, Gone, organizer(None, false), link()),
        (11, Verdict::Removed, Gone, listed(NotResponded), link()),
        (13, Verdict::Unknown, Gone, OrganizerCopy::Unreadable, known_organizer()),
        (13, Verdict::Unknown, Unreadable, asked_not(), link()),
        // What could not be asked for is not what there is none of.
        (13, Verdict::Unknown, Gone, OrganizerCopy::Unasked, known_organizer()),
        (13, Verdict::Unknown, NotOurs, OrganizerCopy::Unasked, known_organizer()),
        (7, Verdict::Declined, Unfindable, listed(Declined), known_organizer()),
        (9, Verdict::CancelledByOrganizer, Unfindable, OrganizerCopy::Gone, known_organizer()),
        (10, Verdict::DroppedByOrganizer, Unfindable, organizer(None, false), known_organizer()),
        (13, Verdict::Unknown, Unfindable, listed(Accepted), known_organizer()),
        (13, Verdict::Unknown, Unfindable, OrganizerCopy::NotOurs, link()),
        (13, Verdict::Unknown, Unfindable, OrganizerCopy::Unasked, link()),
        (13, Verdict::Unknown, Unfindable, OrganizerCopy::Unreadable, link()),
        // The learner's mailbox can't be read, the organizer's can: only that it is cancelled counts at once.
        (9, Verdict::CancelledByOrganizer, Unreadable, organizer(None, true), link()),
        (9, Verdict::CancelledByOrganizer, Unreadable, cancelled_with(Declined), link()),
        (9, Verdict::CancelledByOrganizer, Unreadable, OrganizerCopy::Gone, known_organizer()),
        (9, Verdict::CancelledByOrganizer, Unreadable, OrganizerCopy::OccurrenceGone, link()),
        (13, Verdict::Unknown, Unreadable, OrganizerCopy::Gone, link()),
        (13, Verdict::Unknown, Unreadable, listed(Declined), known_organizer()),
        (13, Verdict::Unknown, Unreadable, listed(Accepted), known_organizer()),
        (13, Verdict::Unknown, Unreadable, organizer(None, false), known_organizer()),
        // Without a mailbox of ours there is no copy that could be gone: the organizer's copy alone is asked.
        (8, Verdict::Unanswered, NotOurs, listed(NotResponded), known_organizer()),
        (9, Verdict::CancelledByOrganizer, NotOurs, OrganizerCopy::Gone, known_organizer()),
        (9, Verdict::CancelledByOrganizer, NotOurs, organizer(None, true), known_organizer()),
        (10, Verdict::DroppedByOrganizer, NotOurs, organizer(None, false), known_organizer()),
        (13, Verdict::Unknown, NotOurs, organizer(None, false), link()),
        (13, Verdict::Unknown, NotOurs, OrganizerCopy::Gone, link()),
        (13, Verdict::Unknown, NotOurs, OrganizerCopy::NotOurs, known_organizer()),
    ];
    for (row, verdict, learner, organizer, link) in rows {
        let evidence = Evidence { learner, organizer };
        let reading = judge(&evidence, &link, None, at(NOW));
        assert_eq!((reading.row, reading.verdict), (row, verdict), "{evidence:?}");
    }
}

#[test]
fn a_decline_older_than_the_generation_does_not_count() {
    let began = Some(at("2026-11-20T12:00:00Z"));
    let kept = Evidence { learner: copy(Answer::Declined), organizer: OrganizerCopy::NotAsked };
    assert_eq!(judge(&kept, &link(), began, at(NOW)).verdict, Verdict::Unanswered);
    let gone = Evidence { learner: LearnerCopy::Gone, organizer: listed(Answer::Declined) };
    assert_eq!(judge(&gone, &known_organizer(), began, at(NOW)).verdict, Verdict::Removed);
}

#[test]
fn a_decline_without_a_time_counts_in_the_first_generation_only() {
    let timeless = Response { answer: Answer::Declined, at: None };
    let LearnerCopy::There(state) = copy(Answer::Declined) else { panic!("it is there") };
    let kept = LearnerCopy::There(CopyState { response: timeless, ..state });
    let rows = [
        (kept, OrganizerCopy::NotAsked, Verdict::Unanswered),
        (LearnerCopy::Gone, organizer(Some(timeless), false), Verdict::Removed),
    ];
    for (learner, organizer, later) in rows {
        let evidence = Evidence { learner, organizer };
        assert_eq!(
            judge(&evidence, &known_organizer(), None, at(NOW)).verdict,
            Verdict::Declined,
            "{evidence:?}"
        );
        assert_eq!(
            judge(&evidence, &known_organizer(), Some(at(BEFORE)), at(NOW)).verdict,
            later,
            "{evidence:?}"
        );
    }
}

#[test]
fn an_invitation_that_waits_for_an_answer_tells_when_it_was_made() {
    let LearnerCopy::There(state) = copy(Answer::NotResponded) else { panic!("it is there") };
    let (created, modified) = (Some(at(BEFORE)), Some(at(NOW)));
    let learner = LearnerCopy::There(CopyState { created, modified, ..state });
    let reading = judge(&Evidence { learner, organizer: OrganizerCopy::NotAsked }, &link(), None, at(NOW));
    let invited = reading.invited.unwrap();
    assert_eq!(invited.since(at("2026-11-19T10:00:00Z"), false), created);
    assert_eq!(invited.since(at(BEFORE), true), modified, "a copy that was kept is written anew");
    assert_eq!(invited.since(at(BEFORE), false), None, "a copy that was gone has come back as it was");
    assert_eq!(invited.since(at(NOW), true), None);
    let began = Some(at("2026-11-20T12:00:00Z"));
    let kept = Evidence { learner: copy(Answer::Declined), organizer: OrganizerCopy::NotAsked };
    assert_eq!(judge(&kept, &link(), began, at(NOW)).invited, None, "an old decline is no invitation");
}

#[test]
fn the_newest_end_that_can_be_read_tells_whether_the_session_has_ended() {
    let ended = Link { end: Some(at(BEFORE)), ..link() };
    let moved_later = Evidence { learner: copy(Answer::Declined), organizer: OrganizerCopy::NotAsked };
    assert_eq!(
        judge(&moved_later, &ended, None, at(NOW)).verdict,
        Verdict::Declined,
        "the copy knows better"
    );
    let unread = Evidence { learner: LearnerCopy::Unreadable, organizer: OrganizerCopy::NotAsked };
    assert_eq!(judge(&unread, &ended, None, at(NOW)).verdict, Verdict::Ended, "only the link can say");
    assert_eq!(
        judge(&moved_later, &link(), None, at(TOMORROW)).verdict,
        Verdict::Ended,
        "ends at this very moment"
    );
}

#[test]
fn what_must_be_remembered_comes_with_the_verdict() {
    let gone = Evidence { learner: LearnerCopy::Gone, organizer: listed(Answer::Declined) };
    let reading = judge(&gone, &known_organizer(), None, at(NOW));
    assert_eq!(reading.answered_at, Some(at(BEFORE)));
    assert_eq!(reading.organizer_event, Some(EventId::new("org")));
    assert!(reading.listed);
    assert_eq!(reading.source, Source::OrganizerCopy);
}

/// Only asking can tell whether anybody is to be asked: where nobody could be, it is as weak as a removal,
/// and a person's.
#[test]
fn what_could_not_be_asked_for_is_weak_and_what_could_not_be_read_is_nothing() {
    let judged = |learner, organizer| judge(&Evidence { learner, organizer }, &link(), None, at(NOW));
    let unasked = judged(LearnerCopy::Gone, OrganizerCopy::Unasked);
    assert_eq!((unasked.is_unasked(), unasked.strength()), (true, Strength::Weak));
    let moved = judged(LearnerCopy::Unfindable, OrganizerCopy::NotOurs);
    assert_eq!((moved.is_unasked(), moved.strength()), (true, Strength::Weak));
    for unread in [
        judged(LearnerCopy::Gone, OrganizerCopy::Unreadable),
        judged(LearnerCopy::Unfindable, OrganizerCopy::Unreadable),
        judged(LearnerCopy::Unreadable, OrganizerCopy::NotOurs),
    ] {
        assert_eq!((unread.is_unasked(), unread.strength()), (false, Strength::None));
    }
}

#[test]
fn the_list_is_kept_while_the_learners_mailbox_cannot_be_read() {
    let says = |organizer, began| {
        let evidence = Evidence { learner: LearnerCopy::Unreadable, organizer };
        judge(&evidence, &known_organizer(), began, at(NOW)).meanwhile.map(|says| says.answer)
    };
    assert_eq!(says(listed(Answer::Declined), None), Some(Answer::Declined));
    assert_eq!(says(listed(Answer::Accepted), None), Some(Answer::Accepted));
    assert_eq!(says(listed(Answer::NotResponded), None), None);
    assert_eq!(says(listed(Answer::Declined), Some(at(NOW))), None, "from before this generation");
    let undated = organizer(Some(Response { answer: Answer::Declined, at: None }), false);
    assert_eq!(says(undated, None), None, "no time, no proof");
    assert_eq!(says(cancelled_with(Answer::Declined), None), None);
}
