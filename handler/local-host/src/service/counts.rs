//! How many messages there are in the queues of an account.

use super::answer::{Messages, QueueList};
use super::wire::{Call, Wire};
use crate::error::Result;
use crate::queue_store::Depth;
use crate::service::wire::MOST;
use reqwest::Method;
use std::collections::BTreeMap;

const COUNT: &str = "x-ms-approximate-messages-count";

/// Every queue that holds a message.
pub(crate) async fn depths(wire: &Wire) -> Result<BTreeMap<String, Depth>> {
    let mut depths = BTreeMap::new();
    for name in names(wire, None).await? {
        let depth = depth(wire, &name).await?;
        if depth != Depth::default() {
            depths.insert(name, depth);
        }
    }
    Ok(depths)
}

/// The names of all queues, or of the first few.
pub(super) async fn names(wire: &Wire, most: Option<u32>) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut marker = String::new();
    loop {
        let mut call = Call::new(Method::GET, &[]).query("comp", "list");
        if !marker.is_empty() {
            call = call.query("marker", &marker);
        }
        if let Some(most) = most {
            call = call.query("maxresults", &most.to_string());
        }
        let reply = wire.call(&call).await?;
        if reply.status != 200 {
            return Err(wire.unexpected("listing the queues", &reply));
        }
        let (found, next) = wire.read::<QueueList>(&reply)?.names();
        names.extend(found);
        marker = next;
        if marker.is_empty() || most.is_some() {
            return Ok(names);
        }
    }
}

/// How many messages there are; the service may count too many, never too few.
async fn depth(wire: &Wire, name: &str) -> Result<Depth> {
    let reply = wire.call(&Call::new(Method::GET, &[name]).query("comp", "metadata")).await?;
    let all: u64 = match reply.status {
        200 => reply.header(COUNT).and_then(|count| count.parse().ok()).unwrap_or(0),
        404 => 0,
        _ => return Err(wire.unexpected(&format!("counting queue {name}"), &reply)),
    };
    if all == 0 {
        return Ok(Depth::default());
    }
    let reply = wire.call(&peek(name)).await?;
    let visible = match reply.status {
        200 => wire.read::<Messages>(&reply)?.messages.len(),
        404 => 0,
        _ => return Err(wire.unexpected(&format!("reading queue {name}"), &reply)),
    };
    let visible = u64::try_from(visible).unwrap_or(u64::MAX);
    // More can't be seen at once: what the service did not show may be visible too.
    let visible = if visible >= u64::from(MOST) { all.max(visible) } else { visible };
    Ok(Depth { visible, invisible: all.saturating_sub(visible) })
}

/// Looks at the first messages that are visible.
pub(super) fn peek(queue: &str) -> Call {
    let call = Call::new(Method::GET, &[queue, "messages"]);
    call.query("peekonly", "true").query("numofmessages", &MOST.to_string())
}
