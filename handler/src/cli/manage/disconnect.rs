//! `regrets disconnect`: the subscriptions of a tenant that is switched off, listed, and taken away.

use crate::cli::manage::asks::Asks;
use crate::cli::management_client::{Management, Place, segment};
use crate::jobs::operate::management_json::Disconnection;
use crate::jobs::operate::operator::counted;
use clap::Args;
use serde_json::json;
use std::fmt::Write as _;

/// Needs `active = false` in the tenant's section of the configuration: otherwise the next planning round
/// would make them again.
///
/// Without --yes it only lists. It may be interrupted and called again. What is stored of the tenant stays:
/// take its section out, then call `regrets tenant purge`.
#[derive(Debug, Args)]
pub(in crate::cli) struct DisconnectArgs {
    #[command(flatten)]
    place: Place,
    /// The tenant's name
    tenant: String,
    /// Remove them
    #[arg(long, requires_all = ["by", "reason"])]
    yes: bool,
    /// Who you are; for the audit
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Why; for the audit
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// So many are named in the list.
const NAMED: usize = 20;

impl Asks for DisconnectArgs {
    fn place(&self) -> &Place {
        &self.place
    }

    async fn ask(&self, management: &Management) -> Result<String, String> {
        let path = format!("tenants/{}/disconnect", segment(&self.tenant));
        let (Some(by), Some(reason), true) = (&self.by, &self.reason, self.yes) else {
            let found: Disconnection = management.get(&path, &[]).await?;
            return match self.place.json {
                true => as_json(&found),
                false => Ok(listed(&self.tenant, &found)),
            };
        };
        let mut removed = 0;
        loop {
            let done: Disconnection = management.post(&path, &json!({ "by": by, "reason": reason })).await?;
            removed += done.removed;
            let so_far = format!("{} removed", counted(removed, "subscription is", "subscriptions are"));
            if let Some(trouble) = &done.trouble {
                return Err(format!(
                    "{so_far}, {} left: {trouble}. Call this again; what is left at Graph ends by itself \
                     within three days",
                    done.left
                ));
            }
            if done.left == 0 && done.busy == 0 {
                return match self.place.json {
                    true => as_json(&Disconnection { removed, ..done }),
                    false => Ok(told(&self.tenant, &so_far, &done)),
                };
            }
            if done.removed == 0 {
                return Err(format!(
                    "{so_far}, {} left, and {} that somebody is at: call this again in five minutes",
                    done.left,
                    counted(done.busy, "mailbox", "mailboxes")
                ));
            }
        }
    }
}

fn as_json(found: &Disconnection) -> Result<String, String> {
    serde_json::to_string_pretty(found).map(|text| text + "\n").map_err(|why| why.to_string())
}

const CUT: &str = "\
Graph's list of subscriptions could not be read to its end: one that no mailbox's row knows may be left. It \
ends by itself within three days.
";

fn listed(tenant: &str, found: &Disconnection) -> String {
    let mut text = String::new();
    for one in found.items.iter().take(NAMED) {
        let whose = if one.is_known { "" } else { "  (in no mailbox's row)" };
        let _ = writeln!(text, "{}  mailbox {}{whose}", one.id, one.mailbox.as_str());
    }
    let more = found.left.saturating_sub(NAMED.min(found.items.len()));
    if more > 0 {
        let _ = writeln!(text, "and {more} more (--json names {} of them)", found.items.len());
    }
    let count = counted(found.left, "subscription", "subscriptions");
    let _ = writeln!(
        text,
        "{count} of {tenant} would be removed from Graph, {} of them in no mailbox's row. \
        Nothing was done; --yes does it.",
        found.orphans
    );
    if found.busy > 0 {
        let _ = writeln!(
            text,
            "Somebody is at {}: theirs come later.",
            counted(found.busy, "mailbox", "mailboxes")
        );
    }
    if let Some(trouble) = &found.trouble {
        let _ = writeln!(text, "Graph's list could not be read: {trouble}");
    } else if !found.complete {
        text.push_str(CUT);
    }
    if let Some(why) = &found.blocked {
        let _ = writeln!(text, "Not yet: {why}.");
    }
    text
}

fn told(tenant: &str, so_far: &str, done: &Disconnection) -> String {
    let cut = if done.complete { "" } else { CUT };
    format!(
        "{so_far} from Graph, and none of {tenant} is left.\n{cut}What is stored of it stays. To delete \
         that: take [tenant.{tenant}] out of the configuration, then regrets tenant purge {tenant}\n"
    )
}
