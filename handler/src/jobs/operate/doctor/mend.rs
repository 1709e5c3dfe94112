//! Mends what is ours to mend. It asks for what the planning round does anyway, so that leases, budgets and
//! order are kept whoever mends, and from wherever; killed in between, it may be done again.

use super::check::Fix;
use crate::ids::TenantName;
use crate::jobs::context::AppContext;
use crate::jobs::operate::operator::{Attribution, OperatorError, counted};
use crate::jobs::surroundings::Surroundings;
use crate::ledger::audit;
use crate::ledger::mailboxes::{self, MailboxRow, SubscriptionState};
use crate::messages::queue;

/// Of so many mailboxes those in force are asked about, too: Graph may have lost one without a word. Where
/// there are more, the daily listing does it.
const FEW: usize = 200;

/// Does it, for one tenant or for all, and says what was done.
pub async fn mend(
    app: &AppContext,
    around: &Surroundings,
    tenant: Option<&TenantName>,
    fix: Fix,
    signed: &Attribution,
) -> Result<String, OperatorError> {
    signed.check()?;
    if let Some(unknown) = tenant.filter(|tenant| !app.tenants.contains_key(*tenant)) {
        return Err(OperatorError::NotFound(format!("tenant `{unknown}` is not configured")));
    }
    match fix {
        Fix::MakeQueues => make_queues(app, around, signed).await,
        Fix::Subscribe => {
            let wanted =
                app.tenants.values().filter(|one| tenant.is_none_or(|name| *name == one.tenant.name));
            let (on, off): (Vec<_>, Vec<_>) = wanted.partition(|one| one.tenant.active);
            if let (true, Some(off)) = (on.is_empty(), off.first()) {
                let name = &off.tenant.name;
                return Err(OperatorError::Conflict(format!(
                    "tenant `{name}` is switched off, and nobody makes subscriptions for it: write active = \
                     true in [tenant.{name}], and every mailbox has one within minutes"
                )));
            }
            let names: Vec<TenantName> = on.iter().map(|one| one.tenant.name.clone()).collect();
            let mut marked = 0;
            for name in &names {
                marked += subscribe(app, name, signed).await?;
            }
            let mailboxes = counted(marked, "mailbox is", "mailboxes are");
            Ok(format!(
                "{mailboxes} subscribed anew and compared by the next planning round, within five minutes"
            ))
        }
    }
}

async fn make_queues(
    app: &AppContext,
    around: &Surroundings,
    signed: &Attribution,
) -> Result<String, OperatorError> {
    let Some(service) = &around.queues else {
        return Err(OperatorError::Conflict(
            "the queues are the local host's own, which makes them".to_owned(),
        ));
    };
    let mut made = 0;
    for name in queue::ALL {
        match service.make(name).await {
            Ok(is_new) => made += usize::from(is_new),
            Err(failure) => return Err(OperatorError::Conflict(format!("{name} can't be made: {failure}"))),
        }
    }
    let told = counted(made, "queue was made", "queues were made");
    for name in app.tenants.keys() {
        let text = format!("{told}: {}", signed.reason.trim());
        audit::append(&app.ledger, name, signed.by.trim(), &text).await?;
    }
    Ok(told)
}

/// Gives how many are marked.
async fn subscribe(
    app: &AppContext,
    tenant: &TenantName,
    signed: &Attribution,
) -> Result<usize, OperatorError> {
    let now = app.ledger.clock.now();
    let few = mailboxes::some(&app.ledger, tenant, FEW + 1).await?.len() <= FEW;
    let is_meant = |row: &MailboxRow| {
        row.is_read() && row.state != SubscriptionState::NoMailbox && (few || !row.is_subscribed(now))
    };
    let mark = |row: &MailboxRow| {
        let marked = MailboxRow { due: now, failures: 0, resync_wanted: Some(now), ..row.clone() };
        is_meant(row).then_some(marked)
    };
    let mut count = 0;
    for row in mailboxes::all(&app.ledger, tenant).await? {
        count += usize::from(is_meant(&row));
    }
    mailboxes::change_all(&app.ledger, tenant, mark).await?;
    let what = counted(count, "subscription is", "subscriptions are");
    let text = format!("{what} to be made anew: {}", signed.reason.trim());
    audit::append(&app.ledger, tenant, signed.by.trim(), &text).await?;
    Ok(count)
}
