//! The directory: users, and the users in a group and in the groups in it.

use super::auth::{Caller, find_user, not_found, open};
use super::call::{Answer, Call};
use super::events::{context, next_link};
use super::query::{self, Term, bad, number, only, select};
use crate::handle::World;
use crate::world::directory::User;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

const USER: &str = "microsoft.graph.user";
/// Shown without `$select`; nothing else is (handler/reference/graph-directory.md#people).
const DEFAULT: [&str; 11] = [
    "id",
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
];
const ALL: [&str; 18] = [
    "id",
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "proxyAddresses",
    "otherMails",
    "employeeId",
    "accountEnabled",
    "userType",
    "onPremisesExtensionAttributes",
    "createdDateTime",
];
const MOST: usize = 999;

/// `GET users/{user}`.
pub(crate) fn one(world: &World, caller: &Caller, call: &Call, name: &str) -> Result<Answer, Answer> {
    only(call, &["$select"])?;
    caller.needs(&["User.Read.All", "Directory.Read.All"])?;
    let names = select(call, USER, &ALL)?;
    let model = world.0.model.lock();
    let missing = || match Uuid::parse_str(name) {
        Ok(_) => not_found(name),
        Err(_) => Answer::error(
            404,
            "Request_ResourceNotFound",
            format!(
                "Resource '{name}' does not exist or one of its queried reference-property objects are not \
                 present."
            ),
        ),
    };
    let user = find_user(&model, caller, name).ok_or_else(missing)?;
    let mut body = render(user, names.as_deref());
    context(world, &mut body, "users/$entity");
    Ok(Answer::ok(body))
}

/// `GET users`.
pub(crate) fn list(world: &World, caller: &Caller, call: &Call) -> Result<Answer, Answer> {
    only(call, &["$select", "$top", "$filter", "$count", "$skiptoken"])?;
    caller.needs(&["User.Read.All", "Directory.Read.All"])?;
    let names = select(call, USER, &ALL)?;
    let wanted = call.option("$filter").map(query::filter).transpose()?;
    let model = world.0.model.lock();
    let users = model.tenant(caller.tenant).map(|tenant| tenant.users.as_slice()).unwrap_or_default();
    let mut found: Vec<&User> = Vec::new();
    for user in users {
        if wanted.as_deref().map_or(Ok(true), |sides| passes(user, sides))? {
            found.push(user);
        }
    }
    page(world, call, &found, names.as_deref(), "users")
}

/// `GET users/{user}/mailboxSettings/automaticRepliesSetting`, with a right of its own.
pub(crate) fn automatic_replies(
    world: &World,
    caller: &Caller,
    call: &Call,
    name: &str,
) -> Result<Answer, Answer> {
    only(call, &["$select"])?;
    let model = world.0.model.lock();
    let user = open(world, &model, caller, name)?;
    if caller.needs(&["MailboxSettings.Read", "MailboxSettings.ReadWrite"]).is_err() {
        let message = "Access is denied. Check credentials and try again.";
        return Err(Answer::error(403, "ErrorAccessDenied", message));
    }
    let (status, until) = match user.automatic_replies {
        None => ("disabled", None),
        Some(None) => ("alwaysEnabled", None),
        Some(until) => ("scheduled", until),
    };
    let now = world.now();
    let moment = |time: DateTime<Utc>| {
        json!({ "dateTime":
        time.format("%Y-%m-%dT%H:%M:%S.0000000").to_string(), "timeZone": "UTC" })
    };
    let mut body = json!({
        "status": status,
        "externalAudience": "all",
        "scheduledStartDateTime": moment(now),
        "scheduledEndDateTime": moment(until.unwrap_or(now)),
        "internalReplyMessage": "",
        "externalReplyMessage": "",
    });
    context(world, &mut body, &format!("users('{}')/mailboxSettings/automaticRepliesSetting", user.id));
    Ok(Answer::ok(body))
}

/// `GET users/{user}/mailboxSettings/timeZone` and `…/userPurpose`, with the same right.
pub(crate) fn one_setting(
    world: &World,
    caller: &Caller,
    call: &Call,
    name: &str,
    setting: &str,
) -> Result<Answer, Answer> {
    only(call, &[])?;
    let model = world.0.model.lock();
    let user = open(world, &model, caller, name)?;
    if caller.needs(&["MailboxSettings.Read", "MailboxSettings.ReadWrite"]).is_err() {
        let message = "Access is denied. Check credentials and try again.";
        return Err(Answer::error(403, "ErrorAccessDenied", message));
    }
    let value = if setting == "timeZone" { user.time_zone.as_str() } else { user.purpose };
    let mut body = json!({ "value": value });
    context(world, &mut body, &format!("users('{}')/mailboxSettings/{setting}", user.id));
    Ok(Answer::ok(body))
}

/// `GET groups/{group}/transitiveMembers/microsoft.graph.user`: an advanced query by its cast.
pub(crate) fn members(world: &World, caller: &Caller, call: &Call, group: &str) -> Result<Answer, Answer> {
    only(call, &["$select", "$top", "$count", "$skiptoken"])?;
    caller.needs(&["GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"])?;
    let eventual =
        call.header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"));
    if !eventual || call.option("$count") != Some("true") {
        let message = "Casting a collection of directory objects needs the header 'ConsistencyLevel: \
                       eventual' and $count=true.";
        return Err(Answer::error(400, "Request_UnsupportedQuery", message));
    }
    let names = select(call, USER, &ALL)?;
    let model = world.0.model.lock();
    let members =
        Uuid::parse_str(group).ok().and_then(|id| model.tenant(caller.tenant)?.transitive_users(id));
    let members = members.ok_or_else(|| not_found(group))?;
    // Without the right to read users, members are known by id alone.
    let bare = ["id".to_owned()];
    let names = if caller.reads_users() { names.as_deref() } else { Some(bare.as_slice()) };
    page(world, call, &members, names, "users")
}

fn passes(user: &User, sides: &[Vec<Term>]) -> Result<bool, Answer> {
    let mut any = false;
    for side in sides {
        let mut all = true;
        for term in side {
            let value = term.value.as_str();
            all &= match term.property.as_str() {
                "id" => user.id.to_string() == value,
                "mail" => user.mail.as_deref().is_some_and(|mail| mail.eq_ignore_ascii_case(value)),
                "userPrincipalName" => user.upn.eq_ignore_ascii_case(value),
                "employeeId" => user.employee_id.as_deref() == Some(value),
                "accountEnabled" => user.account_enabled.to_string() == value,
                "userType" => user_type(user) == value,
                "proxyAddresses" => {
                    user.proxy_addresses.iter().any(|proxy| proxy.eq_ignore_ascii_case(value))
                }
                other => return Err(bad(format!("Unsupported property '{other}' in $filter."))),
            };
        }
        any |= all;
    }
    Ok(any)
}

fn user_type(user: &User) -> &'static str {
    if user.is_guest { "Guest" } else { "Member" }
}

fn render(user: &User, names: Option<&[String]>) -> Value {
    let (given, surname) = user.display_name.split_once(' ').unwrap_or((&user.display_name, ""));
    let values = json!({
        "id": user.id,
        "businessPhones": [],
        "displayName": user.display_name,
        "givenName": given,
        "jobTitle": null,
        "mail": user.mail,
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
        "surname": surname,
        "userPrincipalName": user.upn,
        "proxyAddresses": user.proxy_addresses,
        "otherMails": [],
        "employeeId": user.employee_id,
        "accountEnabled": user.account_enabled,
        "userType": user_type(user),
        "onPremisesExtensionAttributes": user.extension_attributes,
        "createdDateTime": "2024-01-01T00:00:00Z",
    });
    let default: Vec<String> = DEFAULT.map(str::to_owned).into();
    query::keep(values.as_object().cloned().unwrap_or_default(), Some(names.unwrap_or(&default)), &[])
}

fn page(
    world: &World,
    call: &Call,
    users: &[&User],
    names: Option<&[String]>,
    of: &str,
) -> Result<Answer, Answer> {
    let size = number(call, "$top", MOST)?.unwrap_or(world.0.options.page).max(1);
    let from = match call.option("$skiptoken") {
        None => 0,
        Some(token) => token
            .strip_prefix("RFNwdAIAAQ-")
            .and_then(|n| n.parse().ok())
            .ok_or_else(|| bad("The $skiptoken is not valid."))?,
    };
    let values: Vec<Value> = users.iter().skip(from).take(size).map(|user| render(user, names)).collect();
    let mut body = json!({ "value": values });
    context(world, &mut body, of);
    if let Some(map) = body.as_object_mut() {
        if from + size < users.len() {
            let token = format!("RFNwdAIAAQ-{}", from + size);
            map.insert("@odata.nextLink".to_owned(), json!(next_link(world, call, "$skiptoken", &token)));
        }
        if call.option("$count") == Some("true") && from == 0 {
            map.insert("@odata.count".to_owned(), json!(users.len()));
        }
    }
    Ok(Answer::ok(body))
}
