//! The version of the Functions host, as it said it last: it stands in each of its calls. One process has one
//! host.

use parking_lot::RwLock;

/// By this header the host says it (reference/functions-host.md#first-rules).
pub const HEADER: &str = "x-azure-functions-hostversion";

/// Longer than any version.
const MOST: usize = 40;

static SEEN: RwLock<Option<String>> = RwLock::new(None);

/// What a call said. Anything that is no version is passed over.
pub fn note(version: &str) {
    let looks_right = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    if version.is_empty() || version.len() > MOST || !version.chars().all(looks_right) {
        return;
    }
    if SEEN.read().as_deref() != Some(version) {
        *SEEN.write() = Some(version.to_owned());
    }
}

/// `None`: no host has called.
pub fn seen() -> Option<String> {
    SEEN.read().clone()
}
