//! The functions that are served, and the moment from which they are.
//!
//! The server listens before the configuration is read; [`Announcer::ready`] hands it the functions, and
//! again whenever they are to be replaced. Invocations that come earlier wait.

use crate::custom_handler::function::Function;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// What answers the host.
pub struct App {
    pub(crate) functions: BTreeMap<&'static str, Arc<dyn Function>>,
    pub(crate) forwarded: axum::Router,
}

impl App {
    /// `forwarded` are the functions whose requests the host hands on as they came: the path's prefix,
    /// including the host's route prefix (`/api/manage`), with a router that sees the path without it.
    pub fn new(
        functions: BTreeMap<&'static str, Arc<dyn Function>>,
        forwarded: Vec<(&'static str, axum::Router)>,
    ) -> Self {
        let mut router = axum::Router::new();
        for (prefix, inner) in forwarded {
            router = router.nest(prefix, inner);
        }
        Self { functions, forwarded: router.fallback(crate::custom_handler::replies::not_found) }
    }
}

/// What the server waits on; made by [`readiness`].
pub type Ready = watch::Receiver<Option<Arc<App>>>;

/// Tells the server what to serve. When it is dropped before that, waiting invocations fail.
#[derive(Debug)]
pub struct Announcer(watch::Sender<Option<Arc<App>>>);

impl Announcer {
    /// From now on new invocations are answered by `app`; running ones finish with what they began with.
    pub fn ready(&self, app: App) {
        self.0.send_replace(Some(Arc::new(app)));
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("functions", &self.functions.keys()).finish_non_exhaustive()
    }
}

/// The two ends of "the functions are ready".
pub fn readiness() -> (Announcer, Ready) {
    let (sender, receiver) = watch::channel(None);
    (Announcer(sender), receiver)
}
