//! `regrets schema`: the JSON Schema of `regrets.toml`.

use super::Streams;
use std::io;

pub(super) fn run(streams: &mut Streams<'_>) -> io::Result<u8> {
    writeln!(streams.out, "{:#}", crate::config::schema())?;
    Ok(0)
}
