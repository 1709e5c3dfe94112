//! The app folder as a zip.
//!
//! Guarantees: every entry keeps its Unix mode, without which the host may not start the binary; no folder around it; the same
//! files give the same bytes; the developer's own settings stay out.

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
mod tests {
    use super::*;

    #[test]
    fn modes_are_kept_settings_of_the_developer_are_not_and_the_bytes_are_the_same_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let app = folder.path().join("app");
        fs::create_dir_all(app.join("tend-mailboxes")).unwrap();
        fs::write(app.join("tend-mailboxes/function.json"), "{}").unwrap();
        fs::write(app.join(LOCAL_SETTINGS), "secret").unwrap();
        fs::write(app.join("regrets"), "binary").unwrap();
        fs::set_permissions(app.join("regrets"), fs::Permissions::from_mode(0o755)).unwrap();
        let (first, second) = (folder.path().join("1.zip"), folder.path().join("2.zip"));
        pack(&app, &first).unwrap();
        pack(&app, &second).unwrap();
        assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());

        let mut archive = zip::ZipArchive::new(File::open(&first).unwrap()).unwrap();
        let mut entries = Vec::new();
        for n in 0..archive.len() {
            let entry = archive.by_index(n).unwrap();
            entries.push((entry.name().unwrap().into_owned(), entry.unix_mode().unwrap() & 0o777));
        }
        assert_eq!(entries, [("regrets".to_owned(), 0o755), ("tend-mailboxes/function.json".to_owned(), 0o644)]);
    }
}
