//! The channels against a receiver on loopback: what arrives, and what is made of each answer.

use super::communication_email::CommunicationEmail;
use super::message::Message;
use super::testing::{line, message};
use super::webhook::Webhook;
use super::*;
use crate::clock::ManualClock;
use crate::graph::GraphError;
use crate::graph::auth::tokens::{Fetch, Fetched, Tokens};
use crate::http::client::{HttpOptions, client};
use crate::ids::Address;
use crate::lms::webhook::secret::WebhookSecret;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::sync::{Arc, Mutex};
use url::Url;

const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

#[derive(Clone)]
struct Heard {
    method: Method,
    uri: String,
    headers: HeaderMap,
    body: String,
}

#[derive(Clone)]
struct Receiver {
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<Vec<(u16, &'static str)>>>,
    url: Url,
}

impl Receiver {
    /// Gives these answers, the last one again and again.
    async fn answering(answers: &[(u16, &'static str)]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?sig=s3cret", listener.local_addr().unwrap()).parse().unwrap();
        let answers = Arc::new(Mutex::new(answers.iter().rev().copied().collect()));
        let receiver = Self { heard: Arc::default(), answers, url };
        let app = Router::new().fallback(hear).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        receiver
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

async fn hear(
    State(receiver): State<Receiver>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let body = String::from_utf8(body.to_vec()).unwrap();
    receiver.heard.lock().unwrap().push(Heard { method, uri: uri.to_string(), headers, body });
    let mut answers = receiver.answers.lock().unwrap();
    let (status, said) = if answers.len() > 1 { answers.pop().unwrap() } else { *answers.last().unwrap() };
    let elsewhere = [("location", "http://127.0.0.1:9/elsewhere")];
    (StatusCode::from_u16(status).unwrap(), elsewhere, said)
}

fn http() -> reqwest::Client {
    client(&HttpOptions { connect_timeout: CONNECT, total_timeout: ANSWER, ..HttpOptions::default() })
        .unwrap()
}

fn webhook(url: &Url, shape: (&'static str, fn(&Message) -> Value), secrets: &[&str]) -> Webhook {
    let secrets: Vec<WebhookSecret> =
        secrets.iter().map(|secret| WebhookSecret::parse(secret).unwrap()).collect();
    let clock = ManualClock::at("2026-11-21T12:00:00Z".parse().unwrap());
    Webhook::new(url.clone(), shape, &secrets, http(), Arc::new(clock))
}

fn news() -> Message {
    message([
        line("contoso", "lms-breaker", "opened", true),
        line("fabrikam", "graph-away", "ended", false),
        message::Line { times: 100, ..line("fabrikam", "graph-silent", "changed", true) },
    ])
}

#[tokio::test]
async fn the_body_of_each_shape() {
    for (name, shape) in [
        ("regrets", shapes::regrets as fn(&Message) -> Value),
        ("teams", shapes::teams),
        ("slack", shapes::slack),
    ] {
        let receiver = Receiver::answering(&[(202, "")]).await;
        let sent = webhook(&receiver.url, (name, shape), &[]).send(&news(), false).await;
        assert_eq!(sent.taken, Taken::Yes, "{name}: {sent:?}");
        let heard = receiver.heard().pop().unwrap();
        assert!(heard.method == Method::POST && heard.uri == "/hook?sig=s3cret");
        assert_eq!(heard.headers["content-type"], "application/json");
        let body: Value = serde_json::from_str(&heard.body).unwrap();
        insta::assert_snapshot!(format!("shape_{name}"), format!("{body:#}"));
    }
    insta::assert_snapshot!("mail", news().text());
}

/// 28 KB is all that a Teams workflow posts; 50 blocks are all that Slack shows.
#[test]
fn a_storm_fits_into_each_shape() {
    let storm = message((0..500).map(|n| {
        // As long as the longest of our steps.
        let step = "The calendar could not be followed. ".repeat(10);
        message::Line {
            step,
            ..line(&format!("tenantwithalongname{n}"), "organizer-unfollowed", "opened", true)
        }
    }));
    let teams = shapes::teams(&storm).to_string();
    assert!(teams.len() < 28_000, "{}", teams.len());
    let slack = shapes::slack(&storm);
    assert!(slack["blocks"].as_array().unwrap().len() <= 50);
    assert!(storm.text().len() < 100_000);
}

#[tokio::test]
async fn what_is_posted_is_signed_by_each_secret_and_has_the_same_id_when_it_comes_again() {
    let receiver = Receiver::answering(&[(500, ""), (200, "ok")]).await;
    let other = "whsec_YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=";
    let channel = webhook(&receiver.url, ("regrets", shapes::regrets), &[SECRET, other]);
    assert_eq!(channel.send(&news(), false).await.taken, Taken::No);
    assert_eq!(channel.send(&news(), true).await.taken, Taken::Yes);
    let heard = receiver.heard();
    assert_eq!(heard[0].body, heard[1].body);
    let header = |heard: &Heard, name: &str| heard.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header(&heard[0], "webhook-id"), header(&heard[1], "webhook-id"));
    let signed = format!(
        "{}.{}.{}",
        header(&heard[0], "webhook-id"),
        header(&heard[0], "webhook-timestamp"),
        heard[0].body
    );
    let by = |key: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(signed.as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    };
    let expected =
        format!("{} {}", by(b"0123456789abcdef0123456789abcdef"), by(b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    assert_eq!(header(&heard[0], "webhook-signature"), expected);
}

#[tokio::test]
async fn what_is_made_of_each_answer() {
    for (status, said, taken, seen) in [
        (200, "ok", Taken::Yes, "HTTP 200. It said: ok"),
        (202, "", Taken::Yes, "HTTP 202."),
        (302, "", Taken::No, "HTTP 302: it is redirected, which is not followed."),
        (400, "invalid_payload", Taken::No, "HTTP 400. It said: invalid_payload"),
        (403, "", Taken::No, "HTTP 403."),
        (404, "no_service\u{7}", Taken::No, "HTTP 404. It said: no_service"),
        (410, "", Taken::No, "HTTP 410."),
        (429, "", Taken::No, "HTTP 429."),
        (500, "", Taken::No, "HTTP 500."),
        (504, "", Taken::Unknown, "HTTP 504."),
    ] {
        let receiver = Receiver::answering(&[(status, said)]).await;
        let sent = webhook(&receiver.url, ("slack", shapes::slack), &[]).send(&news(), false).await;
        assert_eq!((sent.taken, sent.seen.as_str()), (taken, seen), "{status}");
        assert_eq!(receiver.heard().len(), 1, "{status}: nothing is followed or repeated");
        assert_eq!(sent.step.is_none(), taken == Taken::Yes, "{status}");
    }
}

#[tokio::test]
async fn who_is_not_there_has_surely_not_taken_it_and_no_address_is_told() {
    let closed = "http://127.0.0.1:9/hook?sig=s3cret".parse().unwrap();
    let channel = webhook(&closed, ("teams", shapes::teams), &[]);
    let sent = channel.send(&news(), false).await;
    assert_eq!(sent.taken, Taken::No);
    assert!(!format!("{sent:?}{}", channel.shown()).contains("s3cret"), "{sent:?}");
    // One that takes the request and hangs up.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?sig=s3cret", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut some = [0; 1024];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut some).await;
        }
    });
    let sent = webhook(&url, ("teams", shapes::teams), &[]).send(&news(), false).await;
    assert_eq!(sent.taken, Taken::Unknown, "{sent:?}");
    assert!(!format!("{sent:?}").contains("s3cret"), "{sent:?}");
}

struct Token;

#[async_trait]
impl Fetch<GraphError> for Token {
    async fn fetch(&self) -> Result<Fetched, GraphError> {
        let token = secrecy::SecretString::from("t0ken");
        Ok(Fetched { token, lives: Duration::from_secs(3600) })
    }
}

fn email(url: &Url) -> CommunicationEmail {
    let to = vec![Address::new("it@contoso.com")];
    CommunicationEmail::new(url.clone(), Address::new("regrets@contoso.com"), to, Tokens::new(Token), http())
}

#[tokio::test]
async fn communication_services_get_an_operation_id_and_are_asked_before_a_mail_is_sent_again() {
    let receiver = Receiver::answering(&[(202, r#"{"id":"x","status":"Running"}"#)]).await;
    let sent = email(&receiver.url).send(&news(), false).await;
    assert_eq!(sent.taken, Taken::Yes, "{sent:?}");
    let heard = receiver.heard().pop().unwrap();
    assert_eq!(heard.uri, "/emails:send?api-version=2023-03-31");
    assert_eq!(heard.headers["operation-id"], news().id.as_str());
    assert_eq!(heard.headers["authorization"], "Bearer t0ken");
    let body: Value = serde_json::from_str(&heard.body).unwrap();
    insta::assert_snapshot!("communication_email", format!("{body:#}"));
    // It may have been sent before: the operation is there.
    let known = Receiver::answering(&[(200, r#"{"id":"x","status":"Succeeded"}"#)]).await;
    assert_eq!(email(&known.url).send(&news(), true).await.taken, Taken::Yes);
    let heard = known.heard();
    assert_eq!(heard.len(), 1, "no second mail");
    assert_eq!(heard[0].uri, format!("/emails/operations/{}?api-version=2023-03-31", news().id));
    // It is not, or it failed there.
    for answer in [(404, ""), (200, r#"{"id":"x","status":"Failed"}"#)] {
        let unknown = Receiver::answering(&[answer, (202, "{}")]).await;
        assert_eq!(email(&unknown.url).send(&news(), true).await.taken, Taken::Yes);
        assert_eq!(unknown.heard().len(), 2, "{answer:?}");
    }
    for (status, taken) in [(401, Taken::No), (403, Taken::No), (429, Taken::No), (502, Taken::Unknown)] {
        let receiver = Receiver::answering(&[(status, "")]).await;
        assert_eq!(email(&receiver.url).send(&news(), false).await.taken, taken, "{status}");
    }
}
