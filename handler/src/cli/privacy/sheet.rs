//! What a sheet is about, before it is put into words.

use crate::config::permissions::NeededPermission;
use crate::config::{ConnectorConfig, Meaning, Publish, StoreConfig, Tenant, show_duration};
use crate::ids::Address;
use crate::publishing::policy::Instructors;
use chrono::Duration;

pub(super) struct Sheet<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) store: Option<&'a StoreConfig>,
    /// How long a link for an administrator is good.
    pub(super) link_lifetime: Duration,
    pub(super) needed: Vec<NeededPermission>,
    /// What is read of the LMS's sessions; `None`: nothing is.
    pub(super) published: Option<&'a Publish>,
}

impl<'a> Sheet<'a> {
    pub(super) fn of(tenant: &'a Tenant, meaning: &'a Meaning) -> Self {
        Self {
            tenant,
            store: meaning.store.as_ref(),
            link_lifetime: meaning.consent.lifetime,
            needed: tenant.needed_permissions(),
            published: tenant.publish.as_ref().filter(|publish| publish.is_wanted()),
        }
    }

    /// Whom the LMS's requests go to.
    pub(super) fn lms_host(&self) -> &str {
        self.tenant.lms.connector.url().host_str().unwrap_or("…")
    }

    /// Whom the canary's requests go to, where a kit acts.
    pub(super) fn canary_kit(&self) -> Option<&str> {
        self.tenant.canary.as_ref()?.kit.as_ref()?.url.host_str()
    }

    pub(super) fn connector(&self) -> &str {
        match &self.tenant.lms.connector {
            ConnectorConfig::Webhook { .. } => "webhook",
            ConnectorConfig::File { file, .. } => &file.name,
        }
    }

    /// In whose name learners are invited; `None`: they are not.
    pub(super) fn inviting(&self) -> Option<&str> {
        let publish = self.published.filter(|publish| publish.writes())?;
        Some(publish.publisher.organizer.as_str())
    }

    /// What instructors are told of who comes; `None`: they are not invited.
    pub(super) fn instructors(&self) -> Option<Instructors> {
        let publish = self.published.filter(|publish| publish.writes())?;
        let instructors = publish.publisher.instructors;
        match instructors {
            Instructors::None => None,
            Instructors::Count | Instructors::Names => Some(instructors),
        }
    }

    /// The mailbox in whose calendar sessions stand, too.
    pub(super) fn calendar(&self) -> Option<&str> {
        let publish = self.published.filter(|publish| publish.writes())?;
        publish.publisher.calendar.as_ref().map(Address::as_str)
    }

    /// Learners' events hold our page in the place of a meeting's link.
    pub(super) fn leads_on(&self) -> bool {
        let publish = self.published.filter(|publish| publish.writes());
        publish.is_some_and(|publish| publish.publisher.hands_out_page().is_some())
    }

    pub(super) fn organizers(&self) -> usize {
        self.tenant.watch.organizers.len()
    }
}

/// Whole days where it is some, else as the configuration writes it.
pub(super) fn days(duration: Duration, day: &str, days: &str) -> String {
    let whole = duration.num_days();
    match whole {
        1 if duration == Duration::days(1) => format!("1 {day}"),
        whole if whole > 1 && duration == Duration::days(whole) => format!("{whole} {days}"),
        _ => show_duration(duration),
    }
}

/// A row of a Markdown table. A bar in a cell would end it.
pub(super) fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// A table with this heading.
pub(super) fn table(heading: &[&str], rows: impl IntoIterator<Item = String>) -> String {
    let line = row(heading) + &row(&vec!["---"; heading.len()]);
    rows.into_iter().fold(line, |text, row| text + &row)
}
