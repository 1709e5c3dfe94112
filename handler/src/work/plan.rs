//! `renew-subscriptions`: who should be watched, and whose subscription or calendar is due.
//!
//! Guarantees: a mailbox is released only when the directory was read in full and does not name it; killed at any point, the
//! next round does the rest; the tasks it sends may be repeated.

use crate::config::Mailboxes;
use crate::graph::{GraphError, User};
use crate::ids::{TenantName, UserId};
use crate::message::{Deed, MailboxTask, Mailboxes as Message, VERSION};
use crate::store::StoreError;
use crate::work::desk::{Desk, Office};
use crate::work::mailbox::{self, MailboxRow};
use crate::work::unwatched::Tally;
use crate::work::{WorkError, alerts, blind, near, organized};
use std::collections::BTreeSet;

/// Tasks per queue message: as many as one `$batch` takes.
pub const TASKS_PER_MESSAGE: usize = 20;

pub async fn plan(office: &Office, trace: Option<&str>) -> Result<Vec<Message>, WorkError> {
    let mut messages = Vec::new();
    for (name, desk) in &office.desks {
        let tasks = tasks(office, name, desk).await?;
        tracing::info!(tenant = %name, tasks = tasks.len(), "planned");
        messages.extend(tasks.chunks(TASKS_PER_MESSAGE).map(|some| Message {
            v: VERSION,
            trace: trace.map(str::to_owned),
            tenant: name.clone(),
            tasks: some.to_vec(),
        }));
    }
    alerts::say_again(office).await?;
    Ok(messages)
}

async fn tasks(office: &Office, name: &TenantName, desk: &Desk) -> Result<Vec<MailboxTask>, WorkError> {
    let tables = office.tables.as_ref();
    let now = office.clock.now();
    let wanted = match wanted(desk).await {
        Ok(wanted) => {
            alerts::graph_well(office, desk).await?;
            alerts::resolve(office, name, "directory").await?;
            Some(wanted)
        }
        Err(trouble) => {
            tracing::warn!(tenant = %name, %trouble, "the directory can't be read; nobody is added or released");
            alerts::graph_trouble(office, desk, &trouble).await?;
            alerts::raise(office, name, "directory", step(&trouble)).await?;
            None
        }
    };
    let known = mailbox::all(tables, name).await?;
    if known.iter().any(|row| row.gaps > 0) {
        blind::raise(office, desk).await?;
    }
    let mut tasks = Vec::new();
    if let Some(wanted) = &wanted {
        let known: BTreeSet<&UserId> = known.iter().map(|row| &row.user).collect();
        for user in wanted.iter().filter(|user| !known.contains(user)) {
            add(office, name, user).await?;
            tasks.push(MailboxTask { mailbox: user.clone(), deed: Deed::Tend, subscription: None });
        }
    }
    let mut tally = Tally::default();
    for row in &known {
        tally.see(row, now);
        if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&row.user)) {
            tasks.push(MailboxTask { mailbox: row.user.clone(), deed: Deed::Release, subscription: None });
        } else if row.due <= now || resync_due(row, desk, now) {
            tasks.push(MailboxTask { mailbox: row.user.clone(), deed: Deed::Tend, subscription: None });
        }
    }
    tally.tell(office, desk).await?;
    Ok(tasks)
}

/// Whose mailboxes are to be watched: the learners', the organizers', or both.
async fn wanted(desk: &Desk) -> Result<BTreeSet<UserId>, GraphError> {
    let mode = desk.tenant.watch.mode;
    let mut wanted = match mode.reads_learners() {
        true => named(desk, &desk.tenant.watch.mailboxes).await?,
        false => BTreeSet::new(),
    };
    if mode.watches_organizers() {
        wanted.extend(organized::mailboxes(desk).await?);
    }
    Ok(wanted)
}

/// What mends a directory that can't be read.
fn step(trouble: &GraphError) -> &'static str {
    match trouble {
        GraphError::Unavailable(_) | GraphError::Throttled { .. } => {
            "Graph or Entra can't be reached or is busy; it goes on by itself. Where it lasts, the log says what is in the way \
             (network, proxy, trust anchors)."
        }
        GraphError::Credential { .. } | GraphError::Unauthorized(_) => {
            "Without a token the directory can't be read: mend the credential, as its own alert says."
        }
        GraphError::NotFound(_)
        | GraphError::NoMailbox(_)
        | GraphError::Refused(_)
        | GraphError::Quota(_)
        | GraphError::Conflict(_)
        | GraphError::TooLong { .. }
        | GraphError::Validation(_)
        | GraphError::Invalid(_) => {
            "The directory can't be read in full: check User.Read.All and GroupMember.Read.All, and the names in watch.mailboxes."
        }
    }
}

/// True when the calendar is to be compared anew: something may have been missed, or it is simply time.
pub fn resync_due(row: &MailboxRow, desk: &Desk, now: chrono::DateTime<chrono::Utc>) -> bool {
    near::due(row, desk.tenant.watch.resync, now).is_some()
}

async fn add(office: &Office, tenant: &TenantName, user: &UserId) -> Result<(), StoreError> {
    let now = office.clock.now();
    mailbox::update(office.tables.as_ref(), tenant, user, |row| match row {
        Some(_) => None,
        None => Some(MailboxRow::wanted(tenant, user, now)),
    })
    .await
    .map(|_| ())
}

/// Everybody whom the configuration names so. Guests have no mailbox here; disabled accounts get no invitations.
pub async fn named(desk: &Desk, mailboxes: &Mailboxes) -> Result<BTreeSet<UserId>, GraphError> {
    let able = |user: &User| !user.is_guest && user.account_enabled;
    match mailboxes {
        Mailboxes::None => Ok(BTreeSet::new()),
        Mailboxes::Users(names) => {
            let mut wanted = BTreeSet::new();
            for name in names {
                match desk.graph.user(name).await? {
                    Some(user) if able(&user) => {
                        wanted.insert(user.id);
                    }
                    Some(_) | None => {
                        tracing::warn!(tenant = %desk.tenant.name, "a user whom the configuration names is unknown, a guest or disabled")
                    }
                }
            }
            Ok(wanted)
        }
        Mailboxes::Group(group) => Ok(ids(desk.graph.group_members(group).await?, able)),
        Mailboxes::All => Ok(ids(desk.graph.users().await?, able)),
    }
}

fn ids(users: Vec<User>, able: impl Fn(&User) -> bool) -> BTreeSet<UserId> {
    users.into_iter().filter(able).map(|user| user.id).collect()
}
