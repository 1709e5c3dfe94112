//! From the decline in Outlook to the sign-up's status in a real Moodle: the real binary in between, by the
//! connector alone. What became of each place is read from the site's own tables, not from what it answered.
//! And, with `--record`, what the connector for Booking asks in each situation, and what is answered.
//!
//! Only where `infra/moodle/try` has made a site:
//!
//! ```sh
//! MOODLE_SOURCE=/path/to/moodle infra/moodle/try -- \
//!     cargo test -p suites --test connectors real_moodle -- --nocapture
//! ```

#![expect(clippy::print_stderr, reason = "it is run by hand, and says what it counted")]

use super::rig::{ATTEMPT, engine, file, http, order};
use regrets::lms::{Budget, Connector as _};
use serde_json::{Value, json};
use simulator::World;
use simulator::stage::Stage;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use suites::checkout::root;
use suites::{
    address, alerts, decline, drained, id, invite, known, reply, setup, story, wait_until, watched,
};
use url::Url;

const DECLINE: usize = 24;
/// Of those who decline, every third.
const TAKE_BACK: usize = 8;
const ACCEPT: usize = 8;
const SAY_NOTHING: usize = 8;
/// Nobody in the site has this address.
const STRANGER: &str = "stranger";

/// The site that `infra/moodle/try` has made.
struct Site(Value);

impl Site {
    /// `None`: there is none, and that is said.
    fn found() -> Option<Self> {
        let Some(path) = std::env::var_os("MOODLE_SITE") else {
            eprintln!("skipped: the whole way to a real Moodle, because MOODLE_SITE names no site");
            return None;
        };
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Some(Self(serde_json::from_str(&text).unwrap()))
    }

    fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("the site has no {pointer}"))
    }

    /// Something that a trainer does or sees inside of the site.
    fn act(&self, act: &str, with: &Value) -> Value {
        let script = root().join("infra/moodle/try-site.php");
        let mut command = Command::new("php");
        command.arg(script).args([self.text("/site"), act, &with.to_string()]);
        let done = command.output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success(), "{act}: {said}{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{act}: {error}: {said}"))
    }
}

/// What an activity's own tables say of a place, from the first word to the last.
struct Words {
    given: u64,
    cancelled: u64,
}

struct Activity {
    connector: &'static str,
    provider: &'static str,
    words: Words,
}

impl Activity {
    /// The site's tables, against what people did: what is otherwise.
    fn wrong(&self, found: &BTreeMap<String, Vec<u64>>, people: &[(String, usize)]) -> Vec<String> {
        let (given, cancelled) = (self.words.given, self.words.cancelled);
        let whole = [given, cancelled, given];
        let told =
            people.iter().map(|(name, turns)| (address(name), whole.get(..*turns).unwrap_or_default()));
        told.filter(|(address, wanted)| found.get(address).map(Vec::as_slice) != Some(wanted))
            .map(|(address, wanted)| format!("{address}: {:?}, not {wanted:?}", found.get(&address)))
            .collect()
    }
}

fn names(what: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{what}{n:02}")).collect()
}

async fn state(stage: &Stage, session: &str, name: &str) -> String {
    let row = stage.manage(&format!("enrolments/{}", id(session, name))).await.unwrap_or_default();
    let text = |field: &str| row.get(field).and_then(Value::as_str).unwrap_or("-").to_owned();
    format!("{} {} {}", text("state"), text("outcome"), text("give_back"))
}

async fn becomes(stage: &Stage, session: &str, name: &str, wanted: &str) {
    wait_until(stage, &format!("{name} becomes {wanted}"), || async {
        let seen = state(stage, session, name).await;
        if seen == wanted { Ok(()) } else { Err(format!("{seen}: {:?}", story(stage, session, name).await)) }
    })
    .await;
}

/// By turns: the copy goes, and the organizer hears of it; or the copy stays.
fn declines(world: &World, n: usize, name: &str, session: &str) {
    match n % 2 {
        0 => decline(world, name, session),
        _ => world.decline(&reply(name, session).keep(true)).unwrap(),
    }
}

async fn played(site: &Site, activity: &Activity) {
    let decliners = names("declines", DECLINE);
    let others = [names("accepts", ACCEPT), names("silent", SAY_NOTHING)].concat();
    let learners = [decliners.clone(), others.clone()].concat();
    let addresses: Vec<String> = learners.iter().map(|name| address(name)).collect();
    let cast = json!({ "provider": activity.provider, "sessions": { "it": addresses } });
    let session = site.act("cast", &cast).get("it").map(Value::to_string).unwrap();

    let everybody: Vec<&str> = learners.iter().map(String::as_str).chain([STRANGER]).collect();
    let mut setup = setup(&everybody);
    setup.policy.more.push_str("take_back = \"reinstate\"\n");
    setup.policy.lms = Some(format!(
        "connector = \"{}\"\nbase_url = \"{}\"\ntoken = {{ env = \"MOODLE_TOKEN\" }}\n\
         rate = {{ requests = 100, per = \"1s\" }}\n",
        activity.connector,
        site.text("/url")
    ));
    setup.env.push(("MOODLE_TOKEN", Some(site.text("/tokens/service").to_owned())));
    let regrets = Path::new(env!("CARGO_BIN_EXE_regrets-under-test"));
    let before = |world: &World| invite(world, &session, &everybody);
    let stage = Stage::start_with(regrets, setup, before).await.unwrap_or_else(|error| panic!("{error}"));
    watched(&stage, everybody.len()).await;
    known(&stage, everybody.len()).await;

    let world = stage.simulator.world();
    for name in others.iter().take(ACCEPT) {
        world.accept(&reply(name, &session)).unwrap();
    }
    for (n, name) in decliners.iter().enumerate() {
        declines(world, n, name, &session);
    }
    decline(world, STRANGER, &session);
    for name in &decliners {
        becomes(&stage, &session, name, "done done -").await;
    }
    becomes(&stage, &session, STRANGER, "review unknown_learner -").await;
    let look = |back: &[String]| {
        let turns = |name: &String| match (decliners.contains(name), back.contains(name)) {
            (false, _) => 1,
            (true, false) => 2,
            (true, true) => 3,
        };
        let people: Vec<_> = learners.iter().map(|name| (name.clone(), turns(name))).collect();
        let histories = site.act("histories", &json!({ "provider": activity.provider, "session": session }));
        let found = serde_json::from_value::<BTreeMap<String, Vec<u64>>>(histories).unwrap();
        let more = found.len() - people.len();
        (activity.wrong(&found, &people), found, more)
    };
    let (wrong, found, strangers) = look(&[]);
    let cancelled = found.values().filter(|words| words.last() == Some(&activity.words.cancelled)).count();
    eprintln!(
        "{}: {DECLINE} of {} learners declined in Outlook, {cancelled} sign-ups are cancelled in Moodle, \
         {} wrong",
        activity.connector,
        learners.len(),
        wrong.len()
    );
    assert!(wrong.is_empty() && strangers == 0, "{}", wrong.join("\n"));

    let back: Vec<String> = decliners.iter().step_by(DECLINE / TAKE_BACK).cloned().collect();
    for name in &back {
        world.accept(&reply(name, &session)).unwrap();
    }
    for name in &back {
        becomes(&stage, &session, name, "watched - given_back").await;
    }
    drained(&stage).await;
    let (wrong, found, strangers) = look(&back);
    let again = found.values().filter(|words| words.len() == 3).count();
    eprintln!(
        "{}: {} took it back, {again} places are given back, {} wrong",
        activity.connector,
        back.len(),
        wrong.len()
    );
    assert!(wrong.is_empty() && strangers == 0, "{}", wrong.join("\n"));
    assert_eq!(alerts(&stage).await, ["review"], "of the stranger");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_in_outlook_cancels_the_sign_up_in_face_to_face() {
    let Some(site) = Site::found() else { return };
    let words = Words { given: 70, cancelled: 10 };
    played(&site, &Activity { connector: "moodle-facetoface", provider: "facetoface", words }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_in_outlook_cancels_the_booking() {
    let Some(site) = Site::found().filter(|site| site.0["options"].is_object()) else { return };
    // Of the activity's history: booked, and a booking deleted.
    let words = Words { given: 0, cancelled: 10 };
    played(&site, &Activity { connector: "moodle-booking", provider: "booking", words }).await;
}

/// Situation, option, learner and whose token; in this order one follows from another.
const BOOKING: &[(&str, &str, &str, &str)] = &[
    ("done", "main", "ben", "service"),
    ("cancelled-already", "main", "ben", "service"),
    ("given-back", "main", "ben", "service"),
    ("moved-up", "queue", "ana", "service"),
    ("full", "queue", "ana", "service"),
    ("next-on-the-list", "queue", "ben", "service"),
    ("to-be-confirmed", "confirmed", "ana", "service"),
    ("undated", "undated", "ana", "service"),
    ("not-booked", "small", "ben", "service"),
    ("begun", "started", "ana", "service"),
    ("late", "late", "ana", "service"),
    ("cancellations-off", "fixed", "ana", "service"),
    ("in-a-cart", "cart", "ana", "service"),
    ("attended", "main", "dan", "service"),
    ("nobody", "main", "stranger@example.org", "service"),
    ("two-accounts", "main", "twinone", "service"),
    ("no-option", "999999", "ana", "service"),
    ("may-not-cancel", "main", "eve", "reader"),
    ("hidden-course", "hidden", "ana", "service"),
    ("account-unconfirmed", "main", "ana", "course"),
    ("account-deleted", "main", "ana", "nobody"),
    ("before-it-was-shut", "shut", "ana", "service"),
    ("shut", "shut", "ana", "service"),
];

#[tokio::test]
async fn what_booking_answers_is_recorded() {
    let Some(site) = Site::found().filter(|site| site.0["recording"] == true) else { return };
    let (file, http) = (file("moodle-booking"), http());
    let dan = &site.0["learners"]["dan"]["id"];
    site.act("attend", &json!({ "provider": "booking", "session": site.0["options"]["main"], "user": dan }));
    for (whose, field, value) in [("course", "confirmed", 0), ("nobody", "deleted", 1)] {
        let name = format!("{whose}{}", site.text("/tag"));
        site.act("account", &json!({ "name": name, "field": field, "value": value }));
    }
    for (number, (situation, option, learner, whose)) in BOOKING.iter().enumerate() {
        let url = Url::parse(&format!("{}/@{situation}", site.text("/url"))).unwrap();
        let option = site.0["options"].get(option).map_or_else(|| (*option).to_owned(), Value::to_string);
        let known = site.0["learners"].get(learner).and_then(|learner| learner["email"].as_str());
        let engine = engine(&file, &url, &[("token", site.text(&format!("/tokens/{whose}")))], &http);
        let mut order = order(&option, known.unwrap_or(learner));
        order.id = format!("rgr_{situation}{number}{}", site.text("/tag"));
        // None was given after its decision.
        order.decided_at = "2099-01-01T00:00:00Z".parse().unwrap();
        match *situation {
            "given-back" | "full" | "shut" => drop(engine.restore(&order, Budget::of(ATTEMPT)).await),
            _ => drop(engine.cancel(&order, Budget::of(ATTEMPT)).await),
        }
    }
}
