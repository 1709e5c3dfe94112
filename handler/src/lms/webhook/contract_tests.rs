use super::*;
use crate::enrolment::lms_answer::{OrderEvidence, OrderVerdict};
use serde_json::Value;
use std::path::Path;

/// The committed schemas; `REGRETS_WRITE_PAGES=1` writes them anew.
#[test]
fn the_schemas_beside_the_page_are_those_that_the_types_give() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lms");
    for (name, schema) in [("request.schema.json", request_schema()), ("answer.schema.json", answer_schema())]
    {
        let (path, wanted) = (folder.join(name), format!("{schema:#}\n"));
        if std::env::var_os("REGRETS_WRITE_PAGES").is_some() {
            std::fs::write(&path, &wanted).unwrap();
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(stored, wanted, "{name} is out of date: REGRETS_WRITE_PAGES=1 writes it");
    }
}

#[test]
fn every_outcome_of_the_answers_schema_is_read_in_any_case() {
    let schema = answer_schema().to_string();
    for &outcome in Outcome::ALL {
        let word = outcome.word();
        assert!(schema.contains(&format!("\"{word}\"")), "{word}");
        for text in [
            word.to_owned(),
            word.to_uppercase(),
            format!("  {word}\n"),
            word.replace('_', "-"),
            word.replace('_', " "),
        ] {
            assert_eq!(Outcome::named(&text), Some(outcome), "{text:?}");
        }
    }
    assert_eq!(Outcome::named("alreadyCanceled"), Some(Outcome::AlreadyCancelled));
    assert_eq!(["", " ", "cancelled", "done!", "not done"].map(Outcome::named), [None; 5]);
}

#[test]
fn a_request_has_the_fields_of_its_schema_and_no_other() {
    let schema = request_schema();
    let now = DateTime::UNIX_EPOCH;
    let order = Order {
        id: "x".into(),
        tenant: "contoso".into(),
        session: "4711".into(),
        learner: "ana@contoso.com".into(),
        generation: 1,
        decision: 1,
        verdict: OrderVerdict::Declined,
        evidence: OrderEvidence::LearnerCopy,
        declined_at: None,
        decided_at: now,
        session_start: None,
        attempt: 1,
        may_be_repeated: false,
    };
    let sent = serde_json::to_value(Request::cancel(&order, now)).unwrap();
    let defined = schema.pointer("/$defs/Cancel/properties").and_then(Value::as_object).unwrap();
    let sent: Vec<&String> = sent["data"].as_object().unwrap().keys().collect();
    let mut defined: Vec<&String> = defined.keys().collect();
    defined.sort();
    let mut sorted = sent.clone();
    sorted.sort();
    assert_eq!(sorted, defined);
}
