//! Whether the host could start the handler of a packaged folder: without the x bit it can't, and posts stay
//! unanswered for a minute and more before anybody learns why.

use serde_json::Value;
use std::path::Path;

/// What is wrong with the file that host.json names, where it is there; a repository has none.
pub(super) fn problem(root: &Path) -> Option<String> {
    let host: Value = serde_json::from_str(&std::fs::read_to_string(root.join("host.json")).ok()?).ok()?;
    let file = root.join(host.pointer("/customHandler/description/defaultExecutablePath")?.as_str()?);
    let data = std::fs::metadata(&file).ok().filter(std::fs::Metadata::is_file)?;
    let hint = "chmod +x, and make the zip on a system that keeps the bit";
    (!may_be_executed(&data))
        .then(|| format!("{} has no x bit, so the Functions host can't start it: {hint}", file.display()))
}

#[cfg(unix)]
fn may_be_executed(data: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    data.permissions().mode() & 0o111 == 0o111
}

#[cfg(not(unix))]
fn may_be_executed(_: &std::fs::Metadata) -> bool {
    true
}

#[cfg(all(test, unix))]
#[path = "executable_tests.rs"]
mod tests;
