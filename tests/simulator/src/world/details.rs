//! What an event says beside its subject, its text and its time.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    pub places: Vec<Place>,
    pub importance: Importance,
    pub sensitivity: Sensitivity,
    /// Attendees see themselves alone.
    pub hide_attendees: bool,
    /// `allowNewTimeProposals`.
    pub allow_proposals: bool,
    pub is_reminder_on: bool,
    pub reminder_minutes: u32,
    /// The organizer's own: they do not travel.
    pub categories: Vec<String>,
    /// The request that made it; the organizer's copy alone knows it.
    pub transaction: Option<String>,
    pub online: Option<Online>,
    /// The zones of start and end, as they were written; `None`: UTC, or that of whole days.
    pub zones: Option<(String, String)>,
}

impl Default for Details {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            importance: Importance::Normal,
            sensitivity: Sensitivity::Normal,
            hide_attendees: false,
            allow_proposals: true,
            is_reminder_on: true,
            reminder_minutes: 15,
            categories: Vec::new(),
            transaction: None,
            online: None,
            zones: None,
        }
    }
}

impl Details {
    /// As an attendee's copy has them.
    pub(super) fn travelling(&self) -> Self {
        Self { categories: Vec::new(), transaction: None, ..self.clone() }
    }
}

/// One of `locations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    pub name: String,
    /// A room's address.
    pub address: Option<String>,
    pub uri: Option<String>,
}

/// A Teams meeting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Online {
    pub join_url: String,
}

impl Online {
    /// What stands in the text of the event: whoever writes the text without it ends the meeting.
    pub fn block(&self) -> String {
        format!(
            "<div class=\"me-email-text\"><div>Microsoft Teams</div><a href=\"{}\">Join the meeting now</a>\
             </div>",
            self.join_url
        )
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum Importance {
    Low,
    Normal,
    High,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum Sensitivity {
    Normal,
    Personal,
    Private,
    Confidential,
}

impl Importance {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Sensitivity {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
