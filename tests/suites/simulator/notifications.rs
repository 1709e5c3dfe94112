//! Subscriptions, the handshake, notifications and lifecycle events.

use crate::client::{ANA, Desk, Endpoint, LEARNING, plain, training};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{Duration, Utc};
use serde_json::{Value, json};
use simulator::disorder::{Disorder, Spells};
use simulator::options::SubscriptionRules;
use simulator::world::act::{Invite, Reply, Who};
use simulator::{Fault, Options, PersonSeed, TenantSeed};

fn kinds(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["changeType"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_decline_is_told_with_the_id_that_the_subscription_asked_for() {
    let desk = Desk::open(plain()).await;
    let mut endpoint = Endpoint::open().await;
    let id = desk.subscribe(&endpoint.url).await;
    assert_eq!(endpoint.handshakes(), 2, "the same URL for both is validated twice");
    desk.world().invite(&training()).unwrap();
    let copy = desk.world().copy(ANA, "4711").unwrap();
    desk.world().quiet().await;
    assert_eq!(kinds(&endpoint.items()), ["created"]);
    desk.world().decline(&Reply::new(ANA, "4711")).unwrap();
    desk.world().quiet().await;
    let items = endpoint.items();
    assert_eq!(kinds(&items), ["deleted"]);
    let (item, ana) = (&items[0], desk.id(ANA));
    assert_eq!((&item["subscriptionId"], &item["clientState"]), (&json!(id), &json!("state")));
    assert_eq!(item["resourceData"]["id"], json!(copy.immutable));
    assert_eq!(item["resource"], json!(format!("Users/{ana}/Events/{}", copy.immutable)));
}

#[tokio::test]
async fn without_the_header_notifications_carry_mutable_ids() {
    let desk = Desk::open(plain()).await;
    let mut endpoint = Endpoint::open().await;
    let answer = desk.send("POST", "subscriptions", &[], Some(desk.wish(&endpoint.url, json!({})))).await;
    assert_eq!(answer.status, 201);
    desk.world().invite(&training()).unwrap();
    let copy = desk.world().copy(ANA, "4711").unwrap();
    assert_eq!(endpoint.next().await["value"][0]["resourceData"]["id"], json!(copy.mutable));
}

#[tokio::test]
async fn a_handshake_that_is_not_answered_exactly_makes_no_subscription() {
    let desk = Desk::open(Options {
        subscriptions: SubscriptionRules { handshake: std::time::Duration::from_secs(1), ..Default::default() },
        ..plain()
    })
    .await;
    type Distortion = fn(String) -> Response;
    let wrong: [(Distortion, &str); 5] = [
        (|token| ([("content-type", "text/plain")], format!("\"{token}\"")).into_response(), "InvalidRequest"),
        (|token| ([("content-type", "text/plain")], token.replace("%2B", "+")).into_response(), "InvalidRequest"),
        (|token| ([("content-type", "text/html")], token).into_response(), "InvalidRequest"),
        (|token| (StatusCode::ACCEPTED, token).into_response(), "ValidationError"),
        (|_| StatusCode::NOT_FOUND.into_response(), "ValidationError"),
    ];
    for (distort, code) in wrong {
        let endpoint = Endpoint::with(distort).await;
        assert_eq!(desk.post("subscriptions", desk.wish(&endpoint.url, json!({}))).await.error(), (400, code));
    }
    let (good, bad) = (Endpoint::open().await, Endpoint::with(|_| "other".into_response()).await);
    for (notify, lifecycle) in [(&good, &bad), (&bad, &good)] {
        let wish = desk.wish(&notify.url, json!({ "lifecycleNotificationUrl": lifecycle.url }));
        assert_eq!(desk.post("subscriptions", wish).await.error(), (400, "InvalidRequest"), "each URL is validated");
    }
    // A port where nobody answers.
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", mute.local_addr().unwrap());
    let refused = desk.post("subscriptions", desk.wish(&url, json!({}))).await;
    assert_eq!(refused.message(), "Subscription validation request timed out.");
    assert_eq!(desk.get("subscriptions").await.body["value"], json!([]));
}

#[tokio::test]
async fn lifetimes_are_capped_lifted_and_renewed() {
    let desk = Desk::open(Options { speed: 1.0, ..plain() }).await;
    let endpoint = Endpoint::open().await;
    let ahead = |minutes: i64| json!({ "expirationDateTime": (Utc::now() + Duration::minutes(minutes)).to_rfc3339() });
    let too_long = desk.post("subscriptions", desk.wish(&endpoint.url, ahead(10_080))).await;
    assert_eq!(
        (too_long.status, too_long.message()),
        (400, "Subscription expiration can only be 10070 minutes in the future.")
    );
    let lifted = desk.post("subscriptions", desk.wish(&endpoint.url, ahead(5))).await.body;
    let expires: chrono::DateTime<Utc> = lifted["expirationDateTime"].as_str().unwrap().parse().unwrap();
    assert!((expires - Utc::now()).num_minutes() >= 44);
    let target = format!("subscriptions/{}", lifted["id"].as_str().unwrap());
    let renewed = desk.send("PATCH", &target, &[], Some(ahead(600))).await.body;
    let expires: chrono::DateTime<Utc> = renewed["expirationDateTime"].as_str().unwrap().parse().unwrap();
    assert!((expires - Utc::now()).num_minutes() >= 599);
    let fixed = desk.send("PATCH", &target, &[], Some(json!({ "clientState": "new" }))).await;
    assert_eq!(fixed.status, 400);
    assert_eq!(desk.send("DELETE", &target, &[], None).await.status, 204);
    assert_eq!(desk.send("PATCH", &target, &[], Some(ahead(600))).await.error(), (404, "ResourceNotFound"));
}

#[tokio::test]
async fn listings_are_paged_and_hide_the_client_state() {
    let desk = Desk::open(Options {
        subscriptions: SubscriptionRules { page: 2, per_mailbox: 3, ..Default::default() },
        ..plain()
    })
    .await;
    let endpoint = Endpoint::open().await;
    for _ in 0..3 {
        desk.subscribe(&endpoint.url).await;
    }
    let full = desk.post("subscriptions", desk.wish(&endpoint.url, json!({}))).await;
    assert_eq!(full.error(), (403, "ExtensionError"));
    assert!(full.message().contains("Maximum number of subscriptions has been reached"));
    let first = desk.get("subscriptions").await.body;
    assert_eq!((first["value"].as_array().unwrap().len(), &first["value"][0]["clientState"]), (2, &Value::Null));
    let second = desk.get(first["@odata.nextLink"].as_str().unwrap()).await.body;
    assert_eq!((second["value"].as_array().unwrap().len(), second.get("@odata.nextLink")), (1, None));
}

#[tokio::test]
async fn a_second_subscription_can_be_a_conflict() {
    let desk =
        Desk::open(Options { subscriptions: SubscriptionRules { conflict: true, ..Default::default() }, ..plain() })
            .await;
    let endpoint = Endpoint::open().await;
    desk.subscribe(&endpoint.url).await;
    assert_eq!(desk.post("subscriptions", desk.wish(&endpoint.url, json!({}))).await.error(), (409, "ExtensionError"));
}

#[tokio::test]
async fn what_is_not_taken_is_told_again_and_then_given_up_as_missed() {
    let desk = Desk::open(Options { speed: 20_000.0, ..plain() }).await;
    let mut endpoint = Endpoint::open().await;
    desk.subscribe(&endpoint.url).await;
    endpoint.answer_with(503);
    desk.world().invite(&training()).unwrap();
    let first = endpoint.next().await;
    assert_eq!(endpoint.next().await, first, "the same post again");
    endpoint.answer_with(202);
    desk.world().quiet().await;
    assert_eq!(desk.world().counters().notifications_sent, 1);

    endpoint.items();
    endpoint.answer_with(500);
    desk.world().decline(&Reply::new(ANA, "4711")).unwrap();
    loop {
        let post = endpoint.next().await;
        if post["value"][0]["lifecycleEvent"] == "missed" {
            break;
        }
    }
    endpoint.answer_with(202);
    desk.world().quiet().await;
    assert_eq!(desk.world().counters().notifications_dropped, 1);
}

#[tokio::test]
async fn changes_are_told_up_to_four_times_and_share_posts() {
    let options = Options {
        notification_copies: 4..=4,
        notification_delay: std::time::Duration::ZERO..=std::time::Duration::ZERO,
        ..plain()
    };
    let desk = Desk::open(options).await;
    let mut endpoint = Endpoint::open().await;
    desk.subscribe(&endpoint.url).await;
    desk.world().invite(&training()).unwrap();
    let first = endpoint.next().await;
    assert!(first["value"].as_array().unwrap().len() > 1, "one post holds several items");
    desk.world().quiet().await;
    let mut items = first["value"].as_array().unwrap().clone();
    items.extend(endpoint.items());
    let mut kinds = kinds(&items);
    kinds.sort_unstable();
    assert_eq!(kinds, ["created", "updated", "updated", "updated"]);
}

#[tokio::test]
async fn a_lapsed_authorization_holds_back_until_it_is_renewed() {
    let desk = Desk::open(plain()).await;
    let mut endpoint = Endpoint::open().await;
    let id = desk.subscribe(&endpoint.url).await;
    assert_eq!(desk.world().lifecycle(ANA, "reauthorizationRequired", true), 1);
    assert_eq!(endpoint.next().await["value"][0]["lifecycleEvent"], "reauthorizationRequired");
    desk.world().invite(&training()).unwrap();
    desk.world().quiet().await;
    assert!(endpoint.items().is_empty());
    let answer = desk.send("POST", &format!("subscriptions/{id}/reauthorize"), &[], None).await;
    assert_eq!(answer.status, 204);
    assert_eq!(endpoint.next().await["value"][0]["changeType"], "created");
}

#[tokio::test]
async fn subscriptions_warn_before_they_end_and_say_so_when_they_do() {
    let desk = Desk::open(plain()).await;
    let mut endpoint = Endpoint::open().await;
    desk.subscribe(&endpoint.url).await;
    desk.world().advance(Duration::minutes(4_190));
    assert_eq!(endpoint.next().await["value"][0]["lifecycleEvent"], "reauthorizationRequired");
    desk.world().advance(Duration::minutes(20));
    assert_eq!(endpoint.next().await["value"][0]["lifecycleEvent"], "subscriptionRemoved");
    assert!(desk.world().subscriptions_of(ANA).is_empty());
    desk.world().invite(&training()).unwrap();
    desk.world().quiet().await;
    assert!(endpoint.items().is_empty());
}

#[tokio::test]
async fn one_endpoint_serves_several_tenants() {
    let fabrikam = TenantSeed::new("fabrikam.com").person(PersonSeed::new("Eve Fab", "eve@fabrikam.com"));
    let options = Options { tenants: vec![TenantSeed::contoso(), fabrikam.clone()], ..plain() };
    let mut desk = Desk::open(options).await;
    let mut endpoint = Endpoint::open().await;
    desk.subscribe(&endpoint.url).await;
    let (tenant, client) = (fabrikam.id.to_string(), fabrikam.client_id.to_string());
    desk.refresh_as(&[("tenant", &tenant), ("client_id", &client)]).await;
    let resource = format!("users/{}/events", desk.id("eve@fabrikam.com"));
    let answer = desk.post("subscriptions", desk.wish(&endpoint.url, json!({ "resource": resource }))).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(desk.get("subscriptions").await.body["value"].as_array().unwrap().len(), 1, "a tenant sees its own");
    assert_eq!(desk.get(&format!("users/{}", desk.id(ANA))).await.status, 404);
    let mut invitation = training();
    invitation.attendees.push("eve@fabrikam.com".to_owned());
    desk.world().invite(&invitation).unwrap();
    desk.world().quiet().await;
    let mut tenants: Vec<Value> = endpoint.items().iter().map(|item| item["tenantId"].clone()).collect();
    tenants.sort_by_key(|tenant| *tenant == json!(fabrikam.id));
    assert_eq!(tenants, [json!(TenantSeed::contoso().id), json!(fabrikam.id)]);
}

#[tokio::test]
async fn a_slow_endpoint_is_shunned_and_then_told_that_it_missed_something() {
    let options = Options { notification_timeout: std::time::Duration::from_millis(20), speed: 400.0, ..plain() };
    let desk = Desk::open(options).await;
    let mut endpoint = Endpoint::open().await;
    desk.subscribe(&endpoint.url).await;
    endpoint.hang(true);
    for session in ["4711", "4712", "4713"] {
        desk.world().invite(&Invite { session: session.to_owned(), ..training() }).unwrap();
        endpoint.next().await;
    }
    // Three posts that come again and again: when the fifteenth is here, at least ten were answered too late.
    for _ in 3..15 {
        endpoint.next().await;
    }
    desk.world().accept(&Reply::new(ANA, "4711")).unwrap();
    endpoint.hang(false);
    desk.world().quiet().await;
    let items = endpoint.items();
    assert!(items.iter().all(|item| item["changeType"] != "updated"), "what was new is dropped");
    assert!(items.iter().any(|item| item["lifecycleEvent"] == "missed"));
}

#[tokio::test]
async fn a_silent_gap_tells_nothing() {
    let desk = Desk::open(plain()).await;
    let mut endpoint = Endpoint::open().await;
    desk.subscribe(&endpoint.url).await;
    let of = |mailbox: &str| Fault::DropNotifications { mailbox: Some(mailbox.to_owned()) };
    desk.world().inject(of(LEARNING));
    desk.world().inject_times(of(ANA), 1);
    desk.world().invite(&training()).unwrap();
    desk.world().accept(&Reply::new(ANA, "4711")).unwrap();
    desk.world().quiet().await;
    assert_eq!(kinds(&endpoint.items()), ["updated"]);
    assert_eq!(desk.world().counters().notifications_dropped, 1);
}

/// So many changes of Ana's copy, and nothing else; in disorder from the first on.
async fn touched(options: Options, times: usize) -> (Desk, Endpoint) {
    let desk = Desk::open(options).await;
    let endpoint = Endpoint::open().await;
    desk.world().invite(&training()).unwrap();
    desk.subscribe(&endpoint.url).await;
    for _ in 0..times {
        desk.world().touch(&Who { learner: ANA.to_owned(), session: "4711".to_owned() }).unwrap();
    }
    (desk, endpoint)
}

fn etags(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["resourceData"]["@odata.etag"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn changes_are_lost_by_lot_and_the_seed_says_which() {
    let told = async |seed| {
        let disorder = Disorder { loss: 0.5, ..Disorder::default() };
        let (desk, mut endpoint) = touched(Options { seed, disorder, ..plain() }, 60).await;
        desk.world().quiet().await;
        let items = endpoint.items();
        let mut told: Vec<String> = etags(&items).into_iter().map(str::to_owned).collect();
        told.sort_unstable();
        assert_eq!(told.len() as u64 + desk.world().counters().notifications_dropped, 60);
        told
    };
    let first = told(5).await;
    assert!((15..=45).contains(&first.len()), "{} of 60", first.len());
    assert_eq!(first.len(), told(5).await.len());
}

#[tokio::test]
async fn what_comes_late_is_overtaken() {
    let second = std::time::Duration::from_secs(10_000);
    let disorder = Disorder { late: 0.3, lateness: second..=second, ..Disorder::default() };
    let (desk, mut endpoint) = touched(Options { disorder, ..plain() }, 20).await;
    let mut items = endpoint.next().await["value"].as_array().unwrap().clone();
    assert!(items.len() < 20, "nothing is late");
    desk.world().accept(&Reply::new(ANA, "4711")).unwrap();
    let newest = format!("W/\"{}\"", desk.world().copy(ANA, "4711").unwrap().change_key());
    desk.world().quiet().await;
    items.extend(endpoint.items());
    let etags = etags(&items);
    assert_eq!(etags.len(), 21, "nothing is lost");
    assert!(etags.iter().position(|etag| *etag == newest).unwrap() < 20, "nothing was overtaken");
}

#[tokio::test]
async fn a_burst_tells_at_once_what_it_held_back() {
    let desk = Desk::open(plain()).await;
    let mut endpoint = Endpoint::open().await;
    desk.subscribe(&endpoint.url).await;
    let lasting = std::time::Duration::from_millis(300);
    desk.world().inject_for(Fault::HoldNotifications { mailbox: Some(ANA.to_owned()) }, lasting);
    desk.world().invite(&training()).unwrap();
    desk.world().accept(&Reply::new(ANA, "4711")).unwrap();
    tokio::time::sleep(lasting / 2).await;
    assert!(endpoint.items().is_empty(), "it was held back");
    let post = endpoint.next().await;
    desk.world().quiet().await;
    let mut items = post["value"].as_array().unwrap().clone();
    items.extend(endpoint.items());
    let mut kinds = kinds(&items);
    kinds.sort_unstable();
    assert_eq!(kinds, ["created", "updated"]);
    desk.world().accept(&Reply::new(ANA, "4711")).unwrap();
    desk.world().quiet().await;
    assert_eq!(endpoint.items().len(), 1, "nothing is held back after it");
}

#[tokio::test]
async fn gaps_and_bursts_of_the_options_come_by_themselves() {
    let hour = std::time::Duration::from_secs(3_600);
    // Everybody hears nothing from the start, for longer than the test takes.
    let spells =
        Spells { pause: std::time::Duration::ZERO..=std::time::Duration::ZERO, lasting: hour..=hour, everybody: 1.0 };
    let gaps = Disorder { gaps: Some(spells.clone()), ..Disorder::default() };
    let desk = Desk::open(Options { disorder: gaps, speed: 1.0, ..plain() }).await;
    assert_eq!(desk.world().faults(), [Fault::DropNotifications { mailbox: None }]);
    let spells = Spells { lasting: hour / 60..=hour / 60, everybody: 0.0, ..spells };
    let bursts = Disorder { bursts: Some(spells), ..Disorder::default() };
    let desk = Desk::open(Options { disorder: bursts, speed: 1.0, ..plain() }).await;
    match desk.world().faults().as_slice() {
        [Fault::HoldNotifications { mailbox: Some(mailbox) }] => assert!(desk.world().user_id(mailbox).is_some()),
        other => panic!("{other:?}"),
    }
}
