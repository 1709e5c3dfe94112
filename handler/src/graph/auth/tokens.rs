//! One token per tenant for Graph, by the cache that all outgoing connections share.

use crate::graph::error::{Failure, GraphError};
pub(crate) use crate::http::token_cache::{Fetch, Fetched};
use crate::http::token_cache::{FetchFailure, TokenCache};
use std::time::Duration;

/// How long before its end a token is replaced (reference/entra.md#tokens).
const MARGIN: Duration = Duration::from_secs(300);
/// How long a refusal is repeated without asking again.
const REFUSED_FOR: Duration = Duration::from_secs(30);
/// The same for an outage, and for a failed early replacement.
const OUT_FOR: Duration = Duration::from_secs(2);

pub(crate) type Tokens = TokenCache<GraphError>;

impl Tokens {
    pub(crate) fn new(source: impl Fetch<GraphError>) -> Self {
        Self::replacing_early(source, |_| MARGIN)
    }
}

impl FetchFailure for GraphError {
    fn timed_out() -> Self {
        Self::Unavailable(Failure { status: None, code: "token/timeout".to_owned(), request_id: None })
    }

    fn pause(&self) -> Duration {
        if let Some(after) = self.wait() {
            return after;
        }
        if matches!(self, Self::Credential { .. }) { REFUSED_FOR } else { OUT_FOR }
    }
}
