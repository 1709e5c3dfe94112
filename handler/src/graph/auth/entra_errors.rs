//! What Entra's refusals mean, and what a person can do about them (reference/entra.md#token-errors).
//!
//! Whether another try is worth it is decided by the HTTP status and `error` alone; the numbers give only the
//! hint, because Microsoft asks that nobody depends on them.

use crate::graph::backoff::retry_after;
use crate::graph::error::{Failure, GraphError, Mending};
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::RETRY_AFTER;
use chrono::{DateTime, Utc};
use serde::Deserialize;

/// The hint for a number that the table does not hold.
pub(crate) const LOOK_UP: &str =
    "Look the code up in Entra's reference of error codes, or in the sign-in logs of the app";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    error: String,
    error_codes: Vec<i64>,
    trace_id: Option<String>,
}

/// Classifies what azure_identity gave instead of a token. `otherwise` is the hint where no known number is
/// given.
pub(crate) fn classify(error: &Error, otherwise: &str, now: DateTime<Utc>) -> GraphError {
    let Some(Refused { status, body, wait }) = refusal(error) else {
        return if refused_offline(error) {
            credential(None, "credential".to_owned(), None, &error.to_string())
        } else {
            unavailable(None, "network".to_owned(), None)
        };
    };
    let body: Body = serde_json::from_slice(&body).unwrap_or_default();
    let number = body.error_codes.first().copied();
    // Whatever answered, only something that looks like a code is passed on.
    let is_code = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let looks_right = (1..=64).contains(&body.error.len()) && body.error.chars().all(is_code);
    let name = if looks_right { body.error.as_str() } else { "noCode" };
    let code = match number {
        Some(number) => format!("{name}/AADSTS{number}"),
        None => name.to_owned(),
    };
    let passing = matches!(status, 408 | 410 | 429 | 500..=599)
        || matches!(name, "temporarily_unavailable" | "server_error");
    if !passing {
        return credential(Some(status), code, body.trace_id, number.and_then(hint).unwrap_or(otherwise));
    }
    match wait.and_then(|value| retry_after(&value, now)) {
        Some(after) => {
            GraphError::Throttled { failure: failure(Some(status), code, body.trace_id), after: Some(after) }
        }
        None => unavailable(Some(status), code, body.trace_id),
    }
}

impl GraphError {
    /// Entra gives no token because the app is not in the directory, disabled there, or not consented to, as
    /// far as it says so. As with the hints, nothing is tried or left alone for it: it chooses what a person
    /// is told.
    pub fn is_of_consent(&self) -> bool {
        let Some(Mending::Credential { .. }) = self.mending() else { return false };
        let number = self.failure().and_then(|failure| failure.code.rsplit_once("AADSTS"));
        let number = number.and_then(|(_, number)| number.parse::<u32>().ok());
        matches!(number, Some(700_016 | 7_000_112 | 7_000_229 | 65_001 | 650_056 | 90_094))
    }
}

/// No token because of something in our own configuration or identity; `hint` says what to mend.
pub(crate) fn credential(
    status: Option<u16>,
    code: String,
    request_id: Option<String>,
    hint: &str,
) -> GraphError {
    GraphError::Credential { failure: Failure { status, code, request_id }, hint: hint.to_owned() }
}

/// An answer that should hold a usable token and does not.
pub(crate) fn unreadable() -> GraphError {
    unavailable(None, "unreadable".to_owned(), None)
}

fn unavailable(status: Option<u16>, code: String, request_id: Option<String>) -> GraphError {
    GraphError::Unavailable(failure(status, code, request_id))
}

fn failure(status: Option<u16>, code: String, request_id: Option<String>) -> Failure {
    Failure { status, code: format!("token/{code}"), request_id }
}

#[derive(Default)]
struct Refused {
    status: u16,
    body: Vec<u8>,
    /// `Retry-After`.
    wait: Option<String>,
}

/// The HTTP answer somewhere inside the chain of wrappers.
fn refusal(error: &Error) -> Option<Refused> {
    chain(error).find_map(|error| match error.kind() {
        ErrorKind::HttpResponse { status, raw_response, .. } => Some(match raw_response {
            Some(raw) => Refused {
                status: (*status).into(),
                body: raw.body().to_vec(),
                wait: raw.headers().get_optional_string(&RETRY_AFTER),
            },
            None => Refused { status: (*status).into(), ..Refused::default() },
        }),
        ErrorKind::Connection
        | ErrorKind::Io
        | ErrorKind::DataConversion
        | ErrorKind::Credential
        | ErrorKind::Other => None,
    })
}

/// Nothing was sent or received: azure_identity itself can't work with what it was given.
fn refused_offline(error: &Error) -> bool {
    chain(error).all(|error| {
        !matches!(error.kind(), ErrorKind::Connection | ErrorKind::Io | ErrorKind::DataConversion)
    })
}

fn chain(error: &Error) -> impl Iterator<Item = &Error> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    std::iter::from_fn(move || {
        let this = next?;
        next = this.source();
        Some(this)
    })
    .filter_map(|error| error.downcast_ref::<Error>())
}

/// The mending step for an `AADSTS` number.
fn hint(number: i64) -> Option<&'static str> {
    Some(match number {
        700016 | 7000229 => {
            "No such app in this tenant: check `client_id` and `directory`, and whether admin consent was \
             ever given there, or was taken back (`regrets consent`)"
        }
        7000215 => {
            "The client secret is wrong: take the secret's value, not its id, and look for trailing blanks"
        }
        7000222 => "The client secret has expired: make a new one, or use a certificate",
        700024 => "The assertion's times are not accepted: set this machine's clock",
        700027 => {
            "The certificate is not accepted: upload it to the app registration, check that it has not \
             expired, that the key is its own, and the machine's clock"
        }
        7000218 => "No secret or assertion was sent: check `credential`",
        7000112 | 70001 => "The app is disabled in this tenant: an administrator must enable it",
        65001 | 65004 | 650056 | 90093 | 90094 => {
            "Admin consent is missing: `regrets consent` gives the link for an administrator of the tenant"
        }
        650052 => "The tenant has no licence for a service that the app asks for: it needs Exchange Online",
        90002 => "No such tenant: check `directory` for a typing error, and `cloud`",
        90038 | 900382 => "The tenant lives in another national cloud: check `cloud`",
        50034 => "Entra looked for a user: check `client_id` and the kind of `credential`",
        50194 | 9001023 => "`directory` must be the tenant's id, not `common`",
        53003 | 530032 => {
            "Conditional access for workload identities blocks the app: an administrator of the tenant must \
             allow it"
        }
        70003 => {
            "Entra does not take this way of signing in from the app: check `client_id` and the kind of \
             `credential`"
        }
        90055 | 90012 | 90024 | 90033 | 90090 => "Entra is busy or unwell: it passes by itself",
        70011 | 500011 => {
            "The scope is wrong: GRAPH_ENDPOINT must be Graph's host in the tenant's cloud, without version"
        }
        700211..=700213 | 70021 => {
            "The assertion matches no federated credential of the app: check its issuer, subject and audience"
        }
        _ => return None,
    })
}

#[cfg(test)]
#[path = "entra_errors_tests.rs"]
mod tests;
