//! reference/rules.md#management: what the management JSON tells.

use crate::calendar::event::Answer;
use crate::enrolment::attempt::ConnectorIdentity;
use crate::enrolment::lms_answer::{LmsOutcome, Reply};
use crate::enrolment::place_state::PlaceState;
use crate::enrolment::transitions::State;
use crate::jobs::operate::management_json::PAGE;
use crate::jobs::operate::status::{self, Filter};
use crate::jobs::testing::lms::reply;
use crate::jobs::testing::{World, contoso, minutes};
use crate::messages::ChangeType;
use std::collections::BTreeSet;

#[tokio::test(start_paused = true)]
async fn status_tells_modes_counts_mailboxes_and_alerts() {
    let world = World::new().await;
    world.watch().await;
    for session in 1..=3 {
        world.invited("ana", session).await;
    }
    world.declined("ana", 1).await;
    world.graph.remove("ana", 2);
    world.hint("ana", 2, ChangeType::Deleted).await;
    world.pass(minutes(45)).await;
    let status = status::status(&world.app).await.unwrap();
    insta::assert_json_snapshot!(status, { ".version" => "[version]", ".**.since" => "[time]" }, @r#"
    {
      "version": "[version]",
      "tenants": {
        "contoso": {
          "active": true,
          "mode": "act",
          "valve": {
            "state": "open",
            "why": "",
            "since": "[time]"
          },
          "counts": {
            "done": 1,
            "expired": 0,
            "review": 1,
            "running": 0,
            "waiting": 0,
            "watched": 1
          },
          "would_have_cancelled": {
            "declined": 0,
            "removed": 0,
            "unseen": 0
          },
          "blind": 0,
          "dropped": {},
          "mailboxes": {
            "watched": 4
          },
          "consent": {
            "state": "not-asked",
            "since": "[time]",
            "granted": null,
            "permissions": [],
            "missing": [],
            "withdrawn": [],
            "excess": [],
            "looked": "2026-11-21T12:00:00.000Z"
          },
          "alerts": [
            {
              "kind": "review",
              "count": 1,
              "since": "[time]",
              "step": "Cancellations wait for a person; list them with state=review and approve or ignore each."
            }
          ]
        }
      }
    }
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_story_tells_who_did_what_on_which_evidence() {
    let world = World::new().await;
    let connector = ConnectorIdentity { name: "moodle".into(), hash: Some("0123456789abcdef".into()) };
    *world.lms.identity.lock().unwrap() = Some(connector);
    let seen =
        Reply { before: Some(PlaceState::Held), after: Some(PlaceState::Absent), ..reply(LmsOutcome::Done) };
    world.lms.script([seen]);
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.pass(minutes(11)).await;
    let id = crate::ledger::enrolment_ids::id_of(&world.row("ana", 1).await.reference());
    let story = status::story(&world.app, &id).await.unwrap().unwrap();
    insta::assert_json_snapshot!(story, { ".id" => "[id]", ".start" => "[start]" }, @r#"
    {
      "id": "[id]",
      "tenant": "contoso",
      "session": "1",
      "state": "done",
      "generation": 1,
      "verdict": "declined",
      "evidence": "learner-copy",
      "start": "[start]",
      "due": null,
      "attempts": 1,
      "outcome": "done",
      "learner": "ana@contoso.com",
      "review": null,
      "lms": {
        "connector": "moodle",
        "file": "0123456789abcdef",
        "before": "held",
        "after": "absent"
      },
      "story": [
        {
          "n": 1,
          "at": "2026-11-21T12:00:00.000Z",
          "by": "regrets",
          "text": "The invitation is watched."
        },
        {
          "n": 2,
          "at": "2026-11-21T12:00:00.000Z",
          "by": "regrets",
          "text": "The learner's copy shows a decline at 2026-11-21 12:00:00 UTC. Decided to cancel the place; due 2026-11-21 12:10:00 UTC."
        },
        {
          "n": 3,
          "at": "2026-11-21T12:10:00.000Z",
          "by": "regrets",
          "text": "Attempt 1: the LMS is asked by the connector moodle (0123456789abcdef) to cancel the place."
        },
        {
          "n": 4,
          "at": "2026-11-21T12:10:00.000Z",
          "by": "regrets",
          "text": "The LMS has cancelled the place (HTTP 200). The LMS showed the place as held before and as not there after."
        }
      ]
    }
    "#);
    for wrong in ["", "contoso", "contoso.a", "contoso.a.b.c", "contoso.a/b.c", "other.x.y"] {
        assert!(status::story(&world.app, wrong).await.unwrap().is_none(), "{wrong}");
    }
}

/// Enough enrolments for three pages, in two tenants of which one's name begins with the other's.
async fn crowded() -> World {
    let mut world = World::new().await;
    world.neighbour("contoso2", None).await;
    for learner in ["ana", "ben"] {
        world.know(&"contoso2".into(), learner).await;
    }
    for session in 1..=60 {
        for learner in ["ana", "ben"] {
            world.graph.invite(learner, session);
            let hint = world.graph.hint(learner, session, ChangeType::Created);
            for tenant in ["contoso", "contoso2"] {
                let mut message = crate::jobs::testing::changes(std::slice::from_ref(&hint));
                message.tenant = tenant.into();
                crate::jobs::observe::hints::observe(&world.app, &message).await.unwrap();
            }
        }
    }
    world
}

async fn all(world: &World, filter: impl Fn(Option<String>) -> Filter) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let list = status::enrolments(&world.app, &filter(after)).await.unwrap();
        assert!(list.items.len() <= PAGE);
        ids.extend(list.items.into_iter().map(|item| item.id));
        pages += 1;
        after = list.next;
        if after.is_none() {
            return (ids, pages);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_paged_through_shows_every_enrolment_once() {
    let world = crowded().await;
    let (ids, pages) = all(&world, |after| Filter { after, ..Filter::default() }).await;
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), pages), (240, 240, 3));
    let one = |after| Filter { after, tenant: Some("contoso2".into()), ..Filter::default() };
    assert_eq!(all(&world, one).await.0.len(), 120);
}

#[tokio::test(start_paused = true)]
async fn filters_hold_for_what_they_name() {
    let world = World::new().await;
    for session in 1..=3 {
        for learner in ["ana", "ben"] {
            world.invited(learner, session).await;
        }
    }
    world.graph.answer("ana", 2, Answer::Declined);
    world.hint("ana", 2, ChangeType::Updated).await;
    let list = |filter: Filter| {
        let app = &world.app;
        async move { status::enrolments(app, &filter).await.unwrap().items }
    };
    assert_eq!(list(Filter { session: Some("2".into()), ..Filter::default() }).await.len(), 2);
    let waiting = list(Filter { state: Some("waiting".into()), ..Filter::default() }).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!((waiting[0].session.as_str(), waiting[0].state.as_str()), ("2", State::Waiting.word()));
    assert_eq!(list(Filter { tenant: Some("other".into()), ..Filter::default() }).await.len(), 0);
    assert_eq!(list(Filter { tenant: Some(contoso().into_string()), ..Filter::default() }).await.len(), 6);
}
