//! `[consent]`: links by which an administrator is asked for consent.

use super::raw;
use super::reader::Reader;
use super::show_duration;
use super::table::May;
use chrono::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// How long a link is good.
    pub lifetime: Duration,
}

impl Default for Consent {
    fn default() -> Self {
        Self { lifetime: Duration::hours(24) }
    }
}

/// What lies about longer is found by whoever reads old mails.
const LONGEST: Duration = Duration::days(30);

impl Reader<'_> {
    pub(super) fn consent(&mut self, consent: May<'_, raw::Consent<'_>>) -> Option<Consent> {
        let defaults = Consent::default();
        let Some(consent) = consent else { return Some(defaults) };
        let given = self.table(consent)?;
        let lifetime = self.duration_above_zero(given.lifetime, defaults.lifetime)?;
        if let Some(given) = given.lifetime.filter(|_| lifetime > LONGEST) {
            let wanted = format!("a duration of at most {}", show_duration(LONGEST));
            self.bad_value(&given, &wanted, "", None);
            return None;
        }
        Some(Consent { lifetime })
    }
}
