//! People in the directory (reference/graph-directory.md#people).

use super::classify::About;
use super::client::{HttpGraph, invalid};
use super::error::GraphError;
use super::json::{flag, text};
use super::request::{Lane, Request, encode, literal, user_path};
use crate::graph::port::{User, UserSink};
use crate::ids::{Address, UserId};
use serde_json::Value;
use std::collections::BTreeMap;

/// None of these but the first three is among the default properties.
const SELECT: &str = "$select=id,mail,userPrincipalName,proxyAddresses,employeeId,accountEnabled,userType,onPremisesExtensionAttributes";
/// The most that the directory gives on one page.
pub(crate) const PAGE: u32 = 999;
/// Enough to find one who has a mailbox.
const FEW: u32 = 10;

pub(super) async fn one(graph: &HttpGraph, id_or_upn: &str) -> Result<Option<User>, GraphError> {
    match graph.get(request(format!("{}?{SELECT}", user_path(id_or_upn)))).await {
        Ok(found) => user(&found).map(Some).ok_or_else(|| invalid("userWithoutId")),
        Err(GraphError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// By the UPN first, which is the address nearly always; then by `mail`, then among the aliases
/// (reference/graph-directory.md#finding-people). A name of Exchange's own stands among the aliases only.
pub(super) async fn by_address(graph: &HttpGraph, address: &Address) -> Result<Option<User>, GraphError> {
    if address.is_exchange_name() {
        let proxy = |kind: &str| {
            format!("proxyAddresses/any(p:p eq {})", literal(&format!("{kind}:{}", address.as_str())))
        };
        return found(graph, &format!("{} or {}", proxy("X500"), proxy("x500"))).await;
    }
    if !address.is_smtp() {
        return Ok(None);
    }
    if let Some(found) = one(graph, address.as_str()).await? {
        return Ok(Some(found));
    }
    let mail = format!("mail eq {}", literal(address.as_str()));
    let alias = format!("proxyAddresses/any(p:p eq {})", literal(&format!("smtp:{}", address.as_str())));
    for filter in [mail, alias] {
        if let Some(found) = found(graph, &filter).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

async fn found(graph: &HttpGraph, filter: &str) -> Result<Option<User>, GraphError> {
    let path = format!("/users?$filter={}&$top=2&{SELECT}", encode(filter));
    Ok(graph.pages(request(path), user).await?.into_iter().next())
}

pub(super) async fn members(
    graph: &HttpGraph,
    group: &str,
    see: &mut UserSink<'_>,
) -> Result<(), GraphError> {
    let group = encode(group);
    let path =
        format!("/groups/{group}/transitiveMembers/microsoft.graph.user?$count=true&$top={PAGE}&{SELECT}");
    graph.each(Request { eventual: true, ..request(path) }, user, see).await
}

/// Some of them, without going through all: of a group, or of the directory.
pub(super) async fn some(graph: &HttpGraph, group: Option<&str>) -> Result<Vec<User>, GraphError> {
    let (path, eventual) = match group {
        Some(group) => {
            let of = format!("/groups/{}/transitiveMembers/microsoft.graph.user", encode(group));
            (format!("{of}?$count=true&$top={FEW}&{SELECT}"), true)
        }
        None => (format!("/users?$top={FEW}&{SELECT}"), false),
    };
    let mut found = Vec::new();
    graph.page(Request { eventual, ..request(path) }, &user, &mut |one| found.push(one)).await?;
    Ok(found)
}

pub(super) async fn all(graph: &HttpGraph, see: &mut UserSink<'_>) -> Result<(), GraphError> {
    graph.each(request(format!("/users?$top={PAGE}&{SELECT}")), user, see).await
}

fn request(path: String) -> Request {
    Request::new("GET", path, About::Directory, Lane::Directory)
}

/// `None`: it has no id.
fn user(value: &Value) -> Option<User> {
    let id = UserId::new(text(value, "id")?.to_lowercase());
    let user_principal_name = text(value, "userPrincipalName");
    let mail = text(value, "mail");
    let is_guest = match text(value, "userType") {
        Some(kind) => kind.eq_ignore_ascii_case("Guest"),
        None => user_principal_name.as_ref().is_some_and(|name| name.to_uppercase().contains("#EXT#")),
    };
    let proxies = value.get("proxyAddresses").and_then(Value::as_array);
    let proxies: Vec<&str> = proxies.into_iter().flatten().filter_map(Value::as_str).collect();
    let exchange_names =
        proxies.iter().filter_map(|proxy| of_kind(proxy, "x500")).map(Address::new).collect();
    let proxies = proxies.into_iter().filter_map(|proxy| of_kind(proxy, "smtp"));
    let mut addresses: Vec<Address> = Vec::new();
    for address in
        mail.as_deref().into_iter().chain(user_principal_name.as_deref()).chain(proxies).map(Address::new)
    {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    let attributes = value.get("onPremisesExtensionAttributes").and_then(Value::as_object);
    let extension_attributes: BTreeMap<String, String> = attributes
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| {
            Some((name.clone(), value.as_str().filter(|text| !text.is_empty())?.to_owned()))
        })
        .collect();
    Some(User {
        id,
        mail,
        addresses,
        exchange_names,
        employee_id: text(value, "employeeId"),
        // Absent where the permission shows few properties: not a sign that somebody was disabled.
        account_enabled: flag(value, "accountEnabled").unwrap_or(true),
        is_guest,
        extension_attributes,
        user_principal_name,
    })
}

/// The address in `SMTP:…`, `smtp:…` or `X500:…`, where it is of this kind.
fn of_kind<'a>(proxy: &'a str, kind: &str) -> Option<&'a str> {
    let (own, address) = proxy.split_once(':')?;
    own.eq_ignore_ascii_case(kind).then_some(address)
}

#[cfg(test)]
#[path = "users_tests.rs"]
mod tests;
