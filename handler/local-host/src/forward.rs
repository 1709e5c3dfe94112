//! Forward mode: a simple HTTP function with `enableForwardingHttpRequest` gets the caller's request itself
//! (reference/functions-host.md#forwarding). The handler's answer passes as it is; no status of it is a
//! failure.

use crate::function_json::Function;
use crate::invoker::{Answer, Failure, Invoker, USER_AGENT};
use crate::payload::HttpCall;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

pub(super) async fn forward(
    invoker: &Invoker,
    function: &Function,
    call: HttpCall,
) -> Result<Answer, Failure> {
    let _running = invoker.running.begin();
    let HttpCall { method, uri, mut headers, params: _, body } = call;
    drop_lengths(&mut headers);
    invoker.token.take_off(&mut headers);
    let mut headers = joined(&headers);
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let agent = agent.map_or_else(|| USER_AGENT.to_owned(), |agent| format!("{agent} {USER_AGENT}"));
    if let Ok(agent) = HeaderValue::from_str(&agent) {
        headers.insert(header::USER_AGENT, agent);
    }
    let answer = invoker
        .call(|worker| {
            let request = worker
                .client
                .request(method, format!("{}{}", worker.base, path_and_query(&uri)))
                .headers(headers);
            match body {
                Some(body) => request.body(body),
                None => request,
            }
        })
        .await;
    let mut answer = answer.map_err(|problem| invoker.failed(function, problem))?;
    drop_lengths(&mut answer.headers);
    Ok(answer)
}

/// The query is built anew from its parsed form: repeated names are joined with commas, a space is `%20`.
fn path_and_query(uri: &Uri) -> String {
    let Some(query) = uri.query() else { return uri.path().to_owned() };
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let value = escaped(&value);
        match pairs.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => pairs.push((name.into_owned(), value)),
        }
    }
    let pairs: Vec<String> =
        pairs.iter().map(|(name, values)| format!("{}={values}", escaped(name))).collect();
    format!("{}?{}", uri.path(), pairs.join("&"))
}

fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// One header of a name, with all values.
fn joined(headers: &HeaderMap) -> HeaderMap {
    let one = |name: &HeaderName| {
        let values: Vec<&[u8]> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
        Some((name.clone(), HeaderValue::from_bytes(&values.join(b", ".as_slice())).ok()?))
    };
    headers.keys().filter_map(one).collect()
}

/// The length is set anew from the body; `Connection` passes both ways.
fn drop_lengths(headers: &mut HeaderMap) {
    for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        headers.remove(name);
    }
}

#[cfg(test)]
#[path = "forward_tests.rs"]
mod tests;
