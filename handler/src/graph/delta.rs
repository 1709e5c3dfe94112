//! Following a calendar by `calendarView/delta` (handler/reference/graph-events.md#delta): which events are
//! new or changed since the last reading, or gone from its window.
//!
//! Guarantees: of a page nothing is kept but ids, whatever bodies came along, because what to read can't be
//! chosen here; the links that Graph gives are taken as they are, and lead nowhere but to our Graph; a token
//! that Graph has lost is told apart from every other failure.

use super::classify::About;
use super::client::{HttpGraph, invalid};
use super::error::{Failure, GraphError};
use super::request::{Lane, Request, encode, mailbox_path};
use crate::graph::port::{Changes, DeltaItem, DeltaPage, Mailbox, Next, Since};
use crate::ids::EventId;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Events on a page: each comes with its whole body.
pub(crate) const PAGE: u32 = 25;

pub(super) async fn page(graph: &HttpGraph, mailbox: &Mailbox, since: &Since) -> Result<Changes, GraphError> {
    let path = match since {
        Since::Window { from, to } => {
            format!("{}/calendarView/delta?{}", mailbox_path(mailbox), window(*from, *to))
        }
        Since::Link(link) => link.clone(),
    };
    let request = Request {
        // Bodies come along; as text they are smaller.
        as_text: true,
        page: Some(PAGE),
        ..Request::new("GET", path, About::Calendar, Lane::from(mailbox))
    };
    let body = match graph.call(request).await {
        Ok(reply) => reply.ok_or_else(|| invalid("emptyAnswer"))?,
        Err(error) if matches!(since, Since::Link(_)) && is_lost(&error) => return Ok(Changes::Lost),
        Err(error) => return Err(error),
    };
    let page: Page = serde_json::from_str(body.get()).map_err(|_| invalid("unreadableAnswer"))?;
    let next = match (page.next, page.delta) {
        (Some(link), _) => Next::Page(graph.relative(&link)?),
        (None, Some(link)) => Next::Later(graph.relative(&link)?),
        (None, None) => return Err(invalid("noDeltaLink")),
    };
    if matches!((since, &next), (Since::Link(asked), Next::Page(next)) if asked == next) {
        return Err(invalid("nextLinkLoop"));
    }
    let items = page.value.ok_or_else(|| invalid("noCollection"))?;
    Ok(Changes::Page(DeltaPage { items: items.into_iter().filter_map(Item::read).collect(), next }))
}

fn window(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let time = |time: DateTime<Utc>| encode(&time.to_rfc3339_opts(SecondsFormat::Secs, true));
    format!("startDateTime={}&endDateTime={}", time(from), time(to))
}

/// As what Graph says that it has lost the state behind a link that it gave: 410, another refusal with one of
/// the codes for it, or 400, whatever it calls it: we have added nothing to that link, so asking it again
/// would be refused for ever.
pub(super) fn is_lost(error: &GraphError) -> bool {
    let Some(Failure { status, code, request_id: _ }) = error.failure().filter(|_| error.is_lasting()) else {
        return false;
    };
    let names_it = ["SyncStateNotFound", "SyncStateInvalid", "ResyncRequired"];
    let is_client_error = status.is_some_and(|status| (400..500).contains(&status));
    matches!(status, Some(400 | 410))
        || (is_client_error && names_it.iter().any(|name| name.eq_ignore_ascii_case(code)))
}

#[derive(Deserialize)]
struct Page {
    /// `None`: this is no collection.
    #[serde(default)]
    value: Option<Vec<Item>>,
    #[serde(rename = "@odata.nextLink", default)]
    next: Option<String>,
    #[serde(rename = "@odata.deltaLink", default)]
    delta: Option<String>,
}

/// What is read of an event; all else is passed over while parsing.
#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    id: Option<String>,
    #[serde(rename = "seriesMasterId", default)]
    master: Option<String>,
    #[serde(rename = "isOrganizer", default)]
    is_organizer: Option<bool>,
    #[serde(rename = "@removed", default)]
    removed: Option<Box<RawValue>>,
}

impl Item {
    fn read(self) -> Option<DeltaItem> {
        let some = |text: Option<String>| text.filter(|text| !text.is_empty()).map(EventId::new);
        let Some(event) = some(self.id) else {
            tracing::warn!("an item of a collection has no id and is passed over");
            return None;
        };
        Some(match self.removed {
            Some(_) => DeltaItem::Removed(event),
            None => DeltaItem::There { event, master: some(self.master), is_organizer: self.is_organizer },
        })
    }
}

#[cfg(test)]
#[path = "delta_tests.rs"]
mod tests;
