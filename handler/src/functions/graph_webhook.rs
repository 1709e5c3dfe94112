//! `graph-webhook`: takes Graph's notifications and lifecycle events, and answers its handshake.
//!
//! Guarantees (reference/rules.md#webhook): no I/O of its own, so it answers at once; a notification counts
//! only when its `clientState` bears our MAC; the host writes the queues before Graph gets its 202, and when
//! it can't, Graph gets an error and tries again; whatever is not used is counted and stored nowhere; no
//! answer says why.

mod notification;
mod routes;
mod sort;

use crate::custom_handler::failure::Failure;
use crate::custom_handler::{Function, HttpRequest, HttpResponse, Invocation, Outputs};
use crate::functions::drop_counters::{DropCause, DropCounters};
use crate::functions::invocation_log::InvocationLog;
use crate::functions::names::binding;
use crate::functions::{queue_messages, traceparent};
use crate::ids::TenantName;
use async_trait::async_trait;
use http::StatusCode;
use notification::Post;
pub use routes::{Directory, Routes};
use sort::Sorted;
use std::fmt::Arguments;
use std::sync::Arc;
use std::time::Instant;

/// Bytes of post that are taken. The most that Graph sends in one is not documented
/// (reference/graph-notifications.md#notifications).
const POST_LIMIT: usize = 4 * 1024 * 1024;

/// Bytes of wrapped request that can hold such a post: its text as a JSON string with every character escaped
/// (six bytes), and headers.
const WRAPPED_LIMIT: usize = 6 * POST_LIMIT + 1024 * 1024;

/// Bytes of validation token that are given back (reference/graph-notifications.md#handshake).
const TOKEN_LIMIT: usize = 1024;

const EMPTY: (StatusCode, DropCause) = (StatusCode::BAD_REQUEST, DropCause::ChunkedOrEmpty);

pub struct GraphWebhook {
    routes: Arc<Routes>,
    drops: Arc<DropCounters>,
}

impl GraphWebhook {
    pub fn new(routes: Arc<Routes>, drops: Arc<DropCounters>) -> Self {
        Self { routes, drops }
    }

    /// What is usable of a post; else the answer to it, and what it counts as.
    fn read(&self, body: &[u8]) -> Result<Sorted<'_>, (StatusCode, DropCause)> {
        if body.trim_ascii().is_empty() {
            return Err(EMPTY);
        }
        if body.len() > POST_LIMIT {
            return Err((StatusCode::PAYLOAD_TOO_LARGE, DropCause::TooLarge));
        }
        match notification::read(body, || Sorted::new(&self.routes), Sorted::take) {
            Some(Post::List(sorted)) => Ok(sorted),
            Some(Post::NoList) => Err((StatusCode::ACCEPTED, DropCause::NoItems)),
            None => Err((StatusCode::BAD_REQUEST, DropCause::NotJson)),
        }
    }

    fn pass_on(
        &self,
        sorted: Sorted<'_>,
        request: &HttpRequest<'_>,
        invocation: &Invocation,
        began: Instant,
    ) -> Result<Outputs, Failure> {
        sorted.tell(&self.drops);
        let trace =
            traceparent::given_or_new(invocation.trace.as_deref().or_else(|| request.header("traceparent")));
        let line = |tenant: &TenantName, what: Arguments<'_>| {
            InvocationLog::since(began, "graph-webhook", invocation, Some(tenant), Some(&trace))
                .done("queued", what);
        };
        let mut outputs = Outputs::new().http(binding::RESPONSE, HttpResponse::new(StatusCode::ACCEPTED));
        for (tenant, hints) in sorted.changes {
            let hints = hints.into_items();
            if hints.is_empty() {
                continue;
            }
            self.drops.heard(tenant, hints.len());
            line(tenant, format_args!("{} changes to look into", hints.len()));
            outputs = outputs.queue(binding::CHANGES, queue_messages::changes(&trace, tenant, &hints)?);
        }
        for (tenant, tasks) in sorted.mailboxes {
            let tasks = tasks.into_items();
            if tasks.is_empty() {
                continue;
            }
            line(tenant, format_args!("{} mailboxes to tend", tasks.len()));
            outputs = outputs.queue(binding::MAILBOXES, queue_messages::mailboxes(&trace, tenant, &tasks)?);
        }
        Ok(outputs)
    }

    /// The token goes back as the host decoded it: decoding again would spoil a `%2B`
    /// (reference/graph-notifications.md#handshake).
    fn handshake(&self, token: &str) -> Outputs {
        if token.is_empty() || token.len() > TOKEN_LIMIT || token.contains(['<', '>']) {
            return self.refuse(StatusCode::BAD_REQUEST, DropCause::BadToken);
        }
        let response = HttpResponse::text(StatusCode::OK, token).header("X-Content-Type-Options", "nosniff");
        Outputs::new().http(binding::RESPONSE, response)
    }

    fn refuse(&self, status: StatusCode, cause: DropCause) -> Outputs {
        self.drops.count(None, cause);
        Outputs::new().http(binding::RESPONSE, HttpResponse::new(status))
    }
}

#[async_trait]
impl Function for GraphWebhook {
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        let began = Instant::now();
        let (request, post) = invocation.http_request(binding::REQUEST, |body| self.read(body))?;
        if let Some(token) = request.query("validationToken") {
            return Ok(self.handshake(token));
        }
        match post.unwrap_or(Err(EMPTY)) {
            Ok(sorted) => self.pass_on(sorted, &request, &invocation, began),
            Err((status, cause)) => Ok(self.refuse(status, cause)),
        }
    }

    /// Anybody may post here, so no more is held in memory than a post may have.
    fn request_limit(&self) -> usize {
        WRAPPED_LIMIT
    }

    fn too_large(&self) -> Result<Outputs, Failure> {
        Ok(self.refuse(StatusCode::PAYLOAD_TOO_LARGE, DropCause::TooLarge))
    }
}

#[cfg(test)]
mod tests;
