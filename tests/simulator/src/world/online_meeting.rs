//! An online meeting that stands in no calendar.

use serde_json::Value;

/// Times as they were written.
#[derive(Debug, Clone)]
pub struct OnlineMeeting {
    pub link: String,
    pub subject: Value,
    pub start: Value,
    pub end: Value,
}
