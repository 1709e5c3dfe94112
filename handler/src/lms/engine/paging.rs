//! From one page to the next, and when that is over.
//!
//! Guarantees: no more pages than the step allows; a cursor, an address or a page that comes again is never
//! taken for the end of the list; the next page is asked of an allowed host alone.

use super::answer::Answer;
use super::hosts::Hosts;
use super::link_header;
use super::variables::PageAt;
use crate::lms::recipe::json_path::{self, JsonPath};
use crate::lms::recipe::step::{PagesEnd, Paging, PagingKind};
use http::header::LINK;
use sha2::{Digest as _, Sha256};
use url::Url;

/// Whereto from here.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    End,
    More,
    /// Nobody knows what the pages behind it hold.
    Doubt(&'static str),
    /// Pages are not turned as the connector file says: to ask again would end the same way.
    Repeats(&'static str),
    /// It leads where nothing may be sent.
    Foreign(String),
}

pub(super) struct Pages<'p> {
    paging: &'p Paging,
    read: u32,
    rows: u64,
    /// An address, or a cursor, as it was given.
    next: Option<String>,
    /// Hashes of addresses and cursors that were followed; of the bodies that were read.
    followed: Vec<[u8; 32]>,
    bodies: Vec<[u8; 32]>,
}

impl<'p> Pages<'p> {
    pub(super) fn new(paging: &'p Paging) -> Self {
        Self { paging, read: 0, rows: 0, next: None, followed: Vec::new(), bodies: Vec::new() }
    }

    pub(super) fn is_first(&self) -> bool {
        self.read == 0
    }

    /// The first page.
    pub(super) fn first(paging: &Paging) -> PageAt<'static> {
        let number = match &paging.kind {
            PagingKind::Page { from, .. } => *from,
            PagingKind::Link
            | PagingKind::Next(_)
            | PagingKind::Offset { .. }
            | PagingKind::Cursor { .. } => 0,
        };
        PageAt { number, ..PageAt::default() }
    }

    /// The page that comes.
    pub(super) fn at(&self) -> PageAt<'_> {
        let none = PageAt::default();
        match &self.paging.kind {
            PagingKind::Cursor { .. } => PageAt { cursor: self.next.as_deref(), ..none },
            PagingKind::Page { from, .. } => PageAt { number: from.saturating_add(self.read), ..none },
            PagingKind::Offset { .. } => PageAt { offset: self.rows, ..none },
            PagingKind::Link | PagingKind::Next(_) => none,
        }
    }

    /// The address of the page that comes, from that of the first.
    pub(super) fn address(&self, first: Url) -> Url {
        let mut url = first;
        match &self.paging.kind {
            PagingKind::Link | PagingKind::Next(_) => {
                // It was seen to be an address that is allowed.
                return self.next.as_deref().and_then(|next| Url::parse(next).ok()).unwrap_or(url);
            }
            PagingKind::Page { query, from, size, size_query, .. } => {
                let number = from.saturating_add(self.read).to_string();
                query.iter().for_each(|name| add(&mut url, name, &number));
                size_query.iter().for_each(|name| add(&mut url, name, &size.to_string()));
            }
            PagingKind::Offset { query, size, size_query, .. } => {
                query.iter().for_each(|name| add(&mut url, name, &self.rows.to_string()));
                size_query.iter().for_each(|name| add(&mut url, name, &size.to_string()));
            }
            PagingKind::Cursor { query, .. } => {
                if let (Some(name), Some(cursor)) = (query, &self.next) {
                    add(&mut url, name, cursor);
                }
            }
        }
        url
    }

    /// After a good page with so many entries, which was asked for at `from`.
    pub(super) fn advance(&mut self, answer: &Answer, rows: usize, from: &Url, hosts: &Hosts) -> Next {
        self.read += 1;
        self.rows += u64::try_from(rows).unwrap_or(u64::MAX);
        let next = match &self.paging.kind {
            PagingKind::Link => answer.header(LINK.as_str()).and_then(|links| link_header::next(&links)),
            PagingKind::Next(at) => match named(at, answer) {
                Ok(next) => next,
                Err(doubt) => return doubt,
            },
            PagingKind::Cursor { at, .. } => {
                let values: Result<Vec<_>, _> = at.iter().map(|at| named(at, answer)).collect();
                match values {
                    Ok(values) if values.iter().all(Option::is_none) => None,
                    Ok(values) if values.iter().any(Option::is_none) => {
                        return Next::Doubt("the answer names a part of the next page alone");
                    }
                    Ok(values) => Some(values.into_iter().flatten().collect::<Vec<_>>().join(" ")),
                    Err(doubt) => return doubt,
                }
            }
            PagingKind::Page { size, ends, .. } | PagingKind::Offset { size, ends, .. } => {
                let is_last = match ends {
                    PagesEnd::Empty => rows == 0,
                    PagesEnd::Short => rows < usize::try_from(*size).unwrap_or(usize::MAX),
                };
                if is_last {
                    return Next::End;
                }
                let body = Sha256::digest(&answer.text).into();
                if self.bodies.contains(&body) {
                    return Next::Repeats("the same page came twice");
                }
                self.bodies.push(body);
                return self.more();
            }
        };
        let Some(next) = next.filter(|next| !next.is_empty()) else { return Next::End };
        let next = match &self.paging.kind {
            PagingKind::Link | PagingKind::Next(_) => match hosts.next(from, &next) {
                Ok(url) => url.to_string(),
                Err(why) => return Next::Foreign(why),
            },
            PagingKind::Page { .. } | PagingKind::Offset { .. } | PagingKind::Cursor { .. } => next,
        };
        let hash = Sha256::digest(&next).into();
        if self.followed.contains(&hash) || next == from.as_str() {
            return Next::Repeats("the same next page was named twice");
        }
        self.followed.push(hash);
        self.next = Some(next);
        self.more()
    }

    fn more(&self) -> Next {
        if self.read < self.paging.most { Next::More } else { Next::Doubt("more pages than are read") }
    }
}

/// What stands there of the next page.
fn named(at: &JsonPath, answer: &Answer) -> Result<Option<String>, Next> {
    let found = answer.json.as_ref().map(|json| at.all(json)).unwrap_or_default();
    match found.as_slice() {
        [] => Ok(None),
        [value] => Ok(json_path::text(value).map(|text| text.into_owned())),
        [..] => Err(Next::Doubt("the answer names more than one next page")),
    }
}

/// A query value, encoded; it replaces none, because the step's own have other names.
fn add(url: &mut Url, name: &str, value: &str) {
    url.query_pairs_mut().append_pair(name, value);
}

#[cfg(test)]
#[path = "paging_tests.rs"]
mod tests;
