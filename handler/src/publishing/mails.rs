//! How many a request mails: rooms and people alike, each once.

use super::content::Content;
use super::event_key::Audience;
use super::written::{Act, Written};

/// `content`: what the event is to say, where it is to stand.
pub fn mails(act: &Act, content: Option<&Content>, row: &Written) -> u32 {
    let listed = match (&row.key.audience, row.listed.len()) {
        // Written by a build that did not keep it.
        (Audience::Learner(_), 0) => 1,
        (Audience::Learner(_) | Audience::Session | Audience::Calendar, listed) => listed,
    };
    let wanted = content.map_or(0, |content| content.attendees.len());
    let mailed = match act {
        Act::Create { .. } => wanted,
        Act::Update { .. } | Act::Cancel { .. } => listed,
        // Whom the change of the list concerns.
        Act::Attendees { .. } if row.listed.is_empty() => wanted,
        Act::Attendees { .. } => {
            let wanted = content.map(Content::listed).unwrap_or_default();
            wanted.symmetric_difference(&row.listed).count()
        }
    };
    u32::try_from(mailed).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "mails_tests.rs"]
mod tests;
