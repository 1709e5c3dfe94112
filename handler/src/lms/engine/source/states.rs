//! The state of an entry, by maps of the LMS's words. There is no default.

use super::row::{RowScope, Unmapped, shown};
use super::text::{told, value};
use crate::lms::engine::conditions::all_hold;
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
        if !all_hold(&map.when, scope).map_err(|error| Unmapped::new(FIELD, error.to_string()))? {
            continue;
        }
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
            // One that has its condition says what it stands for by that.
            let places = maps.iter().filter(|map| map.when.is_empty()).map(|map| told(&map.whence));
            let places: Vec<String> = places.collect();
            let why = match places.is_empty() {
                true => "none of its maps has a condition that holds".to_owned(),
                false => format!("no state stands {}", places.join(" nor ")),
            };
            Err(Unmapped::new(FIELD, why))
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
