//! Who calls, what the app may do, and which mailbox is meant
//! (handler/reference/graph-directory.md#exchange-scope).

use super::call::Answer;
use crate::faults::Fault;
use crate::handle::World;
use crate::world::Model;
use crate::world::directory::{MailboxState, User};
use uuid::Uuid;

/// What a valid token says.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) tenant: Uuid,
    pub(crate) app: Uuid,
    pub(crate) object_id: Uuid,
    pub(crate) roles: Vec<String>,
}

impl Caller {
    fn has(&self, roles: &[&str]) -> bool {
        roles.iter().any(|role| self.roles.iter().any(|own| own == role))
    }

    /// 403 unless one of the roles was consented.
    pub(crate) fn needs(&self, roles: &[&str]) -> Result<(), Answer> {
        if self.has(roles) {
            return Ok(());
        }
        Err(Answer::error(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        ))
    }

    pub(crate) fn reads_users(&self) -> bool {
        self.has(&["User.Read.All", "Directory.Read.All"])
    }

    /// By Entra consent; RBAC for Applications does not show in a token.
    fn reads_calendars(&self) -> bool {
        self.has(&["Calendars.Read", "Calendars.ReadWrite"])
    }
}

impl World {
    /// The bearer of the token, or 401.
    pub(crate) fn authenticate(&self, authorization: Option<&str>) -> Result<Caller, Answer> {
        let refuse = |message: &str| Answer::error(401, "InvalidAuthenticationToken", message);
        let Some(token) = authorization.and_then(|value| value.strip_prefix("Bearer ")) else {
            return Err(refuse("Access token is empty."));
        };
        let broken = self.fault(|fault| (*fault == Fault::TokenBroken).then_some(()));
        let claims = self.0.token_key.read(token, self.0.graph_url()).map_err(refuse)?;
        if broken.is_some() || claims.exp <= self.0.now().timestamp() {
            return Err(refuse("Access token has expired or is not yet valid."));
        }
        Ok(Caller { tenant: claims.tid, app: claims.appid, object_id: claims.oid, roles: claims.roles })
    }

    pub(crate) fn mailbox_refused(&self, user: &User) -> bool {
        let hit = |fault: &Fault| {
            let Fault::MailboxRefused { mailbox } = fault else { return None };
            user.has_address(mailbox).then_some(())
        };
        self.fault(hit).is_some()
    }
}

/// A user of the caller's tenant by object id, UPN or (by the matrix) mail address.
pub(crate) fn find_user<'m>(model: &'m Model, caller: &Caller, name: &str) -> Option<&'m User> {
    let users = &model.tenant(caller.tenant)?.users;
    match Uuid::parse_str(name) {
        Ok(id) => users.iter().find(|user| user.id == id),
        Err(_) => users.iter().find(|user| {
            let mail = user.mail.as_deref().is_some_and(|mail| mail.eq_ignore_ascii_case(name));
            user.upn.eq_ignore_ascii_case(name) || (mail && model.matrix.mail_finds_user)
        }),
    }
}

/// Whose mailbox it is, if the app may look into it.
pub(crate) fn open<'m>(
    world: &World,
    model: &'m Model,
    caller: &Caller,
    name: &str,
) -> Result<&'m User, Answer> {
    if name == "me" {
        return Err(Answer::error(
            400,
            "BadRequest",
            "/me request is only valid with delegated authentication flow.",
        ));
    }
    let user = find_user(model, caller, name).ok_or_else(|| not_found(name))?;
    let denied =
        || Answer::error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
    let rbac = model.tenant(caller.tenant).is_some_and(|tenant| tenant.app.rbac_calendars);
    if !caller.reads_calendars() && !rbac || world.mailbox_refused(user) {
        return Err(denied());
    }
    let policy =
        "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.";
    let inactive = "The mailbox is either inactive, soft-deleted, or is hosted on-premise.";
    match user.mailbox_state {
        MailboxState::Active => Ok(user),
        MailboxState::NoMailbox => Err(Answer::error(404, "MailboxNotEnabledForRESTAPI", inactive)),
        MailboxState::OutOfScope => Err(denied()),
        MailboxState::Policy => Err(Answer::error(403, "ErrorAccessDenied", policy)),
    }
}

/// Whose mailbox it is, if the app may write in its calendar.
pub(crate) fn open_to_write<'m>(
    world: &World,
    model: &'m Model,
    caller: &Caller,
    name: &str,
) -> Result<&'m User, Answer> {
    let user = open(world, model, caller, name)?;
    let scope = model.tenant(caller.tenant).map(|tenant| &tenant.app.rbac_writes);
    let is_in_scope = scope.is_some_and(|scope| scope.iter().any(|address| user.has_address(address)));
    if is_in_scope || caller.has(&["Calendars.ReadWrite"]) {
        return Ok(user);
    }
    Err(Answer::error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."))
}

/// No such user: ids and addresses are answered differently.
pub(crate) fn not_found(name: &str) -> Answer {
    if Uuid::parse_str(name).is_err() && name.contains('@') {
        return Answer::error(404, "ErrorInvalidUser", format!("The requested user '{name}' is invalid."));
    }
    let message = format!(
        "Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    );
    Answer::error(404, "Request_ResourceNotFound", message)
}
