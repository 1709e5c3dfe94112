//! The permissions that Entra has granted, against those that this configuration needs: too few, and too
//! many.
//!
//! What Exchange grants on named mailboxes stands in no token (reference/entra.md#reading-tokens):
//! whether a calendar can be read is known by reading it ([`super::mailboxes`]), and whether the scope
//! holds by trying a mailbox that is outside of it ([`super::scope`]). An application access policy
//! narrows what Entra grants without a word in the token, too: where an outside mailbox is named, it
//! decides, and not the token.

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Visit;
use crate::config::permissions::{Given, NeededPermission};

pub(super) const CHECK: Check = Check {
    id: CheckId::Permissions,
    title: "permissions",
    needs: &[CheckId::Token],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

const CONSENT: &str = "https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent";
const RBAC: &str = "https://learn.microsoft.com/exchange/permissions-exo/application-rbac";

async fn look(visit: &Visit<'_>) -> Outcome {
    match visit.granted().await {
        Ok(Some(granted)) => judge(
            &visit.context.tenant.needed_permissions(),
            granted,
            visit.context.tenant.doctor.outside.is_some(),
        ),
        Ok(None) | Err(_) => Outcome::skipped("the token can't be looked into; the mailboxes tell"),
    }
}

/// `is_tried`: a mailbox outside of the scope is tried by itself.
fn judge(needed: &[NeededPermission], granted: &[String], is_tried: bool) -> Outcome {
    let has = |name: &str| granted.iter().any(|role| role == name);
    let missing: Vec<&str> = needed
        .iter()
        .filter(|one| one.given == Given::Entra && !one.is_optional && !has(one.permission.name()))
        .map(|one| one.permission.name())
        .collect();
    if !missing.is_empty() {
        return Outcome::failed(
            format!("not granted: {}", missing.join(", ")),
            "An administrator of the tenant adds it to the app registration as an application permission \
             and gives admin consent; it takes effect with the next token.",
        )
        .link(CONSENT);
    }
    let idle: Vec<&str> = granted
        .iter()
        .map(String::as_str)
        .filter(|role| !needed.iter().any(|one| one.permission.name() == *role))
        .collect();
    if !idle.is_empty() {
        return Outcome::warning(
            format!("granted, and not needed: {}", idle.join(", ")),
            "Take them off the app registration and withdraw the consent: what is not granted can't be \
             misused.",
        )
        .link(CONSENT);
    }
    let too_wide: Vec<&NeededPermission> =
        needed.iter().filter(|one| one.given == Given::Exchange && has(one.permission.name())).collect();
    if let (Some(widest), false) = (too_wide.first(), is_tried) {
        let names: Vec<&str> = too_wide.iter().map(|one| one.permission.name()).collect();
        return Outcome::warning(
            format!(
                "{} in Entra's consent reaches everybody; only named mailboxes are read",
                names.join(", ")
            ),
            format!(
                "Have Exchange grant the role `{}` on those mailboxes, then withdraw Entra's consent; or \
                 name in doctor.outside a mailbox that a policy of yours closes, and it is tried.",
                widest.permission.exchange_role().unwrap_or_default()
            ),
        )
        .link(RBAC);
    }
    let optional: Vec<&str> = needed
        .iter()
        .filter(|one| one.is_optional && one.given == Given::Entra && !has(one.permission.name()))
        .map(|one| one.permission.name())
        .collect();
    let names: Vec<&str> = granted.iter().map(String::as_str).collect();
    let mut seen = match names.as_slice() {
        [] => "none by Entra".to_owned(),
        names => format!("{} by Entra", names.join(", ")),
    };
    if !optional.is_empty() {
        seen.push_str(&format!("; without {}, which is optional", optional.join(", ")));
    }
    Outcome::ok(format!("{seen}; what Exchange grants shows when a mailbox is read"))
}

#[cfg(test)]
#[path = "permissions_tests.rs"]
mod tests;
