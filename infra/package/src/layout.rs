//! The script root. The host looks for functions in direct sub-folders only, so the repository's own root is none.
//!
//! Guarantees: nothing of an earlier packaging is left in the folder, but for `local.settings.json`, which is the developer's
//! and is never packed; the binary has exactly the name that `defaultExecutablePath` gives, because Core Tools set the exec bit
//! on that entry alone.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The name of the binary in the app folder.
pub(crate) const BINARY: &str = "regrets";
/// For Core Tools: what of the app folder is not published.
pub(crate) const FUNCIGNORE: &str = ".funcignore";
/// The developer's own settings: never packed, never deleted.
pub(crate) const LOCAL_SETTINGS: &str = "local.settings.json";

pub(crate) fn stage(root: &Path, binary: &Path, config: Option<&Path>, app: &Path) -> Result<()> {
    clear(app)?;
    let host = fs::read_to_string(root.join("host.json")).context("host.json")?;
    let host_json: Value = serde_json::from_str(&host).context("host.json")?;
    let named = host_json.pointer("/customHandler/description/defaultExecutablePath").and_then(Value::as_str);
    if named != Some(BINARY) {
        bail!(
            "host.json: customHandler.description.defaultExecutablePath is {named:?}; it must be {BINARY:?}, the file's exact name"
        );
    }
    fs::write(app.join("host.json"), host)?;
    let mut functions = 0;
    for folder in fs::read_dir(root.join("functions")).context("functions")? {
        let folder = folder?.path();
        let definition = folder.join("function.json");
        let Some(name) = folder.file_name().filter(|_| definition.is_file()) else { continue };
        fs::create_dir_all(app.join(name))?;
        fs::copy(&definition, app.join(name).join("function.json"))?;
        functions += 1;
    }
    if functions == 0 {
        bail!("functions/ holds no folder with a function.json");
    }
    if let Some(config) = config {
        fs::copy(config, app.join("regrets.toml")).with_context(|| config.display().to_string())?;
    }
    fs::copy(root.join("infra").join(FUNCIGNORE), app.join(FUNCIGNORE)).context("infra/.funcignore")?;
    let to = app.join(BINARY);
    fs::copy(binary, &to).with_context(|| binary.display().to_string())?;
    fs::set_permissions(&to, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

fn clear(app: &Path) -> Result<()> {
    fs::create_dir_all(app)?;
    for entry in fs::read_dir(app)? {
        let entry = entry?;
        if entry.file_name() == LOCAL_SETTINGS {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(executable: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let host = format!(r#"{{"customHandler": {{"description": {{"defaultExecutablePath": "{executable}"}}}}}}"#);
        fs::write(root.path().join("host.json"), host).unwrap();
        fs::create_dir_all(root.path().join("functions/tend-mailboxes")).unwrap();
        fs::create_dir_all(root.path().join("functions/notes")).unwrap();
        fs::write(root.path().join("functions/tend-mailboxes/function.json"), "{}").unwrap();
        fs::create_dir_all(root.path().join("infra")).unwrap();
        fs::write(root.path().join("infra").join(FUNCIGNORE), "").unwrap();
        fs::write(root.path().join("binary"), "not quite").unwrap();
        root
    }

    #[test]
    fn functions_stand_directly_in_the_app_folder_beside_what_can_be_executed() {
        let root = repository("regrets");
        let app = root.path().join("app");
        fs::create_dir_all(app.join("old-function")).unwrap();
        fs::write(app.join(LOCAL_SETTINGS), "mine").unwrap();
        stage(root.path(), &root.path().join("binary"), None, &app).unwrap();
        let mut names: Vec<_> = fs::read_dir(&app).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [FUNCIGNORE, "host.json", LOCAL_SETTINGS, "regrets", "tend-mailboxes"]);
        assert_eq!(app.join(BINARY).metadata().unwrap().permissions().mode() & 0o777, 0o755);
    }

    #[test]
    fn another_name_of_the_executable_is_refused_because_its_exec_bit_would_be_lost() {
        let root = repository("./regrets");
        let error = stage(root.path(), &root.path().join("binary"), None, &root.path().join("app")).unwrap_err();
        assert!(error.to_string().contains("defaultExecutablePath"), "{error}");
    }
}
