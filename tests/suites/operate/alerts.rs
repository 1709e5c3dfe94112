//! People are told of alerts by the real binary: through a signed webhook, and by mail through the simulated
//! Graph.

use crate::{regrets, stage};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use simulator::Fault;
use simulator::stage::{Setup, Stage};
use std::process::Output;
use std::sync::{Arc, Mutex};
use suites::{ORGANIZER, becomes, decline, invite, known, setup, wait_until, watched};

const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Takes what is signed, unless it is told to take nothing.
#[derive(Clone, Default)]
struct Receiver {
    heard: Arc<Mutex<Vec<(String, Value)>>>,
    is_down: Arc<Mutex<bool>>,
}

impl Receiver {
    async fn start() -> (Self, String) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/alerts", listener.local_addr().unwrap());
        let receiver = Self::default();
        let app = Router::new().fallback(hear).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (receiver, url)
    }

    /// What was told, each message once, line by line.
    fn told(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        let mut ids = std::collections::BTreeSet::new();
        let fresh = heard.iter().filter(|(id, _)| ids.insert(id.clone()));
        let lines = fresh.flat_map(|(_, body)| body["data"]["alerts"].as_array().unwrap().clone());
        lines
            .map(|line| format!("{} {}", line["kind"].as_str().unwrap(), line["event"].as_str().unwrap()))
            .collect()
    }
}

async fn hear(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if *receiver.is_down.lock().unwrap() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let signed = format!("{}.{}.", header("webhook-id"), header("webhook-timestamp"));
    let mut mac = Hmac::<Sha256>::new_from_slice(b"0123456789abcdef0123456789abcdef").unwrap();
    mac.update(signed.as_bytes());
    mac.update(&body);
    if header("webhook-signature") != format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())) {
        return StatusCode::UNAUTHORIZED;
    }
    receiver.heard.lock().unwrap().push((header("webhook-id"), serde_json::from_slice(&body).unwrap()));
    StatusCode::ACCEPTED
}

fn told_through(url: &str) -> Setup {
    let mut setup = setup(&["ana", "ben"]);
    setup.policy.more.push_str(&format!(
        r#"
[alerts]
channels = ["ops", "mail"]
[alerts.channel.ops]
webhook = {{ url = "{url}", secret = {{ env = "OPS_ALERT_SECRET" }} }}
[alerts.channel.mail]
graph_mail = {{ tenant = "contoso", from = "{ORGANIZER}", to = ["it@contoso.com"] }}

"#
    ));
    setup.env.push(("OPS_ALERT_SECRET", Some(SECRET.to_owned())));
    setup
}

/// Status and subject of each mail that Graph was asked to send.
fn mails(stage: &Stage) -> Vec<(u16, String)> {
    let all = stage.simulator.world().requests();
    let mails = all.into_iter().filter(|asked| asked.path.last().is_some_and(|part| part == "sendMail"));
    mails
        .map(|asked| {
            let subject = asked.body.as_ref().and_then(|body| body.pointer("/message/subject")).cloned();
            (asked.status, subject.and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default())
        })
        .collect()
}

async fn has_told(stage: &Stage, receiver: &Receiver, lines: &[&str]) {
    wait_until(stage, &format!("{lines:?} is told"), || async {
        let told = receiver.told();
        if told == lines { Ok(()) } else { Err(format!("{told:?}; mails: {:?}", mails(stage))) }
    })
    .await;
}

async fn types(stage: &Stage, args: &[&str]) -> Output {
    let mut command = tokio::process::Command::new(regrets());
    command.args(args).env_clear().env("REGRETS_URL", &stage.url).env("REGRETS_ADMIN_KEY", &stage.key);
    command.current_dir(stage.root.parent().unwrap()).kill_on_drop(true).output().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn once_down_once_up_and_by_the_next_channel_where_one_is_down() {
    let (receiver, url) = Receiver::start().await;
    let stage = stage(told_through(&url), |world| {
        world.edit_tenant("contoso.com", |tenant| tenant.app.roles.insert("Mail.Send".into())).unwrap();
        invite(world, "4711", &["ana", "ben"]);
    })
    .await;
    let world = stage.simulator.world();
    watched(&stage, 2).await;
    known(&stage, 2).await;
    // A planning round finds them watched.
    stage.run_function("renew-subscriptions").await.unwrap();
    has_told(&stage, &receiver, &["connected connected"]).await;
    // The LMS does not take our signature: the valve closes, and a person is told, once.
    world.inject(Fault::LmsStatus { status: 401, retry_after: None });
    decline(world, "ana", "4711");
    has_told(&stage, &receiver, &["connected connected", "lms-credential opened"]).await;
    let health = stage.manage("tenants/contoso").await.unwrap()["health"].clone();
    assert_eq!(health["score"], 60, "{health:#}");
    world.clear_faults();
    // Nobody hears the webhook any more: what comes now goes by mail.
    *receiver.is_down.lock().unwrap() = true;
    stage
        .say("tenants/contoso/valve", &json!({ "state": "open", "by": "olga", "reason": "mended" }))
        .await
        .unwrap();
    becomes(&stage, "4711", "ana", "done declined/organizer-copy done; gone, 1 effects").await;
    wait_until(&stage, "the end is mailed", || async {
        match mails(&stage).as_slice() {
            [(202, subject)] if subject == "Regrets: contoso: lms-credential is over" => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    assert_eq!(receiver.told().len(), 2, "and by nothing else");
    let health = stage.manage("tenants/contoso").await.unwrap()["health"].clone();
    assert_eq!(health["score"], 100, "{health:#}");

    // A test goes through each, and says what came back.
    let Output { status, stdout, stderr } = types(&stage, &["alerts", "test"]).await;
    let (out, err) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert_eq!((status.code(), out.as_str()), (Some(1), ""), "{err}");
    for part in [
        "mail: mail through the Graph of contoso, to 1 recipients\n  taken. Graph has taken the mail",
        "ops: a webhook of shape regrets at 127.0.0.1\n  not taken. HTTP 503.",
    ] {
        assert!(err.contains(part), "no {part} in {err}");
    }
    *receiver.is_down.lock().unwrap() = false;
    let Output { status, stdout, .. } = types(&stage, &["alerts", "test", "--channel", "ops"]).await;
    assert_eq!(status.code(), Some(0));
    assert!(String::from_utf8(stdout).unwrap().contains("taken. HTTP 202."));
    let Output { status, stderr, .. } = types(&stage, &["alerts", "test", "--channel", "opps"]).await;
    assert_eq!(status.code(), Some(1));
    assert!(String::from_utf8(stderr).unwrap().contains("there is no channel `opps`; these are: mail, ops"));
}

/// 403 without the right, 429, and what each is told to mend.
#[tokio::test(flavor = "multi_thread")]
async fn what_graph_says_to_a_mail_is_explained() {
    let (_, url) = Receiver::start().await;
    let stage = stage(told_through(&url), |_| {}).await;
    let world = stage.simulator.world();
    let test = async || {
        let answer = stage.say("alerts/test", &json!({ "channel": "mail" })).await.unwrap();
        let item = answer["items"][0].clone();
        format!("{}: {} {}", item["taken"].as_str().unwrap(), item["seen"], item["step"])
    };
    let refused = test().await;
    assert!(refused.starts_with("no: ") && refused.contains("Application Mail.Send"), "{refused}");
    world.inject(Fault::GraphLost);
    let lost = test().await;
    assert!(lost.starts_with("unknown: ") && lost.contains("may come twice"), "{lost}");
    world.clear_faults();
    let (mailbox, retry_after) = (Some(ORGANIZER.to_owned()), Some("600".to_owned()));
    world.inject(Fault::GraphThrottle { mailbox, retry_after, outer: false });
    let throttled = test().await;
    assert!(throttled.starts_with("no: ") && throttled.contains("no more mails for a while"), "{throttled}");
    world.clear_faults();
    assert!(mails(&stage).iter().filter(|(status, _)| *status == 202).count() == 0);
}
