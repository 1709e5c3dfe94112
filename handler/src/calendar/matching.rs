//! Is this event ours, and which session is it? An event is ours when every given test of
//! `[tenant.x.recognise]` holds.

use crate::calendar::event::{Event, EventKind};
use crate::ids::{Address, SessionId};
use regex::Regex;

/// The session that this event stands for; `None` when the event is not ours.
///
/// A room's or any other tool's event may match the pattern by chance: the organizer test is the guard
/// against it, so where organizers are configured, an event without one is never ours.
pub fn recognise(event: &Event, rules: &Recognise) -> Option<SessionId> {
    is_sender(event, rules).then(|| named(event, rules)).flatten()
}

/// True when the event passes every other test, and only the LMS can say which session it is.
pub fn is_to_be_looked_up(event: &Event, rules: &Recognise) -> bool {
    matches!(rules.session, SessionSource::Lookup) && is_sender(event, rules)
}

/// True when the event names a session, or the LMS may know one of it.
pub fn may_be_session(event: &Event, rules: &Recognise) -> bool {
    is_to_be_looked_up(event, rules) || recognise(event, rules).is_some()
}

/// True when one of the named organizers sends it, and its own words name no session.
pub fn may_be_published(event: &Event, rules: &Recognise) -> bool {
    !rules.organizer.is_empty() && is_sender(event, rules) && recognise(event, rules).is_none()
}

/// True when one of the organizers sends it whom the rules name.
pub fn is_of_named(event: &Event, rules: &Recognise) -> bool {
    !rules.organizer.is_empty() && is_sender(event, rules)
}

fn is_sender(event: &Event, rules: &Recognise) -> bool {
    rules.organizer.is_empty() || event.organizer.as_ref().is_some_and(|one| rules.organizer.contains(one))
}

/// The session that the event names, whoever sends it.
fn named(event: &Event, rules: &Recognise) -> Option<SessionId> {
    match &rules.session {
        SessionSource::ICalUid(pattern) => capture(pattern, event.ical_uid.as_ref()?.as_str()),
        SessionSource::Subject(pattern) => capture(pattern, event.subject.as_deref()?),
        SessionSource::Body(pattern) => capture(pattern, event.body.as_deref()?),
        SessionSource::ExtendedProperty { property, pattern } => {
            capture(pattern, event.extended.get(property)?)
        }
        // The event itself says nothing.
        SessionSource::Lookup => None,
    }
}

/// True when this event's series may be ours although this occurrence does not say so: its `iCalUId` may be
/// its own, and its subject may have been changed. The organizer tells; where none is configured, nobody
/// does.
pub fn may_be_ours(event: &Event, rules: &Recognise) -> bool {
    event.series_master.is_some()
        && event.organizer.as_ref().is_some_and(|organizer| rules.organizer.contains(organizer))
}

/// True when this occurrence, which names no session, may be of a series that names one.
pub fn may_be_of_ours(event: &Event, rules: &Recognise) -> bool {
    event.series_master.is_some() && is_sender(event, rules)
}

/// True when this series may have occurrences that name their sessions, although the series itself names
/// none.
pub fn may_hold_ours(event: &Event, rules: &Recognise) -> bool {
    event.kind == EventKind::SeriesMaster && is_sender(event, rules)
}

/// True when the event names a session, and nobody can say who sends it: Exchange shows a name of its own
/// directory there.
pub fn is_from_unknown(event: &Event, rules: &Recognise) -> bool {
    let is_unknown = event.organizer.as_ref().is_some_and(|organizer| !organizer.is_smtp());
    is_unknown && !rules.organizer.is_empty() && named(event, rules).is_some()
}

fn capture(pattern: &Regex, text: &str) -> Option<SessionId> {
    let session = pattern.captures(text)?.name("session")?.as_str().trim();
    (!session.is_empty()).then(|| SessionId::new(session))
}

/// An event is ours when every given test holds. At least the session's source is given.
#[derive(Debug, Clone)]
pub struct Recognise {
    /// Empty: any organizer.
    pub organizer: Vec<Address>,
    pub session: SessionSource,
}

/// Where the session's id stands. Each pattern has the named group `session`.
#[derive(Debug, Clone)]
pub enum SessionSource {
    ICalUid(Regex),
    Subject(Regex),
    Body(Regex),
    ExtendedProperty {
        property: String,
        pattern: Regex,
    },
    /// The connector finds the session by what the event tells.
    Lookup,
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
