//! Sees which rights there are: by a token, and for what Exchange gives by trying a mailbox.
//!
//! Guarantees: a mailbox is tried only where the token leaves something open, a few of each kind, and of
//! nobody's calendar more than one empty minute is asked for; what can't be had is no right that is missing.

use super::judge::{Look, MailboxLook, TokenLook};
use crate::config::permissions::Given;
use crate::enrolment::policy::Mailboxes;
use crate::graph::GraphError;
use crate::graph::port::Mailbox;
use crate::ids::{Address, UserId};
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::mailboxes::{self, MailboxRow};
use crate::store::{RowRange, StoreError};
use chrono::{DateTime, Duration};

/// So many mailboxes of a kind are tried; one that can be read is enough.
const TRIED: usize = 3;

/// Asks for a new token.
pub(super) async fn fresh(app: &AppContext, context: &TenantContext) -> Result<Look, StoreError> {
    let token = match context.tenant.has_no_credential() {
        true => TokenLook::Nothing,
        false => token_look(context.graph.granted_permissions().await),
    };
    let mailbox = match wants_mailbox(context, &token) {
        true => mailbox(app, context).await?,
        false => MailboxLook::Unknown,
    };
    Ok(Look { token, mailbox })
}

/// What the token says that is held already.
pub(super) async fn held(context: &TenantContext) -> TokenLook {
    match context.tenant.has_no_credential() {
        true => TokenLook::Nothing,
        false => token_look(context.graph.held_permissions().await),
    }
}

fn token_look(told: Result<Option<Vec<String>>, GraphError>) -> TokenLook {
    match told {
        Ok(Some(roles)) => TokenLook::Roles(roles.into_iter().collect()),
        Ok(None) => TokenLook::Nothing,
        Err(refused) if refused.is_of_consent() => TokenLook::NoApp,
        Err(_) => TokenLook::Nothing,
    }
}

/// Something is needed that Exchange gives, and the token does not say that Entra gives it.
pub(super) fn wants_mailbox(context: &TenantContext, token: &TokenLook) -> bool {
    let TokenLook::Roles(roles) = token else { return false };
    context.tenant.needed_permissions().iter().any(|one| {
        let of_mailboxes = matches!(one.given, Given::Exchange | Given::Either);
        of_mailboxes && !one.is_optional && !roles.contains(one.permission.name())
    })
}

async fn mailbox(app: &AppContext, context: &TenantContext) -> Result<MailboxLook, StoreError> {
    let mode = context.tenant.watch.mode;
    let mut seen = Vec::new();
    if mode.reads_learners() {
        seen.push(any_of(context, learners(app, context).await?).await);
    }
    if mode.watches_organizers() {
        let organizers = context.tenant.watch.organizers.iter();
        seen.push(any_of(context, organizers.cloned().map(Mailbox::Address).collect()).await);
    }
    Ok(match seen.as_slice() {
        seen if seen.contains(&MailboxLook::Refused) => MailboxLook::Refused,
        seen if seen.contains(&MailboxLook::Readable) => MailboxLook::Readable,
        _ => MailboxLook::Unknown,
    })
}

/// Some of those who are watched; before anybody is, some whom the configuration names.
async fn learners(app: &AppContext, context: &TenantContext) -> Result<Vec<Mailbox>, StoreError> {
    let name = &context.tenant.name;
    let mut found: Vec<MailboxRow> = Vec::new();
    for shard in 0..mailboxes::SHARDS {
        let page = mailboxes::page(&app.ledger, name, shard, RowRange::all(), TRIED).await?;
        found.extend(page.rows.into_iter().map(|read| read.value).filter(MailboxRow::is_read));
        if found.len() >= TRIED {
            break;
        }
    }
    // Whoever was read last is the likeliest to be read now.
    found.sort_by_key(|row| std::cmp::Reverse(row.last_success));
    let mut tried: Vec<Mailbox> = found.into_iter().map(|row| Mailbox::Id(row.user)).collect();
    if tried.is_empty()
        && let Mailboxes::Users(named) = &context.tenant.watch.mailboxes
    {
        let of = |user: &String| match user.contains('@') {
            true => Mailbox::Address(Address::new(user)),
            false => Mailbox::Id(UserId::new(user.clone())),
        };
        tried.extend(named.iter().map(of));
    }
    Ok(tried)
}

async fn any_of(context: &TenantContext, mailboxes: Vec<Mailbox>) -> MailboxLook {
    let mut look = MailboxLook::Unknown;
    for mailbox in mailboxes.into_iter().take(TRIED) {
        // A minute in which nobody has an appointment: nothing is to be learned but that somebody answers.
        let (from, to) = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH + Duration::minutes(1));
        match context.graph.calendar_view(&mailbox, from, to, &context.select).await {
            Ok(_) => return MailboxLook::Readable,
            Err(refused @ GraphError::Refused(_)) => {
                tracing::debug!(tenant = %context.tenant.name, trouble = %refused, "a mailbox refuses");
                look = MailboxLook::Refused;
            }
            // It says nothing of our rights.
            Err(_) => {}
        }
    }
    look
}
