//! Subscriptions, the handshake, notifications and lifecycle events.

use crate::client::{ANA, Caller, Endpoint, LEARNING, plain, training};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{Duration, Utc};
use serde_json::{Value, json};
use simulator::disorder::{Disorder, Spells};
use simulator::options::SubscriptionRules;
use simulator::world::act::{Invite, Reply, Who};
use simulator::{Fault, Options, TenantSeed, UserSeed};

fn kinds(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["changeType"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_decline_is_told_with_the_id_that_the_subscription_asked_for() {
    let caller = Caller::open(plain()).await;
    let mut endpoint = Endpoint::open().await;
    let id = caller.subscribe(&endpoint.url).await;
    assert_eq!(endpoint.handshakes(), 2, "the same URL for both is validated twice");
    caller.world().invite(&training()).unwrap();
    let copy = caller.world().copy(ANA, "4711").unwrap();
    caller.world().quiet().await;
    assert_eq!(kinds(&endpoint.items()), ["created"]);
    caller.world().decline(&Reply::new(ANA, "4711")).unwrap();
    caller.world().quiet().await;
    let items = endpoint.items();
    assert_eq!(kinds(&items), ["deleted"]);
    let (item, ana) = (&items[0], caller.id(ANA));
    assert_eq!((&item["subscriptionId"], &item["clientState"]), (&json!(id), &json!("state")));
    assert_eq!(item["resourceData"]["id"], json!(copy.immutable));
    assert_eq!(item["resource"], json!(format!("Users/{ana}/Events/{}", copy.immutable)));
}

#[tokio::test]
async fn without_the_header_notifications_carry_mutable_ids() {
    let caller = Caller::open(plain()).await;
    let mut endpoint = Endpoint::open().await;
    let answer = caller.send("POST", "subscriptions", &[], Some(caller.wish(&endpoint.url, json!({})))).await;
    assert_eq!(answer.status, 201);
    caller.world().invite(&training()).unwrap();
    let copy = caller.world().copy(ANA, "4711").unwrap();
    assert_eq!(endpoint.next().await["value"][0]["resourceData"]["id"], json!(copy.mutable));
}

#[tokio::test]
async fn a_handshake_that_is_not_answered_exactly_makes_no_subscription() {
    let caller = Caller::open(Options {
        subscriptions: SubscriptionRules {
            handshake: std::time::Duration::from_secs(1),
            ..Default::default()
        },
        ..plain()
    })
    .await;
    type Distortion = fn(String) -> Response;
    let wrong: [(Distortion, &str); 5] = [
        (
            |token| ([("content-type", "text/plain")], format!("\"{token}\"")).into_response(),
            "InvalidRequest",
        ),
        (
            |token| ([("content-type", "text/plain")], token.replace("%2B", "+")).into_response(),
            "InvalidRequest",
        ),
        (|token| ([("content-type", "text/html")], token).into_response(), "InvalidRequest"),
        (|token| (StatusCode::ACCEPTED, token).into_response(), "ValidationError"),
        (|_| StatusCode::NOT_FOUND.into_response(), "ValidationError"),
    ];
    for (distort, code) in wrong {
        let endpoint = Endpoint::with(distort).await;
        assert_eq!(
            caller.post("subscriptions", caller.wish(&endpoint.url, json!({}))).await.error(),
            (400, code)
        );
    }
    let (good, bad) = (Endpoint::open().await, Endpoint::with(|_| "other".into_response()).await);
    for (notify, lifecycle) in [(&good, &bad), (&bad, &good)] {
        let wish = caller.wish(&notify.url, json!({ "lifecycleNotificationUrl": lifecycle.url }));
        assert_eq!(
            caller.post("subscriptions", wish).await.error(),
            (400, "InvalidRequest"),
            "each URL is validated"
        );
    }
    // A port where nobody answers.
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", mute.local_addr().unwrap());
    let refused = caller.post("subscriptions", caller.wish(&url, json!({}))).await;
    assert_eq!(refused.message(), "Subscription validation request timed out.");
    assert_eq!(caller.get("subscriptions").await.body["value"], json!([]));
}

#[tokio::test]
async fn lifetimes_are_capped_lifted_and_renewed() {
    let caller = Caller::open(Options { speed: 1.0, ..plain() }).await;
    let endpoint = Endpoint::open().await;
    let ahead = |minutes: i64| {
        json!({ "expirationDateTime": (Utc::now() +
        Duration::minutes(minutes)).to_rfc3339() })
    };
    let too_long = caller.post("subscriptions", caller.wish(&endpoint.url, ahead(10_080))).await;
    assert_eq!(
        (too_long.status, too_long.message()),
        (400, "Subscription expiration can only be 10070 minutes in the future.")
    );
    let lifted = caller.post("subscriptions", caller.wish(&endpoint.url, ahead(5))).await.body;
    let expires: chrono::DateTime<Utc> = lifted["expirationDateTime"].as_str().unwrap().parse().unwrap();
    assert!((expires - Utc::now()).num_minutes() >= 44);
    let target = format!("subscriptions/{}", lifted["id"].as_str().unwrap());
    let renewed = caller.send("PATCH", &target, &[], Some(ahead(600))).await.body;
    let expires: chrono::DateTime<Utc> = renewed["expirationDateTime"].as_str().unwrap().parse().unwrap();
    assert!((expires - Utc::now()).num_minutes() >= 599);
    let fixed = caller.send("PATCH", &target, &[], Some(json!({ "clientState": "new" }))).await;
    assert_eq!(fixed.status, 400);
    assert_eq!(caller.send("DELETE", &target, &[], None).await.status, 204);
    assert_eq!(caller.send("PATCH", &target, &[], Some(ahead(600))).await.error(), (404, "ResourceNotFound"));
}

#[tokio::test]
async fn listings_are_paged_and_hide_the_client_state() {
    let caller = Caller::open(Options {
        subscriptions: SubscriptionRules { page: 2, per_mailbox: 3, ..Default::default() },
        ..plain()
    })
    .await;
    let endpoint = Endpoint::open().await;
    for _ in 0..3 {
        caller.subscribe(&endpoint.url).await;
    }
    let full = caller.post("subscriptions", caller.wish(&endpoint.url, json!({}))).await;
    assert_eq!(full.error(), (403, "ExtensionError"));
    assert!(full.message().contains("Maximum number of subscriptions has been reached"));
    let first = caller.get("subscriptions").await.body;
    assert_eq!(
        (first["value"].as_array().unwrap().len(), &first["value"][0]["clientState"]),
        (2, &Value::Null)
    );
    let second = caller.get(first["@odata.nextLink"].as_str().unwrap()).await.body;
    assert_eq!((second["value"].as_array().unwrap().len(), second.get("@odata.nextLink")), (1, None));
}

#[tokio::test]
async fn a_second_subscription_can_be_a_conflict() {
    let caller = Caller::open(Options {
        subscriptions: SubscriptionRules { conflict: true, ..Default::default() },
        ..plain()
    })
    .await;
    let endpoint = Endpoint::open().await;
    caller.subscribe(&endpoint.url).await;
    assert_eq!(
        caller.post("subscriptions", caller.wish(&endpoint.url, json!({}))).await.error(),
        (409, "ExtensionError")
    );
}

#[tokio::test]
async fn what_is_not_taken_is_told_again_and_then_given_up_as_missed() {
    let caller = Caller::open(Options { speed: 20_000.0, ..plain() }).await;
    let mut endpoint = Endpoint::open().await;
    caller.subscribe(&endpoint.url).await;
    endpoint.answer_with(503);
    caller.world().invite(&training()).unwrap();
    let first = endpoint.next().await;
    assert_eq!(endpoint.next().await, first, "the same post again");
    endpoint.answer_with(202);
    caller.world().quiet().await;
    assert_eq!(caller.world().counters().notifications_sent, 1);

    endpoint.items();
    endpoint.answer_with(500);
    caller.world().decline(&Reply::new(ANA, "4711")).unwrap();
    loop {
        let post = endpoint.next().await;
        if post["value"][0]["lifecycleEvent"] == "missed" {
            break;
        }
    }
    endpoint.answer_with(202);
    caller.world().quiet().await;
    assert_eq!(caller.world().counters().notifications_dropped, 1);
}

#[tokio::test]
async fn changes_are_told_up_to_four_times_and_share_posts() {
    let options = Options {
        notification_copies: 4..=4,
        notification_delay: std::time::Duration::ZERO..=std::time::Duration::ZERO,
        ..plain()
    };
    let caller = Caller::open(options).await;
    let mut endpoint = Endpoint::open().await;
    caller.subscribe(&endpoint.url).await;
    caller.world().invite(&training()).unwrap();
    let first = endpoint.next().await;
    assert!(first["value"].as_array().unwrap().len() > 1, "one post holds several items");
    caller.world().quiet().await;
    let mut items = first["value"].as_array().unwrap().clone();
    items.extend(endpoint.items());
    let mut kinds = kinds(&items);
    kinds.sort_unstable();
    assert_eq!(kinds, ["created", "updated", "updated", "updated"]);
}

#[tokio::test]
async fn a_lapsed_authorization_holds_back_until_it_is_renewed() {
    let caller = Caller::open(plain()).await;
    let mut endpoint = Endpoint::open().await;
    let id = caller.subscribe(&endpoint.url).await;
    assert_eq!(caller.world().lifecycle(ANA, "reauthorizationRequired", true), 1);
    assert_eq!(endpoint.next().await["value"][0]["lifecycleEvent"], "reauthorizationRequired");
    caller.world().invite(&training()).unwrap();
    caller.world().quiet().await;
    assert!(endpoint.items().is_empty());
    let answer = caller.send("POST", &format!("subscriptions/{id}/reauthorize"), &[], None).await;
    assert_eq!(answer.status, 204);
    assert_eq!(endpoint.next().await["value"][0]["changeType"], "created");
}

#[tokio::test]
async fn subscriptions_warn_before_they_end_and_say_so_when_they_do() {
    let caller = Caller::open(plain()).await;
    let mut endpoint = Endpoint::open().await;
    caller.subscribe(&endpoint.url).await;
    caller.world().advance(Duration::minutes(4_190));
    assert_eq!(endpoint.next().await["value"][0]["lifecycleEvent"], "reauthorizationRequired");
    caller.world().advance(Duration::minutes(20));
    assert_eq!(endpoint.next().await["value"][0]["lifecycleEvent"], "subscriptionRemoved");
    assert!(caller.world().subscriptions_of(ANA).is_empty());
    caller.world().invite(&training()).unwrap();
    caller.world().quiet().await;
    assert!(endpoint.items().is_empty());
}

#[tokio::test]
async fn one_endpoint_serves_several_tenants() {
    let fabrikam = TenantSeed::new("fabrikam.com").user(UserSeed::new("Eve Fab", "eve@fabrikam.com"));
    let options = Options { tenants: vec![TenantSeed::contoso(), fabrikam.clone()], ..plain() };
    let mut caller = Caller::open(options).await;
    let mut endpoint = Endpoint::open().await;
    caller.subscribe(&endpoint.url).await;
    let (tenant, client) = (fabrikam.id.to_string(), fabrikam.client_id.to_string());
    caller.refresh_as(&[("tenant", &tenant), ("client_id", &client)]).await;
    let resource = format!("users/{}/events", caller.id("eve@fabrikam.com"));
    let answer =
        caller.post("subscriptions", caller.wish(&endpoint.url, json!({ "resource": resource }))).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(
        caller.get("subscriptions").await.body["value"].as_array().unwrap().len(),
        1,
        "a tenant sees its own"
    );
    assert_eq!(caller.get(&format!("users/{}", caller.id(ANA))).await.status, 404);
    let mut invitation = training();
    invitation.attendees.push("eve@fabrikam.com".to_owned());
    caller.world().invite(&invitation).unwrap();
    caller.world().quiet().await;
    let mut tenants: Vec<Value> = endpoint.items().iter().map(|item| item["tenantId"].clone()).collect();
    tenants.sort_by_key(|tenant| *tenant == json!(fabrikam.id));
    assert_eq!(tenants, [json!(TenantSeed::contoso().id), json!(fabrikam.id)]);
}

#[tokio::test]
async fn a_slow_endpoint_is_shunned_and_then_told_that_it_missed_something() {
    let options =
        Options { notification_timeout: std::time::Duration::from_millis(20), speed: 400.0, ..plain() };
    let caller = Caller::open(options).await;
    let mut endpoint = Endpoint::open().await;
    caller.subscribe(&endpoint.url).await;
    endpoint.hang(true);
    for session in ["4711", "4712", "4713"] {
        caller.world().invite(&Invite { session: session.to_owned(), ..training() }).unwrap();
        endpoint.next().await;
    }
    // Three posts that come again and again: when the fifteenth is here, at least ten were answered too late.
    for _ in 3..15 {
        endpoint.next().await;
    }
    caller.world().accept(&Reply::new(ANA, "4711")).unwrap();
    endpoint.hang(false);
    caller.world().quiet().await;
    let items = endpoint.items();
    assert!(items.iter().all(|item| item["changeType"] != "updated"), "what was new is dropped");
    assert!(items.iter().any(|item| item["lifecycleEvent"] == "missed"));
}

#[tokio::test]
async fn a_silent_gap_tells_nothing() {
    let caller = Caller::open(plain()).await;
    let mut endpoint = Endpoint::open().await;
    caller.subscribe(&endpoint.url).await;
    let of = |mailbox: &str| Fault::DropNotifications { mailbox: Some(mailbox.to_owned()) };
    caller.world().inject(of(LEARNING));
    caller.world().inject_times(of(ANA), 1);
    caller.world().invite(&training()).unwrap();
    caller.world().accept(&Reply::new(ANA, "4711")).unwrap();
    caller.world().quiet().await;
    assert_eq!(kinds(&endpoint.items()), ["updated"]);
    assert_eq!(caller.world().counters().notifications_dropped, 1);
}

/// So many changes of Ana's copy, and nothing else; in disorder from the first on.
async fn touched(options: Options, times: usize) -> (Caller, Endpoint) {
    let caller = Caller::open(options).await;
    let endpoint = Endpoint::open().await;
    caller.world().invite(&training()).unwrap();
    caller.subscribe(&endpoint.url).await;
    for _ in 0..times {
        caller.world().touch(&Who { learner: ANA.to_owned(), session: "4711".to_owned() }).unwrap();
    }
    (caller, endpoint)
}

fn etags(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["resourceData"]["@odata.etag"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn changes_are_lost_at_random_and_the_seed_says_which() {
    let told = async |seed| {
        let disorder = Disorder { loss: 0.5, ..Disorder::default() };
        let (caller, mut endpoint) = touched(Options { seed, disorder, ..plain() }, 60).await;
        caller.world().quiet().await;
        let items = endpoint.items();
        let mut told: Vec<String> = etags(&items).into_iter().map(str::to_owned).collect();
        told.sort_unstable();
        assert_eq!(told.len() as u64 + caller.world().counters().notifications_dropped, 60);
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
    let (caller, mut endpoint) = touched(Options { disorder, ..plain() }, 20).await;
    let mut items = endpoint.next().await["value"].as_array().unwrap().clone();
    assert!(items.len() < 20, "nothing is late");
    caller.world().accept(&Reply::new(ANA, "4711")).unwrap();
    let newest = format!("W/\"{}\"", caller.world().copy(ANA, "4711").unwrap().change_key());
    caller.world().quiet().await;
    items.extend(endpoint.items());
    let etags = etags(&items);
    assert_eq!(etags.len(), 21, "nothing is lost");
    assert!(etags.iter().position(|etag| *etag == newest).unwrap() < 20, "nothing was overtaken");
}

#[tokio::test]
async fn a_burst_tells_at_once_what_it_held_back() {
    let caller = Caller::open(plain()).await;
    let mut endpoint = Endpoint::open().await;
    caller.subscribe(&endpoint.url).await;
    let lasting = std::time::Duration::from_millis(300);
    caller.world().inject_for(Fault::HoldNotifications { mailbox: Some(ANA.to_owned()) }, lasting);
    caller.world().invite(&training()).unwrap();
    caller.world().accept(&Reply::new(ANA, "4711")).unwrap();
    tokio::time::sleep(lasting / 2).await;
    assert!(endpoint.items().is_empty(), "it was held back");
    let post = endpoint.next().await;
    caller.world().quiet().await;
    let mut items = post["value"].as_array().unwrap().clone();
    items.extend(endpoint.items());
    let mut kinds = kinds(&items);
    kinds.sort_unstable();
    assert_eq!(kinds, ["created", "updated"]);
    caller.world().accept(&Reply::new(ANA, "4711")).unwrap();
    caller.world().quiet().await;
    assert_eq!(endpoint.items().len(), 1, "nothing is held back after it");
}

#[tokio::test]
async fn gaps_and_bursts_of_the_options_come_by_themselves() {
    let hour = std::time::Duration::from_secs(3_600);
    // Everybody hears nothing from the start, for longer than the test takes.
    let spells = Spells {
        pause: std::time::Duration::ZERO..=std::time::Duration::ZERO,
        lasting: hour..=hour,
        everybody: 1.0,
    };
    let gaps = Disorder { gaps: Some(spells.clone()), ..Disorder::default() };
    let caller = Caller::open(Options { disorder: gaps, speed: 1.0, ..plain() }).await;
    assert_eq!(caller.world().faults(), [Fault::DropNotifications { mailbox: None }]);
    let spells = Spells { lasting: hour / 60..=hour / 60, everybody: 0.0, ..spells };
    let bursts = Disorder { bursts: Some(spells), ..Disorder::default() };
    let caller = Caller::open(Options { disorder: bursts, speed: 1.0, ..plain() }).await;
    match caller.world().faults().as_slice() {
        [Fault::HoldNotifications { mailbox: Some(mailbox) }] => {
            assert!(caller.world().user_id(mailbox).is_some())
        }
        other => panic!("{other:?}"),
    }
}
