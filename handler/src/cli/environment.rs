//! App settings that no configuration names, as `regrets check` sees them: a name that nothing reads, and
//! values that would be passed over or fail later.

use crate::config::{Env, StoreConfig, nearest_name};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::io::{ErrorKind, Read as _};
use std::path::Path;
use tracing_subscriber::EnvFilter;

/// Every `REGRETS_…` that this program or its templates read. `REGRETS__…` override the file.
const KNOWN: &[&str] = &[
    "REGRETS_ADMIN_KEY",
    "REGRETS_CONFIG",
    "REGRETS_DISPATCH_CRON",
    "REGRETS_LOCAL",
    "REGRETS_LOCAL_HASTE",
    "REGRETS_LOCAL_TOKEN",
    "REGRETS_STATE_KEYS",
    "REGRETS_STORE",
    "REGRETS_URL",
];

/// What the tests of this project read, which a developer's shell may hold.
const OF_TESTS: &[&str] = &["REGRETS_REFERENCE", "REGRETS_TEST_STORAGE", "REGRETS_WRITE_PAGES"];

/// What is wrong with them, each in a sentence. Shows no value but those that are no secret.
pub(super) fn problems(env: &Env, root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for name in env.keys().filter(|name| name.starts_with("REGRETS_") && !name.starts_with("REGRETS__")) {
        if !KNOWN.contains(&name.as_str()) && !OF_TESTS.contains(&name.as_str()) {
            let near =
                nearest_name(name, KNOWN).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            found.push(format!("app setting {name} is none that Regrets reads{near}"));
        }
    }
    let set = |name: &str| env.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    if let Some(why) = set("RUST_LOG").and_then(|filter| EnvFilter::try_new(filter).err()) {
        found.push(format!("app setting RUST_LOG is no filter ({why}); write it as in info,regrets=debug"));
    }
    if let Some(file) = set("SSL_CERT_FILE") {
        let why = why_no_anchors(&root.join(file));
        found.extend(
            why.map(|why| format!("app setting SSL_CERT_FILE names {file}, which can't be used: {why}")),
        );
    }
    #[cfg(feature = "local")]
    if let Some(why) = set("REGRETS_DISPATCH_CRON").and_then(functions_local_host::schedule_problem) {
        found.push(format!("app setting REGRETS_DISPATCH_CRON: {why}"));
    }
    found
}

/// Every certificate in it must be one that can be trusted: those that are not are passed over when a
/// connection is made.
fn why_no_anchors(file: &Path) -> Option<String> {
    let pem = match std::fs::read(file) {
        Ok(pem) => pem,
        Err(error) => return Some(error.to_string()),
    };
    let mut roots = RootCertStore::empty();
    let mut count = 0;
    for (index, certificate) in CertificateDer::pem_slice_iter(&pem).enumerate() {
        let added = certificate.map_err(|error| error.to_string());
        if let Err(why) =
            added.and_then(|certificate| roots.add(certificate).map_err(|error| error.to_string()))
        {
            return Some(format!("its certificate {} can't be read ({why})", index + 1));
        }
        count += 1;
    }
    (count == 0).then(|| "it holds no certificate in PEM".to_owned())
}

/// What keeps a ledger in a file from being opened there, as far as can be seen without making it.
pub(super) fn ledger(store: &StoreConfig, made: Option<&Path>) -> Option<String> {
    let path = match store {
        StoreConfig::Sqlite(path) => path,
        StoreConfig::AzureTables(_) => return None,
    };
    let why = match std::fs::File::open(path) {
        Ok(_) if path.is_dir() => "that is a folder".to_owned(),
        Ok(file) => why_no_database(file)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = folder.filter(|folder| !folder.is_dir() && made != Some(folder))?;
            format!("there is no folder {}", folder.display())
        }
        Err(error) => error.to_string(),
    };
    Some(format!("app setting REGRETS_STORE names {}, which can't be used: {why}", path.display()))
}

fn why_no_database(file: std::fs::File) -> Option<String> {
    const HEAD: &[u8] = b"SQLite format 3\0";
    let mut head = Vec::new();
    match file.take(HEAD.len() as u64).read_to_end(&mut head) {
        Ok(_) if head.is_empty() || head == HEAD => None,
        Ok(_) => Some("it is no SQLite database".to_owned()),
        Err(error) => Some(error.to_string()),
    }
}

#[cfg(test)]
#[path = "environment_tests.rs"]
mod tests;
