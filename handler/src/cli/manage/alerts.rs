//! `regrets alerts`: what a person must know, and that they have seen it.

use super::client::{Management, Place, segment};
use super::columns::aligned;
use super::when::when;
use super::{Asks, Signed};
use crate::work::person::counted;
use crate::work::view::{Alert, List, Status};
use chrono::Local;
use clap::{Args, Subcommand};
use serde_json::json;
use std::collections::BTreeMap;

#[derive(Debug, Args)]
pub(in crate::cli) struct AlertsArgs {
    #[command(flatten)]
    place: Place,
    /// Which tenant's [default: of all; to acknowledge: the only one]
    #[arg(long, global = true)]
    tenant: Option<String>,
    #[command(subcommand)]
    deed: Option<Deed>,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// Say that you have seen to it: it is said again only when it grows
    Acknowledge {
        /// The alert's kind, such as expired
        kind: String,
        #[command(flatten)]
        signed: Signed,
    },
}

impl Asks for AlertsArgs {
    fn place(&self) -> &Place {
        &self.place
    }

    async fn ask(&self, management: &Management) -> Result<String, String> {
        let open: BTreeMap<String, Vec<Alert>> = match &self.deed {
            None => {
                let status: Status = management.get("status", &[]).await?;
                let known: Vec<String> = status.tenants.keys().map(ToString::to_string).collect();
                if let Some(wanted) = self.tenant.as_ref().filter(|wanted| !known.contains(wanted)) {
                    return Err(format!("tenant `{wanted}` is not configured; these are: {}", known.join(", ")));
                }
                let is_wanted = |name: &str| self.tenant.as_deref().is_none_or(|wanted| wanted == name);
                let all = status.tenants.into_iter().map(|(name, tenant)| (name.into_string(), tenant.alerts));
                all.filter(|(name, _)| is_wanted(name)).collect()
            }
            Some(Deed::Acknowledge { kind, signed: Signed { by, reason } }) => {
                let tenant = management.tenant(self.tenant.as_ref()).await?;
                let path = format!("tenants/{}/alerts/{}/acknowledge", segment(&tenant), segment(kind));
                let left: List<Alert> = management.post(&path, &json!({ "by": by, "reason": reason })).await?;
                [(tenant, left.items)].into()
            }
        };
        if self.place.json {
            return serde_json::to_string_pretty(&open).map(|text| text + "\n").map_err(|why| why.to_string());
        }
        Ok(tell(&open))
    }
}

fn tell(open: &BTreeMap<String, Vec<Alert>>) -> String {
    let count = open.values().map(Vec::len).sum();
    if count == 0 {
        return "No open alerts.\n".to_owned();
    }
    let mut rows = vec![["TENANT", "KIND", "COUNT", "SINCE", "ACKNOWLEDGED", "WHAT TO DO"].map(str::to_owned).to_vec()];
    for (tenant, alert) in open.iter().flat_map(|(tenant, alerts)| alerts.iter().map(move |alert| (tenant, alert))) {
        rows.push(vec![
            tenant.clone(),
            alert.kind.clone(),
            alert.count.to_string(),
            when(alert.since, &Local),
            alert.acknowledged.as_ref().map_or_else(|| "-".to_owned(), |known| format!("by {}", known.by)),
            alert.step.clone(),
        ]);
    }
    format!("{}{}.\n", aligned(&rows), counted(count, "open alert", "open alerts"))
}
