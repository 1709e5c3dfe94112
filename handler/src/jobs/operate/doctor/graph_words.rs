//! What Graph answered, in words that are the same each time.

use super::check::Outcome;
use crate::graph::GraphError;

/// What failed, without the id of the request, which is another each time.
pub(super) fn said(failure: &GraphError) -> String {
    match failure.failure() {
        Some(failure) => {
            let code = failure.code.strip_prefix("token/").unwrap_or(&failure.code);
            match failure.status {
                Some(status) => format!("{status} {code}"),
                None => code.to_owned(),
            }
        }
        None => failure.to_string(),
    }
}

/// What a person does where Graph answered with something that is no answer to the question itself. `what`:
/// what was asked for, as the beginning of a sentence.
pub(super) fn not_answered(what: &str, failure: &GraphError) -> Outcome {
    let said = said(failure);
    if failure.is_away() {
        return Outcome::failed(
            format!("{what}: Graph can't be reached, or has no time: {said}"),
            "It passes by itself, if it is Graph's (https://status.cloud.microsoft). See whether this \
             machine reaches Graph: DNS, proxy, firewall, trust anchors.",
        );
    }
    if failure.is_not_ours() {
        return Outcome::failed(
            format!("{what}: access is refused: {said}"),
            "An administrator of the tenant grants what is missing; the line `permissions` says which.",
        );
    }
    Outcome::failed(
        format!("{what}: {said}"),
        "Graph answered with what nobody expects: report it, with the request-id in the log.",
    )
}
