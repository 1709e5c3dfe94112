//! Who leads a session: shown by name, and invited where there is an address.

use super::row::{RowScope, Unmapped};
use super::text::{address, flag, text};
use crate::lms::recipe::reading::InstructorFields;
use crate::sessions::session::Instructor;

/// More than these lead no session.
const MOST: usize = 100;

/// Many LMS leave the list out where nobody leads it, so that its absence says nothing. One without address
/// and name is nobody; what is no address is none, so that it keeps no session out.
pub(super) fn instructors(
    fields: &InstructorFields,
    scope: &RowScope<'_>,
) -> Result<Vec<Instructor>, Unmapped> {
    let found = scope.row.at(0).map(|entry| fields.from.all(entry)).unwrap_or_default();
    let found: Vec<_> = found.into_iter().filter(|one| !one.is_null()).collect();
    if found.len() > MOST {
        return Err(Unmapped::new("instructors", format!("{} of them: at most {MOST}", found.len())));
    }
    let mut all: Vec<Instructor> = Vec::new();
    for entry in found {
        let row = scope.row.within(entry);
        let inner = RowScope { row: &row, around: scope.around };
        let one = Instructor {
            address: address(&fields.address, "instructors.address", &inner).unwrap_or_default(),
            name: text(&fields.name, "instructors.name", &inner)?,
            is_primary: flag(&fields.is_primary, "instructors.primary", &inner)?.unwrap_or(false),
        };
        let is_known = all.iter().any(|known| known.address == one.address && known.name == one.name);
        if (one.address.is_some() || one.name.is_some()) && !is_known {
            all.push(one);
        }
    }
    Ok(all)
}
