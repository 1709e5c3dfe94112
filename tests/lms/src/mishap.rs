//! What goes wrong between an LMS and us, planned by the call.

use crate::call::Answer;
use std::time::Duration;

/// Which calls a mishap waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Any,
    Reads,
    Writes,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Mishap {
    /// The connection ends before the call is carried out.
    LostBefore,
    /// It is carried out, and the connection ends instead of an answer.
    LostAfter,
    /// This answer instead of carrying it out.
    Instead(Answer),
    /// It is carried out, and answered so.
    After(Answer),
    /// It is carried out, and answered so much later.
    Slow(Duration),
}

impl Mishap {
    pub fn throttle(retry_after: &str) -> Self {
        Self::Instead(Answer::text(429, "text/plain", "Too many requests").with("retry-after", retry_after))
    }

    /// A sign-in, or a proxy, which knows nothing of the LMS.
    pub fn page() -> Self {
        Self::Instead(Answer::text(200, "text/html", PAGE))
    }

    pub fn page_after() -> Self {
        Self::After(Answer::text(200, "text/html", PAGE))
    }

    pub fn gateway() -> Self {
        Self::Instead(Answer::text(502, "text/html", PAGE))
    }

    pub fn gateway_after() -> Self {
        Self::After(Answer::text(504, "text/html", PAGE))
    }

    pub fn empty_after() -> Self {
        Self::After(Answer::text(200, "application/json", ""))
    }
}

const PAGE: &str = "<!doctype html><html><body><h1>Please sign in</h1></body></html>";

#[derive(Debug, Clone)]
struct Planned {
    on: On,
    skip: usize,
    times: usize,
    mishap: Mishap,
}

#[derive(Debug, Default)]
pub(crate) struct Mishaps(Vec<Planned>);

impl Mishaps {
    pub(crate) fn plan(&mut self, on: On, skip: usize, times: usize, mishap: Mishap) {
        self.0.push(Planned { on, skip, times, mishap });
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first that is due for a call of this kind.
    pub(crate) fn take(&mut self, writes: bool) -> Option<Mishap> {
        let meets = |on: On| match on {
            On::Any => true,
            On::Reads => !writes,
            On::Writes => writes,
        };
        let mut due = None;
        for planned in self.0.iter_mut().filter(|planned| meets(planned.on) && planned.times > 0) {
            if planned.skip > 0 {
                planned.skip -= 1;
            } else if due.is_none() {
                planned.times -= 1;
                due = Some(planned.mishap.clone());
            }
        }
        due
    }
}
