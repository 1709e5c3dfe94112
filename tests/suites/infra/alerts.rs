//! Every alert that the ledger can hold reaches somebody, by exactly one rule.

use crate::source;
use crate::text::{all, inside, read, words};
use regrets::work::alerts::AlertKind;
use std::collections::BTreeSet;

fn ruled() -> Vec<String> {
    let rules = inside(&read("infra/modules/alerts.bicep"), "var rules = [");
    all(r"kinds: \[([^\]]+)\]", &rules).iter().flat_map(|list| words(list)).collect()
}

#[test]
fn every_kind_of_alert_stands_in_one_rule() {
    let ruled = ruled();
    let once: BTreeSet<String> = ruled.iter().cloned().collect();
    assert_eq!(once.len(), ruled.len(), "one kind stands in two rules");
    let kinds = AlertKind::ALL.iter().map(|kind| kind.to_string()).collect();
    assert_eq!(once, kinds);
}

/// The texts on which all of these rules stand.
#[test]
fn alerts_are_said_at_once_and_again() {
    let messages = source::messages();
    for text in ["alert", "alert is open"] {
        assert!(messages.contains(text), "{text}");
    }
    assert!(read("handler/src/work/plan.rs").contains("alerts::say_again(office)"));
    // A window that is shorter than three rounds would let a rule flicker.
    assert!(read("functions/renew-subscriptions/function.json").contains("\"0 */5 * * * *\""));
    let bicep = read("infra/modules/alerts.bicep");
    for window in all(r"(?m)window(?:Size)?: 'PT(\d+)M'", &bicep) {
        assert!(window.parse::<u32>().unwrap() >= 15, "PT{window}M");
    }
}

#[test]
fn host_json_keeps_the_lines_from_being_sampled_away() {
    let host: serde_json::Value = serde_json::from_str(&read("host.json")).unwrap();
    let excluded = host.pointer("/logging/applicationInsights/samplingSettings/excludedTypes").unwrap();
    assert!(excluded.as_str().unwrap().split(';').any(|kind| kind == "Trace"), "{excluded}");
    for level in ["default", "Host.Function.Console"] {
        assert_eq!(host.pointer("/logging/logLevel").unwrap()[level], "Information", "{level}");
    }
}
