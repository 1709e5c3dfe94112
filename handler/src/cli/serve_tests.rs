//! What is said of a configuration that can't be used, how often, and what ends that.

use super::*;
use crate::ids::TenantName;
use crate::jobs::testing::{World, contoso};
use crate::jobs::timing::Timing;
use crate::ledger::alerts::open;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use tempfile::TempDir;

const GOOD: &str = r#"
public_url = "https://regrets.contoso.com"

[tenant.contoso]
directory  = "11111111-2222-3333-4444-555555555555"
client_id  = "66666666-7777-8888-9999-000000000000"
credential = { client_secret = { env = "SECRET" } }
watch      = { mailboxes = { all = true } }
recognise  = { session = { ical_uid = '^lms-(?<session>\d+)@' } }
lms        = { connector = "webhook", url = "https://lms.contoso.com/hooks", secret = { env = "LMS_SECRET" } }
"#;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn env(root: &TempDir) -> Env {
    let root = root.path().display();
    [
        ("FUNCTIONS_APP_ROOT_PATH", root.to_string()),
        ("SECRET", "s3cret".to_owned()),
        ("LMS_SECRET", format!("whsec_{KEY}")),
        ("REGRETS_STATE_KEYS", format!("a:{KEY}")),
        ("REGRETS_STORE", format!("sqlite:{root}/ledger.db")),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn write(root: &TempDir, toml: &str) {
    std::fs::write(root.path().join("regrets.toml"), toml).unwrap();
}

fn start(root: &TempDir) -> Start {
    let (announcer, _ready) = custom_handler::readiness();
    let root_path = root.path().to_owned();
    Start { root: root_path, env: env(root), timing: Timing::default(), drops: Arc::default(), announcer }
}

async fn alerts_of(app: &AppContext) -> Vec<AlertKind> {
    let open = open(&app.ledger, &TenantName::new("contoso")).await.unwrap();
    open.into_iter().map(|alert| alert.kind).collect()
}

/// Lines that were written.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, some: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(some);
        Ok(some.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn alerts(&self) -> usize {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines()
            .filter(|line| line.contains(r#""alert":"configuration""#) && line.contains("can't be used"))
            .count()
    }
}

/// The line is the alert: no ledger is known that could hold one. A query over five minutes must not miss it.
#[tokio::test(start_paused = true)]
async fn a_wrong_configuration_at_the_start_is_said_at_once_and_every_minute() {
    let root = TempDir::new().unwrap();
    write(&root, &GOOD.replace("contoso.com/hooks", "contoso.com/hooks\", rate = \"often"));
    let (lines, start) = (Lines::default(), start(&root));
    let (out, err) = (Lines::default(), lines.clone());
    let subscriber = telemetry::subscriber(None, move || out.clone(), move || err.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    let told = async {
        let mut passed = 0;
        for (until, said) in [(1, 1), (58, 1), (63, 2), (125, 3), (305, 6)] {
            tokio::time::sleep(Duration::from_secs(until - passed)).await;
            passed = until;
            assert_eq!(lines.alerts(), said, "after {until} s");
        }
    };
    tokio::select! {
        _ = start.as_soon_as_it_can() => unreachable!("it can't start"),
        () = told => {}
    }
}

/// A good start ends what a refused file of the last process had raised, and a good file what a refused one
/// had.
#[tokio::test]
async fn the_alert_of_a_refused_file_ends_with_a_good_one_and_with_a_good_start() {
    let root = TempDir::new().unwrap();
    write(&root, GOOD);
    let first = start(&root);
    let mut running = first.as_soon_as_it_can().await;
    assert!(alerts_of(&running.app).await.is_empty());
    write(&root, &GOOD.replace("all = true", "al = true"));
    first.reload(&mut running).await;
    assert_eq!(alerts_of(&running.app).await, [AlertKind::Configuration]);
    first.reload(&mut running).await;
    assert_eq!(
        alerts_of(&running.app).await,
        [AlertKind::Configuration],
        "it stays as long as the file is wrong"
    );
    write(&root, GOOD);
    first.reload(&mut running).await;
    assert!(alerts_of(&running.app).await.is_empty());

    complain(&running.app, "as it was when the process ended").await;
    assert_eq!(alerts_of(&running.app).await, [AlertKind::Configuration]);
    let (announcer, _ready) = custom_handler::readiness();
    let serving = tokio::spawn(prepare(env(&root), announcer));
    for _ in 0..200 {
        if alerts_of(&running.app).await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(alerts_of(&running.app).await.is_empty());
    serving.abort();
}

#[tokio::test(start_paused = true)]
async fn counts_that_can_not_be_stored_are_stored_later_whoever_they_are_of() {
    let world = World::new().await;
    let (drops, tenant) = (DropCounters::default(), contoso());
    drops.count(Some(&tenant), DropCause::NoEventId);
    drops.count(None, DropCause::NotJson);
    drops.count(None, DropCause::ChunkedOrEmpty);
    world.tables.refuses.store(true, Ordering::SeqCst);
    store(&world.app, &drops).await;
    world.tables.refuses.store(false, Ordering::SeqCst);
    drops.count(None, DropCause::ChunkedOrEmpty);
    store(&world.app, &drops).await;
    store(&world.app, &drops).await;
    let counts = drops::counts(&world.app.ledger, &tenant).await.unwrap();
    let expected = [("no_event_id", 1), ("not_json", 1), ("chunked_or_empty", 2)];
    assert_eq!(counts, expected.map(|(cause, count)| (cause.to_owned(), count)).into());
    let open = open(&world.app.ledger, &tenant).await.unwrap();
    assert_eq!(
        open.iter().map(|alert| (alert.kind, alert.count)).collect::<Vec<_>>(),
        [(AlertKind::ChunkedPosts, 2)]
    );
}

#[test]
fn only_on_one_machine_is_there_haste() {
    let of = |pairs: &[(&str, &str)]| {
        haste(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    };
    let (local, hasty) = (("REGRETS_LOCAL", "1"), ("REGRETS_LOCAL_HASTE", "60"));
    assert_eq!((of(&[]), of(&[local]), of(&[hasty]), of(&[local, hasty])), (1, 1, 1, 60));
    for wrong in ["0", "-3", "much"] {
        assert_eq!(of(&[local, ("REGRETS_LOCAL_HASTE", wrong)]), 1, "{wrong}");
    }
    let pace = |graph: &str| {
        let pairs = [local, hasty, ("GRAPH_ENDPOINT", graph)];
        let timing =
            timing(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        (timing.pace == Timing::default().pace, timing.rewake == Timing::default().rewake)
    };
    assert_eq!(pace("http://127.0.0.1:9"), (false, false));
    assert_eq!(
        pace("https://graph.microsoft.com"),
        (true, false),
        "the real Graph has its limits all the same"
    );
    assert_eq!(RELOAD / of(&[]), Duration::from_secs(60), "a corrected file is taken up within a minute");
}
