//! The endpoint of a vendor who kept to the contract: a repeated `webhook-id` is the same request, and gets
//! the answer that it had. Signatures are another suite's matter.

use crate::call::{Answer, Call};
use crate::server::Product;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The connector signs with it; nobody looks.
pub const SECRET: &str = "whsec_c2ltdWxhdGVkLXNpZ25pbmctc2VjcmV0LWZvci10aGUtbG1z";

#[derive(Debug, Default)]
pub struct Receiver {
    /// Session and learner.
    pub places: BTreeSet<(String, String)>,
    answered: BTreeMap<String, Value>,
}

impl Receiver {
    pub fn with(session: &str, learner: &str) -> Self {
        let places = BTreeSet::from([(session.to_owned(), learner.to_owned())]);
        Self { places, ..Self::default() }
    }
}

impl Product for Receiver {
    fn answer(&mut self, call: &Call, effects: &mut Vec<String>) -> Answer {
        let (id, body) = (call.header("webhook-id").to_owned(), call.json());
        let text = |name: &str| body["data"][name].as_str().unwrap_or_default().to_owned();
        if let Some(answer) = self.answered.get(&id) {
            return Answer::json(200, answer);
        }
        let place = (text("session"), text("learner"));
        let outcome = if self.places.remove(&place) { "done" } else { "not_enrolled" };
        if outcome == "done" {
            effects.push(format!("cancel {} in session {}", place.1, place.0));
        }
        let answer = json!({ "outcome": outcome });
        self.answered.insert(id, answer.clone());
        Answer::json(200, &answer)
    }

    fn writes(&self, _: &Call) -> bool {
        true
    }
}
