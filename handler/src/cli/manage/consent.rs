//! `regrets consent`: whether the rights are there, and the link for an administrator.

use super::local_time::when;
use crate::cli::manage::asks::Asks;
use crate::cli::management_client::{Management, Place, segment};
use crate::config::Env;
use crate::jobs::operate::management_json::{At, Consent, NeededPermission};
use chrono::{Local, TimeZone};
use clap::Args;
use serde_json::json;
use std::fmt::{Display, Write as _};

/// Who asks where nobody says.
const NOBODY: &str = "an operator";
const OFF: &str = "a link may be answered, and nobody looks for the rights until the tenant is on again";

#[derive(Debug, Args)]
pub(in crate::cli) struct ConsentArgs {
    #[command(flatten)]
    place: Place,
    /// Which tenant's [default: the only one]
    #[arg(long)]
    tenant: Option<String>,
    /// Who asks: shown to the administrator, and in the audit [default: $USER]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Why a link is made; for the audit
    #[arg(long, value_name = "TEXT", default_value = "rights are to be granted")]
    reason: String,
    /// Make a new link, also where one is out or everything is granted
    #[arg(long)]
    new: bool,
}

impl ConsentArgs {
    /// Whoever names nobody is called as the system calls them.
    pub(in crate::cli) fn by_default(self, env: &Env) -> Self {
        let of_system = ["USER", "USERNAME"].iter().find_map(|name| env.get(*name)).cloned();
        let named = self.by.or(of_system).filter(|by| !by.trim().is_empty());
        Self { by: Some(named.unwrap_or_else(|| NOBODY.to_owned())), ..self }
    }
}

impl Asks for ConsentArgs {
    fn place(&self) -> &Place {
        &self.place
    }

    async fn ask(&self, management: &Management) -> Result<String, String> {
        let tenant = management.tenant(self.tenant.as_ref()).await?;
        let path = format!("tenants/{}/consent", segment(&tenant));
        let mut consent: Consent = management.get(&path, &[]).await?;
        if self.new || (consent.link.is_none() && consent.status.state != "granted") {
            let by = self.by.as_deref().unwrap_or(NOBODY);
            let body = json!({ "by": by, "reason": self.reason, "anew": self.new });
            consent = management.post(&path, &body).await?;
        }
        if self.place.json {
            return serde_json::to_string_pretty(&consent)
                .map(|text| text + "\n")
                .map_err(|why| why.to_string());
        }
        Ok(tell(&consent, &Local))
    }
}

fn tell<Z: TimeZone<Offset: Display>>(consent: &Consent, zone: &Z) -> String {
    let Consent { tenant, status, active, off_since, needed, link, redirect_uri, powershell } = consent;
    let mut text =
        format!("The consent of {tenant} is {} since {}.\n", status.state, when(status.since, zone));
    let mut say = |what: &str, said: String| {
        let _ = writeln!(text, "  {what:<12}{said}");
    };
    for (what, names) in [
        ("granted", &status.permissions),
        ("missing", &status.missing),
        ("withdrawn", &status.withdrawn),
        ("on top", &status.excess),
    ] {
        if !names.is_empty() {
            say(what, names.join(", "));
        }
    }
    if let Some(granted) = status.granted {
        say("complete", format!("since {}", when(granted, zone)));
    }
    if let Some(code) = &status.refusal {
        say("refused", format!("Microsoft says {code}"));
    }
    let looked = |at: At| when(at, zone);
    let not_yet = if *active { "not yet; the next planning round does" } else { "not yet" };
    say("looked", status.looked.map_or_else(|| not_yet.to_owned(), looked));
    if !active {
        let since = off_since.map(|since| format!(" since {}", when(since, zone)));
        say("off", format!("active = false{}: {OFF}", since.unwrap_or_default()));
    }

    text.push_str("\nWhat this configuration needs\n");
    for right in needed {
        text.push_str(&line(right));
    }
    match link {
        Some(link) => {
            let (by, until) = (&link.by, when(link.until, zone));
            let _ =
                write!(text, "\nFor an administrator of the directory (asked by {by}, good until {until})\n");
            let _ = writeln!(text, "  to hand over  {}\n  at once       {}", link.page, link.microsoft);
            text.push_str("\nThe app registration must list this redirect URI (Web)\n");
            let _ = writeln!(text, "  {redirect_uri}");
        }
        None => text.push_str("\nNo link is out; --new makes one.\n"),
    }
    if let Some(script) = powershell {
        text.push_str("\nFor an Exchange administrator\n");
        for line in script.lines() {
            let _ = writeln!(text, "{}", format!("  {line}").trim_end());
        }
    }
    text
}

fn line(right: &NeededPermission) -> String {
    let given = match right.given.as_str() {
        "exchange" => "Exchange, for the mailboxes that are meant",
        "either" => "Entra (every mailbox is read), or Exchange",
        _ => "Entra",
    };
    let optional = if right.optional { ", optional" } else { "" };
    format!("  {:<22}{given}{optional}: to {}\n", right.name, right.why)
}

#[cfg(test)]
#[path = "consent_tests.rs"]
mod tests;
