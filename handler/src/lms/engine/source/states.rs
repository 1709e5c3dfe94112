//! The state of an entry, by maps of the LMS's words. There is no default.

use super::row::{RowScope, Unmapped, shown};
use super::text::{told, value};
use crate::lms::recipe::reading::{RecordWord, SessionWord, StateIn};
use crate::sessions::place_record::RecordState;
use crate::sessions::session::SessionState;

const FIELD: &str = "state";

/// What the entry says; the word that is in no map where none knows it.
fn word<W: Copy>(of: &StateIn<W>, scope: &RowScope<'_>) -> Result<Result<W, String>, Unmapped> {
    let maps = match of {
        StateIn::Always(word) => return Ok(Ok(*word)),
        StateIn::Maps(maps) => maps,
    };
    let mut unknown = None;
    for map in maps {
        let found = value(&map.whence, scope).map_err(|problem| Unmapped::new(FIELD, problem))?;
        let Some(found) = found else { continue };
        if let Some((_, state)) = map.words.iter().find(|(known, _)| *known == found) {
            return Ok(Ok(*state));
        }
        unknown = Some(found);
    }
    match unknown {
        Some(word) => Ok(Err(shown(&word))),
        None => {
            let places: Vec<String> = maps.iter().map(|map| told(&map.whence)).collect();
            Err(Unmapped::new(FIELD, format!("no state stands {}", places.join(" nor "))))
        }
    }
}

pub(super) fn of_a_session(
    of: &StateIn<SessionWord>,
    scope: &RowScope<'_>,
) -> Result<SessionState, Unmapped> {
    Ok(match word(of, scope)? {
        Ok(SessionWord::Draft) => SessionState::Draft,
        Ok(SessionWord::Scheduled) => SessionState::Scheduled,
        Ok(SessionWord::Undated) => SessionState::Undated,
        Ok(SessionWord::Cancelled) => SessionState::Cancelled,
        Ok(SessionWord::Finished) => SessionState::Finished,
        Ok(SessionWord::Hidden) => SessionState::Hidden,
        Err(word) => SessionState::Unknown(word),
    })
}

pub(super) fn of_a_record(of: &StateIn<RecordWord>, scope: &RowScope<'_>) -> Result<RecordState, Unmapped> {
    Ok(match word(of, scope)? {
        Ok(RecordWord::Held) => RecordState::Held,
        Ok(RecordWord::Requested) => RecordState::Requested,
        Ok(RecordWord::Waitlisted) => RecordState::Waitlisted,
        Ok(RecordWord::Invited) => RecordState::Invited,
        Ok(RecordWord::Declined) => RecordState::Declined,
        Ok(RecordWord::Cancelled) => RecordState::Cancelled,
        Ok(RecordWord::Attended) => RecordState::Attended,
        Ok(RecordWord::NoShow) => RecordState::NoShow,
        Ok(RecordWord::Tombstone) => RecordState::Tombstone,
        Err(word) => RecordState::Unknown(word),
    })
}
