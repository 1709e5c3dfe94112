use super::*;

#[test]
fn what_would_be_passed_over_or_fail_later_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.pem"), "nothing").unwrap();
    let made = crate::graph::testing::certificate::rsa();
    std::fs::write(folder.path().join("good.pem"), &made.certificate_pem).unwrap();
    std::fs::write(folder.path().join("head.pem"), "-----BEGIN CERTIFICATE-----\n").unwrap();
    let second_is_bad =
        format!("{}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", made.certificate_pem);
    std::fs::write(folder.path().join("second.pem"), second_is_bad).unwrap();
    for (name, value, told) in [
        ("REGRETS_STATE_KEY", "x", "is none that Regrets reads; did you mean REGRETS_STATE_KEYS?"),
        ("REGRETS_COLOUR", "x", "app setting REGRETS_COLOUR is none that Regrets reads"),
        ("RUST_LOG", "info,regrets=loud", "app setting RUST_LOG is no filter"),
        ("SSL_CERT_FILE", "none.pem", "names none.pem, which can't be used"),
        ("SSL_CERT_FILE", "empty.pem", "it holds no certificate in PEM"),
        ("SSL_CERT_FILE", "head.pem", "its certificate 1 can't be read"),
        ("SSL_CERT_FILE", "second.pem", "its certificate 2 can't be read"),
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
        ("REGRETS_TEST_STORAGE", "azurite"),
        ("REGRETS_WRITE_PAGES", "1"),
        ("REGRETS_REFERENCE", "/x"),
    ] {
        let found = problems(&[(name.to_owned(), value.to_owned())].into(), folder.path());
        assert!(found.is_empty(), "{name}={value}: {found:?}");
    }
}

#[test]
fn a_ledger_that_could_not_be_opened_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::write(root.join("text"), "this is no database").unwrap();
    std::fs::write(root.join("empty"), "").unwrap();
    std::fs::write(root.join("head"), b"SQLite format 3\0 and so on").unwrap();
    for (name, why) in [
        ("ledger.db", None),
        ("empty", None),
        ("head", None),
        ("text", Some("it is no SQLite database")),
        ("", Some("that is a folder")),
        ("none/ledger.db", Some("there is no folder")),
    ] {
        let told = ledger(&StoreConfig::Sqlite(root.join(name)), None);
        assert_eq!(told.is_some(), why.is_some(), "{name}: {told:?}");
        let told = told.unwrap_or_default();
        assert!(
            why.is_none_or(|why| told.starts_with("app setting REGRETS_STORE names ") && told.contains(why)),
            "{told}"
        );
    }
}
