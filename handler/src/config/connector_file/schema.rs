//! The JSON Schema of a connector file, for editors that complete and check while one types.

use super::shape::File;
use crate::config::schema::of;

/// The schema as a JSON document (draft 7).
pub fn schema() -> serde_json::Value {
    of::<File<'static>>()
}
