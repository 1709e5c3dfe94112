//! Wrapped notification posts with valid `clientState`s, and the handler that takes them.

use anyhow::{Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regrets::custom_handler::{App, Function, readiness, router};
use regrets::functions::drop_counters::DropCounters;
use regrets::functions::graph_webhook::{GraphWebhook, Routes};
use regrets::functions::names;
use regrets::graph::client_state::{StateKeys, sign};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const DIRECTORY: &str = "7a7a7a7a-0000-4444-8888-aaaaaaaaaaaa";
const CHUNK: usize = 16 * 1024;

fn keys() -> Result<StateKeys> {
    StateKeys::parse(&format!("k1:{}", STANDARD.encode([7; 32]))).map_err(|wrong| anyhow!("{wrong:?}"))
}

pub(crate) fn webhook() -> Result<Arc<dyn Function>> {
    let directory = [("contoso".into(), DIRECTORY.to_owned())].into();
    let routes = Arc::new(Routes { keys: keys()?, directory, off: std::collections::BTreeSet::new() });
    Ok(Arc::new(GraphWebhook::new(routes, Arc::new(DropCounters::default()))))
}

pub(crate) fn handler() -> Result<axum::Router> {
    let functions: BTreeMap<&'static str, Arc<dyn Function>> = [(names::GRAPH_WEBHOOK, webhook()?)].into();
    let (announcer, ready) = readiness();
    announcer.ready(App::new(functions, Vec::new()));
    Ok(router(ready))
}

/// A whole HTTP request as the host sends it, with that many changes, each of another event in another
/// mailbox.
pub(crate) fn request(changes: usize) -> Result<Vec<u8>> {
    let body = wrapped(changes)?;
    let mut request = b"POST /graph-webhook HTTP/1.1\r\nHost: 127.0.0.1:7071\r\n\
        Content-Type: application/json; charset=utf-8\r\nUser-Agent: Azure-Functions-Host/4.1037.0.0\r\n\
        X-Azure-Functions-InvocationId: 24ad4c06-24ad-4e5b-8294-3da9714877e9\r\n\
        X-Azure-Functions-HostVersion: 4.1037.0.0\r\n\
        traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\
        Transfer-Encoding: chunked\r\n\r\n"
        .to_vec();
    for chunk in body.as_bytes().chunks(CHUNK) {
        request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        request.extend_from_slice(chunk);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    Ok(request)
}

pub(crate) fn wrapped(changes: usize) -> Result<String> {
    let items = (0..changes).map(change).collect::<Result<Vec<_>>>()?;
    let wrapped = json!({
        "Data": { "req": {
            "Url": "https://regrets.contoso.com/api/graph/notifications?regrets=3f2c1a70", "Method": "POST",
            "Query": { "regrets": "3f2c1a70" },
            "Headers": {
                "Content-Type": ["application/json; \
                                  charset=utf-8"], "Content-Length": ["1147"],
                                  "Host": ["regrets.contoso.com"],
                "X-Forwarded-For": ["20.20.20.20:4711"], "X-Forwarded-Proto": ["https"],
                "Max-Forwards": ["9"],
                "X-ARR-LOG-ID": ["24ad4c06-24ad-4e5b-8294-3da9714877e9"], "X-SITE-DEPLOYMENT-ID": ["regrets"],
                "X-Original-URL": ["/api/graph/notifications?regrets=3f2c1a70"],
                "DISGUISED-HOST": ["regrets.contoso.com"],
            },
            "Params": {},
            "Identities": [{ "AuthenticationType": null, "IsAuthenticated": false, "Claims": [] }],
            "Body": json!({ "value": items }).to_string(),
        } },
        "Metadata": {
            "regrets": "\"3f2c1a70\"", "Query": { "regrets": "3f2c1a70" },
            "Headers": { "Content-Type": "application/json; charset=utf-8" },
            "sys": { "MethodName": "graph-webhook", "UtcNow": "2026-11-21T10:00:00.1234567Z",
            "RandGuid": "24ad4c06" },
        },
    });
    Ok(wrapped.to_string())
}

/// One item with fields as long as Graph's.
fn change(number: usize) -> Result<Value> {
    let mailbox = format!("3f2c1a70-1111-4a4a-9b9b-{number:012}");
    let event = format!(
        "AAMkADlhNjJjN2M1LTJiYWUtNGVhMS04ODEzLTRjNDlmYmZkYWMyYQBGAAAAAAA2241OoLZoSZGqNr4MvSZJ\
        BwAXxlVK8zI-TZLFIn9D86hXAAAAAAENAAAXxlVK8zI-TZLFIn9D86hXAAAE{number:08}="
    );
    Ok(json!({
        "subscriptionId": format!("f37536ac-0000-4bc7-b239-{number:012}"),
        "subscriptionExpirationDateTime": "2026-05-26T23:29:18.2277768+00:00",
        "changeType": "updated",
        "resource": format!("Users/{mailbox}/Events/{event}"),
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.Event",
            "@odata.id": format!("Users/{mailbox}/Events/{event}"),
            "@odata.etag": "W/\"DwAAABYAAAAXxlVK8zI/TZLFIn9D86hXAAAEB/jr\"",
            "id": event,
        },
        "clientState": sign(&keys()?, &"contoso".into(), &mailbox.as_str().into())?,
        "tenantId": DIRECTORY,
    }))
}
