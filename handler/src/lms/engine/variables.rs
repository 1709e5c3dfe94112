//! What placeholders stand for while one recipe runs. Values are lent, not copied.

use super::settings::Settings;
use crate::ids::{LearnerKey, SessionId, TenantName};
use crate::lms::recipe::template::Variables;
use crate::lms::{EventFacts, Order};
use chrono::{DateTime, SecondsFormat, Utc};
use std::borrow::Cow;

/// Whom or what a recipe runs for.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    Nobody,
    Place { session: &'a SessionId, learner: &'a LearnerKey },
    Order(&'a Order),
    Event(&'a EventFacts),
    Session(&'a SessionId),
}

impl<'a> Subject<'a> {
    pub(super) fn learner(self) -> Option<&'a LearnerKey> {
        match self {
            Self::Place { learner, .. } => Some(learner),
            Self::Order(order) => Some(&order.learner),
            Self::Nobody | Self::Event(_) | Self::Session(_) => None,
        }
    }

    fn session(self) -> Option<&'a SessionId> {
        match self {
            Self::Place { session, .. } => Some(session),
            Self::Order(order) => Some(&order.session),
            Self::Session(session) => Some(session),
            Self::Nobody | Self::Event(_) => None,
        }
    }
}

/// What steps have taken from answers, by `step.value`: of a few steps, so that looking through it is quick.
#[derive(Default)]
pub(super) struct Taken(Vec<(String, String)>);

impl Taken {
    /// A step that runs again replaces what it took.
    pub(super) fn set(&mut self, step: &str, name: &str, value: String) {
        let full = format!("{step}.{name}");
        match self.0.iter_mut().find(|(known, _)| *known == full) {
            Some((_, old)) => *old = value,
            None => self.0.push((full, value)),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What the last step that found a value of this name has taken.
    pub(super) fn last_given(&self, name: &str) -> Option<&str> {
        let ends = |full: &str| full.rsplit_once('.').is_some_and(|(_, last)| last == name);
        let found = self.0.iter().rev().find(|(full, value)| ends(full) && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, value)| value.as_str())
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// What `{{ page.… }}` stands for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PageAt<'a> {
    /// The first page has none yet.
    pub(super) cursor: Option<&'a str>,
    pub(super) number: u32,
    /// Rows that came before.
    pub(super) offset: u64,
}

/// Everything that a request of a recipe may name.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) tenant: &'a TenantName,
    pub(super) settings: &'a Settings,
    pub(super) subject: Subject<'a>,
    pub(super) taken: &'a Taken,
    pub(super) page: PageAt<'a>,
    /// When the reading began, the same for all its requests.
    pub(super) now: DateTime<Utc>,
    /// Where only what changed since is asked for.
    pub(super) since: Option<DateTime<Utc>>,
}

impl Variables for Scope<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let (room, rest) = name.split_once('.').unwrap_or((name, ""));
        match room {
            "learner" => self.subject.learner().map(|learner| Cow::Borrowed(learner.as_str())),
            "session" => self.subject.session().map(|session| Cow::Borrowed(session.as_str())),
            "tenant" => Some(Cow::Borrowed(self.tenant.as_str())),
            "settings" => self.settings.exposed(rest).map(Cow::Borrowed),
            "order" => self.order(rest),
            "event" => self.event(rest),
            "page" => Some(match rest {
                "number" => Cow::Owned(self.page.number.to_string()),
                "offset" => Cow::Owned(self.page.offset.to_string()),
                _ => Cow::Borrowed(self.page.cursor.unwrap_or_default()),
            }),
            // A step may be called so, and then takes values.
            "now" if rest.is_empty() => Some(time(Some(self.now))),
            "since" if rest.is_empty() => Some(time(self.since)),
            _ => self.taken.get(name).map(Cow::Borrowed),
        }
    }
}

impl Scope<'_> {
    /// Where a place is only looked at there is no order, and what is said of one is empty.
    fn order(&self, name: &str) -> Option<Cow<'_, str>> {
        let order = match self.subject {
            Subject::Order(order) => order,
            Subject::Place { .. } => return Some(Cow::Borrowed("")),
            Subject::Nobody | Subject::Event(_) | Subject::Session(_) => return None,
        };
        Some(match name {
            "id" => Cow::Borrowed(order.id.as_str()),
            "generation" => Cow::Owned(order.generation.to_string()),
            "decision" => Cow::Owned(order.decision.to_string()),
            "attempt" => Cow::Owned(order.attempt.to_string()),
            "declined_at" => time(order.declined_at),
            "decided_at" => time(Some(order.decided_at)),
            "session_start" => time(order.session_start),
            _ => return None,
        })
    }

    fn event(&self, name: &str) -> Option<Cow<'_, str>> {
        let Subject::Event(event) = self.subject else { return None };
        Some(match name {
            "ical_uid" => Cow::Borrowed(event.ical_uid.as_deref().unwrap_or_default()),
            "title" => Cow::Borrowed(event.title.as_str()),
            "start" => time(event.start),
            "end" => time(event.end),
            _ => return None,
        })
    }
}

/// Empty when unknown.
fn time(at: Option<DateTime<Utc>>) -> Cow<'static, str> {
    at.map_or(Cow::Borrowed(""), |at| Cow::Owned(at.to_rfc3339_opts(SecondsFormat::Secs, true)))
}

/// What a request for a token may name.
pub(super) struct AuthScope<'a> {
    pub(super) tenant: &'a TenantName,
    pub(super) settings: &'a Settings,
    pub(super) token: Option<&'a str>,
    pub(super) refresh_token: Option<&'a str>,
}

impl Variables for AuthScope<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let value = match name {
            "tenant" => Some(self.tenant.as_str()),
            "auth.token" => self.token,
            "auth.refresh_token" => self.refresh_token,
            _ => name.strip_prefix("settings.").and_then(|name| self.settings.exposed(name)),
        };
        value.map(Cow::Borrowed)
    }
}
