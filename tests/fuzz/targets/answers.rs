//! Whatever an LMS answers to anything: the engine comes to an outcome within few requests, and says that
//! the place is gone only where it has seen that.

use super::lms::{self, Instead, Lms};
use regrets::clock::SystemClock;
use regrets::config::connector_file;
use regrets::enrolment::lms_answer::{LmsOutcome, OrderEvidence, OrderVerdict, Reach};
use regrets::enrolment::policy::Rate;
use regrets::lms::engine::connector::Engine;
use regrets::lms::engine::settings::{SettingValue, Settings};
use regrets::lms::recipe::connector::ConnectorFile;
use regrets::lms::webhook::prepare;
use regrets::lms::{Budget, Connector as _, Order};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

const PAGE: &str = include_str!("../../../handler/src/lms/README.md");

const STATUSES: [u16; 16] = [200, 201, 202, 204, 206, 207, 302, 400, 401, 403, 404, 409, 410, 422, 500, 503];
const HEADERS: [(&str, &str); 8] = [
    ("content-type", "application/json"),
    ("content-type", "application/json; charset=utf-16"),
    ("content-type", "text/html"),
    ("content-type", ""),
    ("location", "/api/seats/9"),
    ("location", "//elsewhere.example/"),
    ("retry-after", "0"),
    ("link", "<http://127.0.0.1/>; rel=next"),
];
/// More than an attempt asks: four requests, each of them redirected three times.
const MOST_REQUESTS: usize = 4 + 4 * 3;

struct Rig {
    runtime: Runtime,
    lms: Arc<Mutex<Lms>>,
    file: Arc<ConnectorFile>,
    base: String,
}

impl Rig {
    fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (_, part) = PAGE.split_once("```toml\n").unwrap();
        let (text, _) = part.split_once("```").unwrap();
        let file = connector_file::read("larkspur.toml", text).map_err(|errors| errors.to_string());
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let lms = Arc::<Mutex<Lms>>::default();
        runtime.spawn(lms::serve(listener, Arc::clone(&lms)));
        Self { runtime, lms, file: Arc::new(file.unwrap()), base }
    }

    fn engine(&self) -> Engine {
        let values = BTreeMap::from([
            ("base_url".to_owned(), SettingValue::Text(self.base.clone())),
            ("key".to_owned(), SettingValue::Secret("a key".to_owned().into())),
        ]);
        let settings = Settings { values, ..Settings::default() };
        let rate = Rate { requests: 1_000_000, per: chrono::Duration::seconds(1) };
        let http = prepare(reqwest::Client::builder()).no_proxy().build().unwrap();
        let clock = Arc::new(SystemClock);
        Engine::new(Arc::clone(&self.file), "any".into(), settings, rate, http, clock).unwrap()
    }
}

thread_local! {
    /// Never let go of: a runtime can't be dropped while a thread ends.
    static RIG: &'static Rig = Box::leak(Box::new(Rig::new()));
}

/// For each answer: a byte that says whether it is the honest one, else which status; one for a header, and
/// whether it is cut; one for how long it is; and the answer.
fn script(mut bytes: &[u8]) -> Vec<Option<Instead>> {
    let mut all = Vec::new();
    while let [status, header, length, rest @ ..] = bytes {
        if all.len() == MOST_REQUESTS {
            break;
        }
        if status % 2 == 0 {
            all.push(None);
            bytes = &bytes[1..];
            continue;
        }
        let (body, left) = rest.split_at(usize::from(*length).min(rest.len()));
        all.push(Some(Instead {
            status: STATUSES[usize::from(status / 2) % STATUSES.len()],
            header: HEADERS[usize::from(*header) % HEADERS.len()],
            body: body.to_vec(),
            cut: (header / 32 == 7).then(|| usize::from(*length)),
        }));
        bytes = left;
    }
    all
}

pub(crate) fn answers(bytes: &[u8]) {
    RIG.with(|rig| {
        *rig.lms.lock().unwrap() = Lms { instead: script(bytes), ..Lms::default() };
        let (engine, order) = (rig.engine(), order());
        let budget = Budget::of(Duration::from_secs(60));
        let reply = rig.runtime.block_on(engine.cancel(&order, budget));
        let lms = rig.lms.lock().unwrap();
        assert!(lms.asked <= MOST_REQUESTS, "{} requests: {reply:?}", lms.asked);
        if reply.outcome == LmsOutcome::Done {
            assert!(reply.after.is_some_and(|after| after.is_gone()), "not seen to be gone: {reply:?}");
        }
        if reply.reach != Reach::Sent {
            assert_eq!(lms.freed, 0, "a place is gone, and nothing was sent: {reply:?}");
        }
        assert!(reply.message.is_none_or(|message| message.len() < 4096), "a long story");
    });
}

fn order() -> Order {
    let now = chrono::Utc::now();
    Order {
        id: "an-order".to_owned(),
        tenant: "any".into(),
        session: "4711".into(),
        learner: "ana@contoso.com".into(),
        generation: 1,
        decision: 1,
        verdict: OrderVerdict::Declined,
        evidence: OrderEvidence::LearnerCopy,
        declined_at: Some(now),
        decided_at: now,
        session_start: Some(now + chrono::Duration::days(7)),
        attempt: 1,
        may_be_repeated: false,
    }
}
