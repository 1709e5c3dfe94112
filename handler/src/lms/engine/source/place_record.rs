//! An entry as a record of a place.

use super::row::{Row, RowScope, Unmapped};
use super::states;
use super::text::{address, checked, flag, id, needed, text};
use super::time::instant;
use crate::ids::{LearnerKey, SessionId};
use crate::lms::recipe::reading::PlaceFields;
use crate::lms::recipe::template::Variables;
use crate::sessions::place_record::{Person, PlaceRecord, RecordId};

/// `asked`: the session that the roster is read of.
pub(super) fn record(
    fields: &PlaceFields,
    asked: Option<&SessionId>,
    row: &Row<'_>,
    around: &dyn Variables,
) -> Result<PlaceRecord, Unmapped> {
    let scope = RowScope { row, around };
    let known = id(&fields.id, "id", &scope)?;
    rest(fields, asked, &known, &scope).map_err(|unmapped| unmapped.of(&known))
}

fn rest(
    fields: &PlaceFields,
    asked: Option<&SessionId>,
    known: &str,
    scope: &RowScope<'_>,
) -> Result<PlaceRecord, Unmapped> {
    let session = match asked {
        Some(asked) if fields.session.is_empty() => asked.clone(),
        Some(_) | None => SessionId::new(id(&fields.session, "session", scope)?),
    };
    // A record whose learner can't be seen stays one: under a name that nobody has.
    let learner = match text(&fields.learner, "learner", scope)? {
        Some(learner) => checked(learner, "learner")?,
        None => format!("record:{known}"),
    };
    let is_test = match (fields.is_test.is_empty(), flag(&fields.is_test, "is_test", scope)?) {
        (true, _) => false,
        (false, Some(is_test)) => is_test,
        (false, None) => {
            needed(&fields.is_test, "is_test", scope)?;
            true
        }
    };
    Ok(PlaceRecord {
        id: RecordId(known.to_owned()),
        session,
        person: Person {
            learner: LearnerKey::new(learner),
            address: address(&fields.address, "address", scope)?,
            name: text(&fields.name, "name", scope)?,
            language: text(&fields.language, "language", scope)?,
            is_test,
        },
        state: states::of_a_record(&fields.state, scope)?,
        since: instant(&fields.since, "since", scope)?,
    })
}

#[cfg(test)]
#[path = "place_record_tests.rs"]
mod tests;
