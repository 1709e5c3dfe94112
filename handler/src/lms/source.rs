//! What of its sessions an LMS can tell: all of them, who holds a place in each, and whether one is there.

use super::Budget;
use crate::ids::SessionId;
use crate::sessions::absence::SingleRead;
use crate::sessions::pass::Pass;
use crate::sessions::place_record::{PlaceRecord, RecordId};
use crate::sessions::session::Session;
use async_trait::async_trait;

/// How who holds a place is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RosterReach {
    /// It can't be.
    Nothing,
    /// For one session at a time.
    Session,
    /// For all of them at once.
    All,
}

/// Changes nothing at the LMS. Infallible by design: what could not be read is a doubt of the pass.
#[async_trait]
pub trait Source: Send + Sync {
    fn roster_reach(&self) -> RosterReach;

    /// Whether [`Source::is_there`] can tell anything.
    fn has_single_read(&self) -> bool;

    async fn sessions(&self, budget: Budget) -> Pass<SessionId, Session>;

    /// `of`: as [`Source::roster_reach`] says.
    async fn roster(&self, of: Option<&SessionId>, budget: Budget) -> Pass<RecordId, PlaceRecord>;

    async fn is_there(&self, session: &SessionId, budget: Budget) -> SingleRead;
}
