//! When a weak or missing reading is looked at again.

use crate::clock::whole_millis;
use chrono::{DateTime, Duration, Utc};

/// When a weak verdict that was first seen at `since` is looked at again.
pub fn looks(since: DateTime<Utc>, settle: Duration) -> [DateTime<Utc>; 3] {
    [settle / 15, settle / 3, settle].map(|after| whole_millis(since + after))
}
