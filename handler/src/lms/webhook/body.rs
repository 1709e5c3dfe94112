//! The body of the POST (design, section 8), field by field in the promised order.

use crate::lms::{Order, OrderEvidence, OrderVerdict};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    id: &'a str,
    tenant: &'a str,
    session: &'a str,
    learner: &'a str,
    generation: u32,
    verdict: OrderVerdict,
    evidence: OrderEvidence,
    declined_at: Option<String>,
    session_start: Option<String>,
    attempt: u32,
}

/// The JSON text that is signed and sent, of an attempt made at `now`.
pub(super) fn text(order: &Order, now: DateTime<Utc>) -> Result<String, serde_json::Error> {
    let body = Body {
        kind: "enrolment.cancel",
        timestamp: seconds(now),
        data: Data {
            id: &order.id,
            tenant: order.tenant.as_str(),
            session: order.session.as_str(),
            learner: order.learner.as_str(),
            generation: order.generation,
            verdict: order.verdict,
            evidence: order.evidence,
            declined_at: order.declined_at.map(seconds),
            session_start: order.session_start.map(seconds),
            attempt: order.attempt,
        },
    };
    serde_json::to_string(&body)
}

fn seconds(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
