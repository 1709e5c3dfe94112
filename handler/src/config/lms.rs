//! `[tenant.<name>.lms]`: where cancellations go, how fast, and how often again.

use super::duration::show;
use super::nearest::nearest;
use super::problem::{Problem, ProblemKind};
use super::reader::Reader;
use super::tree::Node;
use super::{ConnectorConfig, Lms, keys};
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

/// Whether the connector named here can find a session by an event's `iCalUId`. An unknown one is complained of elsewhere.
pub(super) fn can_look_up(lms: Option<&Node>) -> bool {
    let name = lms.and_then(|node| node.child("connector")).map(Node::found);
    CONNECTORS.iter().any(|(known, can)| *can && name.as_deref() == Some(&format!("\"{known}\"")))
}

impl Reader<'_> {
    pub(super) fn lms(&mut self, node: &Node) -> Option<Lms> {
        if !self.connector_is_known(node) {
            // Another connector's keys are not for us to judge.
            return None;
        }
        let table = self.table(node, keys::LMS)?;
        let url = self
            .required(table, "url", "where cancellations are posted, such as \"https://lms.contoso.com/hooks/regrets\"")
            .and_then(|node| self.url(node));
        let secrets = self
            .required(table, "secret", "what signs the requests, such as { env = \"NAME\" }")
            .and_then(|node| self.webhook_secrets(node));
        let rate = self.rate(table.child("rate"));
        let retry = self.retry(table.child("retry"));
        let connector = ConnectorConfig::Webhook { url: url?, secrets: secrets? };
        Some(Lms { connector, rate: rate?, retry: retry? })
    }

    fn connector_is_known(&mut self, node: &Node) -> bool {
        let Some(connector) = node.child("connector") else { return true };
        let Some(name) = self.text(connector, "`webhook`") else { return false };
        let is_known = CONNECTORS.iter().any(|(known, _)| *known == name);
        if !is_known {
            let known = CONNECTORS.iter().map(|(known, _)| *known);
            let hint = match nearest(name, known) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "write connector = \"webhook\"".to_owned(),
            };
            let why = format!("the connector {} is not known; this build holds \"webhook\"", connector.found());
            let trouble = ProblemKind::Contradiction { path: connector.path.clone(), why };
            self.report(Problem::new(trouble).at(&connector.at, "not known").hint(hint));
        }
        is_known
    }

    fn rate(&mut self, node: Option<&Node>) -> Option<Rate> {
        let defaults = Rate::default();
        let Some(node) = node else { return Some(defaults) };
        let table = self.table(node, keys::RATE)?;
        let requests = self.count(table.child("requests"), defaults.requests);
        let per = self.duration_above_zero(table.child("per"), defaults.per);
        Some(Rate { requests: requests?, per: per? })
    }

    fn retry(&mut self, node: Option<&Node>) -> Option<Retry> {
        let defaults = Retry::default();
        let Some(node) = node else { return Some(defaults) };
        let table = self.table(node, keys::RETRY)?;
        let first = self.duration_above_zero(table.child("first"), defaults.first);
        let most = self.duration_above_zero(table.child("most"), defaults.most);
        let (first, most) = (first?, most?);
        if first > most {
            let why = format!("`first` ({}) must not be longer than `most` ({})", show(first), show(most));
            self.contradiction(node, why);
            return None;
        }
        Some(Retry { first, most })
    }
}
