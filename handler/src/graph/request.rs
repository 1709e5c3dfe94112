//! One request to Graph, as a part of a batch.

use super::classify::About;
use crate::graph::port::Mailbox;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

/// What shares a throttle. At Graph a mailbox takes four requests at once
/// (reference/graph-limits.md#mailboxes); what is throttled waits, and holds up nothing in another lane.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Lane {
    Mailbox(String),
    Directory,
    Subscriptions,
}

impl Lane {
    /// How many requests may be in flight at once.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Mailbox(_) => 4,
            Self::Directory | Self::Subscriptions => usize::MAX,
        }
    }
}

impl From<&Mailbox> for Lane {
    fn from(mailbox: &Mailbox) -> Self {
        Self::Mailbox(mailbox_key(mailbox).to_lowercase())
    }
}

fn mailbox_key(mailbox: &Mailbox) -> &str {
    match mailbox {
        Mailbox::Id(id) => id.as_str(),
        Mailbox::Address(address) => address.as_str(),
    }
}

/// `/users/{id or address}`.
pub(super) fn mailbox_path(mailbox: &Mailbox) -> String {
    user_path(mailbox_key(mailbox))
}

/// `/users/{id or UPN}`; a name that starts with `$` would be read as a system resource there.
pub(super) fn user_path(id_or_upn: &str) -> String {
    if id_or_upn.starts_with('$') {
        return format!("/users('{}')", encode(&id_or_upn.replace('\'', "''")));
    }
    format!("/users/{}", encode(id_or_upn))
}

/// No `Debug`: paths may hold addresses.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) method: &'static str,
    /// Relative to the version: `/users/…`, with its query.
    pub(super) path: String,
    pub(super) about: About,
    pub(super) lane: Lane,
    pub(super) body: Option<Value>,
    /// Bodies of items as plain text.
    pub(super) as_text: bool,
    /// An advanced query of the directory.
    pub(super) eventual: bool,
    /// Items on a page, where the query can't say so.
    pub(super) page: Option<u32>,
    /// Only on this version (`If-Match`).
    pub(super) if_match: Option<String>,
    /// Doing it twice is as good as once, so it may be sent again when nobody knows whether it was done.
    pub(super) repeatable: bool,
    /// Done twice it mails people twice: 503 does not prove that it was not done.
    pub(super) mails: bool,
}

impl Request {
    pub(super) fn new(method: &'static str, path: String, about: About, lane: Lane) -> Self {
        Self {
            method,
            path,
            about,
            lane,
            body: None,
            as_text: false,
            eventual: false,
            page: None,
            if_match: None,
            repeatable: true,
            mails: false,
        }
    }

    /// Counts against the limit on writes of subscriptions.
    pub(super) fn writes_subscription(&self) -> bool {
        self.lane == Lane::Subscriptions && self.method != "GET"
    }

    /// The part of a `$batch` body (reference/graph-limits.md#batches).
    pub(super) fn part(&self, id: &str) -> Value {
        let mut prefer = String::from(r#"IdType="ImmutableId", outlook.timezone="UTC""#);
        if self.as_text {
            prefer.push_str(r#", outlook.body-content-type="text""#);
        }
        if let Some(size) = self.page {
            prefer.push_str(&format!(", odata.maxpagesize={size}"));
        }
        let mut headers = Map::from_iter([("Prefer".to_owned(), Value::from(prefer))]);
        if let Some(etag) = &self.if_match {
            headers.insert("If-Match".to_owned(), etag.as_str().into());
        }
        if self.eventual {
            headers.insert("ConsistencyLevel".to_owned(), "eventual".into());
        }
        let mut part = Map::from_iter([
            ("id".to_owned(), Value::from(id)),
            ("method".to_owned(), self.method.into()),
            ("url".to_owned(), self.path.clone().into()),
        ]);
        if let Some(body) = &self.body {
            headers.insert("Content-Type".to_owned(), "application/json".into());
            part.insert("body".to_owned(), body.clone());
        }
        part.insert("headers".to_owned(), headers.into());
        part.into()
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters: right for a path segment and for a query
/// value.
pub(super) fn encode(text: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A string literal of OData: quotes doubled.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
