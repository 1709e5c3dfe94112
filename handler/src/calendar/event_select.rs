//! What must be read of an event so that it can be recognised.

use crate::calendar::matching::{Recognise, SessionSource};
use crate::calendar::zone::Zone;

/// Which optional, costly properties of an event are to be read: only what the tenant's recognition needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventSelect {
    pub subject: bool,
    pub body: bool,
    /// Where it takes place.
    pub place: bool,
    /// Ids of single-value extended properties, e.g. `String {guid} Name LmsSessionId`.
    pub extended: Vec<String>,
    /// In which all-day events are dates whose own zone is not known.
    pub timezone: Zone,
}

/// What must be read of an event so that [`recognise`](super::matching::recognise) can tell: nothing that the
/// rules don't ask for. `timezone`: the policy's.
pub fn select(rules: &Recognise, timezone: Zone) -> EventSelect {
    let mut select = EventSelect { timezone, ..EventSelect::default() };
    match &rules.session {
        SessionSource::ICalUid(_) | SessionSource::Lookup => {}
        SessionSource::Subject(_) => select.subject = true,
        SessionSource::Body(_) => select.body = true,
        SessionSource::ExtendedProperty { property, .. } => select.extended.push(property.clone()),
    }
    select
}
