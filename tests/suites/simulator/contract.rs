//! What the simulator is asked and what it answers, against Graph's OpenAPI description and the sample
//! bodies.

use crate::client::{ANA, Caller, Endpoint, LEARNING, plain, tomorrow, training};
use axum::response::IntoResponse as _;
use base64::Engine as _;
use chrono::{Duration, Utc};
use serde_json::{Value, json};
use simulator::contract::{Contract, Strictness, same_shape};
use simulator::options::SubscriptionRules;
use simulator::world::act::{Invite, Reply};
use simulator::world::directory::MailboxState;
use simulator::{Fault, Options, TenantSeed};

/// The reference folder, or one plain line and `None`.
fn reference() -> Option<Contract> {
    let contract = Contract::at_hand().unwrap();
    if contract.is_none() {
        println!("reference folder not at hand: skipped");
    }
    contract
}

/// Everything that the project asks of Graph, and a few things that go wrong.
async fn tour(caller: &Caller, endpoint: &Endpoint) {
    caller.world().invite(&training()).unwrap();
    let starts = vec![tomorrow() + Duration::days(1), tomorrow() + Duration::days(8)];
    caller
        .world()
        .invite(&Invite { session: "series".to_owned(), occurrences: starts.clone(), ..training() })
        .unwrap();
    caller.world().decline(&Reply::new(ANA, "series").of(starts[0]).silent()).unwrap();
    caller.world().decline(&Reply::new(ANA, "series").of(starts[1]).keep(true).silent()).unwrap();
    let series = caller.world().copy(ANA, "series").unwrap().immutable;
    let (ana, event) = (caller.id(ANA), caller.world().copy(ANA, "4711").unwrap().immutable);
    let evidence = "$select=id,iCalUId,isCancelled,isOrganizer,type,seriesMasterId,originalStart,organizer,responseStatus,\
                    start,end,attendees";
    let days = |n: i64| (Utc::now() + Duration::days(n)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let group = TenantSeed::contoso().group_id("learners");
    let requests = [
        format!("users/{ana}"),
        "users?$select=id,mail,userPrincipalName,proxyAddresses,employeeId,accountEnabled,userType,\
         onPremisesExtensionAttributes&$top=999"
            .to_owned(),
        format!("users/{ana}/events"),
        format!("users/{ana}/events/{event}"),
        format!("users/{ana}/events/{event}?{evidence}"),
        format!("users/{ana}/events/missing"),
        format!(
            "users/{ana}/events/{series}?{evidence},cancelledOccurrences,createdDateTime,lastModifiedDateTime"
        ),
        format!("users/{ana}/events/{}?{evidence}", simulator::world::ids::occurrence(&series, starts[1])),
        format!("users/{ana}/events?$filter=iCalUId%20eq%20'lms-4711@contoso.com'&{evidence}"),
        format!(
            "users/{ana}/calendarView?startDateTime={}&endDateTime={}&$top=1&{evidence}",
            days(-30),
            days(90)
        ),
        format!("users/{ana}/calendarView?startDateTime={}&endDateTime={}", days(-30), days(90)),
        "users/nobody@contoso.com/events".to_owned(),
        "subscriptions".to_owned(),
    ];
    let id = caller.subscribe(&endpoint.url).await;
    for target in &requests {
        caller.get(target).await;
        caller.batch(json!([{ "id": "1", "method": "GET", "url": format!("/{target}") }])).await;
    }
    let members =
        format!("groups/{group}/transitiveMembers/microsoft.graph.user?$count=true&$select=id,mail");
    caller.send("GET", &members, &[("ConsistencyLevel", "eventual")], None).await;
    let expiry = json!({ "expirationDateTime": (Utc::now() + Duration::hours(1)).to_rfc3339() });
    let subscription = format!("subscriptions/{id}");
    caller.get(&subscription).await;
    caller.send("PATCH", &subscription, &[], Some(expiry)).await;
    caller.send("POST", &format!("{subscription}/reauthorize"), &[], None).await;
    caller.send("DELETE", &subscription, &[], None).await;
    caller.send("DELETE", &subscription, &[], None).await;
    caller.world().inject_times(Fault::GraphThrottle { mailbox: None, retry_after: None, outer: false }, 1);
    caller.get(&requests[2]).await;
    caller.world().inject_times(
        Fault::GraphStatus { mailbox: None, status: 503, code: None, retry_after: None, outer: false },
        1,
    );
    caller.get(&requests[2]).await;
}

#[tokio::test]
async fn requests_and_answers_fit_the_openapi_description() {
    let Some(contract) = reference() else { return };
    let caller = Caller::open(plain()).await;
    tour(&caller, &Endpoint::open().await).await;
    let recorded = caller.world().requests();
    assert!(recorded.len() > 30);
    let shown = |pointer: &str, value: &Value| {
        recorded.iter().any(|one| one.answer.as_ref().and_then(|body| body.pointer(pointer)) == Some(value))
    };
    assert!(shown("/type", &json!("exception")) && !shown("/cancelledOccurrences", &json!([])));
    let findings: Vec<String> = recorded.iter().flat_map(|one| contract.check(one)).collect();
    assert_eq!(findings, Vec::<String>::new());
}

#[tokio::test]
async fn a_request_that_graph_does_not_know_is_found() {
    let Some(contract) = reference() else { return };
    let caller = Caller::open(plain()).await;
    tour(&caller, &Endpoint::open().await).await;
    let recorded = caller.world().requests();
    let find = |method: &str, length: usize| {
        recorded
            .iter()
            .find(|one| one.method == method && one.path.len() == length && one.status < 300)
            .unwrap()
            .clone()
    };
    let mut list = find("GET", 3);
    list.query.push(("$search".to_owned(), "x".to_owned()));
    assert_eq!(contract.check(&list).len(), 1, "an option that events do not take");
    let mut view = recorded
        .iter()
        .find(|one| one.path.get(2).is_some_and(|part| part == "calendarView"))
        .unwrap()
        .clone();
    view.query.retain(|(name, _)| name != "endDateTime");
    assert_eq!(contract.check(&view).len(), 1, "a parameter that is compulsory");
    let mut create = find("POST", 1);
    create = recorded
        .iter()
        .find(|one| one.path == ["subscriptions"] && one.method == "POST")
        .cloned()
        .unwrap_or(create);
    create.body.as_mut().unwrap()["expires"] = json!("2026-11-28T00:00:00Z");
    assert_eq!(contract.check(&create).len(), 1, "a property that subscriptions do not have");
    let mut gone = find("GET", 3);
    gone.path[2] = "appointments".to_owned();
    assert_eq!(contract.check(&gone).len(), 1, "a path that does not exist");
}

#[tokio::test]
async fn notifications_have_the_shape_of_the_captured_ones() {
    let Some(contract) = reference() else { return };
    let caller = Caller::open(plain()).await;
    let mut endpoint = Endpoint::open().await;
    caller.subscribe(&endpoint.url).await;
    let same = |sample: &str, post: &Value, strictness: Strictness| {
        assert_eq!(
            same_shape(&contract.sample(sample).unwrap(), post, strictness),
            Vec::<String>::new(),
            "{sample}"
        );
        let schema = "microsoft.graph.changeNotificationCollection";
        assert_eq!(contract.check_body(post, schema), Vec::<String>::new(), "{sample}");
    };
    caller.world().invite(&training()).unwrap();
    same("captured-notification-event-created.json", &endpoint.next().await, Strictness::Same);
    caller.world().decline(&Reply::new(ANA, "4711").silent()).unwrap();
    same("made-notification-event-deleted.json", &endpoint.next().await, Strictness::Same);
    caller.world().lifecycle(ANA, "reauthorizationRequired", false);
    same("docnew-lifecycle-notification.json", &endpoint.next().await, Strictness::Same);
}

#[tokio::test]
async fn bodies_have_the_shape_of_the_samples() {
    let Some(contract) = reference() else { return };
    let caller = Caller::open(plain()).await;
    let endpoint = Endpoint::open().await;
    let holds = |sample: &str, body: &Value, strictness: Strictness| {
        assert_eq!(
            same_shape(&contract.sample(sample).unwrap(), body, strictness),
            Vec::<String>::new(),
            "{sample}"
        );
    };
    let created = caller.post("subscriptions", caller.wish(&endpoint.url, json!({}))).await.body;
    holds("docnew-subscription-created-response.json", &created, Strictness::Within);
    holds(
        "auth-v2-service--02-json.json",
        &caller.get(&format!("users/{}", caller.id(ANA))).await.body,
        Strictness::Same,
    );

    caller.world().invite(&training()).unwrap();
    caller.world().decline(&Reply::new(ANA, "4711").keep(true)).unwrap();
    caller.world().quiet().await;
    let read = async |address: &str| {
        let id = caller.world().copy(address, "4711").unwrap().immutable;
        let mut body = caller.get(&format!("users/{}/events/{id}", caller.id(address))).await.body;
        body["@odata.type"] = json!("#microsoft.graph.event");
        body
    };
    holds("made-event-declined-kept.json", &read(ANA).await, Strictness::Covers);
    holds("made-event-organizer-copy-declined.json", &read(LEARNING).await, Strictness::Covers);

    let (_, token) = caller.ask_token(&[]).await;
    let claims = token["access_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).unwrap();
    holds("made-token-claims-app-only.json", &serde_json::from_slice(&claims).unwrap(), Strictness::Same);
    for code in [53_003, 65_001, 7_000_112, 700_016, 7_000_215, 7_000_222, 700_027, 70_011, 90_002, 90_055] {
        caller.world().inject_times(Fault::EntraError { code }, 1);
        let name = format!("made-token-error-{code}.json");
        let (sample, body) = (contract.sample(&name).unwrap(), caller.ask_token(&[]).await.1);
        holds(&name, &body, Strictness::Same);
        assert_eq!(body["error"], sample["error"], "{name}");
        let head = |value: &Value| {
            value["error_description"].as_str().unwrap().split("\r\n").next().unwrap().to_owned()
        };
        assert_eq!(head(&body), head(&sample));
    }
}

#[tokio::test]
async fn errors_have_the_codes_and_texts_of_the_quoted_ones() {
    let Some(contract) = reference() else { return };
    let rules = SubscriptionRules {
        handshake: std::time::Duration::from_secs(1),
        per_mailbox: 1,
        ..SubscriptionRules::default()
    };
    let caller = Caller::open(Options { subscriptions: rules, ..plain() }).await;
    let same = |sample: &str, body: &Value| {
        let sample_body = contract.sample(sample).unwrap();
        assert_eq!(body["error"]["code"], sample_body["error"]["code"], "{sample}");
        assert_eq!(body["error"]["message"], sample_body["error"]["message"], "{sample}");
        assert_eq!(same_shape(&sample_body, body, Strictness::Within), Vec::<String>::new(), "{sample}");
    };
    let events = format!("users/{}/events", caller.id(ANA));
    let subscribe =
        async |url: &str, other: Value| caller.post("subscriptions", caller.wish(url, other)).await.body;
    let stands = |state| caller.world().edit_user(ANA, |user| user.mailbox_state = state).unwrap();

    same("made-error-event-not-found-404.json", &caller.get(&format!("{events}/x")).await.body);
    stands(MailboxState::NoMailbox);
    same("made-error-mailbox-not-enabled-404.json", &caller.get(&events).await.body);
    same(
        "quoted-error-subscription-mailbox-notfound-404.json",
        &subscribe("https://localhost:1/", json!({})).await,
    );
    stands(MailboxState::OutOfScope);
    same("made-error-rbac-denied-403.json", &caller.get(&events).await.body);
    same("quoted-error-subscription-forbidden-403.json", &subscribe("https://localhost:1/", json!({})).await);
    stands(MailboxState::Policy);
    same("quoted-error-mailbox-access-policy-403.json", &caller.get(&events).await.body);
    stands(MailboxState::Active);
    caller.world().inject_times(Fault::TokenBroken, 1);
    same("made-error-token-invalid-401.json", &caller.get(&events).await.body);
    caller.world().inject_times(Fault::GraphThrottle { mailbox: None, retry_after: None, outer: false }, 1);
    let throttled = caller.get(&events).await.body;
    assert_eq!(
        throttled["error"]["code"],
        contract.sample("quoted-error-throttled-429.json").unwrap()["error"]["code"]
    );
    let parts = (0..5).map(|n| json!({ "id": n.to_string(), "method": "GET", "url": format!("/{events}") }));
    let parts = caller.batch(json!(parts.collect::<Vec<_>>())).await;
    same("made-error-mailbox-concurrency-429.json", &parts["4"]["body"]);

    let far = json!({ "expirationDateTime": (Utc::now() + Duration::days(8)).to_rfc3339() });
    same("made-error-subscription-expiry-too-long-400.json", &subscribe("https://localhost:1/", far).await);
    same(
        "quoted-error-subscription-validation-not-200-400.json",
        &subscribe("https://localhost:1/", json!({})).await,
    );
    let wrong = Endpoint::with(|_| "something else".into_response()).await;
    same("quoted-error-subscription-validation-mismatch-400.json", &subscribe(&wrong.url, json!({})).await);
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", mute.local_addr().unwrap());
    same("quoted-error-subscription-validation-timeout-400.json", &subscribe(&url, json!({})).await);
    let endpoint = Endpoint::open().await;
    caller.subscribe(&endpoint.url).await;
    same("quoted-error-subscription-limit-403.json", &subscribe(&endpoint.url, json!({})).await);
}
