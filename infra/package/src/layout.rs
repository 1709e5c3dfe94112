//! The script root. The host looks for functions in direct sub-folders only, so the repository's own root is
//! none.
//!
//! Guarantees: nothing of an earlier packaging is left in the folder, but for `local.settings.json`, which is
//! the developer's and is never packed; the binary has exactly the name that `defaultExecutablePath` gives,
//! because Core Tools set the exec bit on that entry alone.

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
            "host.json: customHandler.description.defaultExecutablePath is {named:?}; it must be {BINARY:?}, \
             the file's exact name"
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
#[path = "layout_tests.rs"]
mod tests;
