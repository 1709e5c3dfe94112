//! Forward mode: a simple HTTP function with `enableForwardingHttpRequest` gets the caller's request itself
//! (contract sheet 2.2). The handler's answer passes as it is; no status of it is a failure.

use super::function_json::Function;
use super::invoker::{Answer, Failure, Invoker, USER_AGENT};
use super::payload::HttpCall;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use std::collections::BTreeMap;

pub(super) async fn forward(invoker: &Invoker, function: &Function, call: HttpCall) -> Result<Answer, Failure> {
    let _running = invoker.running.begin();
    let HttpCall { method, uri, mut headers, params: _, body } = call;
    drop_hop_by_hop(&mut headers);
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let agent = agent.map_or_else(|| USER_AGENT.to_owned(), |agent| format!("{agent} {USER_AGENT}"));
    if let Ok(agent) = HeaderValue::from_str(&agent) {
        headers.insert(header::USER_AGENT, agent);
    }
    let answer = invoker
        .call(|worker| {
            let request =
                worker.client.request(method, format!("{}{}", worker.base, path_and_query(&uri))).headers(headers);
            match body {
                Some(body) => request.body(body),
                None => request,
            }
        })
        .await;
    let mut answer = answer.map_err(|problem| invoker.failed(function, problem))?;
    drop_hop_by_hop(&mut answer.headers);
    Ok(answer)
}

/// The query is built anew from its parsed form: repeated names are joined with commas.
fn path_and_query(uri: &Uri) -> String {
    let Some(query) = uri.query() else { return uri.path().to_owned() };
    let mut order = Vec::new();
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let entry = values.entry(name.to_string()).or_insert_with(|| {
            order.push(name.to_string());
            Vec::new()
        });
        entry.push(value.into_owned());
    }
    let mut whole = url::form_urlencoded::Serializer::new(String::new());
    for name in order {
        whole.append_pair(&name, &values.remove(&name).unwrap_or_default().join(","));
    }
    format!("{}?{}", uri.path(), whole.finish())
}

/// Headers that belong to one connection; the length is set anew from the body.
fn drop_hop_by_hop(headers: &mut HeaderMap) {
    let own: [HeaderName; 6] = [
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
        header::TE,
        HeaderName::from_static("keep-alive"),
    ];
    for name in own {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_rebuilt_with_repeated_names_joined() {
        for (uri, expected) in [
            ("/api/a%2Fb?x=1&y=%2B&x=2", "/api/a%2Fb?x=1%2C2&y=%2B"),
            ("/api/a", "/api/a"),
            ("/api/a?flag", "/api/a?flag="),
        ] {
            assert_eq!(path_and_query(&uri.parse().unwrap()), expected);
        }
    }
}
