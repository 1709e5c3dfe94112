//! Whom a way into a session leads on, and when: judged anew at each request, by what the ledger says then.
//!
//! Guarantees: nobody is let in who does not certainly hold the place, nor before the way opens, nor after
//! the end; what the LMS says of the session in words that nobody knows shuts no one out whose place is held.

use super::place::{Holding, Place};
use super::session::{Part, Session, SessionState};
use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

/// What is known when somebody stands at the door.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub session: &'a Session,
    /// The LMS has no such session any more.
    pub is_gone: bool,
    /// `None`: the session has no such part any more.
    pub part: Option<&'a Part>,
    /// With when the reading began that changed it last; `None`: nothing is known of the place.
    pub place: Option<(&'a Place, DateTime<Utc>)>,
    /// When the LMS cancelled the place for a decline; what was read of it before is old.
    pub lost_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    NotYet { opens: DateTime<Utc> },
    Open { link: Url },
    Shut(Shut),
}

/// Why nobody is led on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::VariantArray)]
pub enum Shut {
    Cancelled,
    /// The date was taken back: another one comes.
    NoDate,
    Over,
    NotHeld,
    /// The place is asked for, or on the wait list.
    Pending,
    /// Nobody can tell whether the place is held.
    Doubtful,
    /// The LMS shows no link, or none that a browser may follow.
    NoLink,
    /// Nothing is known of the session any more.
    Forgotten,
}

/// `opens`: so long before the start.
pub fn door(facts: &Facts<'_>, opens: TimeDelta, now: DateTime<Utc>) -> Door {
    let Facts { session, .. } = *facts;
    if facts.is_gone {
        return Door::Shut(Shut::Cancelled);
    }
    match &session.state {
        SessionState::Cancelled => return Door::Shut(Shut::Cancelled),
        SessionState::Finished => return Door::Shut(Shut::Over),
        // What stands in calendars stands through these, too.
        SessionState::Scheduled
        | SessionState::Draft
        | SessionState::Undated
        | SessionState::Hidden
        | SessionState::Unknown(_) => {}
    }
    let part = match facts.part {
        Some(part) if !part.cancelled => part,
        None if session.parts.is_empty() => return Door::Shut(Shut::NoDate),
        Some(_) | None => return Door::Shut(Shut::Cancelled),
    };
    if part.span.is_over(now) {
        return Door::Shut(Shut::Over);
    }
    if let Some(why) = without_place(facts) {
        return Door::Shut(why);
    }
    let opens = part.span.start().checked_sub_signed(opens).unwrap_or(DateTime::<Utc>::MIN_UTC);
    if now < opens {
        return Door::NotYet { opens };
    }
    match &part.link {
        Some(link) if ["https", "http"].contains(&link.scheme()) => Door::Open { link: link.clone() },
        Some(_) | None => Door::Shut(Shut::NoLink),
    }
}

fn without_place(facts: &Facts<'_>) -> Option<Shut> {
    let Some((place, changed_at)) = facts.place else { return Some(Shut::NotHeld) };
    if facts.lost_at.is_some_and(|lost| changed_at <= lost) {
        return Some(Shut::NotHeld);
    }
    match place.holding() {
        Holding::Held => None,
        Holding::Pending => Some(Shut::Pending),
        Holding::NotHeld => Some(Shut::NotHeld),
        Holding::Unknown => Some(Shut::Doubtful),
    }
}

#[cfg(test)]
#[path = "join_tests.rs"]
mod tests;
