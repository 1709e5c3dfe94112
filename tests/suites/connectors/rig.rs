//! An engine of a shipped connector file and settings, and an order for it.

use chrono::{DateTime, Duration as Days, Utc};
use regrets::clock::SystemClock;
use regrets::config::connector_file::read;
use regrets::enrolment::lms_answer::{OrderEvidence, OrderVerdict};
use regrets::enrolment::policy::Rate;
use regrets::lms::Order;
use regrets::lms::engine::connector::Engine;
use regrets::lms::engine::settings::{SettingValue, Settings};
use regrets::lms::presets;
use regrets::lms::recipe::connector::{ConnectorFile, SettingKind};
use regrets::lms::webhook::prepare;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Longer than one attempt takes here, however busy the machine is.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(120);

pub(crate) const LEARNER: &str = "ana@contoso.com";

/// One a test: connections don't outlive its runtime.
pub(crate) fn http() -> reqwest::Client {
    // Another test may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    prepare(reqwest::Client::builder()).no_proxy().build().unwrap()
}

pub(crate) fn file(name: &str) -> Arc<ConnectorFile> {
    let text = presets::text(name).unwrap_or_else(|| panic!("no connector file is called {name}"));
    match read(&format!("{name}.toml"), text) {
        Ok(file) => Arc::new(file),
        Err(errors) => panic!("{}", errors.render(false)),
    }
}

/// The file's settings with their defaults; `given` before them, and `base_url`.
fn settings(file: &ConnectorFile, base_url: &Url, given: &[(&str, &str)]) -> Settings {
    let mut values = BTreeMap::new();
    for setting in &file.settings {
        let named =
            given.iter().find(|(name, _)| *name == setting.name).map(|(_, value)| (*value).to_owned());
        let text = match setting.name.as_str() {
            "base_url" => base_url.as_str().trim_end_matches('/').to_owned(),
            name => named
                .or_else(|| setting.default.clone())
                .unwrap_or_else(|| panic!("{}: the setting {name} needs a value here", file.name)),
        };
        let value = match &setting.kind {
            SettingKind::Secret => SettingValue::Secret(text.into()),
            SettingKind::Url | SettingKind::Text { .. } | SettingKind::Choice { .. } | SettingKind::Flag => {
                SettingValue::Text(text)
            }
        };
        values.insert(setting.name.clone(), value);
    }
    let allowed = given.iter().find(|(name, _)| *name == "allow_course_unenrol");
    let allow_course_unenrol = allowed.is_some_and(|(_, value)| *value == "true");
    Settings { values, hosts: Vec::new(), allow_course_unenrol }
}

/// Of a setting that is given twice, the first counts.
pub(crate) fn engine(
    file: &Arc<ConnectorFile>,
    base_url: &Url,
    given: &[(&str, &str)],
    http: &reqwest::Client,
) -> Engine {
    let rate = Rate { requests: 10_000, per: Days::seconds(1) };
    let settings = settings(file, base_url, given);
    let clock = Arc::new(SystemClock);
    Engine::new(Arc::clone(file), "contoso".into(), settings, rate, http.clone(), clock).unwrap()
}

/// Decided now, about a session in a week.
pub(crate) fn order(session: &str, learner: &str) -> Order {
    let now: DateTime<Utc> = Utc::now();
    Order {
        id: "rgr_k3J9x".to_owned(),
        tenant: "contoso".into(),
        session: session.into(),
        learner: learner.into(),
        generation: 1,
        decision: 1,
        verdict: OrderVerdict::Declined,
        evidence: OrderEvidence::OrganizerCopy,
        declined_at: Some(now - Days::minutes(12)),
        decided_at: now,
        session_start: Some(now + Days::days(7)),
        attempt: 1,
        may_be_repeated: false,
    }
}
