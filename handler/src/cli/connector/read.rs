//! A connector file by its path, or one that this build holds by its name.

use crate::cli::check::complain;
use crate::cli::streams::Streams;
use crate::config::connector_file;
use crate::lms::presets;
use crate::lms::recipe::connector::ConnectorFile;
use std::io;
use std::path::Path;

/// Inner `None`: what is wrong is told.
pub(super) fn read(
    command: &str,
    file: &str,
    streams: &mut Streams<'_>,
) -> io::Result<Option<ConnectorFile>> {
    let is_path = Path::new(file).extension().is_some() || file.contains(std::path::MAIN_SEPARATOR);
    let text = match (is_path, presets::text(file)) {
        (false, Some(text)) => text.to_owned(),
        (false, None) => {
            let known = presets::names().collect::<Vec<_>>().join(", ");
            writeln!(
                streams.err,
                "regrets connector {command}: no connector `{file}`; give the path of a file \
                 (./{file}.toml), or one of {known}"
            )?;
            return Ok(None);
        }
        (true, _) => match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => {
                writeln!(streams.err, "regrets connector {command}: {file} can't be read: {error}")?;
                return Ok(None);
            }
        },
    };
    match connector_file::read(file, &text) {
        Ok(read) => Ok(Some(read)),
        Err(errors) => {
            complain(&errors, streams)?;
            Ok(None)
        }
    }
}
