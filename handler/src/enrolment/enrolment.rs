//! One row, one truth: everything that is known and decided about one learner in one session.
//!
//! Every change is one conditional write of this row. Its story is inside it, so that a decision and its reason can't be
//! parted by a kill; `activity` is filed from it afterwards, under keys that make filing twice harmless.

use crate::calendar::link::{Link, enrolment_ref};
use crate::calendar::verdict::{Reading, Source, Strength, Verdict};
use crate::enrolment::lms_answer::{LmsOutcome, OrderEvidence, OrderVerdict};
use crate::enrolment::transitions::{Stand, State};
use crate::ids::{LearnerKey, SessionId, TenantName};
use crate::messages::{EnrolmentRef, LinkRef};
use chrono::{DateTime, Duration, DurationRound, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Enrolment {
    pub tenant: TenantName,
    pub session: SessionId,
    pub learner: LearnerKey,
    /// [`Link::outside`].
    #[serde(default)]
    pub outside: bool,
    /// Counts from 1.
    pub generation: u32,
    /// When this generation began; `None` for the first, which begins at no time.
    pub generation_began: Option<DateTime<Utc>>,
    /// Counts what was decided in this generation, and a person's word that the LMS be asked anew; the LMS is told it with
    /// every order, and never two things under one number. None yet: 0, and in rows from before it was counted.
    #[serde(default)]
    pub decisions: u32,
    pub state: State,
    /// What the pending or finished cancellation stands on.
    pub decision: Option<Decision>,
    pub review: Option<Review>,
    /// The calendar items that stand for this place; nearly always one.
    pub parts: Vec<Part>,
    /// Newest times that were read.
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
    /// When a waiting cancellation is to be carried on.
    pub due: Option<DateTime<Utc>>,
    pub claim: Option<Claim>,
    /// What the LMS is told in every attempt of this decision, as it was at the first: one id must mean one thing.
    #[serde(default)]
    pub order: Option<Ordered>,
    /// Attempts at the LMS under this decision.
    pub attempts: u32,
    /// Attempts in a row that ended in an outage or in "accepted".
    pub failures: u32,
    /// An attempt of this generation may have taken effect at the LMS although nobody saw it say so. A doubt about the place
    /// and not about the decision: only an answer, or a person, ends it.
    pub maybe_effected: bool,
    /// Since when the evidence could not be read again before the LMS call.
    pub unreadable_since: Option<DateTime<Utc>>,
    pub outcome: Option<Outcome>,
    /// How often the learner's answer came again after all had come to its end, with nothing between that it could be an
    /// answer to.
    #[serde(default)]
    pub repeats: u32,
    /// The LMS is to be read: was the place given anew since it was given up?
    #[serde(default)]
    pub reread: Option<Reread>,
    /// A person said that this evidence does not count.
    pub ignored: Option<Ignored>,
    /// Since when the parts of this place disagree: some are declined, some are not.
    #[serde(default)]
    pub split_since: Option<DateTime<Utc>>,
    /// When the place of the generation before was given up at the LMS, until the learner answers.
    #[serde(default)]
    pub given_up: Option<DateTime<Utc>>,
    /// When the learner accepted again although the place of the generation before had been cancelled; until a person has
    /// seen to it.
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

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    pub verdict: OrderVerdict,
    pub evidence: OrderEvidence,
    /// When the learner declined, by Exchange's clock.
    pub declined_at: Option<DateTime<Utc>>,
    pub decided_at: DateTime<Utc>,
    /// The session's start at the time of the decision: another one later means that the session was moved.
    pub session_start: Option<DateTime<Utc>>,
    /// The person who approved it.
    pub by: Option<String>,
    /// A person said that it may be sent after the deadline.
    #[serde(default)]
    pub late: bool,
    /// The mailbox declined by itself, as far as anybody can tell; the story says so.
    #[serde(default)]
    pub automatic: bool,
}

impl Decision {
    /// The same decline or removal at the same time of the session.
    pub fn is_of(&self, other: &Self) -> bool {
        (self.verdict, self.evidence, self.declined_at, self.session_start)
            == (other.verdict, other.evidence, other.declined_at, other.session_start)
    }

    pub fn is_strong(&self) -> bool {
        match self.verdict {
            OrderVerdict::Declined => true,
            OrderVerdict::Removed | OrderVerdict::Unseen => self.by.is_some(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    pub cause: ReviewCause,
    pub since: DateTime<Utc>,
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReviewCause {
    /// Nobody can tell why the copy is gone.
    Evidence,
    /// There is a decline, and a person must judge what it means: the session has moved, or nobody knows the learner's key.
    Decline,
    /// Several items stand for the place, and they disagree.
    Parts,
    Lms,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// `Link::part_key`.
    pub key: String,
    /// The link to follow when this part is looked at.
    pub link: LinkRef,
    pub reading: Option<Seen>,
    /// The decline that was seen on this part and not undone since, whatever the evidence shows now: evidence fades, the
    /// decline stays (design, section 5).
    #[serde(default)]
    pub decline: Option<Declined>,
    /// Newest times that were read of this part.
    #[serde(default)]
    pub start: Option<DateTime<Utc>>,
    #[serde(default)]
    pub end: Option<DateTime<Utc>>,
    /// Since when the reading is weak.
    pub weak_since: Option<DateTime<Utc>>,
    /// When the copy, as it was found unanswered at a look before which it had not been there, had last been written, by
    /// Exchange's clock: what was written until then does not make it a new invitation, however often it is looked at.
    #[serde(default)]
    pub back: Option<DateTime<Utc>>,
    /// The newest positive answer that the learner's own copy has shown: an older decline counts no more.
    #[serde(default)]
    pub accepted_at: Option<DateTime<Utc>>,
    /// Since when the learner's side of it could not be read; from the first look that failed.
    #[serde(default)]
    pub unknown_since: Option<DateTime<Utc>>,
    /// Since when the copy is gone and nobody could say why: that has not settled, or the organizer could not be asked.
    #[serde(default)]
    pub unexplained_since: Option<DateTime<Utc>>,
    /// The organizer has cancelled the item, and no copy was there again since.
    #[serde(default)]
    pub called_off: bool,
    /// Since the last decision it was seen accepted, or waiting for an answer: a decline that follows answers that, and is no
    /// repetition of the one before.
    #[serde(default)]
    pub open: bool,
    /// The newest answer that was counted as one more of the same: not once more, whatever was read of the part since.
    #[serde(default)]
    pub counted_at: Option<DateTime<Utc>>,
    /// Looks in a row that could not read anything.
    pub unreadable: u32,
    /// When to look again.
    pub look: Option<DateTime<Utc>>,
}

impl Part {
    /// True when a weak reading has been looked at for the whole of `settle`.
    pub fn has_settled(&self, settle: Duration, now: DateTime<Utc>) -> bool {
        self.weak_since.is_some_and(|since| whole_millis(since + settle) <= now)
    }

    /// The last look that said something found the learner's own copy.
    pub fn is_there(&self) -> bool {
        self.reading.as_ref().is_some_and(|seen| seen.source == Source::LearnerCopy) && self.weak_since.is_none()
    }

    /// The organizer has cancelled it, whatever is left of its copies. Rows from before that was kept know the last reading
    /// alone.
    pub fn is_called_off(&self) -> bool {
        self.called_off || self.reading.as_ref().is_some_and(|seen| seen.verdict == Verdict::CancelledByOrganizer)
    }

    /// Declined, or gone without a word.
    pub fn is_given_up(&self) -> bool {
        let gone = |verdict| matches!(verdict, Verdict::Declined | Verdict::Removed | Verdict::Unseen);
        self.decline.is_some()
            || self.unexplained_since.is_some()
            || self.reading.as_ref().is_some_and(|seen| gone(seen.verdict))
    }

    /// A part of which nothing was read yet.
    pub fn new(link: &Link, at: &LinkRef) -> Self {
        Self {
            key: link.part_key(),
            link: at.clone(),
            reading: None,
            decline: None,
            start: link.start,
            end: link.end,
            weak_since: None,
            back: None,
            accepted_at: None,
            unknown_since: None,
            unexplained_since: None,
            called_off: false,
            open: false,
            counted_at: None,
            unreadable: 0,
            look: None,
        }
    }

    /// Nothing that was read of it counts any more, save that the organizer has cancelled it; to be read again at `look`.
    pub fn anew(&self, look: DateTime<Utc>) -> Self {
        let forgotten = Self { reading: None, decline: None, weak_since: None, open: false, ..self.clone() };
        Self { called_off: self.is_called_off(), unexplained_since: None, unreadable: 0, look: Some(look), ..forgotten }
    }

    /// When the same answer came last, of those that decided nothing.
    pub fn last_repeated(&self) -> Option<DateTime<Utc>> {
        self.counted_at.max(self.decline.as_ref().and_then(|decline| decline.repeated_at))
    }

    /// It was seen accepted, or waiting for an answer, since the last decision. Rows from before that was kept know the last
    /// reading alone.
    pub fn is_open(&self) -> bool {
        self.open || self.reading.as_ref().is_some_and(Seen::is_in)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Declined {
    pub source: Source,
    pub answered_at: Option<DateTime<Utc>>,
    /// When the part was to start, as it was read with the decline.
    pub start: Option<DateTime<Utc>>,
    /// When the same answer came last, of those that decided nothing.
    #[serde(default)]
    pub repeated_at: Option<DateTime<Utc>>,
}

impl Declined {
    /// An answer of this time was seen before.
    pub fn knows(&self, answered_at: Option<DateTime<Utc>>) -> bool {
        self.answered_at.max(self.repeated_at) >= answered_at
    }
}

/// The last reading of a part that said something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub verdict: Verdict,
    pub source: Source,
    pub answered_at: Option<DateTime<Utc>>,
}

impl Seen {
    /// The learner had the item and had not declined it.
    pub fn is_in(&self) -> bool {
        matches!(self.verdict, Verdict::Attending | Verdict::Unanswered)
    }

    pub fn of(reading: &Reading) -> Self {
        Self { verdict: reading.verdict, source: reading.source, answered_at: reading.answered_at }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ordered {
    pub decision: Decision,
    pub session_start: Option<DateTime<Utc>>,
    /// [`Enrolment::decisions`] at the first attempt. 0: it was sent before decisions were counted, under an id that ends
    /// with the generation.
    #[serde(default)]
    pub number: u32,
}

/// When to read the LMS, and how often that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reread {
    pub due: DateTime<Utc>,
    pub failures: u32,
}

/// Whoever holds the token may call the LMS until `until`, by the store's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    pub token: String,
    pub until: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub kind: OutcomeKind,
    pub at: DateTime<Utc>,
    /// The LMS's own words, where it gave some.
    pub message: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// The LMS said so.
    Lms(LmsOutcome),
    /// Mode `observe`: it would have been cancelled now.
    WouldHaveCancelled,
    /// Our own deadline, or the session's end.
    TooLate,
}

impl OutcomeKind {
    pub fn word(self) -> &'static str {
        match self {
            OutcomeKind::WouldHaveCancelled => "would_have_cancelled",
            OutcomeKind::TooLate => "too_late",
            OutcomeKind::Lms(outcome) => match outcome {
                LmsOutcome::Done => "done",
                LmsOutcome::Accepted => "accepted",
                LmsOutcome::AlreadyCancelled => "already_cancelled",
                LmsOutcome::NotEnrolled => "not_enrolled",
                LmsOutcome::UnknownLearner => "unknown_learner",
                LmsOutcome::UnknownSession => "unknown_session",
                LmsOutcome::TooLate => "too_late",
                LmsOutcome::Refused => "refused",
                LmsOutcome::Outage => "outage",
                LmsOutcome::CredentialBroken => "credential_broken",
                LmsOutcome::Superseded => "superseded",
                LmsOutcome::EndpointGone => "endpoint_gone",
                LmsOutcome::Unclear => "unclear",
                LmsOutcome::Unexpected => "unexpected",
            },
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ignored {
    pub at: DateTime<Utc>,
    pub by: String,
    /// A decline that was answered later than this counts again.
    pub answered_at: Option<DateTime<Utc>>,
}

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
        let mut new = Self {
            tenant: link.tenant.clone(),
            session: link.session.clone(),
            learner: link.learner.clone(),
            outside: link.outside,
            generation: 1,
            generation_began: None,
            decisions: 0,
            state: State::Watched,
            decision: None,
            review: None,
            parts: Vec::new(),
            start: link.start,
            end: link.end,
            due: None,
            claim: None,
            order: None,
            attempts: 0,
            failures: 0,
            maybe_effected: false,
            unreadable_since: None,
            outcome: None,
            repeats: 0,
            reread: None,
            ignored: None,
            split_since: None,
            given_up: None,
            taken_back: None,
            trace: None,
            story: Vec::new(),
            told: 0,
            filed: 0,
        };
        new.tell(now, SELF, "The invitation is watched.");
        new
    }

    /// What is known of the calendar item with this key.
    pub fn part(&self, key: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.key == key)
    }

    pub fn reference(&self) -> EnrolmentRef {
        enrolment_ref(&self.tenant, &self.session, &self.learner)
    }

    /// The column of the table that this row stands in.
    pub fn stand(&self) -> Stand {
        let strong = self.decision.as_ref().is_some_and(Decision::is_strong);
        match self.state {
            State::Watched => Stand::Watched,
            State::Waiting if strong => Stand::WaitingStrong,
            State::Waiting => Stand::WaitingWeak,
            State::Running => Stand::Running,
            State::Done => Stand::Done,
            State::Expired => Stand::Expired,
            State::Review => match self.review.as_ref().map(|review| review.cause) {
                Some(ReviewCause::Lms) => Stand::ReviewLms,
                Some(ReviewCause::Parts) => Stand::ReviewParts,
                Some(ReviewCause::Decline) => Stand::ReviewStrong,
                Some(ReviewCause::Evidence) | None => Stand::ReviewWeak,
            },
        }
    }

    /// The row of the next generation, in which nothing is decided yet. What was read in this one does not count there, save of
    /// the part `but`; the others are read again at `look`. The story goes on: its lines so far are in the archive.
    pub fn next_generation(&self, began: DateTime<Utc>, but: &str, look: DateTime<Utc>) -> Self {
        let anew = |part: &Part| if part.key == but { Part { look: None, ..part.anew(look) } } else { part.anew(look) };
        let mut next = Self {
            generation: self.generation + 1,
            generation_began: Some(began),
            decisions: 0,
            parts: self.parts.iter().map(anew).collect(),
            maybe_effected: false,
            ignored: None,
            split_since: None,
            given_up: None,
            taken_back: None,
            story: Vec::new(),
            ..self.clone()
        };
        next.settle(State::Watched);
        next.decision = None;
        next
    }

    /// To `state`, with nothing on its way: what belongs to one way to the LMS, or to one question to a person, is over. What
    /// stays is what the place stands on: the decision and its number, the doubt, the items, who ignored what.
    pub(super) fn settle(&mut self, state: State) {
        self.state = state;
        self.review = None;
        self.due = None;
        self.claim = None;
        self.order = None;
        self.attempts = 0;
        self.failures = 0;
        self.unreadable_since = None;
        self.outcome = None;
        self.repeats = 0;
        self.reread = None;
    }

    /// The number of the newest decision. Rows from before decisions were counted stand on their first.
    pub fn number(&self) -> u32 {
        self.decisions.max(u32::from(self.order.is_some() || self.decision.is_some()))
    }

    /// Another decision than all before: whatever is sent of it goes under a number, and so an id, of its own. What was seen
    /// until now is what it stands on.
    pub(super) fn decide(&mut self, decision: Decision) {
        self.decisions = self.number() + 1;
        self.decision = Some(decision);
        self.order = None;
        self.attempts = 0;
        self.failures = 0;
        for part in &mut self.parts {
            part.open = false;
        }
    }

    /// This row as it is kept when the next generation begins: finished, with nothing that is looked at any more.
    pub fn archived(&self) -> Self {
        let parts = self.parts.iter().map(|part| Part { look: None, ..part.clone() }).collect();
        Self { parts, reread: None, ..self.clone() }
    }

    /// From this moment on nothing is cancelled any more: the policy's time before the session's start. Where several items
    /// stand for the place, as the occurrences of a series, each has its own: while that of one that is given up is ahead, the
    /// learner is in time.
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
    pub fn verdict(&self) -> Option<&Seen> {
        self.parts.iter().filter_map(|part| part.reading.as_ref()).max_by_key(|seen| match seen.verdict.strength() {
            Strength::Strong => 2,
            Strength::Weak => 1,
            Strength::None => 0,
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

/// Times that become keys or are compared with what was stored are cut to whole milliseconds.
pub fn whole_millis(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(Duration::milliseconds(1)).unwrap_or(at)
}
