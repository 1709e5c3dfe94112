use super::*;
use crate::lms::Connector as _;
use crate::lms::engine::testing::{Answer, Lms, Seen, Server, budget, engine, file, order, post, rule, step};
use crate::lms::recipe::connector::ConnectorFile;
use crate::lms::recipe::words::Verdict;
use std::sync::Arc;

fn giving_back() -> ConnectorFile {
    let mut file = file();
    let mut back = step("back", post("/restore", &[("user", "{{ user.id }}")]));
    back.rules = vec![
        rule(&[422], Vec::new(), Verdict::Outcome(StepOutcome::Full)),
        rule(&[409], Vec::new(), Verdict::Outcome(StepOutcome::Unclear)),
    ];
    file.recipes.restore = vec![back];
    file
}

/// The reply, and how often a place was given back.
async fn restored(
    state: &'static str,
    becomes: &'static str,
    answer: Answer,
    may_be_repeated: bool,
) -> (Restored, usize) {
    let lms = Lms::showing(state);
    let knows = Arc::clone(&lms);
    let server = Server::start(move |seen: &Seen| {
        if seen.target == "/restore" {
            becomes.clone_into(&mut knows.state.lock().unwrap());
            return answer.clone();
        }
        knows.answer(seen)
    })
    .await;
    let order = Order { may_be_repeated, ..order() };
    let restored = engine(giving_back(), &server).restore(&order, budget()).await;
    let writes = server.lines().iter().filter(|line| line.contains("/restore")).count();
    (restored, writes)
}

#[tokio::test]
async fn a_place_is_given_back_only_when_it_is_seen_there() {
    let ok = || Answer::json(200, "{}");
    for (becomes, answer, expected) in [
        ("held", ok(), RestoreOutcome::GivenBack),
        ("held", ok().cut(0), RestoreOutcome::GivenBack),
        ("held", Answer::page(200), RestoreOutcome::GivenBack),
        ("held", Answer::json(500, "{}"), RestoreOutcome::GivenBack),
        ("waiting", ok(), RestoreOutcome::Waitlisted),
        ("cancelled", ok(), RestoreOutcome::Unclear),
        ("cancelled", ok().cut(0), RestoreOutcome::Outage),
        // It was answered, so that asking again would lead nowhere: a person is told.
        ("cancelled", Answer::json(409, "{}"), RestoreOutcome::Unclear),
        ("held", Answer::json(409, "{}"), RestoreOutcome::GivenBack),
        ("cancelled", Answer::json(422, r#"{"message": "no seats"}"#), RestoreOutcome::Full),
        ("cancelled", Answer::json(401, "{}"), RestoreOutcome::CredentialBroken),
    ] {
        let (restored, writes) = restored("cancelled", becomes, answer.clone(), false).await;
        assert_eq!((restored.outcome, writes), (expected, 1), "{becomes} {answer:?} {restored:?}");
        assert_eq!((restored.before, restored.reach), (Some(PlaceState::Cancelled), Reach::Sent));
    }
}

#[tokio::test]
async fn a_place_that_is_there_is_not_given_twice() {
    for (state, may_be_repeated, expected) in [
        ("held", false, RestoreOutcome::AlreadyHeld),
        ("held", true, RestoreOutcome::GivenBack),
        ("waiting", true, RestoreOutcome::Waitlisted),
        ("been", false, RestoreOutcome::Closed),
        ("mystery", false, RestoreOutcome::Unclear),
    ] {
        let (restored, writes) = restored(state, "held", Answer::json(200, "{}"), may_be_repeated).await;
        assert_eq!((restored.outcome, writes), (expected, 0), "{state} {restored:?}");
    }
}

#[tokio::test]
async fn a_connector_without_the_recipe_refuses() {
    let server = Server::start(|_| Answer::json(200, "{}")).await;
    let engine = engine(file(), &server);
    assert!(!engine.can_restore());
    let restored = engine.restore(&order(), budget()).await;
    assert_eq!((restored.outcome, restored.reach), (RestoreOutcome::Refused, Reach::NotTried));
    assert!(server.lines().is_empty());
}
