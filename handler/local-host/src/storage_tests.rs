use super::*;
use std::collections::BTreeMap;

fn settings() -> Settings {
    let own = BTreeMap::from([("OTHER".to_owned(), "AccountName=other;AccountKey=a2V5".to_owned())]);
    Settings::gather(tempfile::tempdir().unwrap().path(), &own, false).unwrap()
}

fn place(text: &str) -> std::result::Result<String, String> {
    let Ok(storage) = Storage::from_str(text);
    let connection = storage.connection(&settings()).map_err(|error| error.to_string())?;
    let account = connection.map(|connection| account(&connection)).transpose();
    account.map(|account| account.map_or("sqlite".into(), |it| it.place())).map_err(|error| error.to_string())
}

#[test]
fn the_choice_leads_to_the_queues_of_its_account() {
    for (text, queues) in [
        ("sqlite", "sqlite"),
        ("azurite", "http://127.0.0.1:10001/devstoreaccount1"),
        ("UseDevelopmentStorage=true", "http://127.0.0.1:10001/devstoreaccount1"),
        ("accountname=a;AccountKey=a2V5MQ==", "https://a.queue.core.windows.net"),
        (
            "AccountName=a;AccountKey=a2V5;EndpointSuffix=core.chinacloudapi.cn",
            "https://a.queue.core.chinacloudapi.cn",
        ),
        ("AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:4711/a/", "http://127.0.0.1:4711/a"),
        ("QueueEndpoint=https://q.x;TableEndpoint=https://t.x;SharedAccessSignature=?sig=s", "https://q.x"),
        ("OTHER", "https://other.queue.core.windows.net"),
    ] {
        assert_eq!(place(text).as_deref(), Ok(queues), "{text}");
    }
}

#[test]
fn what_is_wrong_is_named_and_never_shown() {
    for (text, part) in [
        ("AccountName=a;AccountKey=hunter2", "AccountKey"),
        ("AccountName=a;hunter2=", "AccountKey"),
        ("AccountKey=a2V5", "AccountName"),
        ("TableEndpoint=https://t.x;SharedAccessSignature=sig=hunter2", "QueueEndpoint"),
        ("AccountName=a;AccountKey=a2V5;QueueEndpoint=hunter2", "URL"),
        ("NOT_SET", "\"NOT_SET\" is neither"),
    ] {
        let said = place(text).unwrap_err();
        assert!(said.starts_with("--storage: ") && said.contains(part), "{text}: {said}");
        assert!(!said.contains("hunter"), "{said}");
    }
    let Ok(storage) = Storage::from_str("AccountName=a;AccountKey=hunter2");
    assert!(!format!("{storage:?}").contains("hunter"), "{storage:?}");
}
