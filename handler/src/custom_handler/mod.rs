//! The custom-handler protocol of the Azure Functions host. Knows nothing of calendars.
//!
//! The host calls a handler over loopback HTTP: one POST per invocation, its bindings wrapped in JSON, and
//! takes the outputs from the JSON reply. This module turns that into [`Function`]s that are given an
//! [`Invocation`] and give back [`Outputs`], and guarantees towards the host:
//!
//! - the port answers before anything else is ready, so a slow start is never mistaken for a dead handler;
//! - every reply is a JSON object with a length: an empty 2xx would hang the invocation until the host kills
//!   the process (reference/functions-host.md#failed-replies);
//! - whatever goes wrong inside a function, a panic too, is a failed invocation: never a lost connection,
//!   never a success.

mod app;
mod caller_token;
pub(crate) mod failure;
mod function;
mod http_request;
mod invocation;
pub(crate) mod lenient_json;
mod outputs;
mod parent_process;
mod receive;
pub(crate) mod replies;
mod router;
mod serve;
mod timer;

pub use crate::custom_handler::failure::{Failure, QUEUE_TEXT_LIMIT};
pub use app::{Announcer, App, Ready, readiness};
pub use caller_token::{TOKEN_HEADER, TOKEN_VARIABLE};
pub use function::Function;
pub use http_request::HttpRequest;
pub use invocation::{Invocation, InvocationError};
pub use outputs::{HttpResponse, Outputs};
pub use parent_process::{LOOK, end_with_the_parent};
pub use receive::REQUEST_LIMIT;
pub use router::router;
pub use serve::{PORT_VARIABLE, ServeError, listen, port, serve};
pub use timer::{ScheduleStatus, TimerInfo};

#[cfg(test)]
mod tests;
