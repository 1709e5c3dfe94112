use super::*;
use chrono::Utc;

#[test]
fn every_kind_says_what_to_do_next() {
    for kind in AlertKind::ALL {
        let lines = next(kind.as_str(), "contoso");
        let ends = lines.iter().any(|line| line.starts_with(&format!("regrets alerts acknowledge {kind} ")));
        assert_eq!(ends, kind.ends() == Ends::Acknowledged, "{kind}");
        let said = acknowledged(kind.as_str(), "contoso");
        assert_eq!(said.contains("has ended"), kind.ends() == Ends::Acknowledged, "{said}");
    }
}

#[test]
fn alerts_are_told_with_what_to_do() {
    let open: Open = serde_json::from_value(json!({ "contoso": [
        { "kind": "expired", "count": 2, "since": "2026-11-21T10:00:00.000Z", "step": "Tell somebody." },
        { "kind": "review", "count": 1, "since": "2026-11-21T10:00:00.000Z", "step": "Decide.",
          "acknowledged": { "at": "2026-11-21T11:00:00.000Z", "by": "olga" } },
        { "kind": "of-tomorrow", "count": 1, "since": "2026-11-21T10:00:00.000Z", "step": "Mend it." },
    ]}))
    .unwrap();
    insta::assert_snapshot!(tell(&open, &Utc), @r"
        contoso: expired (2) since 2026-11-21 10:00:00+00:00
          Tell somebody.
            regrets ledger list --state expired --tenant contoso
            regrets alerts acknowledge expired --tenant contoso --by <your name> --reason <why>    ends it

        contoso: review (1) since 2026-11-21 10:00:00+00:00, acknowledged by olga
          Decide.
            regrets ledger list --state review --tenant contoso

        contoso: of-tomorrow (1) since 2026-11-21 10:00:00+00:00
          Mend it.

        3 open alerts.
        ");
}
