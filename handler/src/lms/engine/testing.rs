//! For tests: small connector files, built by hand.

use super::connector::Engine;
use super::settings::{SettingValue, Settings};
pub(crate) use super::testing_server::{Answer, Lms, Seen, Server};
use crate::clock::ManualClock;
use crate::enrolment::lms_answer::{OrderEvidence, OrderVerdict};
use crate::enrolment::policy::Rate;
use crate::lms::recipe::auth::Auth;
use crate::lms::recipe::connector::{
    About, AfterWrite, Cancels, ConnectorFile, LmsSendsInvites, Recipes, Service, Setting, SettingKind,
    Status, Verified,
};
use crate::lms::recipe::json_path::JsonPath;
use crate::lms::recipe::rule::{Rule, RuleTest, StatusRange, Test};
use crate::lms::recipe::step::{Body, Expect, Pick, Request, StateOf, Step, Take, TakeAt, Target};
use crate::lms::recipe::template::{Position, Template};
use crate::lms::recipe::words::{PlaceState, StepOutcome, Verdict};
use crate::lms::{Budget, Order};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn text(text: &str) -> Template {
    Template::parse(text, Position::Value).unwrap()
}

pub(crate) fn path(text: &str) -> JsonPath {
    JsonPath::parse(text).unwrap()
}

pub(crate) fn request(method: http::Method, path: &str) -> Request {
    let reads = method == http::Method::GET;
    Request {
        method,
        target: Target::Path(Template::parse(path, Position::Path).unwrap()),
        query: Vec::new(),
        headers: Vec::new(),
        body: Body::None,
        is_signed: true,
        reads,
        cache: None,
        timeout: Duration::from_secs(10),
        expect: Expect::Json,
        empty_is_ok: false,
        paging: None,
    }
}

pub(crate) fn get(path: &str) -> Request {
    request(http::Method::GET, path)
}

pub(crate) fn post(path: &str, fields: &[(&str, &str)]) -> Request {
    let form = fields.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
    Request { body: Body::Form(form), ..request(http::Method::POST, path) }
}

pub(crate) fn step(name: &str, request: Request) -> Step {
    Step {
        name: name.to_owned(),
        about: String::new(),
        when: Vec::new(),
        request: Some(request),
        rules: Vec::new(),
        pick: None,
        take: Vec::new(),
        state: None,
        given: None,
        started: None,
        exit: None,
        keeps_course: false,
    }
}

pub(crate) fn pick(from: &str, at: &str, is: &str, none: Verdict) -> Pick {
    Pick {
        from: path(from),
        filter: vec![(path(at), Test::Is { value: text(is), ignore_case: true })],
        rules: Vec::new(),
        none,
        many: Verdict::Outcome(StepOutcome::Unclear),
    }
}

pub(crate) fn take(name: &str, at: &str) -> Take {
    Take { name: name.to_owned(), at: TakeAt::Json(path(at)), is_optional: false }
}

pub(crate) fn rule(status: &[u16], tests: Vec<RuleTest>, then: Verdict) -> Rule {
    Rule {
        status: status.iter().map(|status| StatusRange { first: *status, last: *status }).collect(),
        content_type: None,
        tests,
        then,
        message: None,
        retry_after: None,
    }
}

pub(crate) const NOW: &str = "2026-11-21T10:00:00Z";

pub(crate) fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

pub(crate) fn order() -> Order {
    Order {
        id: "order-1".to_owned(),
        tenant: "contoso".into(),
        session: "4711".into(),
        learner: "ana@contoso.com".into(),
        generation: 1,
        decision: 1,
        verdict: OrderVerdict::Declined,
        evidence: OrderEvidence::LearnerCopy,
        declined_at: None,
        decided_at: now() - TimeDelta::minutes(5),
        session_start: None,
        attempt: 1,
        may_be_repeated: false,
    }
}

pub(crate) fn budget() -> Budget {
    Budget::of(Duration::from_secs(90))
}

/// A made-up LMS: `GET /users?mail=`, `GET /places/<session>/<user>`, `POST /cancel`.
pub(crate) fn file() -> ConnectorFile {
    let base = Template::parse("{{ settings.base_url }}", Position::Url).unwrap();
    let mut user = step("user", get("/users"));
    user.request.as_mut().unwrap().query = vec![("mail".to_owned(), text("{{ learner }}"))];
    user.pick = Some(pick("$[*]", "$.mail", "{{ learner }}", Verdict::Outcome(StepOutcome::UnknownLearner)));
    user.take = vec![take("id", "$.id")];

    let mut place = step("place", get("/places/{{ session }}/{{ user.id }}"));
    let map = [
        ("held", PlaceState::Held),
        ("waiting", PlaceState::Waitlisted),
        ("cancelled", PlaceState::Cancelled),
        ("cohort", PlaceState::HeldElsewhere),
        ("been", PlaceState::Attended),
    ];
    let map = map.into_iter().map(|(word, state)| (word.to_owned(), state)).collect();
    place.state = Some(StateOf::Map { at: path("$.status"), map });
    place.given = Some(path("$.given"));
    place.started = Some(path("$.started"));
    place.rules = vec![rule(&[404], Vec::new(), Verdict::State(PlaceState::Absent))];

    let cancel = step("cancel", post("/cancel", &[("user", "{{ user.id }}"), ("session", "{{ session }}")]));
    ConnectorFile {
        name: "made-up".to_owned(),
        title: "A made-up LMS".to_owned(),
        about: About {
            cancels: Cancels::Place,
            is_destructive: false,
            verified: Verified::ReadBack,
            status: Status::Full,
            lms_sends_invites: LmsSendsInvites::Never,
            notes: String::new(),
        },
        settings: vec![setting("base_url", SettingKind::Url), setting("token", SettingKind::Secret)],
        service: Service {
            base,
            headers: Vec::new(),
            concurrency: 4,
            rate: None,
            remaining: Some("x-remaining".to_owned()),
            reset: Some("x-reset".to_owned()),
            read_limit: 1024 * 1024,
        },
        auth: Auth::None,
        recipes: Recipes { find: vec![user], read: vec![place], write: vec![cancel], ..Recipes::default() },
        after_write: AfterWrite {
            still_held: Verdict::Outcome(StepOutcome::Unclear),
            reads: 1,
            wait: Duration::ZERO,
        },
        hash: "0123456789abcdef".to_owned(),
    }
}

pub(crate) fn setting(name: &str, kind: SettingKind) -> Setting {
    Setting { name: name.to_owned(), kind, about: String::new(), example: None, default: None }
}

pub(crate) fn settings(base: &str) -> Settings {
    let values = [
        ("base_url", SettingValue::Text(base.to_owned())),
        ("token", SettingValue::Secret("s3cret-token".into())),
    ];
    Settings {
        values: values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        hosts: Vec::new(),
        allow_course_unenrol: false,
    }
}

pub(crate) fn rate() -> Rate {
    Rate { requests: 1000, per: TimeDelta::seconds(1) }
}

pub(crate) fn http() -> reqwest::Client {
    let options = crate::http::client::HttpOptions::default();
    crate::http::client::client(&options).unwrap()
}

pub(crate) fn engine(file: ConnectorFile, server: &Server) -> Engine {
    engine_with(file, settings(&server.url()))
}

pub(crate) fn engine_with(file: ConnectorFile, settings: Settings) -> Engine {
    let clock = Arc::new(ManualClock::at(now()));
    Engine::new(Arc::new(file), "contoso".into(), settings, rate(), http(), clock).unwrap()
}
