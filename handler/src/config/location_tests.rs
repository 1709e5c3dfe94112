//! A configuration in a blob, by the rules of a file: the last good one stays in force.

use super::super::tests::{env, minimal};
use super::*;
use crate::config::{Reloaded, Watched};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

/// The how-manieth write it was, and what was written.
type Blob = (usize, Vec<u8>);

/// A container that answers as Azure Storage does.
#[derive(Clone, Default)]
struct Container {
    /// By path.
    blobs: Arc<Mutex<BTreeMap<String, Blob>>>,
    writes: Arc<AtomicUsize>,
    /// Answers everything with this status instead.
    down: Arc<AtomicU16>,
    /// Whole blobs that were sent.
    sent: Arc<AtomicUsize>,
    url: String,
}

impl Container {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/config", listener.local_addr().unwrap());
        let container = Self { url, ..Self::default() };
        let app = axum::Router::new().fallback(answer).with_state(container.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        container
    }

    fn put(&self, name: &str, text: impl Into<Vec<u8>>) {
        let write = self.writes.fetch_add(1, Ordering::SeqCst);
        self.blobs.lock().insert(format!("/config/{name}"), (write, text.into()));
    }

    fn remove(&self, name: &str) {
        self.blobs.lock().remove(&format!("/config/{name}"));
    }

    async fn watched(&self, name: &str) -> Result<Watched, ConfigErrors> {
        let mut env = env();
        env.insert(NAME.to_owned(), format!("{}/{name}?sv=1&sig=s3cret", self.url));
        Watched::start(Path::new("/nowhere"), env).await
    }
}

async fn answer(State(all): State<Container>, uri: Uri, headers: HeaderMap) -> Response {
    if let Ok(down) = StatusCode::from_u16(all.down.load(Ordering::SeqCst)) {
        return down.into_response();
    }
    let found = all.blobs.lock().get(uri.path()).cloned();
    let Some((write, bytes)) = found else { return StatusCode::NOT_FOUND.into_response() };
    let etag = format!("\"0x{write}\"");
    if headers.get("if-none-match").is_some_and(|before| before == etag.as_str()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    all.sent.fetch_add(1, Ordering::SeqCst);
    ([("etag", etag)], bytes).into_response()
}

fn grace(watched: &Watched) -> i64 {
    watched.current().tenants.values().next().unwrap().policy.grace.num_seconds()
}

async fn refused(watched: &Watched) -> String {
    match watched.reload().await {
        Reloaded::Refused(errors) => errors.to_string(),
        other @ (Reloaded::Same | Reloaded::Changed(_)) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_last_good_blob_stays_in_force_and_it_is_sent_only_when_it_has_changed() {
    let container = Container::start().await;
    let early = container.watched("a/regrets.toml").await.unwrap_err().to_string();
    assert!(early.contains("/config/a/regrets.toml: answered with 404") && !early.contains("s3cret"));

    container.put("a/regrets.toml", minimal(""));
    let watched = container.watched("a/regrets.toml").await.unwrap();
    for _ in 0..3 {
        assert!(matches!(watched.reload().await, Reloaded::Same));
    }
    assert_eq!(container.sent.load(Ordering::SeqCst), 1);

    container.put("a/regrets.toml", minimal("grace = 'soon'"));
    for _ in 0..2 {
        let why = refused(&watched).await;
        assert!(why.contains("/config/a/regrets.toml:13:") && why.contains("soon"), "{why}");
    }
    let large = [minimal("").as_bytes(), &vec![b'#'; MOST_BYTES]].concat();
    for (bytes, said) in [
        (b"a = 1\nb = '\xff'\n".to_vec(), "line 2 is not UTF-8"),
        (large, "it is larger than 1 MiB"),
        (Vec::new(), "`tenant` is missing"),
    ] {
        container.put("a/regrets.toml", bytes);
        let why = refused(&watched).await;
        assert!(why.contains(said) && !why.contains("s3cret"), "{why}");
    }
    container.remove("a/regrets.toml");
    assert!(refused(&watched).await.contains("answered with 404"));
    for status in [401, 403, 409, 500, 503] {
        container.down.store(status, Ordering::SeqCst);
        assert!(refused(&watched).await.contains(&format!("answered with {status}")));
    }
    assert_eq!(grace(&watched), 600);

    container.down.store(0, Ordering::SeqCst);
    container.put("a/regrets.toml", minimal(""));
    assert!(matches!(watched.reload().await, Reloaded::Same), "as it was, by another ETag");
    container.put("a/regrets.toml", minimal("grace = '1m'"));
    assert!(matches!(watched.reload().await, Reloaded::Changed(_)));
    assert_eq!(grace(&watched), 60);
}

/// The least that a connector file needs stands in a test of its own room; here only where it is read from.
#[tokio::test]
async fn connector_files_are_read_from_the_blobs_own_folder_by_their_own_etags() {
    let container = Container::start().await;
    let connector = crate::lms::presets::text("moodle").unwrap().replace("\r", "");
    let settings = minimal("").replace("connector = \"webhook\"", "");
    let mine = |name: &str| {
        settings.replace("url = \"https://lms.contoso.com/hooks/regrets\"", &format!("connector = '{name}'"))
    };
    container.put("a/regrets.toml", mine("./mine.toml"));
    let why = container.watched("a/regrets.toml").await.unwrap_err().to_string();
    assert!(why.contains("can't be read") && why.contains("/config/a/mine.toml: answered with 404"), "{why}");
    container.put("a/regrets.toml", mine("../mine.toml"));
    let why = container.watched("a/regrets.toml").await.unwrap_err().to_string();
    assert!(why.contains("must stand in the folder of the configuration's blob"), "{why}");

    // What it lacks now is told of the connector's settings: it was read.
    container.put("a/regrets.toml", mine("./mine.toml"));
    container.put("a/mine.toml", connector);
    let why = container.watched("a/regrets.toml").await.unwrap_err().to_string();
    assert!(!why.contains("can't be read") && why.contains("tenant.contoso.lms"), "{why}");

    // One that nobody uses may come, change, break and go.
    container.put("a/regrets.toml", minimal(""));
    let watched = container.watched("a/regrets.toml").await.unwrap();
    container.put("a/regrets.toml", mine("./mine.toml"));
    for text in ["version = 1", "version = ", "version = 1"] {
        container.put("a/mine.toml", text);
        let why = refused(&watched).await;
        assert!(why.contains("/config/a/mine.toml:1:") || why.contains("mine.toml"), "{why}");
        let sent = container.sent.load(Ordering::SeqCst);
        assert_eq!(refused(&watched).await, why);
        assert_eq!(container.sent.load(Ordering::SeqCst), sent, "nothing is sent a second time");
    }
    container.remove("a/mine.toml");
    assert!(refused(&watched).await.contains("answered with 404"));
    container.put("a/regrets.toml", minimal(""));
    assert!(matches!(watched.reload().await, Reloaded::Same));
}

#[test]
fn a_url_that_is_no_blob_is_told_without_repeating_it() {
    let of = |url: &str| {
        let env = Env::from([(NAME.to_owned(), url.to_owned())]);
        Location::of(Path::new("/app"), &env).map_err(|errors| errors.to_string())
    };
    let told = of("https://config.contoso.com/c/regrets.toml?sig=s3cret").unwrap_err();
    assert!(told.starts_with("app setting REGRETS_CONFIG names a URL that is not at a host of Azure"));
    assert!(!told.contains("s3cret"), "{told}");
    assert!(of("http://acc.blob.core.windows.net/c/r.toml").is_err(), "a token over plain HTTP");
    assert!(matches!(of("https://acc.blob.core.windows.net/c/r.toml"), Ok(Location::Blob(_))));
    assert!(matches!(of("etc/r.toml"), Ok(Location::File(path)) if path == Path::new("/app/etc/r.toml")));
}

#[test]
fn the_identity_that_opens_the_storage_account_reads_the_blob() {
    let of = |pairs: &[(&str, &str)]| {
        whose_token(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    };
    let (account, id) = ("AzureWebJobsStorage__accountName", "AzureWebJobsStorage__clientId");
    let managed = |given: &[(&str, &str)], wanted: Option<&str>| match of(given) {
        StorageAccess::ManagedIdentity { client_id } => client_id.as_deref() == wanted,
        StorageAccess::Key(_) | StorageAccess::Signature(_) | StorageAccess::Developer => false,
    };
    assert!(managed(&[(account, "acc"), (id, "an-id")], Some("an-id")));
    assert!(managed(&[("AzureWebJobsStorage", "…"), ("IDENTITY_ENDPOINT", "http://x")], None));
    assert!(matches!(of(&[(account, "acc")]), StorageAccess::Developer));
    assert!(matches!(of(&[]), StorageAccess::Developer));
}
