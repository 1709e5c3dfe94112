use super::*;
use secrecy::ExposeSecret as _;

fn read(text: &str) -> StorageAccount {
    StorageAccount::from_connection_string(text).unwrap_or_else(|problem| panic!("{text}: {problem:?}"))
}

fn refused(text: &str) -> String {
    let problem = StorageAccount::from_connection_string(text).expect_err(text);
    assert_eq!(problem.setting, STORAGE);
    format!("{} {}", problem.why, problem.hint.unwrap_or_default())
}

fn by_identity(settings: &[(&str, &str)]) -> Option<Result<StorageAccount, StorageProblem>> {
    let env: BTreeMap<String, String> =
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    StorageAccount::from_identity(&env)
}

#[test]
fn connection_strings_are_read_as_the_sdks_write_them() {
    let usual = read(
        "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=a2V5MQ==;EndpointSuffix=core.chinacloudapi.cn",
    );
    assert_eq!(usual.name, "contoso");
    assert_eq!(usual.tables.as_str(), "https://contoso.table.core.chinacloudapi.cn/");
    assert_eq!(usual.queues.unwrap().as_str(), "https://contoso.queue.core.chinacloudapi.cn/");
    let StorageAccess::Key(key) = usual.access else { panic!("{:?}", usual.access) };
    assert_eq!(key.expose_secret(), "a2V5MQ==", "what follows the first = is the value");

    let odd = read(" accountname = contoso ; ACCOUNTKEY=a2V5MQ==;BlobEndpoint=;Unknown=1;; ");
    assert_eq!(odd.tables.as_str(), "https://contoso.table.core.windows.net/");

    let custom = read(
        "AccountName=a;AccountKey=a2V5MQ==;TableEndpoint=http://127.0.0.1:4711/a/;DefaultEndpointsProtocol=http",
    );
    assert_eq!(custom.tables.as_str(), "http://127.0.0.1:4711/a");

    let signed =
        read("TableEndpoint=https://contoso.table.core.windows.net/;SharedAccessSignature=?sv=1&sig=a%3D");
    assert_eq!((signed.name.as_str(), signed.queues), ("contoso", None));
    let StorageAccess::Signature(query) = signed.access else { panic!("{:?}", signed.access) };
    assert_eq!(query.expose_secret(), "sv=1&sig=a%3D");
}

#[test]
fn the_emulator_is_where_it_listens_by_itself() {
    let usual = read("UseDevelopmentStorage=true");
    assert_eq!(usual.tables.as_str(), "http://127.0.0.1:10002/devstoreaccount1");
    assert_eq!(usual.queues.unwrap().as_str(), "http://127.0.0.1:10001/devstoreaccount1");
    let elsewhere = read("UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://azurite");
    assert_eq!(elsewhere.tables.as_str(), "http://azurite:10002/devstoreaccount1");
}

#[test]
fn what_is_wrong_is_named_and_never_shown() {
    for (text, told) in [
        ("hunter2", "is not a connection string such as"),
        ("AccountName=a;hunter2", "is not a connection string"),
        ("AccountName=a", "is not a connection string"),
        ("AccountName=a;AccountKey=hunter2", "AccountKey that is not base64"),
        ("AccountKey=hunter2=", "AccountKey that is not base64"),
        ("AccountKey=a2V5MQ==", "names neither AccountName nor TableEndpoint"),
        ("AccountKey=a2V5MQ==;TableEndpoint=https://hunter2", "an AccountKey but no AccountName"),
        ("SharedAccessSignature=sig=hunter2", "neither AccountName nor TableEndpoint"),
        (
            "AccountName=a;SharedAccessSignature=sig=hunter2;DefaultEndpointsProtocol=http",
            "plain HTTP use https",
        ),
        ("AccountName=a;AccountKey=a2V5MQ==;DefaultEndpointsProtocol=ftp", "neither http nor https"),
        ("AccountName=a;AccountKey=a2V5MQ==;TableEndpoint=hunter2", "TableEndpoint: is not a URL"),
        (
            "AccountName=a;AccountKey=a2V5MQ==;TableEndpoint=https://x/?sig=hunter2",
            "TableEndpoint: must hold nothing",
        ),
        ("AccountName=hunter 2;AccountKey=a2V5MQ==", "AccountName and EndpointSuffix: is not a URL"),
        ("UseDevelopmentStorage=hunter2", "not =true"),
    ] {
        let said = refused(text);
        assert!(said.contains(told), "{text}: {said}");
        assert!(!said.contains("hunter"), "{text}: {said}");
    }
    let shown = format!("{:?}", read("AccountName=a;AccountKey=a2V5MQ=="));
    assert!(!shown.contains("a2V5MQ"), "{shown}");
}

#[test]
fn the_identity_form_names_account_and_identity() {
    assert!(by_identity(&[("AzureWebJobsStorage__credential", "managedidentity")]).is_none());
    let account = ("AzureWebJobsStorage__accountName", "contoso");
    let managed = ("AzureWebJobsStorage__credential", "managedidentity");
    let read = |settings: &[(&str, &str)]| by_identity(settings).unwrap().unwrap();

    let assigned = read(&[account, managed, ("AzureWebJobsStorage__clientId", "app-1")]);
    assert_eq!(assigned.tables.as_str(), "https://contoso.table.core.windows.net/");
    assert_eq!(assigned.queues.unwrap().as_str(), "https://contoso.queue.core.windows.net/");
    assert!(
        matches!(assigned.access, StorageAccess::ManagedIdentity { client_id: Some(id) } if id == "app-1")
    );

    let elsewhere = read(&[
        ("AzureWebJobsStorage__tableServiceUri", "https://contoso.table.core.usgovcloudapi.net"),
        managed,
    ]);
    assert_eq!((elsewhere.name.as_str(), elsewhere.queues), ("contoso", None));
    assert!(matches!(elsewhere.access, StorageAccess::ManagedIdentity { client_id: None }));

    assert!(matches!(read(&[account]).access, StorageAccess::Developer));
    let hosted = read(&[account, ("IDENTITY_ENDPOINT", "http://169.254.130.5:8081/msi/token")]);
    assert!(matches!(hosted.access, StorageAccess::ManagedIdentity { client_id: None }));
}

#[test]
fn a_wrong_identity_form_names_the_setting() {
    let account = (ACCOUNT_NAME, "contoso");
    for (settings, setting) in [
        ([(ACCOUNT_NAME, "Contoso.table"), (CLIENT_ID, "")], ACCOUNT_NAME),
        ([account, (CREDENTIAL, "clientsecret")], CREDENTIAL),
        ([account, (TABLES, "http://contoso.table.core.windows.net")], TABLES),
        ([account, (TABLES, "contoso")], TABLES),
        ([account, (QUEUES, "http://contoso.queue.core.windows.net")], QUEUES),
    ] {
        let problem = by_identity(&settings).unwrap().expect_err(setting);
        assert_eq!(problem.setting, setting, "{problem:?}");
    }
}
