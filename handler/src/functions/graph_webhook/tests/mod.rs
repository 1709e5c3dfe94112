//! The webhook through the handler's real router, in the shapes of
//! reference/functions-host.md#wrapped-requests and reference/graph-notifications.md#notifications.

mod answers;
mod items;
mod reading;

use super::{GraphWebhook, Routes};
use crate::custom_handler::{App, Ready, readiness, router};
use crate::functions::drop_counters::DropCounters;
use crate::functions::names;
use crate::graph::client_state::{StateKeys, sign};
use crate::ids::TenantName;
use crate::messages::{Changes, Mailboxes};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tower::ServiceExt as _;

const DIRECTORY: &str = "7a7a7a7a-0000-4444-8888-aaaaaaaaaaaa";
const ANA: &str = "3f2c1a70-1111-4a4a-9b9b-0123456789ab";
const BEN: &str = "3f2c1a70-2222-4a4a-9b9b-0123456789ab";
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

struct Webhook {
    ready: Ready,
    drops: Arc<DropCounters>,
}

/// What the host would do with a reply.
#[derive(Debug)]
struct Answer {
    status: u64,
    content_type: Option<String>,
    headers: Value,
    body: String,
    changes: Vec<String>,
    mailboxes: Vec<String>,
}

impl Webhook {
    /// Serves the tenants `contoso` and `fabrikam`.
    fn new() -> Self {
        Self::with_off([].into())
    }

    /// The same, of which these are switched off.
    fn with_off(off: BTreeSet<TenantName>) -> Self {
        let directory = [("contoso", DIRECTORY), ("fabrikam", "88888888-0000-4444-8888-bbbbbbbbbbbb")];
        let directory = directory.map(|(name, id)| (name.into(), id.to_owned())).into();
        let drops = Arc::new(DropCounters::default());
        let webhook =
            GraphWebhook::new(Arc::new(Routes { keys: keys(), directory, off }), Arc::clone(&drops));
        let (announcer, ready) = readiness();
        let functions: BTreeMap<_, Arc<dyn crate::custom_handler::Function>> =
            [(names::GRAPH_WEBHOOK, Arc::new(webhook) as _)].into();
        announcer.ready(App::new(functions, Vec::new()));
        Self { ready, drops }
    }

    /// Sends a wrapped invocation.
    async fn invoke(&self, body: impl Into<Body>) -> Answer {
        self.try_invoke(body).await.unwrap()
    }

    /// `None` for a failed invocation.
    async fn try_invoke(&self, body: impl Into<Body>) -> Option<Answer> {
        let request =
            Request::post("/graph-webhook").header("Content-Type", "application/json").body(body.into());
        let response = router(self.ready.clone()).oneshot(request.unwrap()).await.unwrap();
        if response.status() != 200 {
            return None;
        }
        let reply = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let reply: Value = serde_json::from_slice(&reply).unwrap();
        let texts = |name: &str| -> Vec<String> {
            let texts = reply["Outputs"][name].as_array().into_iter().flatten();
            texts.map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let response = &reply["Outputs"]["res"];
        Some(Answer {
            status: response["statusCode"].as_u64().unwrap(),
            content_type: response["headers"]["Content-Type"].as_str().map(str::to_owned),
            headers: response["headers"].clone(),
            body: response["body"].as_str().unwrap().to_owned(),
            changes: texts(names::binding::CHANGES),
            mailboxes: texts(names::binding::MAILBOXES),
        })
    }

    async fn post(&self, body: &Value) -> Answer {
        self.invoke(wrapped(&json!({}), &Value::String(body.to_string()))).await
    }

    /// Posts items and gives the status, the hints, the tasks and what was counted, one a line.
    async fn take(&self, items: Vec<Value>) -> String {
        let answer = self.post(&json!({ "value": items })).await;
        let mut lines = vec![answer.status.to_string()];
        for text in &answer.changes {
            let message: Changes = serde_json::from_str(text).unwrap();
            lines.extend(message.hints.iter().map(|hint| format!("{} {}", message.tenant, json!(hint))));
        }
        for text in &answer.mailboxes {
            let message: Mailboxes = serde_json::from_str(text).unwrap();
            lines.extend(message.tasks.iter().map(|task| format!("{} {}", message.tenant, json!(task))));
        }
        lines.push(self.counted());
        lines.join("\n")
    }

    fn counted(&self) -> String {
        let drained = self.drops.drain();
        let counts = drained.iter().map(|((tenant, cause), count)| {
            format!("{}/{cause}: {count}", tenant.as_ref().map_or("-", |tenant| tenant.as_str()))
        });
        format!("dropped: {}", counts.collect::<Vec<_>>().join(", "))
    }
}

fn keys() -> StateKeys {
    StateKeys::parse(&format!("k1:{}", STANDARD.encode([7; 32]))).unwrap()
}

fn state(tenant: &str, mailbox: &str) -> String {
    sign(&keys(), &tenant.into(), &mailbox.into()).unwrap()
}

fn wrapped(query: &Value, body: &Value) -> String {
    json!({
        "Data": { "req": {
            "Url": "https://regrets.contoso.com/api/graph/notifications", "Method": "POST", "Query": query,
            "Headers": { "Content-Type": ["application/json; charset=utf-8"], "traceparent": [TRACE] },
            "Params": {}, "Identities": [{ "IsAuthenticated": false }], "Body": body,
        } },
        "Metadata": { "sys": { "MethodName": "graph-webhook" } },
    })
    .to_string()
}

/// A change as Graph writes it, for Ana's mailbox in `contoso`.
fn change(change_type: &str, event: &str) -> Value {
    json!({
        "subscriptionId": "f37536ac-0000-4bc7-b239-b2b51cd2ff24",
        "subscriptionExpirationDateTime": "2026-05-26T23:29:18.2277768+05:30",
        "changeType": change_type,
        "resource": format!("Users/{BEN}/Events/{event}"),
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.Event", "@odata.id": format!("Users/{BEN}/Events/{event}"),
            "@odata.etag": "W/\"DwAAABYAAAAXxlVK8zI/TZLFIn9D86hXAAAEB/jr\"", "id": event,
        },
        "clientState": state("contoso", ANA),
        "tenantId": DIRECTORY,
    })
}

fn lifecycle(event: &str) -> Value {
    json!({
        "subscriptionId": "f37536ac-0000-4bc7-b239-b2b51cd2ff24", "tenantId": DIRECTORY,
        "subscriptionExpirationDateTime": "2026-03-20T11:00:00.0000000Z",
        "clientState": state("contoso", ANA), "lifecycleEvent": event,
    })
}

fn with(mut item: Value, key: &str, value: Value) -> Value {
    item[key] = value;
    item
}

fn without(mut item: Value, key: &str) -> Value {
    item.as_object_mut().unwrap().remove(key);
    item
}
