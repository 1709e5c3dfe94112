//! `[service]`: where the LMS is, and what holds for every request.

use super::file_reader::FileReader;
use super::scope::Scope;
use super::shape;
use crate::config::reader::check_url;
use crate::config::table::{At, May};
use crate::config::tree::Node;
use crate::enrolment::policy::Rate;
use crate::lms::recipe::connector::{Service, SettingKind};
use crate::lms::recipe::template::{Position, Template};
use chrono::TimeDelta;

const READ_LIMIT: usize = 1 << 20;

/// An answer is held in memory as a whole.
const MOST_BYTES: usize = 16 << 20;

impl FileReader<'_> {
    pub(super) fn service(&mut self, given: At<'_, shape::Service<'_>>) -> Option<Service> {
        let shape::Service { base, headers, rules, concurrency, remaining, reset, read_limit, rate } =
            self.table(given)?;
        self.scope = Scope::Base;
        let base = self
            .required(base, "where the LMS is, such as \"{{ settings.base_url }}\"")
            .and_then(|base| self.base(base.node));
        self.scope = Scope::Everywhere;
        if let Some(headers) = headers {
            self.no_literal_secrets(headers.node, true);
        }
        let headers = self.headers(headers);
        // Every step has them behind its own.
        self.service_rules = self.rules(rules).unwrap_or_default();
        let concurrency = self.number(concurrency, 1..=64, 4);
        if let (Some(reset), None) = (reset, remaining) {
            self.wrong_key(reset.node, "`reset` is of use with `remaining` only", "until when what?", None);
        }
        let remaining = self.header_where_given(remaining);
        let reset = self.header_where_given(reset);
        let read_limit = match read_limit {
            Some(limit) => self.bytes(limit),
            None => Some(READ_LIMIT),
        };
        let rate = match rate {
            Some(rate) => self.service_rate(rate).map(Some),
            None => Some(None),
        };
        Some(Service {
            base: base?,
            headers: headers?,
            concurrency: usize::try_from(concurrency?).unwrap_or(1),
            remaining: remaining?,
            reset: reset?,
            read_limit: read_limit?,
            rate: rate?,
        })
    }

    fn base(&mut self, node: &Node) -> Option<Template> {
        let base = self.template(node, Position::Url)?;
        if let Some(text) = base.constant() {
            if let Err(why) = check_url(text) {
                self.bad_value(node, "an https URL", &why.to_string(), None);
                return None;
            }
        } else if let Some((name, _)) = base.only_placeholder() {
            let setting = name.strip_prefix("settings.");
            let setting = self.settings.iter().find(|known| Some(known.name.as_str()) == setting);
            if setting.is_some_and(|setting| !matches!(setting.kind, SettingKind::Url)) {
                let why = "an address comes from a setting of kind url";
                self.wrong(node, why, "not of that kind", None);
            }
        }
        let holds_secret = base.placeholders().any(|(name, _)| {
            self.settings.iter().any(|setting| {
                name.strip_prefix("settings.") == Some(&setting.name)
                    && matches!(setting.kind, SettingKind::Secret)
            })
        });
        if holds_secret {
            self.wrong(node, "a secret must not stand in an address", "it would be logged", None);
        }
        Some(base)
    }

    pub(super) fn header_where_given(&mut self, given: May<'_, String>) -> Option<Option<String>> {
        match given {
            Some(given) => self.header(given).map(Some),
            None => Some(None),
        }
    }

    fn bytes(&mut self, given: At<'_, String>) -> Option<usize> {
        const EXPECTED: &str = "a size such as \"512KiB\" or \"4MiB\", at most \"16MiB\"";
        let text = self.text(&given, EXPECTED)?;
        let unit = [("KiB", 1 << 10), ("MiB", 1 << 20)]
            .into_iter()
            .find_map(|(unit, size)| Some((text.strip_suffix(unit)?.trim_end(), size)));
        let bytes = unit
            .filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|(number, size)| number.parse::<usize>().ok()?.checked_mul(size))
            .filter(|bytes| (1..=MOST_BYTES).contains(bytes));
        if bytes.is_none() {
            self.bad_value(&given, EXPECTED, "not such a size", None);
        }
        bytes
    }

    fn service_rate(&mut self, given: At<'_, shape::Rate<'_>>) -> Option<Rate> {
        let shape::Rate { requests, per } = self.table(given)?;
        let requests = self.required(requests, "how many").and_then(|requests| self.count(Some(requests), 1));
        let per = self.duration_above_zero(per, TimeDelta::seconds(1));
        Some(Rate { requests: requests?, per: per? })
    }
}
