//! The one way in which the whole host stops by itself: a reason, said once, and a signal to all tasks.

use parking_lot::Mutex;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

#[derive(Clone, Default)]
pub(crate) struct Fatal {
    reason: Arc<Mutex<Option<String>>>,
    raised: CancellationToken,
}

impl Fatal {
    /// The first reason stays; later ones are consequences of it.
    pub(crate) fn raise(&self, reason: impl Into<String>) {
        self.reason.lock().get_or_insert_with(|| reason.into());
        self.raised.cancel();
    }

    pub(crate) async fn raised(&self) -> String {
        self.raised.cancelled().await;
        self.reason.lock().clone().unwrap_or_default()
    }

    pub(crate) fn reason(&self) -> Option<String> {
        self.reason.lock().clone()
    }
}
