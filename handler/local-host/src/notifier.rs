//! Waking a waiting loop: by an event, by the clock, or by a suite that has moved the clock.

use crate::clock::Clock;
use chrono::{DateTime, Utc};
use std::time::Duration;
use tokio::sync::watch;

/// The longest real wait between two looks at the clock: a clock that jumps is noticed this soon.
const LOOK: Duration = Duration::from_millis(200);

/// An event that may be missed by nobody: a notice before the wait ends the wait too.
#[derive(Clone)]
pub(crate) struct Notifier(watch::Sender<u64>);

impl Default for Notifier {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Notifier {
    pub(crate) fn notify(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    pub(crate) fn waiter(&self) -> Waiter {
        Waiter(self.0.subscribe())
    }
}

pub(crate) struct Waiter(watch::Receiver<u64>);

impl Waiter {
    /// Ends at the next notice since the last call.
    pub(crate) async fn notified(&mut self) {
        if self.0.changed().await.is_err() {
            // Whoever notifies is gone; the other arms of the caller's select decide.
            std::future::pending::<()>().await;
        }
    }
}

/// Ends when `clock` has reached `when`; looks again at each notice.
pub(crate) async fn until(clock: &dyn Clock, waiter: &mut Waiter, when: DateTime<Utc>) {
    loop {
        let Ok(left) = (when - clock.now()).to_std() else { return };
        if left.is_zero() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(left.min(LOOK)) => {}
            () = waiter.notified() => {}
        }
    }
}
