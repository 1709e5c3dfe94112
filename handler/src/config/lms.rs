//! `[tenant.<name>.lms]`: where cancellations go, how fast, and how often again.

use super::connectors::Chosen;
use super::duration::show;
use super::reader::Reader;
use super::table::{At, May, Table as _};
use super::tree::Node;
use super::{ConnectorConfig, Lms, raw};
use crate::enrolment::policy::{Rate, Retry};
use crate::lms::engine::settings::Settings;
use crate::lms::recipe::connector::ConnectorFile;
use chrono::Duration;
use std::sync::Arc;

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

impl Reader<'_> {
    pub(super) fn lms(&mut self, lms: At<'_, raw::AnyLms>, chosen: Chosen) -> Option<Lms> {
        match chosen {
            Chosen::Webhook => self.webhook(At::new(lms.node)),
            Chosen::File(file) => self.by_file(lms.node, file),
            // Another connector's keys are not for us to judge.
            Chosen::Unknown => None,
        }
    }

    fn webhook(&mut self, lms: At<'_, raw::Lms<'_>>) -> Option<Lms> {
        let raw::Lms { connector: _, url, secret, rate, retry } = self.table(lms)?;
        let url = self
            .required(
                url,
                "where cancellations are posted, such as \"https://lms.contoso.com/hooks/regrets\"",
            )
            .and_then(|url| self.url(url));
        let secrets = self
            .required(secret, "what signs the requests, such as { env = \"NAME\" }")
            .and_then(|secrets| self.webhook_secrets(secrets));
        let rate = self.rate(rate, Rate::default());
        let retry = self.retry(retry);
        let connector = ConnectorConfig::Webhook { url: url?, secrets: secrets? };
        Some(Lms { connector, rate: rate?, retry: retry? })
    }

    fn by_file(&mut self, table: &Node, file: Arc<ConnectorFile>) -> Option<Lms> {
        self.only_its_settings(table, &file);
        let raw::FileLms { connector, rate, retry, allow_course_unenrol, accept_draft, hosts } =
            raw::FileLms::of(table);
        let values = self.connector_settings(table, &file);
        let rate = self.rate(rate, file.service.rate.unwrap_or_default());
        let retry = self.retry(retry);
        let allows = self.flag(allow_course_unenrol, false);
        let accepts = self.flag(accept_draft, false);
        let hosts = self.hosts(hosts);
        let named = connector.given.map_or(table, |connector| connector.node);
        self.is_accepted(named, &file, accepts?, allows?);
        let values = values?;
        let base = self.connector_base(named, &file, &values)?;
        let settings = Settings { values, hosts: hosts?, allow_course_unenrol: allows? };
        Some(Lms { connector: ConnectorConfig::File { file, settings, base }, rate: rate?, retry: retry? })
    }

    fn rate(&mut self, rate: May<'_, raw::Rate<'_>>, defaults: Rate) -> Option<Rate> {
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
