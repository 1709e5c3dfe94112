//! The commands by which an Exchange administrator gives the rights of mailboxes, for this configuration.
//!
//! Names no learner but the canary's test mailbox: whom the configuration lists by name, the administrator
//! gathers in a group.

use crate::config::Tenant;
use crate::config::permissions::Given;
use crate::enrolment::policy::Mailboxes;
use crate::graph::auth::cloud::Cloud;
use crate::graph::permissions::Permission;
use crate::ids::Address;

/// What the scope is called in Exchange.
const SCOPE: &str = "Regrets mailboxes";

/// The same for the two mailboxes of the canary, and no others: nothing is written anywhere else.
const CANARY_SCOPE: &str = "Regrets canary";

/// The same for the mailbox that sends invitations.
const PUBLISH_SCOPE: &str = "Regrets publishing";

/// `None`: this configuration needs nothing of Exchange. Where every mailbox is to be read, consent in Entra
/// does as well, and is simpler.
pub fn script(tenant: &Tenant) -> Option<String> {
    let roles: Vec<(&str, bool)> = tenant
        .needed_permissions()
        .iter()
        .filter(|one| one.given == Given::Exchange && one.permission != Permission::CalendarsReadWrite)
        .filter_map(|one| Some((one.permission.exchange_role()?, one.is_optional)))
        .collect();
    if roles.is_empty() && tenant.canary_written().is_none() && publishing(tenant).is_empty() {
        return None;
    }
    let (exchange, graph) = environments(tenant.cloud);
    let client = &tenant.client_id;
    let mut lines = vec![
        format!("Connect-ExchangeOnline{exchange}"),
        format!("Connect-MgGraph{graph} -Scopes Application.Read.All"),
        format!("$app = Get-MgServicePrincipal -Filter \"appId eq '{client}'\"   # after consent in Entra"),
        "New-ServicePrincipal -AppId $app.AppId -ObjectId $app.Id -DisplayName Regrets".to_owned(),
        String::new(),
    ];
    if !roles.is_empty() {
        lines.extend(scope(tenant));
        lines.push(String::new());
    }
    for (role, is_optional) in &roles {
        if *is_optional {
            lines.push("# optional".to_owned());
        }
        lines.push(format!(
            "New-ManagementRoleAssignment -App $app.Id -Role \"{role}\" -CustomResourceScope \"{SCOPE}\""
        ));
    }
    lines.extend(canary(tenant));
    lines.extend(publishing(tenant));
    lines.push(String::new());
    lines.push("# The proof: InScope is True for one who is meant, and False for anybody else".to_owned());
    lines.push(format!(
        "Test-ServicePrincipalAuthorization -Identity $app.Id -Resource {} | Format-Table",
        proof(tenant)
    ));
    lines.push(
        "Test-ServicePrincipalAuthorization -Identity $app.Id -Resource <somebody else> | Format-Table"
            .to_owned(),
    );
    Some(lines.join("\n"))
}

/// What the two modules call the cloud; nothing for the global one.
fn environments(cloud: Cloud) -> (&'static str, &'static str) {
    match cloud {
        Cloud::Global => ("", ""),
        Cloud::UsGov => (" -ExchangeEnvironmentName O365USGovGCCHigh", " -Environment USGov"),
        Cloud::UsGovDod => (" -ExchangeEnvironmentName O365USGovDoD", " -Environment USGovDoD"),
        Cloud::China => (" -ExchangeEnvironmentName O365China", " -Environment China"),
    }
}

fn scope(tenant: &Tenant) -> Vec<String> {
    let organizers = tenant.watch.organizers.iter().map(|one| one.as_str());
    let addresses: Vec<String> =
        organizers.map(|one| format!("PrimarySmtpAddress -eq '{}'", quoted(one))).collect();
    let mut lines = Vec::new();
    let mut filter = addresses;
    if tenant.watch.mode.reads_learners() {
        match &tenant.watch.mailboxes {
            Mailboxes::Group(id) => {
                lines.push("# direct members only: nested groups are not counted".to_owned());
                lines.push(format!("$group = (Get-Recipient '{}').DistinguishedName", quoted(id)));
                filter.push("MemberOfGroup -eq '$group'".to_owned());
            }
            Mailboxes::Users(_) => {
                lines
                    .push("# a group whose direct members are those whom the configuration names".to_owned());
                lines.push("$group = (Get-Recipient '<group>').DistinguishedName".to_owned());
                filter.push("MemberOfGroup -eq '$group'".to_owned());
            }
            Mailboxes::All | Mailboxes::None => {}
        }
    }
    lines.push(format!(
        "New-ManagementScope -Name \"{SCOPE}\" -RecipientRestrictionFilter \"{}\"",
        filter.join(" -or ")
    ));
    lines
}

/// What the canary writes, it writes in two mailboxes.
fn canary(tenant: &Tenant) -> Vec<String> {
    let Some(canary) = tenant.canary_written() else { return Vec::new() };
    let named = |one: &Address| format!("PrimarySmtpAddress -eq '{}'", quoted(one.as_str()));
    let role = Permission::CalendarsReadWrite.exchange_role().unwrap_or_default();
    vec![
        String::new(),
        "# optional: the canary's two mailboxes, which are written in".to_owned(),
        format!(
            "New-ManagementScope -Name \"{CANARY_SCOPE}\" -RecipientRestrictionFilter \"{} -or {}\"",
            named(&canary.organizer),
            named(&canary.learner)
        ),
        format!(
            "New-ManagementRoleAssignment -App $app.Id -Role \"{role}\" -CustomResourceScope \
             \"{CANARY_SCOPE}\""
        ),
    ]
}

/// Events are written in the organizer's mailbox, and in the organization's calendar: Exchange carries them
/// to those who are invited.
fn publishing(tenant: &Tenant) -> Vec<String> {
    let Some(publish) = tenant.publish.as_ref().filter(|publish| publish.writes()) else { return Vec::new() };
    let named = |one: &Address| format!("PrimarySmtpAddress -eq '{}'", quoted(one.as_str()));
    let publisher = &publish.publisher;
    let written: Vec<String> =
        std::iter::once(&publisher.organizer).chain(&publisher.calendar).map(named).collect();
    let (what, written) = match &publisher.calendar {
        None => ("the organizer's mailbox alone is", written.join(" -or ")),
        Some(_) => ("the organizer's mailbox and the calendar's are", written.join(" -or ")),
    };
    let role = Permission::CalendarsReadWrite.exchange_role().unwrap_or_default();
    vec![
        String::new(),
        format!("# for invitations: {what} written in"),
        format!("New-ManagementScope -Name \"{PUBLISH_SCOPE}\" -RecipientRestrictionFilter \"{written}\""),
        format!(
            "New-ManagementRoleAssignment -App $app.Id -Role \"{role}\" -CustomResourceScope \
             \"{PUBLISH_SCOPE}\""
        ),
    ]
}

fn proof(tenant: &Tenant) -> String {
    match tenant.watch.organizers.first() {
        Some(organizer) => format!("'{}'", quoted(organizer.as_str())),
        None => "<a learner>".to_owned(),
    }
}

/// Within single quotes of PowerShell, and within the filter's own.
fn quoted(text: &str) -> String {
    text.replace('\'', "''").replace(['"', '`', '$'], "")
}

#[cfg(test)]
#[path = "powershell_tests.rs"]
mod tests;
