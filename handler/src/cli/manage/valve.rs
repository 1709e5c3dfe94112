//! `regrets valve`: what may go to the LMS, and a person's hand on it.

use super::local_time::when;
use crate::cli::manage::asks::{Asks, Attribution};
use crate::cli::management_client::{Management, Place, segment};
use crate::jobs::operate::management_json::{TenantStatus, ValveStatus};
use chrono::Local;
use clap::{Args, Subcommand};
use serde_json::json;

#[derive(Debug, Args)]
pub(in crate::cli) struct ValveArgs {
    #[command(flatten)]
    place: Place,
    /// Which tenant's [default: the only one]
    #[arg(long, global = true)]
    tenant: Option<String>,
    #[command(subcommand)]
    command: Option<ValveCommand>,
}

#[derive(Debug, Subcommand)]
enum ValveCommand {
    /// Let cancellations go to the LMS again; releases the brake as well
    Open(Attribution),
    /// Let nothing go to the LMS until somebody opens it
    Stop(Attribution),
}

impl Asks for ValveArgs {
    fn place(&self) -> &Place {
        &self.place
    }

    async fn ask(&self, management: &Management) -> Result<String, String> {
        let tenant = management.tenant(self.tenant.as_ref()).await?;
        let path = format!("tenants/{}", segment(&tenant));
        let wish = match &self.command {
            Some(ValveCommand::Open(signed)) => Some(("open", signed)),
            Some(ValveCommand::Stop(signed)) => Some(("stopped", signed)),
            None => None,
        };
        let valve: ValveStatus = match wish {
            Some((state, Attribution { by, reason })) => {
                let body = json!({ "state": state, "by": by, "reason": reason });
                management.post(&format!("{path}/valve"), &body).await?
            }
            None => management.get::<TenantStatus>(&path, &[]).await?.valve,
        };
        if self.place.json {
            return serde_json::to_string_pretty(&valve)
                .map(|text| text + "\n")
                .map_err(|why| why.to_string());
        }
        let why = if valve.why.is_empty() { String::new() } else { format!(": {}", valve.why) };
        Ok(format!("The valve of {tenant} is {} since {}{why}.\n", valve.state, when(valve.since, &Local)))
    }
}
