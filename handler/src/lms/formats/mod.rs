//! Documents that are not JSON, as the JSON that a connector file's paths lead through.
//!
//! Guarantees: what can't be understood is told, and never left out in silence: an entry stays as it was
//! written, so that whoever maps it names it; what belongs to no entry is a doubt about the whole document.

pub mod csv_table;
pub mod icalendar;
mod recurrence;

use crate::sessions::pass::Doubt;
use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub json: Value,
    /// Why what is missing may be there all the same.
    pub doubts: Vec<Doubt>,
}
