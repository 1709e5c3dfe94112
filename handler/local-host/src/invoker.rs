//! One invocation: the payload goes to the handler, its answer is understood, its outputs are written, and
//! only then is the outcome known to the trigger (reference/functions-host.md#wrapped-replies). Every failure
//! is one error line.

use crate::caller_token::Token;
use crate::fatal::Fatal;
use crate::function_json::Function;
use crate::http;
use crate::log::Log;
use crate::queues::Queues;
use crate::reply::{self, HttpResponse};
use crate::supervisor::{Supervisor, Worker};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use bytes::Bytes;
use serde_json::Value;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// What this host says that it is, in the headers that the real one sends.
const HOST_VERSION: &str = "4.1037.0.0";
pub(super) const USER_AGENT: &str = "Azure-Functions-Host/4.1037.0.0";

#[derive(Clone)]
pub(super) struct Invoker {
    pub(super) supervisor: Supervisor,
    pub(super) queues: Queues,
    pub(super) log: Log,
    pub(super) fatal: Fatal,
    /// `functionTimeout`
    pub(super) limit: Option<Duration>,
    pub(super) running: Running,
    /// What the handler knows its host by.
    pub(super) token: Token,
}

/// A failed invocation, already said in the log.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Failure(pub(super) String);

/// How many invocations are under way.
#[derive(Clone, Default)]
pub(super) struct Running(Arc<AtomicUsize>);

impl Running {
    pub(super) fn begin(&self) -> RunningGuard {
        self.0.fetch_add(1, Ordering::SeqCst);
        RunningGuard(Arc::clone(&self.0))
    }

    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

pub(super) struct RunningGuard(Arc<AtomicUsize>);

impl Drop for RunningGuard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The handler's bare HTTP answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Invoker {
    /// Wrapped mode. The response is there for HTTP triggers only.
    pub(super) async fn invoke(
        &self,
        function: &Function,
        payload: &Value,
    ) -> Result<Option<HttpResponse>, Failure> {
        let _running = self.running.begin();
        let outcome = self.wrapped(function, payload).await;
        outcome.map_err(|problem| self.failed(function, problem))
    }

    /// Says the failure.
    pub(super) fn failed(&self, function: &Function, problem: String) -> Failure {
        self.log.error(format!("function {} failed: {problem}", function.name));
        Failure(problem)
    }

    async fn wrapped(&self, function: &Function, payload: &Value) -> Result<Option<HttpResponse>, String> {
        let body = Bytes::from(payload.to_string());
        let answer = self
            .call(|worker| {
                // The real host sends chunked, without Content-Length.
                let chunks = futures::stream::once(async { Ok::<_, Infallible>(body) });
                worker
                    .client
                    .post(format!("{}/{}", worker.base, function.name))
                    .header(header::USER_AGENT, USER_AGENT)
                    .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
                    .body(reqwest::Body::wrap_stream(chunks))
            })
            .await?;
        let kind = answer.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let reply = reply::understand(function, answer.status.as_u16(), kind, &answer.body)
            .map_err(|fault| fault.to_string())?;
        for line in &reply.logs {
            self.log.info(format!("function {}: {line}", function.name));
        }
        for (number, (queue, text)) in reply.messages.iter().enumerate() {
            // What was sent before stays sent: the real host has no transaction over outputs either.
            self.queues.send(queue, text.as_bytes()).await.map_err(|error| {
                format!(
                    "message {} of {} was not sent to queue {queue}: {error}",
                    number + 1,
                    reply.messages.len()
                )
            })?;
        }
        Ok(reply.response)
    }

    /// Sends one request, under the function's time-out. A time-out kills the handler and all that it was
    /// doing.
    pub(super) async fn call(
        &self,
        request: impl FnOnce(&Worker) -> reqwest::RequestBuilder,
    ) -> Result<Answer, String> {
        let Some(worker) = self.supervisor.worker().await else {
            let problem = "the handler did not become ready within four times the initialization time-out";
            self.fatal.raise(problem);
            return Err(problem.into());
        };
        let id = HeaderValue::from_str(&Uuid::new_v4().to_string()).map_err(|error| error.to_string())?;
        let request = self
            .token
            .put_on(request(&worker))
            .header("X-Azure-Functions-InvocationId", id)
            .header("X-Azure-Functions-HostVersion", HeaderValue::from_static(HOST_VERSION));
        let exchange = async {
            let response = request.send().await?;
            let (status, headers) = (response.status(), response.headers().clone());
            Ok::<_, reqwest::Error>(Answer { status, headers, body: response.bytes().await? })
        };
        let outcome = match self.limit {
            None => exchange.await,
            Some(limit) => match tokio::time::timeout(limit, exchange).await {
                Ok(outcome) => outcome,
                Err(_) => {
                    self.supervisor.replace(worker.number);
                    return Err(format!(
                        "it took longer than functionTimeout ({limit:?}); the handler is killed, and all \
                         that it was doing fails with it"
                    ));
                }
            },
        };
        outcome.map_err(|error| format!("the connection to the handler broke: {}", http::chain(&error)))
    }
}
