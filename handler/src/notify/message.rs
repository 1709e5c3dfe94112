//! What people are told: which alerts of which tenants opened, ended, or can't come to rest. It holds words
//! of ours alone: no learner, no session, nothing that a tenant's LMS or Graph has said.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// So many are told one by one in a text; the others are counted by kind.
pub const MOST: usize = 20;

#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The same however often it is sent.
    pub id: String,
    pub made: DateTime<Utc>,
    /// Where this deployment is reached.
    pub deployment: String,
    pub alerts: Vec<Line>,
    /// Sent by hand, to see whether it arrives.
    pub is_test: bool,
}

/// One alert of one tenant.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    pub tenant: String,
    /// The alert's kind, or `connected`.
    pub kind: String,
    pub severity: String,
    /// `opened`, `ended`, `changed`, `reminder` or `connected`.
    pub event: &'static str,
    pub is_open: bool,
    /// How many things it is about.
    pub count: u64,
    /// How often it opened since it was told last.
    pub times: u64,
    #[serde(serialize_with = "written")]
    pub since: Option<DateTime<Utc>>,
    /// What mends it, or what there is to know.
    pub step: String,
}

fn written<S: serde::Serializer>(at: &Option<DateTime<Utc>>, to: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).serialize(to)
}

impl Line {
    /// In one sentence, without the step.
    pub fn headline(&self) -> String {
        let Self { tenant, kind, .. } = self;
        let about = if self.count > 1 { format!(" ({})", self.count) } else { String::new() };
        let now = if self.is_open { "open" } else { "over" };
        match self.event {
            "connected" => format!("{tenant} is connected"),
            "opened" => format!("{tenant}: {kind}{about} has opened"),
            "ended" => format!("{tenant}: {kind} is over"),
            "reminder" => format!("{tenant}: {kind}{about} is still open"),
            _ if self.times == 1 => {
                format!("{tenant}: {kind}{about} opened and ended once, and is {now} now")
            }
            _ => format!("{tenant}: {kind}{about} opened and ended {} times, and is {now} now", self.times),
        }
    }

    /// With since when and what to do, where something is to be done.
    pub fn told(&self) -> String {
        let mut told = self.headline();
        if let Some(since) = self.since.filter(|_| self.is_open && self.event != "connected") {
            let _ = write!(told, ", since {} UTC", since.format("%Y-%m-%d %H:%M"));
        }
        told.push('.');
        if self.is_open {
            let _ = write!(told, " {}", self.step);
        }
        told
    }
}

impl Message {
    pub fn subject(&self) -> String {
        if self.is_test {
            return "Regrets: a test".to_owned();
        }
        match self.alerts.as_slice() {
            [one] => format!("Regrets: {}", one.headline()),
            all => {
                let mut tenants: Vec<&str> = all.iter().map(|line| line.tenant.as_str()).collect();
                tenants.sort_unstable();
                tenants.dedup();
                let open = all.iter().filter(|line| line.is_open && line.event != "connected").count();
                match tenants.as_slice() {
                    [tenant] => format!("Regrets: {tenant}: {} changes, {open} open", all.len()),
                    tenants => {
                        format!("Regrets: {} changes of {} tenants, {open} open", all.len(), tenants.len())
                    }
                }
            }
        }
    }

    /// The sentences, at most [`MOST`] of them and one for the rest.
    pub fn sentences(&self) -> Vec<String> {
        if self.is_test {
            return vec![
                "This is a test of this channel: nothing is wrong, and nothing is to be done.".into(),
            ];
        }
        let mut sentences: Vec<String> = self.alerts.iter().take(MOST).map(Line::told).collect();
        let mut rest: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for line in self.alerts.iter().skip(MOST) {
            *rest.entry((line.kind.as_str(), if line.is_open { "open" } else { "over" })).or_default() += 1;
        }
        if !rest.is_empty() {
            let count = self.alerts.len() - MOST;
            let kinds: Vec<String> =
                rest.iter().map(|((kind, now), count)| format!("{kind} of {count} ({now})")).collect();
            sentences.push(format!("And {count} more: {}.", kinds.join(", ")));
        }
        sentences
    }

    /// As a mail says it.
    pub fn text(&self) -> String {
        format!("{}\n\n{}\nAll open alerts: regrets alerts\n", self.sentences().join("\n\n"), self.foot())
    }

    pub fn foot(&self) -> String {
        let made = self.made.format("%Y-%m-%d %H:%M");
        format!("Regrets at {}, {made} UTC.", self.deployment)
    }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
