use super::*;
use functions_local_host::Preview;

fn furnished(settings: &[(&str, &str)], storage: Storage) -> (Options, Preview) {
    let root = tempfile::tempdir().unwrap();
    let mut options = Options::new(root.path());
    options.storage = storage;
    options.inherit_env = false;
    options.env = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    furnish(&mut options).unwrap();
    let seen = preview(&options).unwrap();
    (options, seen)
}

#[test]
fn the_ledger_is_a_file_unless_there_is_an_account() {
    let account = "AccountName=a;AccountKey=a2V5";
    let (_, seen) = furnished(&[], Storage::Sqlite);
    let file = format!("sqlite:{}", seen.root.join(".regrets/ledger.db").display());
    assert_eq!(
        (seen.settings.get("REGRETS_STORE"), seen.settings.get("AzureWebJobsStorage")),
        (Some(&*file), None)
    );
    for (settings, storage) in [
        (vec![], Storage::Account(account.to_owned().into())),
        (vec![("AzureWebJobsStorage", account)], Storage::Sqlite),
        (vec![("azurewebjobsstorage__accountName", "a")], Storage::Sqlite),
    ] {
        let (_, seen) = furnished(&settings, storage);
        assert_eq!(seen.settings.get("REGRETS_STORE"), None, "{settings:?}");
    }
    let (_, seen) = furnished(&[("REGRETS_STORE", "sqlite:other.db")], Storage::Sqlite);
    assert_eq!(seen.settings.get("REGRETS_STORE"), Some("sqlite:other.db"));
}

#[test]
fn haste_shortens_the_leases_of_messages_to_ten_seconds_at_least() {
    for (haste, seconds) in [("", 600), ("20", 30), ("60", 10), ("600", 10), ("-1", 600)] {
        let (options, _) = furnished(&[("REGRETS_LOCAL_HASTE", haste)], Storage::Sqlite);
        assert_eq!(options.lease, Duration::from_secs(seconds), "{haste}");
    }
}

/// What this handler reads where it looks for them.
#[test]
fn the_host_is_told_where_this_handler_looks() {
    let (options, seen) = furnished(&[], Storage::Sqlite);
    let token = options.caller_token.unwrap();
    assert_eq!((token.header.as_str(), token.variable.as_str()), (TOKEN_HEADER, TOKEN_VARIABLE));
    assert_eq!(seen.settings.get("REGRETS_LOCAL"), Some("1"));
    assert_eq!(seen.settings.get("REGRETS_DISPATCH_CRON"), Some("0 * * * * *"));
    let stand_in = seen.settings.get("REGRETS_STATE_KEYS").unwrap();
    assert_eq!(stand_in, "local:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
}
