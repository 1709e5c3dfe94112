//! Every alert that the ledger can hold reaches somebody, by exactly one rule.

use crate::source;
use crate::text::{all, inside, read, words};
use regrets::ledger::alerts::AlertKind;
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

/// A table of kinds: what each means, and the one next step.
#[test]
fn every_kind_of_alert_has_its_step_on_the_operators_page() {
    let page = read("infra/OPERATIONS.md");
    let first_cells = all(r"(?m)^\| ([^|]+) \|", &page).join(" ");
    let named: BTreeSet<String> = all(r"`([a-z-]+)`", &first_cells).into_iter().collect();
    let missing: Vec<String> =
        AlertKind::ALL.iter().map(ToString::to_string).filter(|kind| !named.contains(kind)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The texts on which all of these rules stand.
#[test]
fn alerts_are_said_at_once_and_again() {
    let messages = source::messages();
    for text in ["alert", "alert is open"] {
        assert!(messages.contains(text), "{text}");
    }
    assert!(read("handler/src/jobs/watch/plan.rs").contains("alerts::repeat_open(&app.ledger, "));
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
}

/// A `default` would take the place of the host's own filter and let through all that the SDKs say. The two
/// lines of the host about each invocation say less than ours, and its results carry success, time and id.
#[test]
fn host_json_lets_through_our_lines_and_the_results_and_nothing_that_floods() {
    let host: serde_json::Value = serde_json::from_str(&read("host.json")).unwrap();
    let levels = host.pointer("/logging/logLevel").unwrap();
    assert_eq!(levels.get("default"), None);
    for level in ["Host.Function.Console", "Host.Results"] {
        assert_eq!(levels[level], "Information", "{level}");
    }
    for level in ["Function", "Host.Aggregator", "Azure.Core", "Azure.Core.1", "Azure.Identity"] {
        assert_eq!(levels[level], "Warning", "{level}");
    }
}
