use super::tell;
use crate::jobs::operate::doctor::report::Diagnosis;
use serde_json::json;

fn found(outcome: &str) -> Diagnosis {
    let line = |check: &str, title: &str, outcome: &str| {
        let seen = "it is so";
        json!({ "check": check, "title": title, "outcome": outcome, "seen": seen })
    };
    let mut failed = line("token", "token", outcome);
    if outcome != "ok" {
        failed["step"] = "Do this.".into();
        failed["link"] = "https://learn.microsoft.com".into();
    }
    serde_json::from_value(json!({
        "version": "1", "at": "2026-11-22T12:00:00Z",
        "deployment": [line("configuration", "configuration", "ok"), line("queues", "queues", "skipped")],
        "tenants": { "contoso": [failed, line("valve", "valve", "warning")] },
    }))
    .unwrap()
}

#[test]
fn each_check_has_a_line_and_a_fault_its_step() {
    assert_eq!(
        tell(&found("failed")),
        "\
Deployment
  ok       configuration  it is so
  -        queues         it is so

contoso
  FAILED   token          it is so
                          > Do this.
                          > https://learn.microsoft.com
  warning  valve          it is so

1 fault. 1 warning. Mend first, token of contoso: Do this.
"
    );
}

#[test]
fn where_nothing_fails_that_is_said() {
    assert!(tell(&found("ok")).ends_with("\nNothing fails. 1 warning.\n"));
}
