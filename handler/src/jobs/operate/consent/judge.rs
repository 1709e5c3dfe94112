//! What a look at a tenant's rights means, held against what its configuration needs and what was there
//! before: pure.
//!
//! A right of mailboxes that Exchange gives stands in no token (reference/entra.md#reading-tokens), so it
//! counts as there when a mailbox could be read, as missing when all that were tried refused, and as neither
//! while nobody could be tried.

use super::transitions::ConsentEvent;
use crate::config::permissions::{Given, NeededPermission};
use crate::ledger::consents::{ConsentRow, ConsentState};
use std::collections::BTreeSet;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub token: TokenLook,
    pub mailbox: MailboxLook,
}

/// What the token told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenLook {
    /// These roles.
    Roles(BTreeSet<String>),
    /// Entra gives none, because the app is not, or no more, let into the directory.
    NoApp,
    /// Nothing: it can't be looked into, or none could be had for another reason.
    Nothing,
}

/// How mailboxes that are to be read answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxLook {
    Readable,
    Refused,
    /// There was nobody to try, or nobody answered.
    Unknown,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Finding {
    /// `None`: nothing that would be worth a word.
    pub event: Option<ConsentEvent>,
    pub there: Vec<&'static str>,
    pub missing: Vec<&'static str>,
    /// Of the missing ones those that had been there.
    pub lost: Vec<&'static str>,
    /// Neither seen nor missed.
    pub unproved: Vec<&'static str>,
    pub excess: Vec<String>,
}

pub fn judge(needed: &[NeededPermission], look: &Look, row: &ConsentRow) -> Finding {
    let roles = match &look.token {
        TokenLook::Roles(roles) => roles.clone(),
        TokenLook::NoApp => BTreeSet::new(),
        TokenLook::Nothing => return Finding::default(),
    };
    // An app that is not let in reads no mailbox, whatever was remembered of one.
    let mailbox = if look.token == TokenLook::NoApp { MailboxLook::Refused } else { look.mailbox };
    let mut finding = Finding::default();
    for one in needed {
        let name = one.permission.name();
        let is_there = match one.given {
            _ if roles.contains(name) => Some(true),
            Given::Entra => Some(false),
            // Which right it is that a mailbox was read by is not asked of each: an optional one shows when
            // it is used.
            Given::Exchange | Given::Either if one.is_optional => None,
            Given::Exchange | Given::Either => match mailbox {
                MailboxLook::Readable => Some(true),
                MailboxLook::Refused => Some(false),
                MailboxLook::Unknown => None,
            },
        };
        match is_there {
            Some(true) => finding.there.push(name),
            // Without it less is recognised, and all else works.
            Some(false) | None if one.is_optional => {}
            Some(false) => finding.missing.push(name),
            None => finding.unproved.push(name),
        }
    }
    let had = |name: &&&str| row.granted.iter().any(|known| known == **name);
    finding.lost = finding.missing.iter().filter(had).copied().collect();
    finding.excess = excess(needed, &roles, row);
    finding.event = event(&finding, row);
    finding
}

fn event(finding: &Finding, row: &ConsentRow) -> Option<ConsentEvent> {
    let is_new = |name: &&&str| !row.lost.iter().any(|known| known == **name);
    if finding.lost.iter().any(|name| is_new(&name)) {
        return Some(ConsentEvent::Lost);
    }
    if !finding.missing.is_empty() {
        return Some(ConsentEvent::Lacking);
    }
    if !finding.unproved.is_empty() {
        return None;
    }
    Some(if finding.excess.is_empty() { ConsentEvent::Complete } else { ConsentEvent::Excess })
}

/// What has come on top since everything was there, and that nobody asked for. What the directory's
/// administrator has just said yes to is no drift. A right of mailboxes that Exchange gives and that is now
/// good for every mailbox is.
fn excess(needed: &[NeededPermission], roles: &BTreeSet<String>, row: &ConsentRow) -> Vec<String> {
    if row.granted_at.is_none() || row.state == ConsentState::Pending {
        return Vec::new();
    }
    let is_asked = |role: &str| {
        let of_entra = needed.iter().filter(|one| matches!(one.given, Given::Entra | Given::Either));
        of_entra.map(|one| one.permission.name()).any(|name| name == role)
    };
    let is_new = |role: &&String| !row.known_roles.contains(role) && !is_asked(role);
    roles.iter().filter(is_new).cloned().collect()
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
