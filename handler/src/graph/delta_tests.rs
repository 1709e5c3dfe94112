use crate::clock::SystemClock;
use crate::graph::Graph as _;
use crate::graph::auth::tokens::Tokens;
use crate::graph::batch::{BatchOptions, Batcher};
use crate::graph::port::{Changes, DeltaItem, DeltaPage, Mailbox, Next, Since};
use crate::graph::testing::{Counted, ScriptedWire, SentBatch, Step};
use crate::graph::{GraphError, HttpGraph};
use crate::ids::UserId;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const ROOT: &str = "https://graph.example.test/v1.0";

fn answering(rule: impl Fn(&str) -> (u16, Value) + Send + Sync + 'static) -> ScriptedWire {
    ScriptedWire::by(move |batch: &SentBatch, _| {
        Step::each(batch, |url| {
            let (status, body) = rule(url);
            (status, json!({}), body)
        })
    })
}

async fn asked(wire: &ScriptedWire, since: &Since) -> Result<Changes, GraphError> {
    let options =
        BatchOptions { deadline: Duration::from_secs(25), clock: Arc::new(SystemClock), seed: Some(1) };
    let tokens = Tokens::new(Counted::default());
    let graph = HttpGraph::over(Batcher::start(wire.clone(), tokens, options), "https://graph.example.test/");
    graph.calendar_changes(&Mailbox::Id(UserId::new("u1")), since).await
}

fn window() -> Since {
    Since::Window {
        from: "2026-11-20T12:00:00Z".parse().unwrap(),
        to: "2027-11-21T12:00:00Z".parse().unwrap(),
    }
}

fn link() -> Since {
    Since::Link("/users/u1/calendarView/delta?$deltatoken=t1".to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_window_is_asked_for_with_nothing_that_graph_would_refuse() {
    let wire = answering(|_| {
        let link = format!("{ROOT}/users/u1/calendarView/delta?$skiptoken=a%2Bb");
        (200, json!({"value": [], "@odata.nextLink": link}))
    });
    let found = asked(&wire, &window()).await.unwrap();
    let next = Next::Page("/users/u1/calendarView/delta?$skiptoken=a%2Bb".to_owned());
    assert_eq!(
        found,
        Changes::Page(DeltaPage { items: Vec::new(), next }),
        "an empty page has a next link, too"
    );
    let sent: Vec<Value> = wire.sent().into_iter().flat_map(|batch| batch.parts).collect();
    insta::assert_json_snapshot!(sent, @r#"
    [
      {
        "headers": {
          "Prefer": "IdType=\"ImmutableId\", outlook.timezone=\"UTC\", outlook.body-content-type=\"text\", odata.maxpagesize=25"
        },
        "id": "1",
        "method": "GET",
        "url": "/users/u1/calendarView/delta?startDateTime=2026-11-20T12%3A00%3A00Z&endDateTime=2027-11-21T12%3A00%3A00Z"
      }
    ]
    "#);
}

#[tokio::test(start_paused = true)]
async fn of_a_page_nothing_is_kept_but_ids() {
    let wire = answering(|url| {
        assert_eq!(url, "/users/u1/calendarView/delta?$deltatoken=t1", "the link goes as it came");
        let items = json!([
            {"id": "a", "type": "singleInstance", "isOrganizer": true,
            "body": {"content": "x".repeat(100_000)}},
            {"id": "b", "type": "occurrence", "seriesMasterId": "m", "start": 7},
            {"id": "c", "@removed": {"reason": "deleted"}},
            {"subject": "no id"},
        ]);
        (
            200,
            json!({"value": items,
            "@odata.deltaLink": format!("{ROOT}/users/u1/calendarView/delta?$deltatoken=t2")}),
        )
    });
    let there = |event: &str, master: Option<&str>, is_organizer| DeltaItem::There {
        event: event.into(),
        master: master.map(Into::into),
        is_organizer,
    };
    let items =
        vec![there("a", None, Some(true)), there("b", Some("m"), None), DeltaItem::Removed("c".into())];
    let next = Next::Later("/users/u1/calendarView/delta?$deltatoken=t2".to_owned());
    assert_eq!(asked(&wire, &link()).await, Ok(Changes::Page(DeltaPage { items, next })));
}

#[tokio::test(start_paused = true)]
async fn a_lost_token_is_told_from_other_failures() {
    for (status, code, is_lost) in [
        (410, "SyncStateNotFound", true),
        (410, "", true),
        (400, "syncStateInvalid", true),
        (404, "SyncStateNotFound", true),
        (409, "resyncRequired", true),
        (400, "ErrorInvalidParameter", true),
        (404, "MailboxNotEnabledForRESTAPI", false),
        (403, "ErrorAccessDenied", false),
    ] {
        let wire = answering(move |_| (status, json!({"error": {"code": code, "message": ""}})));
        let answer = asked(&wire, &link()).await;
        assert_eq!(answer == Ok(Changes::Lost), is_lost, "{status} {code}: {answer:?}");
        // A window has no token that could be lost: the caller would begin anew for ever.
        let answer = asked(&wire, &window()).await;
        assert!(answer.is_err(), "{status} {code}: {answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_leads_elsewhere_or_nowhere_is_refused() {
    for links in [
        json!({"@odata.nextLink": "https://evil.example/v1.0/users"}),
        json!({"@odata.deltaLink": "https://graph.example.test/beta/users"}),
        json!({"@odata.nextLink": format!("{ROOT}/users/u1/calendarView/delta?$deltatoken=t1")}),
        json!({}),
    ] {
        let mut body = links.clone();
        body["value"] = json!([]);
        let wire = answering(move |_| (200, body.clone()));
        assert!(matches!(asked(&wire, &link()).await, Err(GraphError::Invalid(_))), "{links}");
    }
    let wire =
        answering(|_| (200, json!({"@odata.deltaLink": format!("{ROOT}/users/u1/calendarView/delta?x")})));
    assert!(matches!(asked(&wire, &link()).await, Err(GraphError::Invalid(_))), "no collection");
}
