//! One row, one truth: everything that is known and decided about one learner in one session.
//!
//! Every change is one conditional write of this row. Its story is inside it, so that a decision and its
//! reason can't be parted by a kill; `activity` is filed from it afterwards, under keys that make filing
//! twice harmless.

use crate::calendar::link::Link;
use crate::calendar::reading::Strength;
use crate::enrolment::attempt::{Attempt, GiveBack};
use crate::enrolment::decision::{Decision, Ignored, Review, ReviewCause};
use crate::enrolment::part::{Part, PartReading};
use crate::enrolment::transitions::{State, StateColumn};
use crate::ids::{LearnerKey, SessionId, TenantName};
use crate::messages::EnrolmentRef;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Enrolment {
    pub tenant: TenantName,
    pub session: SessionId,
    pub learner: LearnerKey,
    /// [`Link::outside`].
    #[serde(default)]
    pub outside: bool,
    /// The test learner's place in the test session: no learner, so nobody counts it as one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub canary: bool,
    /// Counts from 1.
    pub generation: u32,
    /// When this generation began; `None` for the first, which begins at no time.
    pub generation_began: Option<DateTime<Utc>>,
    /// Counts what was decided in this generation, and a person's word that the LMS be asked anew; the LMS is
    /// told it with every order, and never two things under one number. None yet: 0, and in rows from before
    /// it was counted.
    #[serde(default)]
    pub decisions: u32,
    pub state: State,
    /// What the pending or finished cancellation stands on.
    pub decision: Option<Decision>,
    #[serde(flatten)]
    pub attempt: Attempt,
    /// The calendar items that stand for this place; nearly always one.
    pub parts: Vec<Part>,
    /// Newest times that were read.
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
    /// An attempt of this generation may have taken effect at the LMS although nobody saw it say so. A doubt
    /// about the place and not about the decision: only an answer, or a person, ends it.
    pub maybe_effected: bool,
    /// A person said that this evidence does not count.
    pub ignored: Option<Ignored>,
    /// Since when the parts of this place disagree: some are declined, some are not.
    #[serde(default)]
    pub split_since: Option<DateTime<Utc>>,
    /// When the place of the generation before was given up at the LMS, until it is given back, or a person
    /// has seen to it.
    #[serde(default)]
    pub given_up: Option<DateTime<Utc>>,
    /// By which the LMS was seen to give it up for us; goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_by: Option<Decision>,
    /// When the learner accepted again although the place of the generation before had been cancelled; until
    /// a person has seen to it.
    #[serde(default)]
    pub taken_back: Option<DateTime<Utc>>,
    /// W3C `traceparent` of the notification that changed it last.
    #[serde(default)]
    pub trace: Option<String>,
    pub story: Vec<Line>,
    /// Lines ever told; the story keeps the first few and the last ones.
    pub told: u32,
    /// Lines known to be filed in `activity`.
    pub filed: u32,
}

/// Lines of the story that a row keeps: enough for any sane history, small enough for any table.
const STORY_HEAD: usize = 8;
const STORY_TAIL: usize = 56;

/// One line of the story: who did what on which evidence, in a plain sentence without personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub n: u32,
    pub at: DateTime<Utc>,
    pub by: String,
    pub text: String,
}

/// Who writes lines that no person caused.
pub const SELF: &str = "regrets";

impl Enrolment {
    /// A place that is watched: its invitation was seen, nothing is decided.
    pub fn watched(link: &Link, now: DateTime<Utc>) -> Self {
        let (tenant, session) = (link.tenant.clone(), link.session.clone());
        let mut new = Self {
            outside: link.outside,
            start: link.start,
            end: link.end,
            ..Self::blank(tenant, session, link.learner.clone())
        };
        new.tell(now, SELF, "The invitation is watched.");
        new
    }

    /// A place of which nothing is known.
    pub(super) fn blank(tenant: TenantName, session: SessionId, learner: LearnerKey) -> Self {
        Self {
            tenant,
            session,
            learner,
            outside: false,
            canary: false,
            generation: 1,
            generation_began: None,
            decisions: 0,
            state: State::Watched,
            decision: None,
            attempt: Attempt::default(),
            parts: Vec::new(),
            start: None,
            end: None,
            maybe_effected: false,
            ignored: None,
            split_since: None,
            given_up: None,
            cancelled_by: None,
            taken_back: None,
            trace: None,
            story: Vec::new(),
            told: 0,
            filed: 0,
        }
    }

    /// What is known of the calendar item with this key.
    pub fn part(&self, key: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.key == key)
    }

    pub fn reference(&self) -> EnrolmentRef {
        EnrolmentRef::of(&self.tenant, &self.session, &self.learner)
    }

    /// The column of the table that this row stands in.
    pub fn stand(&self) -> StateColumn {
        let strong = self.decision.as_ref().is_some_and(Decision::is_strong);
        let back = self.attempt.give_back.as_ref().filter(|wanted| wanted.is_pending());
        match self.state {
            State::Watched => match back {
                Some(GiveBack { claim: Some(_), .. }) => StateColumn::BackRunning,
                Some(GiveBack { claim: None, .. }) => StateColumn::BackWanted,
                None => StateColumn::Watched,
            },
            State::Waiting if strong => StateColumn::WaitingStrong,
            State::Waiting => StateColumn::WaitingWeak,
            State::Running => StateColumn::Running,
            State::Done => StateColumn::Done,
            State::Expired => StateColumn::Expired,
            State::Review => match self.attempt.review.as_ref().map(|review| review.cause) {
                Some(ReviewCause::Lms) => StateColumn::ReviewLms,
                Some(ReviewCause::Parts) => StateColumn::ReviewParts,
                Some(ReviewCause::Decline) => StateColumn::ReviewStrong,
                Some(ReviewCause::Evidence) | None => StateColumn::ReviewWeak,
            },
        }
    }

    /// The row of the next generation, in which nothing is decided yet. What was read in this one does not
    /// count there, save of the part `but`; the others are read again at `look`. The story goes on: its lines
    /// so far are in the archive.
    pub fn next_generation(&self, began: DateTime<Utc>, but: &str, look: DateTime<Utc>) -> Self {
        // One item that is all there is to the place says what it says.
        let is_past = |part: &Part| self.parts.len() > 1 && (part.past || part.is_given_up());
        let anew = |part: &Part| match part.key == but {
            true => Part { look: None, past: false, ..part.anew(look) },
            false => Part { past: is_past(part), ..part.anew(look) },
        };
        let mut next = Self {
            generation: self.generation + 1,
            generation_began: Some(began),
            decisions: 0,
            parts: self.parts.iter().map(anew).collect(),
            maybe_effected: false,
            ignored: None,
            split_since: None,
            given_up: None,
            cancelled_by: None,
            taken_back: None,
            story: Vec::new(),
            ..self.clone()
        };
        next.settle(State::Watched);
        next.decision = None;
        next
    }

    /// To `state`, with nothing on its way: what belongs to one way to the LMS, or to one question to a
    /// person, is over. What stays is what the place stands on: the decision and its number, the doubt, the
    /// items, who ignored what.
    pub(super) fn settle(&mut self, state: State) {
        self.state = state;
        self.attempt = Attempt::default();
    }

    /// To a person, with nothing on its way. What the LMS was told and has answered stays: the person decides
    /// on it.
    pub(super) fn ask_person(&mut self, cause: ReviewCause, why: impl Into<String>, now: DateTime<Utc>) {
        self.state = State::Review;
        // Who wanted it back is not forgotten over it.
        if let Some(wanted) = self.attempt.give_back.take_if(|wanted| wanted.is_pending()) {
            self.taken_back = Some(wanted.accepted);
        }
        self.attempt.due = None;
        self.attempt.claim = None;
        self.attempt.review = Some(Review { cause, since: now, why: why.into() });
    }

    /// The number of the newest decision. Rows from before decisions were counted stand on their first.
    pub fn number(&self) -> u32 {
        self.decisions.max(u32::from(self.attempt.order.is_some() || self.decision.is_some()))
    }

    /// Another decision than all before: whatever is sent of it goes under a number, and so an id, of its
    /// own. What was seen until now is what it stands on.
    pub(super) fn decide(&mut self, decision: Decision) {
        self.decisions = self.number() + 1;
        self.decision = Some(decision);
        self.attempt.order = None;
        self.attempt.tries = 0;
        self.attempt.failures = 0;
        (self.attempt.lms_before, self.attempt.lms_after) = (None, None);
        for part in &mut self.parts {
            part.open = false;
        }
    }

    /// This row as it is kept when the next generation begins: finished, with nothing that is looked at any
    /// more.
    pub fn archived(&self) -> Self {
        let parts = self.parts.iter().map(|part| Part { look: None, ..part.clone() }).collect();
        let attempt = Attempt { reread: None, ..self.attempt.clone() };
        if !self.canary {
            return Self { parts, attempt, ..self.clone() };
        }
        // A test may be over before its decline has come to an end: nobody waits for it any more.
        let attempt = Attempt { due: None, claim: None, review: None, give_back: None, ..attempt };
        Self { parts, attempt, taken_back: None, ..self.clone() }
    }

    /// From this moment on nothing is cancelled any more: the policy's time before the session's start. Where
    /// several items stand for the place, as the occurrences of a series, each has its own: while that of one
    /// that is given up is ahead, the learner is in time.
    pub fn deadline(&self, before_start: Duration) -> Option<DateTime<Utc>> {
        let given_up = self
            .parts
            .iter()
            .filter(|part| part.is_given_up() && !part.is_called_off())
            .filter_map(|part| part.start)
            .max();
        let start = match self.parts.as_slice() {
            [] | [_] => self.start,
            [_, ..] => given_up.or(self.start),
        };
        start.map(|start| start - before_start)
    }

    /// The verdict on the whole, for people: the weightiest of the parts' last readings.
    pub fn verdict(&self) -> Option<&PartReading> {
        self.parts.iter().filter_map(|part| part.reading.as_ref()).max_by_key(|seen| {
            match seen.verdict.strength() {
                Strength::Strong => 2,
                Strength::Weak => 1,
                Strength::None => 0,
            }
        })
    }

    pub fn tell(&mut self, at: DateTime<Utc>, by: &str, text: impl Into<String>) {
        self.told += 1;
        self.story.push(Line { n: self.told, at, by: by.to_owned(), text: text.into() });
        if self.story.len() > STORY_HEAD + STORY_TAIL {
            self.story.remove(STORY_HEAD);
        }
    }
}
