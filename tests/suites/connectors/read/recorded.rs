//! Lists as a real Moodle answered them, with the companion plugin and without: whatever is asked for beside
//! function and page, the answer is the recorded one.

use super::{budget, places, sessions};
use crate::moodle::SETTINGS;
use crate::rig::{engine, file, http};
use fake_lms::replay::Exchange;
use fake_lms::{Answer, Call, Fake, Product};
use regrets::lms::Source as _;
use regrets::sessions::absence::SingleRead;
use serde_json::Value;
use std::collections::BTreeMap;
use suites::checkout::root;
use url::form_urlencoded;

/// By function and cursor.
struct Recorded(Vec<(String, String, Exchange)>);

impl Recorded {
    fn of(files: &[&str]) -> Self {
        let exchanges = files.iter().map(|name| {
            let path = root().join("tests/connectors").join(name);
            let exchange: Exchange = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            let (function, cursor) = asked(exchange.request.body.as_str().unwrap());
            (function, cursor, exchange)
        });
        Self(exchanges.collect())
    }
}

fn asked(body: &str) -> (String, String) {
    let fields: BTreeMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    (field("wsfunction"), field("cursor"))
}

impl Product for Recorded {
    fn answer(&mut self, call: &Call, _: &mut Vec<String>) -> Answer {
        let (function, cursor) = asked(&call.body);
        // Nobody of the recorded roster is suspended.
        if call.body.contains("onlysuspended") {
            return Answer::text(200, "application/json", "[]");
        }
        let found = self.0.iter().find(|(known, at, _)| *known == function && *at == cursor);
        let (.., exchange) = found.unwrap_or_else(|| panic!("{function} {cursor} is not recorded"));
        let Value::String(body) = &exchange.response.body else { panic!("a body that is no text") };
        Answer::text(exchange.response.status, "application/json", body)
    }

    fn writes(&self, _: &Call) -> bool {
        false
    }
}

/// One of the site's courses may not be entered by the account: nothing is taken for gone.
#[tokio::test]
async fn a_real_site_with_the_plugin() {
    let pages = ["list-page-1.json", "list-page-2.json", "list-page-3.json"];
    let pages = pages.map(|page| format!("moodle-facetoface/calls/{page}"));
    let files: Vec<&str> = pages.iter().map(String::as_str).collect();
    let fake = Fake::start(Recorded::of(&files)).await;
    let settings = [("token", "TOKEN")];
    let engine = engine(&file("moodle-facetoface"), fake.url(), &settings, &http());
    insta::assert_snapshot!(sessions(&engine.sessions(budget()).await));
    insta::assert_snapshot!(places(&engine.roster(None, budget()).await));
}

#[tokio::test]
async fn a_real_site_without_it() {
    let lists = ["courses", "calendar", "roster"].map(|name| format!("moodle/lists/{name}.json"));
    let files: Vec<&str> = lists.iter().map(String::as_str).collect();
    let fake = Fake::start(Recorded::of(&files)).await;
    let of_courses = engine(&file("moodle"), fake.url(), SETTINGS, &http());
    // Its entries are those of an activity.
    insta::assert_snapshot!(sessions(&of_courses.sessions(budget()).await), @"2 Undated Fire safety");
    insta::assert_snapshot!(places(&of_courses.roster(Some(&"6".into()), budget()).await), @r"
    6 Held p01@example.org <p01@example.org> Pat Number01
    6 Held p02@example.org <p02@example.org> Pat Number02
    6 Held p03@example.org <p03@example.org> Pat Number03
    6 Held ada@example.org <ada@example.org> Ada Able
    ");

    // A calendar that the account may not see is empty, and says so.
    let lists = ["courses", "calendar-no-right"].map(|name| format!("moodle/lists/{name}.json"));
    let files: Vec<&str> = lists.iter().map(String::as_str).collect();
    let fake = Fake::start(Recorded::of(&files)).await;
    let blind = engine(&file("moodle"), fake.url(), SETTINGS, &http());
    insta::assert_snapshot!(sessions(&blind.sessions(budget()).await), @r"
    out: 2 sessions.parts its dates were not read to their end
    doubt: a part of sessions.entries may not be read
    ");

    // A group that its course does not list is none.
    let lists = ["groups"].map(|name| format!("moodle/lists/{name}.json"));
    let files: Vec<&str> = lists.iter().map(String::as_str).collect();
    let fake = Fake::start(Recorded::of(&files)).await;
    let of_groups = engine(&file("moodle-group"), fake.url(), &[("token", "TOKEN")], &http());
    assert_eq!(of_groups.is_there(&"2:1".into(), budget()).await, SingleRead::There);
    assert_eq!(of_groups.is_there(&"2:7".into(), budget()).await, SingleRead::Gone);
}
