//! App settings that no configuration names, as `regrets check` sees them: a name that nothing reads, and values that would
//! be passed over or fail later.

use crate::config::{Env, nearest_name};
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

/// What is wrong with them, each in a sentence. Shows no value but those that are no secret.
pub(super) fn problems(env: &Env, root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for name in env.keys().filter(|name| name.starts_with("REGRETS_") && !name.starts_with("REGRETS__")) {
        if !KNOWN.contains(&name.as_str()) {
            let near = nearest_name(name, KNOWN).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            found.push(format!("app setting {name} is none that Regrets reads{near}"));
        }
    }
    let set = |name: &str| env.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    if let Some(why) = set("RUST_LOG").and_then(|filter| EnvFilter::try_new(filter).err()) {
        found.push(format!("app setting RUST_LOG is no filter ({why}); write it as in info,regrets=debug"));
    }
    if let Some(file) = set("SSL_CERT_FILE") {
        let why = match std::fs::read(root.join(file)) {
            Err(error) => Some(error.to_string()),
            Ok(bytes) if !String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE-----") => {
                Some("it holds no certificate in PEM".to_owned())
            }
            Ok(_) => None,
        };
        found.extend(why.map(|why| format!("app setting SSL_CERT_FILE names {file}, which can't be used: {why}")));
    }
    #[cfg(feature = "local")]
    if let Some(why) = set("REGRETS_DISPATCH_CRON").and_then(crate::local::schedule_problem) {
        found.push(format!("app setting REGRETS_DISPATCH_CRON: {why}"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_passed_over_or_fail_later_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("empty.pem"), "nothing").unwrap();
        std::fs::write(folder.path().join("good.pem"), "-----BEGIN CERTIFICATE-----\n").unwrap();
        for (name, value, told) in [
            ("REGRETS_STATE_KEY", "x", "is none that Regrets reads; did you mean REGRETS_STATE_KEYS?"),
            ("REGRETS_COLOUR", "x", "app setting REGRETS_COLOUR is none that Regrets reads"),
            ("RUST_LOG", "info,regrets=loud", "app setting RUST_LOG is no filter"),
            ("SSL_CERT_FILE", "none.pem", "names none.pem, which can't be used"),
            ("SSL_CERT_FILE", "empty.pem", "it holds no certificate in PEM"),
            ("REGRETS_DISPATCH_CRON", "every minute", "is not an NCRONTAB schedule"),
        ] {
            let found = problems(&[(name.to_owned(), value.to_owned())].into(), folder.path());
            assert!(found.len() == 1 && found.iter().all(|why| why.contains(told)), "{name}={value}: {found:?}");
        }
        for (name, value) in [
            ("REGRETS_STATE_KEYS", "x"),
            ("REGRETS__TENANT__CONTOSO__POLICY__GRACE", "5m"),
            ("RUST_LOG", "info,regrets=debug"),
            ("SSL_CERT_FILE", "good.pem"),
            ("REGRETS_DISPATCH_CRON", "0 * * * * *"),
            ("PATH", "/bin"),
        ] {
            let found = problems(&[(name.to_owned(), value.to_owned())].into(), folder.path());
            assert!(found.is_empty(), "{name}={value}: {found:?}");
        }
    }
}
