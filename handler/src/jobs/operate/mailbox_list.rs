//! A page of mailboxes, for the management JSON.

use crate::ids::TenantName;
use crate::jobs::context::AppContext;
use crate::jobs::operate::management_json::{self, At, List, MOST, PAGE};
use crate::ledger::mailboxes;
use crate::store::{RowRange, StoreError};

/// Which mailboxes are shown.
#[derive(Debug, Default)]
pub struct MailboxFilter {
    pub tenant: Option<String>,
    pub standing: Option<String>,
    pub after: Option<String>,
    pub limit: Option<usize>,
}

/// A page of mailboxes: by tenant, shard and row.
pub async fn mailboxes(
    app: &AppContext,
    filter: &MailboxFilter,
) -> Result<List<management_json::Mailbox>, StoreError> {
    let most = filter.limit.unwrap_or(PAGE);
    let after = filter.after.as_deref().and_then(mailbox_cursor);
    let mut items: Vec<management_json::Mailbox> = Vec::new();
    let mut last = None;
    let wanted = |name: &&TenantName| filter.tenant.as_deref().is_none_or(|wanted| wanted == name.as_str());
    for name in app.tenants.keys().filter(wanted) {
        for shard in 0..mailboxes::SHARDS {
            let here = (name.as_str(), shard);
            let mut range = match &after {
                Some((tenant, at, _)) if here < (tenant.as_str(), *at) => continue,
                Some((tenant, at, row)) if here == (tenant.as_str(), *at) => {
                    RowRange { from: Some(format!("{row}!")), to: None }
                }
                Some(_) | None => RowRange::all(),
            };
            loop {
                let page = mailboxes::page(&app.ledger, name, shard, range.clone(), MOST).await?;
                for read in page.rows {
                    let row = read.value;
                    if filter.standing.as_deref().is_some_and(|wanted| wanted != row.state.word()) {
                        continue;
                    }
                    if items.len() == most {
                        return Ok(List { items, next: last });
                    }
                    last = Some(format!("{name}.{shard:x}.{}", read.row));
                    items.push(shown(row));
                }
                match page.next {
                    Some(next) => range.from = Some(next),
                    None => break,
                }
            }
        }
    }
    Ok(List { items, next: None })
}

fn shown(row: mailboxes::MailboxRow) -> management_json::Mailbox {
    management_json::Mailbox {
        tenant: row.tenant,
        mailbox: row.user.into_string(),
        standing: row.state.word().to_owned(),
        why: row.last_error,
        failures: row.failures,
        last_success: row.last_success.map(At),
        expires: row.expires.map(At),
        due: row.due.into(),
    }
}

/// Where a page of mailboxes ended: tenant, shard, row.
pub fn mailbox_cursor(text: &str) -> Option<(String, usize, String)> {
    let mut parts = text.split('.');
    let (tenant, shard, row) = (parts.next()?, parts.next()?, parts.next()?);
    let shard = usize::from_str_radix(shard, 16).ok().filter(|shard| *shard < mailboxes::SHARDS)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let sound = parts.next().is_none() && !tenant.is_empty() && !row.is_empty() && row.chars().all(plain);
    sound.then(|| (tenant.to_owned(), shard, row.to_owned()))
}
