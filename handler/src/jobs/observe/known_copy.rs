//! What is known of the learner's copy of a link's calendar item.

use crate::calendar::link::Link;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::part::Part;
use crate::jobs::context::AppContext;
use crate::ledger::enrolments;
use crate::store::StoreError;

/// What is known of the learner's copy of a link's calendar item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownCopy {
    /// The last look found it.
    There,
    /// The organizer has cancelled it, or has dropped the learner, and no copy was there again.
    CalledOff,
    /// Declined, which the row says already, and nothing was there since that could be declined: another copy
    /// that comes and goes unseen could only repeat it.
    Declined,
    /// Nobody has seen it, or it was gone.
    Missing,
}

pub async fn load(app: &AppContext, link: &Link) -> Result<KnownCopy, StoreError> {
    let row = enrolments::load(&app.ledger, &link.enrolment()).await?;
    Ok(of(row.as_ref().map(|row| &row.value), link))
}

pub fn of(row: Option<&Enrolment>, link: &Link) -> KnownCopy {
    let key = link.part_key();
    match row.and_then(|row| row.part(&key)) {
        Some(part) if part.is_there() => KnownCopy::There,
        Some(part) if part.is_called_off() || link.dropped => KnownCopy::CalledOff,
        Some(part) if is_declined(part) => KnownCopy::Declined,
        Some(_) | None => KnownCopy::Missing,
    }
}

/// Whatever was seen of the copy last: the row says that it was declined, and nothing was there since that
/// could be.
pub fn has_declined(row: Option<&Enrolment>, link: &Link) -> bool {
    let key = link.part_key();
    row.and_then(|row| row.part(&key)).is_some_and(is_declined)
}

fn is_declined(part: &Part) -> bool {
    part.decline.is_some() && !part.is_open()
}
