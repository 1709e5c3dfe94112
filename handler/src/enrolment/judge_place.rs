//! What follows from what was read about a place: one pure function from the row as it was, the evidence and
//! the policy to the row as it is to be. Nothing is read or written here.

use crate::calendar::evidence::Evidence;
use crate::calendar::learning::{Introduction, Lesson};
use crate::calendar::link::Link;
use crate::calendar::reading::Reading;
use crate::calendar::verdict::judge;
use crate::clock::whole_millis;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::part::Part;
use crate::enrolment::policy::Policy;
use crate::enrolment::{apply_reading, lms_reread, organizer_list};
use crate::messages::LinkRef;
use chrono::{DateTime, Utc};

/// What was read about one of a place's calendar items.
#[derive(Debug, Clone)]
pub struct Gathered {
    pub link: Link,
    pub at: LinkRef,
    pub evidence: Evidence,
    /// Asked beside a learner's copy that says enough, where nothing was known of the organizer's.
    pub introduction: Option<Introduction>,
}

/// One of a place's calendar items, as it was read and as it is judged.
#[derive(Debug, Clone)]
pub struct JudgedItem {
    pub gathered: Gathered,
    pub reading: Reading,
    /// The link that names the copy where it was read, and where it is stored.
    pub link: Link,
    pub at: LinkRef,
}

/// What follows for one place.
#[derive(Debug, Clone)]
pub struct Judgement {
    pub items: Vec<JudgedItem>,
    /// The row as it is to be; the one that is stored where nothing changes.
    pub next: Enrolment,
}

/// Judges the items of one place together. `old`: the place's row as it was read before the calendar. `None`:
/// no items.
pub fn judge_place(
    old: Option<&Enrolment>,
    items: Vec<Gathered>,
    policy: &Policy,
    can_read_lms: bool,
    now: DateTime<Utc>,
) -> Option<Judgement> {
    let began = old.and_then(|row| row.generation_began);
    let judged = |gathered: Gathered| {
        let Gathered { link, at, evidence, introduction } = &gathered;
        let reading = judge(evidence, &newest(link, old), began, now);
        let reading = organizer_list::counted(old, &link.part_key(), reading, policy, now);
        let lesson = Lesson { reading: &reading, introduction: introduction.as_ref(), now };
        let (link, at) = lesson.learned(link, at);
        JudgedItem { gathered, reading, link, at }
    };
    let items: Vec<JudgedItem> = items.into_iter().map(judged).collect();

    let mut next = match (old, items.first()) {
        (Some(old), _) => old.clone(),
        (None, Some(first)) => Enrolment::watched(&first.link, whole_millis(now)),
        (None, None) => return None,
    };
    for JudgedItem { reading, link, at, .. } in &items {
        next = apply_reading::apply_reading(&next, link, at, reading, policy, now).unwrap_or(next);
    }
    // Where the LMS can be read, an answer that comes again is a reason to: the place may have been given
    // anew.
    if can_read_lms && next.attempt.repeats > old.map_or(0, |old| old.attempt.repeats) {
        next = lms_reread::to_be_read(&next, now).unwrap_or(next);
    }
    Some(Judgement { items, next })
}

/// The row of somebody who has not answered, of which nothing was read.
pub fn unread(link: &Link, at: &LinkRef, now: DateTime<Utc>) -> Enrolment {
    let mut row = Enrolment::watched(link, whole_millis(now));
    row.parts = vec![Part::new(link, at)];
    row
}

/// The link with the newest times that are known of its item: another link of it may have seen the session
/// move.
fn newest(link: &Link, row: Option<&Enrolment>) -> Link {
    match row.and_then(|row| row.part(&link.part_key())) {
        Some(part) => Link { start: part.start.or(link.start), end: part.end.or(link.end), ..link.clone() },
        None => link.clone(),
    }
}
