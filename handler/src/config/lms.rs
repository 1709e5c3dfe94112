//! `[tenant.<name>.lms]`: where cancellations go, how fast, and how often again.

use super::duration::show;
use super::nearest::nearest;
use super::problem::{Problem, ProblemKind};
use super::reader::Reader;
use super::table::{At, May, Table as _};
use super::{ConnectorConfig, Lms, raw};
use crate::enrolment::policy::{Rate, Retry};
use chrono::Duration;

/// The connectors that this build holds, and whether each can find a session by an event's `iCalUId`.
const CONNECTORS: &[(&str, bool)] = &[("webhook", false)];

impl Default for Rate {
    fn default() -> Self {
        Self { requests: 10, per: Duration::seconds(1) }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self { first: Duration::seconds(30), most: Duration::hours(1) }
    }
}

/// Whether the connector named here can find a session by an event's `iCalUId`. An unknown one is complained
/// of elsewhere.
pub(super) fn can_look_up(lms: May<'_, raw::Lms<'_>>) -> bool {
    let name = lms.and_then(|lms| raw::Lms::of(lms.node).connector).map(|connector| connector.found());
    CONNECTORS.iter().any(|(known, can)| *can && name.as_deref() == Some(&format!("\"{known}\"")))
}

impl Reader<'_> {
    pub(super) fn lms(&mut self, lms: At<'_, raw::Lms<'_>>) -> Option<Lms> {
        if !self.connector_is_known(raw::Lms::of(lms.node).connector) {
            // Another connector's keys are not for us to judge.
            return None;
        }
        let given = self.table(lms)?;
        let url = self
            .required(
                given.url,
                "where cancellations are posted, such as \"https://lms.contoso.com/hooks/regrets\"",
            )
            .and_then(|url| self.url(url));
        let secrets = self
            .required(given.secret, "what signs the requests, such as { env = \"NAME\" }")
            .and_then(|secrets| self.webhook_secrets(secrets));
        let rate = self.rate(given.rate);
        let retry = self.retry(given.retry);
        let connector = ConnectorConfig::Webhook { url: url?, secrets: secrets? };
        Some(Lms { connector, rate: rate?, retry: retry? })
    }

    fn connector_is_known(&mut self, connector: May<'_, String>) -> bool {
        let Some(connector) = connector else { return true };
        let Some(name) = self.text(&connector, "`webhook`") else { return false };
        let is_known = CONNECTORS.iter().any(|(known, _)| *known == name);
        if !is_known {
            let known = CONNECTORS.iter().map(|(known, _)| *known);
            let hint = match nearest(name, known) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "write connector = \"webhook\"".to_owned(),
            };
            let why =
                format!("the connector {} is not known; this build holds \"webhook\"", connector.found());
            let kind = ProblemKind::Contradiction { path: connector.path.clone(), why };
            self.report(Problem::new(kind).at(&connector.at, "not known").hint(hint));
        }
        is_known
    }

    fn rate(&mut self, rate: May<'_, raw::Rate<'_>>) -> Option<Rate> {
        let defaults = Rate::default();
        let Some(rate) = rate else { return Some(defaults) };
        let given = self.table(rate)?;
        let requests = self.count(given.requests, defaults.requests);
        let per = self.duration_above_zero(given.per, defaults.per);
        Some(Rate { requests: requests?, per: per? })
    }

    fn retry(&mut self, retry: May<'_, raw::Retry<'_>>) -> Option<Retry> {
        let defaults = Retry::default();
        let Some(retry) = retry else { return Some(defaults) };
        let given = self.table(retry)?;
        let first = self.duration_above_zero(given.first, defaults.first);
        let most = self.duration_above_zero(given.most, defaults.most);
        let (first, most) = (first?, most?);
        if first > most {
            let why = format!("`first` ({}) must not be longer than `most` ({})", show(first), show(most));
            self.contradiction(&retry, why);
            return None;
        }
        Some(Retry { first, most })
    }
}
