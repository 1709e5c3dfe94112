//! Where a command writes.

use std::io::Write;

/// Where a command writes.
pub(crate) struct Streams<'a> {
    pub(crate) out: &'a mut dyn Write,
    pub(crate) err: &'a mut dyn Write,
    /// Whether `err` is a terminal that takes colours.
    pub(crate) color: bool,
}
