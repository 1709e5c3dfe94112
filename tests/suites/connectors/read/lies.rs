//! What goes wrong between an LMS and us while lists are read. Whatever it is, nothing is taken for absent.

use super::budget;
use crate::rig::{engine, file, http};
use fake_lms::{Answer, Fake, Mishap, On, Product};
use regrets::ids::SessionId;
use regrets::lms::{RosterReach, Source as _};
use regrets::sessions::absence::SingleRead;
use serde_json::json;

/// A connector, a world in which it has something to read, and one of its sessions.
pub(super) struct Reads<P> {
    pub(super) connector: &'static str,
    pub(super) begin: fn() -> P,
    pub(super) settings: &'static [(&'static str, &'static str)],
    pub(super) session: &'static str,
    /// The sessions of the world, each of which is found by a whole pass.
    pub(super) sessions: usize,
}

fn mishaps() -> Vec<(&'static str, Mishap)> {
    let instead = |status, body: &str| Mishap::Instead(Answer::text(status, "application/json", body));
    vec![
        ("401", Mishap::Instead(Answer::json(401, &json!({ "errors": [{ "message": "no" }] })))),
        ("403", Mishap::Instead(Answer::json(403, &json!({ "errors": [{ "message": "no" }] })))),
        ("404", Mishap::Instead(Answer::json(404, &json!({ "errors": [{ "message": "no" }] })))),
        ("500", instead(500, "")),
        ("a gateway", Mishap::gateway()),
        ("a sign-in", Mishap::page()),
        ("nothing", instead(200, "")),
        ("another thing", instead(200, "{\"hello\": \"world\"}")),
        ("null", instead(200, "null")),
        ("half an answer", instead(200, "[{\"id\": 1, \"na")),
        ("a lost connection", Mishap::LostBefore),
        ("a throttle", Mishap::throttle("1800")),
    ]
}

/// Each mishap at each request of each reading; without one all is complete, and nothing is written.
pub(super) async fn hold<P: Product>(reads: &Reads<P>) {
    let (file, http) = (file(reads.connector), http());
    let session = SessionId::new(reads.session);
    let mut wrong = Vec::new();
    let fake = Fake::start((reads.begin)()).await;
    let whole = engine(&file, fake.url(), reads.settings, &http);
    let of = (whole.roster_reach() == RosterReach::Session).then_some(&session);
    let pass = whole.sessions(budget()).await;
    assert!(pass.proves_absence(), "{}: {:?}", reads.connector, pass.doubts);
    assert_eq!(pass.found.len(), reads.sessions, "{}: {:?}", reads.connector, pass.quarantined);
    let for_sessions = fake.seen().len();
    fake.forget();
    let pass = whole.roster(of, budget()).await;
    assert!(pass.proves_absence() && !pass.found.is_empty(), "{}: {:?}", reads.connector, pass.doubts);
    let for_roster = fake.seen().len();
    assert!(fake.seen().iter().all(|seen| !seen.writes) && fake.effects().is_empty());

    for (name, mishap) in mishaps() {
        for (at, is_roster) in
            (0..for_sessions).map(|at| (at, false)).chain((0..for_roster).map(|at| (at, true)))
        {
            let fake = Fake::start((reads.begin)()).await;
            // A credential that is refused is fetched anew, and what was refused sent again.
            fake.plan(On::Reads, at, 4, mishap.clone());
            let engine = engine(&file, fake.url(), reads.settings, &http);
            let (proves, is_lost) = match is_roster {
                false => {
                    let pass = engine.sessions(budget()).await;
                    (pass.proves_absence(), pass.found.len() > reads.sessions)
                }
                true => (engine.roster(of, budget()).await.proves_absence(), false),
            };
            let what = if is_roster { "roster" } else { "sessions" };
            if proves || is_lost {
                wrong.push(format!("{what}, request {at}: {name} is no doubt"));
            }
            // What is asked for one session is no better.
            let one = engine.is_there(&session, budget()).await;
            if one == SingleRead::Gone && name != "404" {
                wrong.push(format!("{what}, request {at}: {name} says that the session is gone"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", reads.connector, wrong.join("\n"));
}
