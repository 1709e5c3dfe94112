//! One unit of work: one line in the log with tenant, function, invocation, trace and duration, the verdicts
//! it came to and its outcome, each in a word.

use crate::custom_handler::Invocation;
use crate::custom_handler::failure::Failure;
use crate::ids::TenantName;
use crate::jobs::unit_context::{self, Verdicts};
use crate::messages::VERSION;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Arguments;
use std::time::Instant;

pub struct InvocationLog {
    function: &'static str,
    invocation: String,
    tenant: String,
    trace: String,
    verdicts: Verdicts,
    began: Instant,
}

impl InvocationLog {
    pub fn begin(
        function: &'static str,
        invocation: &Invocation,
        tenant: Option<&TenantName>,
        trace: Option<&str>,
    ) -> Self {
        Self::since(Instant::now(), function, invocation, tenant, trace)
    }

    pub fn since(
        began: Instant,
        function: &'static str,
        invocation: &Invocation,
        tenant: Option<&TenantName>,
        trace: Option<&str>,
    ) -> Self {
        Self {
            function,
            invocation: invocation.id.clone().unwrap_or_default(),
            tenant: tenant.map_or("-", TenantName::as_str).to_owned(),
            trace: trace.unwrap_or_default().to_owned(),
            verdicts: Verdicts::default(),
            began,
        }
    }

    /// Turns an error of the work into a failed invocation, with its line.
    pub fn end<T>(&self, outcome: Result<T, crate::jobs::JobError>) -> Result<T, Failure> {
        outcome.map_err(|error| {
            tracing::error!(
                function = self.function,
                invocation = self.invocation,
                tenant = self.tenant,
                trace = self.trace,
                ms = self.millis(),
                outcome = "failed",
                %error,
                "failed; the host will try again"
            );
            Failure::work(&error)
        })
    }

    /// `outcome`: one of the few words of this function, to ask the log by.
    pub fn done(&self, outcome: &str, what: Arguments<'_>) {
        tracing::info!(
            function = self.function,
            invocation = self.invocation,
            tenant = self.tenant,
            trace = self.trace,
            ms = self.millis(),
            verdict = self.verdicts.words(),
            outcome,
            "{what}"
        );
    }

    /// Does `work` with this unit's verdicts; `trace` is what caused it, where a notification did.
    pub async fn along<F: Future>(&self, trace: Option<&str>, work: F) -> F::Output {
        unit_context::scope(trace, &self.verdicts, work).await
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Reads a queue message of this build's version. Anything else fails the invocation until the host moves it
/// to the poison queue, where it is kept.
pub fn message<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Failure::Work(format!("the message is not JSON: {error}")))?;
    match value.get("v").and_then(Value::as_u64) {
        Some(v) if v == u64::from(VERSION) => {}
        Some(v) => {
            return Err(Failure::Work(format!("the message has version {v}; this build reads {VERSION}")));
        }
        None => return Err(Failure::Work("the message has no version".to_owned())),
    }
    serde_json::from_value(value)
        .map_err(|error| Failure::Work(format!("the message can't be read: {error}")))
}

/// The texts of messages for a queue output.
pub fn texts<T: Serialize>(messages: &[T]) -> Result<Vec<String>, Failure> {
    messages
        .iter()
        .map(|message| serde_json::to_string(message).map_err(|error| Failure::work(&error)))
        .collect()
}
