//! Which wake-ups a row needs. A pure function of the row: the worker writes what is new before the row,
//! deletes what is old after it, and housekeeping re-derives what a kill may have lost.

use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::lms_answer::{OrderEvidence, OrderVerdict};
use crate::enrolment::transitions::State;
use crate::ids::TenantName;
use crate::messages::{EnrolmentRef, LinkRef};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One row of the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WakeUp {
    pub tenant: TenantName,
    pub due: DateTime<Utc>,
    pub what: WakeUpKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum WakeUpKind {
    /// Look at this link again.
    Look { enrolment: EnrolmentRef, link: LinkRef, part: String },
    /// Carry this cancellation on, read the LMS about it, or give the place back; only through the valve.
    Cancel { enrolment: EnrolmentRef },
    /// Waits for a person, with what it rests on.
    Review {
        enrolment: EnrolmentRef,
        why: String,
        verdict: Option<OrderVerdict>,
        evidence: Option<OrderEvidence>,
    },
    /// A notification that could not be judged yet, because Graph did not answer.
    #[serde(rename_all = "camelCase")]
    Hint { hint: crate::messages::Hint, tries: u32 },
}

impl WakeUpKind {
    /// The place it is about; a hint may be about none.
    pub fn enrolment(&self) -> Option<&EnrolmentRef> {
        match self {
            WakeUpKind::Look { enrolment, .. }
            | WakeUpKind::Cancel { enrolment }
            | WakeUpKind::Review { enrolment, .. } => Some(enrolment),
            WakeUpKind::Hint { .. } => None,
        }
    }

    /// It waits for a person because the learner accepted after all.
    pub fn is_take_back(&self) -> bool {
        matches!(self, WakeUpKind::Review { why, .. } if why == TAKEN_BACK)
    }
}

const TAKEN_BACK: &str = "The learner accepted again after the place had been cancelled.";

/// What a person needs to know. The evidence is the decision's, which stays while it waits: what is read
/// meanwhile is in the row.
fn review(row: &Enrolment, why: &str) -> WakeUpKind {
    let decision = row.decision.as_ref();
    WakeUpKind::Review {
        enrolment: row.reference(),
        why: why.to_owned(),
        verdict: decision.map(|decision| decision.verdict),
        evidence: decision.map(|decision| decision.evidence),
    }
}

/// Every wake-up that this row needs.
pub fn entries(row: &Enrolment) -> Vec<WakeUp> {
    let enrolment = row.reference();
    let entry = |due, what| WakeUp { tenant: row.tenant.clone(), due, what };
    let mut entries = Vec::new();
    match row.state {
        State::Waiting => {
            if let Some(due) = row.attempt.due {
                entries.push(entry(due, WakeUpKind::Cancel { enrolment: enrolment.clone() }));
            }
        }
        // Whoever claimed it may be killed: somebody must come by when the lease is over.
        State::Running => {
            if let Some(claim) = &row.attempt.claim {
                entries.push(entry(claim.until, WakeUpKind::Cancel { enrolment: enrolment.clone() }));
            }
        }
        State::Review => {
            if let Some(review) = &row.attempt.review {
                entries.push(entry(review.since, self::review(row, &review.why)));
            }
        }
        // A place that was given up and is wanted again waits for a person too.
        State::Watched => {
            if let Some(since) = row.taken_back {
                entries.push(entry(since, review(row, TAKEN_BACK)));
            }
            // Who asks the LMS to give it back may be killed, too.
            let back = row.attempt.give_back.as_ref().filter(|wanted| wanted.is_pending());
            let due = back.and_then(|wanted| wanted.claim.as_ref().map(|claim| claim.until).or(wanted.due));
            if let Some(due) = due {
                entries.push(entry(due, WakeUpKind::Cancel { enrolment: enrolment.clone() }));
            }
        }
        State::Done => {
            if let Some(reread) = &row.attempt.reread {
                entries.push(entry(reread.due, WakeUpKind::Cancel { enrolment: enrolment.clone() }));
            }
        }
        State::Expired => {}
    }
    for part in &row.parts {
        if let Some(due) = part.look {
            let what = WakeUpKind::Look {
                enrolment: enrolment.clone(),
                link: part.link.clone(),
                part: part.key.clone(),
            };
            entries.push(entry(due, what));
        }
    }
    entries
}
