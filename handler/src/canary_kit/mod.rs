//! How a canary's test is acted: who invites, and who declines in the test learner's name. Two ways: through
//! Graph, where the app may write in the two mailboxes ([`over_graph`]), and by a kit outside of it, which is
//! asked over HTTP ([`over_http`]).

mod kit;
pub mod over_graph;
pub mod over_http;

pub use kit::{Copy, Kit, KitError, Made, Test};
