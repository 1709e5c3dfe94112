//! `$batch`: at most 20 parts, run side by side, answered in any order, each throttled by itself
//! (handler/reference/graph-limits.md#batches).

use super::auth::Caller;
use super::call::{Answer, Call};
use super::query::bad;
use super::{admit, carry_out};
use crate::handle::World;
use rand::seq::SliceRandom;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const MOST: usize = 20;

pub(crate) async fn run(world: &World, caller: &Caller, body: Option<&Value>) -> Answer {
    let parts = match body.map(parts) {
        Some(Ok(parts)) => parts,
        Some(Err(refusal)) => return refusal,
        None => return bad("Empty Payload. JSON content expected."),
    };
    // All parts knock at once, so that a fifth one on a mailbox finds it full.
    let admitted: Vec<_> = parts
        .into_iter()
        .map(|(id, call)| {
            let admission = admit(world, caller, &call);
            (id, call, admission)
        })
        .collect();
    let running = admitted
        .into_iter()
        .map(|(id, call, admission)| async move { (id, carry_out(world, caller, call, admission).await) });
    let mut answers: Vec<Value> =
        futures::future::join_all(running).await.into_iter().map(|(id, a)| part(&id, a)).collect();
    answers.shuffle(&mut *world.0.dice.lock());
    Answer::ok(json!({ "responses": answers }))
}

fn part(id: &str, answer: Answer) -> Value {
    let mut headers: Map<String, Value> =
        answer.headers.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    if answer.body.is_some() {
        headers.insert("Content-Type".to_owned(), json!("application/json"));
    }
    let mut part = json!({ "id": id, "status": answer.status, "headers": headers });
    if let (Some(body), Some(map)) = (answer.body, part.as_object_mut()) {
        map.insert("body".to_owned(), body);
    }
    part
}

/// A malformed batch is refused as a whole.
fn parts(body: &Value) -> Result<Vec<(String, Call)>, Answer> {
    let requests =
        body.get("requests").and_then(Value::as_array).ok_or_else(|| bad("'requests' must be an array."))?;
    if requests.is_empty() || requests.len() > MOST {
        return Err(bad(format!("A batch has 1 to {MOST} requests, not {}.", requests.len())));
    }
    let mut seen = BTreeSet::new();
    let mut parts = Vec::new();
    for request in requests {
        let text = |name: &str| request.get(name).and_then(Value::as_str);
        let id = text("id")
            .filter(|id| !id.is_empty())
            .ok_or_else(|| bad("Every request of a batch needs an 'id'."))?;
        let (Some(method), Some(url)) = (text("method"), text("url")) else {
            return Err(bad(format!("Request '{id}' needs 'method' and 'url'.")));
        };
        if !seen.insert(id.to_lowercase()) {
            return Err(bad(format!("The id '{id}' occurs twice: ids are compared without case.")));
        }
        if request.get("dependsOn").is_some() {
            return Err(bad("dependsOn is not supported by this simulation."));
        }
        if url.contains("://") {
            return Err(bad(format!("Request '{id}': the url must be relative.")));
        }
        let mut call =
            Call::new(method, url).map_err(|_| bad(format!("Request '{id}': the url can't be read.")))?;
        call.in_batch = true;
        for (name, value) in request.get("headers").and_then(Value::as_object).into_iter().flatten() {
            let value = value
                .as_str()
                .ok_or_else(|| bad(format!("Request '{id}': header '{name}' must be a string.")))?;
            call.headers.insert(name.to_lowercase(), value.to_owned());
        }
        call.body = request.get("body").filter(|body| !body.is_null()).cloned();
        if call.body.is_some() && call.header("content-type").is_none() {
            return Err(bad(format!("Request '{id}' has a body and needs a Content-Type header.")));
        }
        parts.push((id.to_owned(), call));
    }
    Ok(parts)
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
