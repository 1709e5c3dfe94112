use super::*;
use crate::notify::testing::{line, message};

#[test]
fn one_alert_is_its_own_subject() {
    let opened = message([line("contoso", "lms-breaker", "opened", true)]);
    assert_eq!(opened.subject(), "Regrets: contoso: lms-breaker has opened");
    let ended = message([line("contoso", "lms-breaker", "ended", false)]);
    assert_eq!(ended.subject(), "Regrets: contoso: lms-breaker is over");
    assert_eq!(ended.sentences(), ["contoso: lms-breaker is over."], "nothing is to be done");
    let times =
        |times, is_open| message([Line { times, ..line("contoso", "graph-away", "changed", is_open) }]);
    assert_eq!(
        times(100, true).subject(),
        "Regrets: contoso: graph-away opened and ended 100 times, and is open now"
    );
    assert_eq!(
        times(1, false).subject(),
        "Regrets: contoso: graph-away opened and ended once, and is over now"
    );
    insta::assert_snapshot!(opened.text(), @r#"
    contoso: lms-breaker has opened, since 2026-11-21 10:00 UTC. Mend it *soon*, by <this> & that.

    Regrets at https://regrets.contoso.com, 2026-11-21 12:00 UTC.
    All open alerts: regrets alerts
    "#);
}

#[test]
fn many_alerts_are_counted() {
    let lines = (0..200).map(|n| line(&format!("t{n}"), "graph-away", "opened", true));
    let storm = message(lines);
    assert_eq!(storm.subject(), "Regrets: 200 changes of 200 tenants, 200 open");
    let sentences = storm.sentences();
    assert_eq!(sentences.len(), MOST + 1);
    assert_eq!(sentences.last().unwrap(), "And 180 more: graph-away of 180 (open).");
    let two = message(["review", "expired"].map(|kind| line("contoso", kind, "opened", true)));
    assert_eq!(two.subject(), "Regrets: contoso: 2 changes, 2 open");
}
