//! What all calendar items that stand for one place say together (`policy.part`, reference/judging.md#parts).
//!
//! One item is the everyday case: then the place is what its reading says. Where several stand for one place,
//! each is in, out, or has no say: an item that the organizer has cancelled, that the learner was dropped
//! from, that is over, or that was given up before this generation began, counts no more.

use crate::calendar::reading::{Reading, Source, Verdict};
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::part::Part;
use crate::enrolment::policy::{PartPolicy, Policy};
use crate::enrolment::unexplained;
use chrono::{DateTime, Utc};

/// What a verdict on the whole rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Basis {
    pub verdict: Verdict,
    pub source: Source,
    pub answered_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PlaceVerdict {
    /// Not enough is known yet.
    Nothing,
    Verdict(Basis),
    /// Some are out, some are not, and the policy wants a person to judge that.
    Split(Basis),
}

impl Basis {
    pub fn of(reading: &Reading) -> Self {
        Self { verdict: reading.verdict, source: reading.source, answered_at: reading.answered_at }
    }
}

/// One item's vote.
enum PartVote {
    /// Declined.
    Out(Basis),
    /// Removed, and that has settled.
    Gone(Basis),
    In(Basis),
    /// Not answered.
    Open(Basis),
    /// Nothing was read, or a removal has not settled.
    Silent,
    /// Cancelled by the organizer, or dropped from.
    Void(Basis),
    Over(Basis),
}

/// The verdict on the place by what is stored of its parts, this reading included.
pub fn of(row: &Enrolment, policy: &Policy, now: DateTime<Utc>) -> PlaceVerdict {
    let parts = row.parts.iter().filter(|part| !part.past);
    let votes: Vec<PartVote> = parts.map(|part| vote(part, policy, now)).collect();
    if let [one] = votes.as_slice() {
        return match one {
            PartVote::Out(basis)
            | PartVote::Gone(basis)
            | PartVote::In(basis)
            | PartVote::Open(basis)
            | PartVote::Void(basis)
            | PartVote::Over(basis) => PlaceVerdict::Verdict(basis.clone()),
            PartVote::Silent => PlaceVerdict::Nothing,
        };
    }
    let (mut out, mut gone, mut inside, mut open) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut void, mut over, mut silent) = (Vec::new(), Vec::new(), 0_usize);
    for vote in votes {
        match vote {
            PartVote::Out(basis) => out.push(basis),
            PartVote::Gone(basis) => gone.push(basis),
            PartVote::In(basis) => inside.push(basis),
            PartVote::Open(basis) => open.push(basis),
            PartVote::Void(basis) => void.push(basis),
            PartVote::Over(basis) => over.push(basis),
            PartVote::Silent => silent += 1,
        }
    }
    let is_out = !out.is_empty() || !gone.is_empty();
    let is_in = !inside.is_empty() || !open.is_empty();
    let staying = || newest(&inside).or_else(|| newest(&open));
    if !is_out && !is_in && silent == 0 {
        // What is cancelled says more than what the learner was only dropped from.
        let cancelled =
            void.iter().find(|basis| basis.verdict == Verdict::CancelledByOrganizer).or(void.first());
        return verdict(newest(&over).or_else(|| cancelled.cloned()));
    }
    match policy.part {
        PartPolicy::Any => verdict(newest(&out).or_else(|| weakest(&gone)).or_else(staying)),
        PartPolicy::All | PartPolicy::Review if is_out && !is_in => match silent {
            // The weakest of them counts: where one is only gone, the place is not surely declined.
            0 => verdict(weakest(&gone).or_else(|| newest(&out))),
            _ => PlaceVerdict::Nothing,
        },
        PartPolicy::Review if is_out => match newest(&out).or_else(|| weakest(&gone)) {
            Some(basis) => PlaceVerdict::Split(basis),
            None => PlaceVerdict::Nothing,
        },
        PartPolicy::All | PartPolicy::Review => verdict(staying()),
    }
}

fn verdict(basis: Option<Basis>) -> PlaceVerdict {
    basis.map_or(PlaceVerdict::Nothing, PlaceVerdict::Verdict)
}

/// Where some are removed and some unseen: that the organizer's copy disagrees is the weaker basis, and that
/// nobody could be asked is the weakest.
fn weakest(gone: &[Basis]) -> Option<Basis> {
    let of = |verdict| gone.iter().find(|basis| basis.verdict == verdict);
    of(Verdict::Unknown).or(of(Verdict::Removed)).or(gone.first()).cloned()
}

/// The one that was answered last.
fn newest(bases: &[Basis]) -> Option<Basis> {
    bases.iter().max_by_key(|basis| basis.answered_at).cloned()
}

fn vote(part: &Part, policy: &Policy, now: DateTime<Utc>) -> PartVote {
    if unexplained::is_persons(part, policy, now) {
        return PartVote::Gone(unexplained_basis());
    }
    let Some(seen) = &part.reading else {
        // Nothing was read of it in this generation; that the organizer had cancelled it stands.
        let called_off = Basis {
            verdict: Verdict::CancelledByOrganizer,
            source: Source::OrganizerCopy,
            answered_at: None,
        };
        return if part.is_called_off() { PartVote::Void(called_off) } else { PartVote::Silent };
    };
    let said = Basis { verdict: seen.verdict, source: seen.source, answered_at: seen.answered_at };
    // Evidence fades, the decline stays.
    let declined = part.decline.as_ref().map(|decline| {
        let (source, answered_at) = (decline.source, decline.answered_at);
        PartVote::Out(Basis { verdict: Verdict::Declined, source, answered_at })
    });
    match seen.verdict {
        Verdict::Declined => PartVote::Out(said),
        Verdict::Attending => PartVote::In(said),
        Verdict::Unanswered => declined.unwrap_or(PartVote::Open(said)),
        Verdict::DroppedByOrganizer => declined.unwrap_or(PartVote::Void(said)),
        Verdict::CancelledByOrganizer => PartVote::Void(said),
        Verdict::Ended => PartVote::Over(said),
        // That nothing could be read is not remembered as a reading; that nobody could be asked is.
        Verdict::Removed | Verdict::Unseen | Verdict::Unknown => {
            declined.unwrap_or_else(|| match part.has_settled(policy.settle, now) {
                true => PartVote::Gone(said),
                false => PartVote::Silent,
            })
        }
    }
}

/// What a person is asked about where nobody could be asked why a copy is gone.
pub(super) fn unexplained_basis() -> Basis {
    Basis { verdict: Verdict::Unknown, source: Source::Removal, answered_at: None }
}

#[cfg(test)]
#[path = "place_verdict_tests.rs"]
mod tests;
