//! What is served while the handler can't do its work: a configuration that can't be used, a ledger that
//! can't be opened.
//!
//! Ending instead would help nobody: the host starts a handler that ends three times within a moment, ends
//! itself then, and leaves the reason where nobody looks. Guarantees: every invocation fails, so that Graph
//! and the queues come again; no message is lost meanwhile; `GET manage/status` says what is wrong, with the
//! key, the line and the column.

use crate::custom_handler::failure::Failure;
use crate::custom_handler::{App, Function, Invocation, Outputs};
use crate::functions::names::{NAMES, binding, route};
use crate::functions::poison::Kind;
use crate::functions::{consent, join};
use async_trait::async_trait;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::{Json, Router};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why nothing can be done now.
#[derive(Debug, Clone, Serialize)]
pub struct Reason {
    /// `configuration`, or `start` for what else stands in the way.
    pub error: &'static str,
    pub problems: Vec<Problem>,
}

/// One thing that is wrong; places are unknown where it stands in no file.
#[derive(Debug, Clone, Serialize)]
pub struct Problem {
    pub message: String,
    pub key: Option<String>,
    pub line: Option<usize>,
    pub column: Option<usize>,
}

/// Refuses whatever comes.
pub fn app(reason: Reason) -> App {
    let functions = NAMES.iter().map(|&name| {
        let function: Arc<dyn Function> = match Kind::of(name) {
            Some(kind) => Arc::new(Returning(kind)),
            None => Arc::new(Failing),
        };
        (name, function)
    });
    let functions: BTreeMap<_, _> = functions.collect();
    let answer = move || async move { (StatusCode::SERVICE_UNAVAILABLE, Json(reason)).into_response() };
    let page = || async { consent::unavailable() };
    App::new(
        functions,
        vec![
            (route::CONSENT_PREFIX, Router::new().fallback(page)),
            (route::JOIN_PREFIX, Router::new().fallback(join::unavailable)),
            (route::MANAGE_PREFIX, Router::new().fallback(answer)),
        ],
    )
}

/// Comes again, and works when what is wrong is mended.
struct Failing;

/// Anybody may post to some of them, and nothing of it is looked at.
const HELD: usize = 64 * 1024;

#[async_trait]
impl Function for Failing {
    async fn invoke(&self, _: Invocation) -> Result<Outputs, Failure> {
        Err(Failure::Work("the handler can't work now; its log and manage/status say why".to_owned()))
    }

    fn request_limit(&self) -> usize {
        HELD
    }
}

/// The message of a poison queue goes back to where it came from. It can't fail as the others do: a poison
/// queue has no poison queue, so after so many failures the host would not hand the message to anybody any
/// more (reference/functions-queues.md#failures).
struct Returning(Kind);

#[async_trait]
impl Function for Returning {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        Ok(self.0.returned(invocation.queue_text(binding::MESSAGE)?))
    }
}

#[cfg(test)]
#[path = "unavailable_tests.rs"]
mod tests;
