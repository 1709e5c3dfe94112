//! Pages of what Graph lists, one at a time: values of [`super::port`].

use crate::calendar::event::Event;

/// What a calendar shows between two times, a page at a time.
#[derive(Debug, Clone, PartialEq)]
pub enum Viewed {
    Page(ViewPage),
    /// Graph does not take the link any more: the window must be read anew.
    Lost,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ViewPage {
    pub events: Vec<Event>,
    /// Where it goes on: opaque, and ours to keep. `None`: that was all.
    pub next: Option<String>,
}
