//! `regrets doctor` against each fault by its name: the one right line fails, and its advice is right.
//!
//! The real binary looks at the real simulator, by the configuration of an operator's machine; a `regrets
//! local` serves there, so that Graph's handshake meets what it would meet.

mod account;
mod asked;
mod bench;
mod faults;

use bench::Bench;
use faults::{
    Fault, of_configuration, of_entra, of_graph, of_the_calendars, of_the_lms, of_the_queues, of_the_valve,
};

/// Plays each, and gives a table of what was told.
async fn table(bench: &Bench, faults: Vec<Fault>) -> String {
    let mut told = String::new();
    for fault in faults {
        let found = bench.under(&fault).await;
        let lines: Vec<&bench::Line> = found.lines.iter().filter(|line| line.tells()).collect();
        let names: Vec<&str> = lines.iter().map(|line| line.check.as_str()).collect();
        assert_eq!(names, fault.told, "{}: {found}", fault.name);
        let failed = lines.iter().filter(|line| line.outcome == "failed").count();
        assert_eq!(found.code, i32::from(failed > 0), "{}: {found}", fault.name);
        told.push_str(&format!("## {}\n{found}\n", fault.name));
    }
    // What was broken is well again, so that no fault can hide behind another's.
    let after = bench.look(&[], &[]).await;
    assert!(after.lines.iter().all(|line| !line.tells()), "afterwards: {after}");
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_where_nothing_is_wrong() {
    let bench = Bench::start().await;
    let found = bench.look(&[], &[]).await;
    assert_eq!(found.code, 0, "{found}");
    insta::assert_snapshot!("no_fault", found.whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_configuration_and_the_ledger() {
    let bench = Bench::start().await;
    insta::assert_snapshot!("configuration", table(&bench, of_configuration(&bench).await).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_entra() {
    let bench = Bench::start().await;
    insta::assert_snapshot!("entra", table(&bench, of_entra()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_graph() {
    let bench = Bench::start().await;
    insta::assert_snapshot!("graph", table(&bench, of_graph(&bench)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_calendars() {
    let bench = Bench::start().await;
    insta::assert_snapshot!("calendars", table(&bench, of_the_calendars(&bench)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_lms() {
    let bench = Bench::start().await;
    insta::assert_snapshot!("lms", table(&bench, of_the_lms()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn states_of_the_valve() {
    let bench = Bench::start().await;
    insta::assert_snapshot!("valve", table(&bench, of_the_valve()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_the_queues() {
    let bench = Bench::start().await;
    insta::assert_snapshot!("queues", table(&bench, of_the_queues().await).await);
}

/// Each is named, in the order in which they must be mended, and what rests on the first is not looked at.
#[tokio::test(flavor = "multi_thread")]
async fn two_faults_at_once_are_both_named_in_their_order() {
    let bench = Bench::start().await;
    insta::assert_snapshot!("two_faults", table(&bench, faults::two_at_once().await).await);
}
