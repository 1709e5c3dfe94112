//! What a unit of work carries along, so that not every function on its way has to know of it: the trace that
//! it belongs to, and the verdicts it comes to, for its one line in the log.
//!
//! Guarantee: outside of a unit nothing is carried and nothing fails.

use crate::calendar::reading::Verdict;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

tokio::task_local! {
    static CURRENT: UnitContext;
}

#[derive(Clone)]
struct UnitContext {
    trace: Option<String>,
    verdicts: Verdicts,
}

/// The distinct verdicts of a unit of work.
#[derive(Debug, Clone, Default)]
pub struct Verdicts(Arc<Mutex<BTreeSet<&'static str>>>);

impl Verdicts {
    /// In alphabetical order with commas between; `None` when nothing was judged.
    pub fn words(&self) -> Option<String> {
        let words = self.0.lock();
        (!words.is_empty()).then(|| words.iter().copied().collect::<Vec<_>>().join(","))
    }
}

/// Does `work` as a part of the unit that collects `verdicts`. `trace`: what caused the work, where that is
/// known.
pub async fn scope<F: Future>(trace: Option<&str>, verdicts: &Verdicts, work: F) -> F::Output {
    CURRENT.scope(UnitContext { trace: trace.map(str::to_owned), verdicts: verdicts.clone() }, work).await
}

/// Does `work` for the same unit, but as something that the unit did not cause.
pub async fn untraced<F: Future>(work: F) -> F::Output {
    let verdicts = CURRENT.try_with(|current| current.verdicts.clone()).unwrap_or_default();
    scope(None, &verdicts, work).await
}

/// The W3C `traceparent` of what caused this.
pub fn trace() -> Option<String> {
    CURRENT.try_with(|current| current.trace.clone()).ok().flatten()
}

/// Notes a verdict for the unit's line.
pub fn note_verdict(verdict: Verdict) {
    // Outside of a unit there is no line.
    let _no_unit = CURRENT.try_with(|current| {
        current.verdicts.0.lock().insert(verdict.word());
    });
}
