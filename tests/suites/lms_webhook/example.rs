//! The receiver that the vendor's page shows, as it stands there, keeps the contract.

use crate::receiver::{KEY, OLD_KEY, connector_at, connector_with, line, order};
use regrets::clock::SystemClock;
use regrets::enrolment::lms_answer::LmsOutcome;
use regrets::enrolment::policy::Rate;
use regrets::lms::webhook::WebhookConnector;
use regrets::lms::{Budget, Connector as _, Order};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const RECEIVER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../handler/src/lms/receiver.py");

struct Running {
    child: Child,
    url: Url,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `None` without Python, which only the gate insists on.
async fn start(secret: &str) -> Option<Running> {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut python = Command::new("python3");
    let started =
        python.arg(RECEIVER).arg(port.to_string()).env("SECRET", secret).stderr(Stdio::null()).spawn();
    let child = match started {
        Ok(child) => child,
        Err(error) if std::env::var("CI").is_ok_and(|ci| ci == "true") => panic!("python3: {error}"),
        Err(_) => return None,
    };
    let running = Running { child, url: format!("http://127.0.0.1:{port}/hooks/regrets").parse().unwrap() };
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Some(running);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the receiver does not listen");
}

async fn ask(connector: &WebhookConnector, id: &str, generation: u32) -> String {
    let order = Order { id: id.to_owned(), generation, ..order() };
    line(&connector.cancel(&order, Budget::of(Duration::from_secs(90))).await)
}

#[tokio::test]
async fn the_pages_receiver_keeps_the_contract() {
    // As a vendor may give it: without prefix and padding.
    let Some(running) = start("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY").await else { return };
    let rate = Rate { requests: 1000, per: chrono::Duration::seconds(1) };
    // Its clock is the real one.
    let connector = connector_at(&running.url, &[OLD_KEY, KEY], rate, Arc::new(SystemClock));
    let pong = connector.ping(&"contoso".into()).await;
    assert!(pong.is_well && pong.step.is_none(), "{pong:?}");
    for (id, generation, expected) in [
        ("a", 1, "200 Done Sent: -"),
        ("a", 1, "200 Done Sent: -"),
        ("b", 2, "200 Done Sent: -"),
        ("a", 1, "200 Done Sent: -"),
        ("c", 1, "200 Refused Sent: “a newer decision about this place has come before”"),
    ] {
        assert_eq!(ask(&connector, id, generation).await, expected, "{id}");
    }
    let stranger = connector_at(&running.url, &[OLD_KEY], rate, Arc::new(SystemClock));
    let reply = stranger.cancel(&order(), Budget::of(Duration::from_secs(90))).await;
    assert_eq!(reply.outcome, LmsOutcome::CredentialBroken);
    // Signed in the past: `connector` signs by a clock that stands still.
    let late = connector_with(&running.url, &[KEY], rate);
    let reply = late.cancel(&order(), Budget::of(Duration::from_secs(90))).await;
    assert_eq!(reply.outcome, LmsOutcome::CredentialBroken);
}
