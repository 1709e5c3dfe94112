//! What one cancellation costs the LMS, for the pace.

use super::connector::{ConnectorFile, Verified};
use super::step::Step;

impl ConnectorFile {
    /// An upper bound of the requests that one cancellation makes: finding, reading, writing, seeing that it
    /// is done, tidying up. Further pages, a token, and what is asked again after a refusal are left aside.
    /// Never 0.
    pub fn requests_per_order(&self) -> u32 {
        let recipes = &self.recipes;
        let once = [&recipes.find, &recipes.read, &recipes.write, &recipes.tidy];
        let seen = if recipes.verify.is_empty() { &recipes.read } else { &recipes.verify };
        let reads = match self.about.verified {
            Verified::ReadBack => self.after_write.reads,
            Verified::Answer => 0,
        };
        let all: u32 = once.into_iter().map(|steps| requests(steps)).fold(0, u32::saturating_add);
        all.saturating_add(requests(seen).saturating_mul(reads)).max(1)
    }
}

fn requests(steps: &[Step]) -> u32 {
    u32::try_from(steps.iter().filter(|step| step.request.is_some()).count()).unwrap_or(u32::MAX)
}
