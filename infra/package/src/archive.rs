//! The app folder as a zip.
//!
//! Guarantees: every entry keeps its Unix mode, without which the host may not start the binary; no folder
//! around it; the same files give the same bytes; the developer's own settings stay out.

use crate::layout::{FUNCIGNORE, LOCAL_SETTINGS};
use anyhow::{Context as _, Result};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

pub(crate) fn pack(app: &Path, to: &Path) -> Result<()> {
    let mut files = Vec::new();
    collect(app, &mut files)?;
    files.sort();
    let mut zip = ZipWriter::new(File::create(to).with_context(|| to.display().to_string())?);
    for file in files {
        let name = file.strip_prefix(app)?;
        if [LOCAL_SETTINGS, FUNCIGNORE].map(Path::new).contains(&name) {
            continue;
        }
        let mode = file.metadata()?.permissions().mode() & 0o777;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9))
            .last_modified_time(DateTime::DEFAULT)
            .unix_permissions(mode);
        zip.start_file(name.to_string_lossy(), options)?;
        io::copy(&mut File::open(&file)?, &mut zip)?;
    }
    zip.finish()?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => collect(&entry.path(), files)?,
            false => files.push(entry.path()),
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
