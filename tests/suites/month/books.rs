//! What happened, as the mailboxes have it: each decline, and what became of it in the ledger, looked at
//! every minute.

use crate::deployment::tenant_name;
use crate::script::{Learner, Who};
use chrono::{DateTime, Duration, Utc};
use regrets::enrolment::attempt::OutcomeKind;
use regrets::enrolment::decision::ReviewCause;
use regrets::enrolment::enrolment::Enrolment;
use regrets::enrolment::lms_answer::{LmsOutcome, OrderVerdict};
use regrets::enrolment::transitions::State;
use regrets::ids::{LearnerKey, SessionId, UserId};
use regrets::ledger::{Ledger, enrolments, mailboxes};
use regrets::messages::EnrolmentRef;
use std::collections::{HashMap, HashSet};

/// How long the ledger is looked at for a decline that is not in it.
const WATCHED_FOR: Duration = Duration::days(4);
/// So long each minute; after that it is rare that anything comes, and it is looked at less often.
const SOON: Duration = Duration::hours(2);
const SELDOM: Duration = Duration::minutes(10);

#[derive(Debug, Clone)]
pub(crate) struct Decline {
    pub(crate) who: Who,
    pub(crate) learner: String,
    pub(crate) session: String,
    pub(crate) at: DateTime<Utc>,
    /// The copy stayed in the calendar.
    pub(crate) kept: bool,
    /// When the organizer is told, if ever.
    pub(crate) mail: Option<DateTime<Utc>>,
    /// The ids that the copy has had since it came, the last one last.
    pub(crate) copies: Vec<String>,
    /// Since when there was a place to decline: the last invitation or acceptance before it.
    pub(crate) placed: DateTime<Utc>,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    /// Something made it void, or another matter: an acceptance, a new invitation, another time, a cancelled
    /// session.
    pub(crate) undone: Option<(DateTime<Utc>, &'static str)>,
    pub(crate) known: Option<Known>,
}

impl Decline {
    pub(crate) fn place(&self) -> EnrolmentRef {
        EnrolmentRef::of(
            &tenant_name(),
            &SessionId::new(self.session.as_str()),
            &LearnerKey::new(self.learner.as_str()),
        )
    }
}

const CANCELLED: &str = "the session was cancelled";

/// What the ledger says of a decline.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// When it was decided.
    pub(crate) at: DateTime<Utc>,
    pub(crate) how: How,
    /// Weak verdicts are looked at for the whole of `policy.settle` first.
    pub(crate) is_weak: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum How {
    Declined,
    Removed,
    Unseen,
    Review,
    TooLate,
    /// The place was cancelled for an earlier decline, and there has been no other since.
    Before,
    /// Told as an earlier decline that came once more: nothing had been seen between that it could be an
    /// answer to.
    Repeated,
}

/// What one learner's place has seen.
struct Place {
    copies: Vec<String>,
    /// The last invitation or acceptance.
    placed: DateTime<Utc>,
}

#[derive(Default)]
pub(crate) struct Books {
    pub(crate) declines: Vec<Decline>,
    /// Places that were given.
    pub(crate) invitations: usize,
    /// Answers that reached an organizer.
    pub(crate) answers: usize,
    /// Indexes of those that are not in the ledger yet.
    open: Vec<usize>,
    /// When all of these are looked for next, and not the newest alone.
    all_at: DateTime<Utc>,
    places: HashMap<(Who, String), Place>,
    times: HashMap<String, (DateTime<Utc>, DateTime<Utc>)>,
    cancelled: HashSet<String>,
    /// The id of each session's event in the organizer's calendar.
    pub(crate) originals: HashMap<String, String>,
    /// How many gaps a mailbox counts, and when there were more.
    gaps: HashMap<Who, (u64, Vec<DateTime<Utc>>)>,
}

impl Books {
    pub(crate) fn scheduled(&mut self, session: &str, start: DateTime<Utc>, end: DateTime<Utc>) {
        self.times.insert(session.to_owned(), (start, end));
    }

    pub(crate) fn invited(&mut self, who: Who, session: &str, now: DateTime<Utc>) {
        self.invitations += 1;
        self.places.insert((who, session.to_owned()), Place { copies: Vec::new(), placed: now });
    }

    /// Whoever accepts or is invited again has a place to decline anew.
    pub(crate) fn placed_again(&mut self, who: Who, session: &str, why: &'static str, now: DateTime<Utc>) {
        self.undone(session, Some(who), why, now);
        if let Some(place) = self.places.get_mut(&(who, session.to_owned())) {
            place.placed = now;
        }
    }

    /// Who is invited to what, and when that is.
    pub(crate) fn known_places(
        &self,
        is: impl Fn(Who) -> bool,
    ) -> Vec<(String, DateTime<Utc>, DateTime<Utc>)> {
        let of = self.places.keys().filter(|(who, _)| is(*who));
        of.filter_map(|(_, session)| {
            let (start, end) = self.times.get(session)?;
            Some((session.clone(), *start, *end))
        })
        .collect()
    }

    /// From now on nobody's decline of it matters.
    pub(crate) fn cancelled(&mut self, session: &str, now: DateTime<Utc>) {
        self.undone(session, None, CANCELLED, now);
        self.cancelled.insert(session.to_owned());
    }

    /// The learner's copy goes by this id.
    pub(crate) fn copy(&mut self, who: Who, session: &str, id: &str) {
        let place = self.places.get_mut(&(who, session.to_owned()));
        if let Some(place) = place.filter(|place| place.copies.iter().all(|known| known != id)) {
            place.copies.push(id.to_owned());
        }
    }

    pub(crate) fn declined(
        &mut self,
        who: Who,
        learner: &str,
        session: &str,
        kept: bool,
        mail: Option<Duration>,
        at: DateTime<Utc>,
    ) {
        self.answers += usize::from(mail.is_some());
        let place = self.places.get_mut(&(who, session.to_owned())).unwrap();
        // What comes after a copy that is gone is another one, which somebody must be shown anew.
        let copies = if kept { place.copies.clone() } else { std::mem::take(&mut place.copies) };
        let placed = place.placed;
        let (start, end) = self.times[session];
        self.open.push(self.declines.len());
        self.declines.push(Decline {
            who,
            learner: learner.to_owned(),
            session: session.to_owned(),
            at,
            kept,
            mail: mail.map(|after| at + after),
            copies,
            placed,
            start,
            end,
            undone: self.cancelled.contains(session).then_some((at, CANCELLED)),
            known: None,
        });
    }

    /// What was declined of this session (by this learner, or by everybody) is another matter now.
    pub(crate) fn undone(&mut self, session: &str, who: Option<Who>, why: &'static str, at: DateTime<Utc>) {
        let concerned = |decline: &&mut Decline| {
            decline.session == session && who.is_none_or(|who| who == decline.who) && decline.undone.is_none()
        };
        for decline in self.declines.iter_mut().filter(concerned) {
            decline.undone = Some((at, why));
        }
    }

    /// Looks which mailboxes count more gaps than before.
    pub(crate) async fn look_for_gaps(&mut self, ledger: &Ledger, people: &[Learner], now: DateTime<Utc>) {
        for (who, person) in people.iter().enumerate() {
            let user = UserId::new(person.id.to_string());
            let Some(row) = mailboxes::load(ledger, &tenant_name(), &user).await.unwrap() else { continue };
            let (count, times) = self.gaps.entry(who).or_default();
            if row.gaps > *count {
                times.push(now);
            }
            *count = row.gaps;
        }
    }

    /// When a mailbox was found to have had a gap.
    pub(crate) fn gaps(&self, who: Who) -> &[DateTime<Utc>] {
        self.gaps.get(&who).map(|(_, times)| times.as_slice()).unwrap_or_default()
    }

    /// Looks which of the open declines are in the ledger by now.
    pub(crate) async fn look(&mut self, ledger: &Ledger, now: DateTime<Utc>) {
        let mut open = Vec::new();
        let all = now >= self.all_at;
        if all {
            self.all_at = now + SELDOM;
        }
        for index in std::mem::take(&mut self.open) {
            let decline = &mut self.declines[index];
            if !all && now > decline.at + SOON {
                open.push(index);
                continue;
            }
            let row = enrolments::load(ledger, &decline.place()).await.unwrap();
            decline.known = row.and_then(|row| known(&row.value, decline, now));
            if decline.known.is_none() && now < decline.at + WATCHED_FOR {
                open.push(index);
            }
        }
        self.open = open;
    }
}

/// Whether the row knows of this decline.
fn known(row: &Enrolment, decline: &Decline, now: DateTime<Utc>) -> Option<Known> {
    let declined = decline.at;
    if let Some(review) = row.attempt.review.as_ref().filter(|review| review.since >= declined) {
        let is_weak = review.cause == ReviewCause::Evidence;
        return Some(Known { at: review.since, how: How::Review, is_weak });
    }
    if let Some(decision) = row.decision.as_ref().filter(|decision| decision.decided_at >= declined) {
        let (how, is_weak) = match decision.verdict {
            OrderVerdict::Declined => (How::Declined, false),
            OrderVerdict::Removed => (How::Removed, true),
            OrderVerdict::Unseen => (How::Unseen, true),
        };
        return Some(Known { at: decision.decided_at, how, is_weak });
    }
    let outcome = row.attempt.outcome.as_ref()?;
    let is_weak = row.parts.iter().all(|part| part.decline.is_none());
    match (row.state, outcome.kind) {
        (State::Expired, OutcomeKind::TooLate) if outcome.at >= declined => {
            Some(Known { at: outcome.at, how: How::TooLate, is_weak })
        }
        (State::Done, OutcomeKind::Lms(LmsOutcome::Done)) if outcome.at >= decline.placed => {
            Some(Known { at: outcome.at.max(declined), how: How::Before, is_weak: false })
        }
        (State::Done, _) if is_repeat(row, declined) => {
            Some(Known { at: now, how: How::Repeated, is_weak: false })
        }
        _ => None,
    }
}

/// The row has counted this decline among those that came once more.
fn is_repeat(row: &Enrolment, declined: DateTime<Utc>) -> bool {
    let repeated = row.parts.iter().filter_map(|part| part.decline.as_ref()?.repeated_at);
    row.attempt.repeats > 0 && repeated.into_iter().any(|at| (at - declined).abs() < Duration::seconds(1))
}
