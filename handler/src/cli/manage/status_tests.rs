use super::*;
use serde_json::json;

#[test]
fn a_tenant_is_told_at_a_glance() {
    let status: Status = serde_json::from_value(json!({ "version": "1.0.0", "tenants": { "contoso": {
        "mode": "act",
        "valve": { "state": "stopped", "why": "exam week (by olga)", "since": "2026-11-21T10:00:00.000Z" },
        "counts": { "done": 0, "review": 1, "watched": 3 },
        "would_have_cancelled": { "declined": 0, "removed": 2 },
        "consent": { "state": "withdrawn", "since": "2026-11-21T11:00:00.000Z", "granted": null,
            "permissions": [], "missing": ["User.Read.All"], "withdrawn": ["User.Read.All"], "excess": [],
            "looked": null },
        "blind": 1, "dropped": { "forged": 4 }, "mailboxes": {},
        "alerts": [{ "kind": "review", "count": 1, "since": "2026-11-21T10:00:00.000Z", "step": "Decide." }],
        "health": {
            "score": 73,
            "connections": [
                { "name": "graph", "state": "ok", "since": "2026-11-20T10:00:00.000Z" },
                { "name": "lms", "state": "unknown", "since": null },
                { "name": "valve", "state": "off", "since": "2026-11-21T10:00:00.000Z",
                  "step": "regrets valve open" },
                { "name": "source", "state": "off", "since": null },
            ],
            "reasons": [
                { "points": 25, "why": "a person has stopped the valve" },
                { "points": 2, "why": "review" },
            ],
        },
    }}}))
    .unwrap();
    insta::assert_snapshot!(tell(&status, "http://127.0.0.1:7071", &chrono::Utc), @r"
        Regrets 1.0.0 at http://127.0.0.1:7071

        contoso
          mode        act
          health      73 of 100, less 25 for a person has stopped the valve, 2 for review
          connection  lms is unknown
          connection  valve is off since 2026-11-21 10:00:00+00:00: regrets valve open
          valve       stopped since 2026-11-21 10:00:00+00:00: exam week (by olga)
          enrolments  1 review, 3 watched
          observed    2 removed would have been cancelled
          mailboxes   none
          consent     withdrawn since 2026-11-21 11:00:00+00:00; missing: User.Read.All
          blind       1 gap
          dropped     4 forged
          alert       review (1 since 2026-11-21 10:00:00+00:00): Decide.
        ");
}
