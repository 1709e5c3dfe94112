//! `regrets mailboxes`: who is watched, who is refused, and why.

use super::columns::aligned;
use super::local_time::maybe;
use crate::cli::manage::asks::Asks;
use crate::cli::management_client::{Management, Place};
use crate::jobs::operate::management_json::{List, Mailbox};
use crate::jobs::operate::operator::counted;
use chrono::Local;
use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct MailboxesArgs {
    #[command(flatten)]
    place: Place,
    /// Only this tenant's
    #[arg(long)]
    tenant: Option<String>,
    /// Only those that stand so: wanted, watched, failing, no-mailbox or refused
    #[arg(long)]
    standing: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

impl Asks for MailboxesArgs {
    fn place(&self) -> &Place {
        &self.place
    }

    async fn ask(&self, management: &Management) -> Result<String, String> {
        let most = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut found: List<Mailbox> = List { items: Vec::new(), next: None };
        loop {
            let mut query = vec![("limit", (most - found.items.len()).min(1000).to_string())];
            query.extend(self.tenant.clone().map(|tenant| ("tenant", tenant)));
            query.extend(self.standing.clone().map(|standing| ("standing", standing)));
            query.extend(found.next.take().map(|next| ("after", next)));
            let page: List<Mailbox> = management.get("mailboxes", &query).await?;
            found.items.extend(page.items);
            found.next = page.next;
            if found.next.is_none() || found.items.len() >= most {
                break;
            }
        }
        if self.place.json {
            return serde_json::to_string_pretty(&found)
                .map(|text| text + "\n")
                .map_err(|why| why.to_string());
        }
        Ok(tell(&found))
    }
}

fn tell(found: &List<Mailbox>) -> String {
    if found.items.is_empty() {
        return "No mailboxes.\n".to_owned();
    }
    let head = ["STANDING", "TENANT", "MAILBOX", "FAILURES", "LAST SUCCESS", "AGAIN AT", "WHY"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for row in &found.items {
        rows.push(vec![
            row.standing.clone(),
            row.tenant.to_string(),
            row.mailbox.clone(),
            row.failures.to_string(),
            maybe(row.last_success, &Local),
            maybe(Some(row.due), &Local),
            row.why.clone().unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    let stands = |standing: &str| found.items.iter().any(|row| row.standing == standing);
    let notes = [("refused", REFUSED), ("no-mailbox", NO_MAILBOX)];
    let notes: String =
        notes.into_iter().filter(|(standing, _)| stands(standing)).map(|(_, note)| note).collect();
    let count = counted(found.items.len(), "mailbox", "mailboxes");
    let more =
        found.next.as_ref().map(|_| "; there are more: raise --limit, or ask for less").unwrap_or_default();
    format!("{}{count}{more}.\n{notes}", aligned(&rows))
}

const REFUSED: &str = "\
refused: Exchange denies the app this mailbox. See that the app's role scope or access policy in Exchange \
covers it; until then its
  owner's declines are seen in the organizer's copy at most.
";
const NO_MAILBOX: &str = "\
no-mailbox: Exchange Online has none for this person (no licence, or it is on premises): see that they need \
be watched at all.
";
