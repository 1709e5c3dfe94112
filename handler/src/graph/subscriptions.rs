//! Subscriptions on mailboxes' events (reference/graph-notifications.md#subscriptions).

use super::classify::About;
use super::client::{HttpGraph, invalid, parse};
use super::error::GraphError;
use super::json::{instant, text};
use super::request::{Lane, Request, encode};
use crate::graph::port::{NewSubscription, Subscription, SubscriptionPage};
use crate::ids::SubscriptionId;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

pub(super) async fn create(graph: &HttpGraph, wanted: &NewSubscription) -> Result<Subscription, GraphError> {
    let resource = format!("users/{}/events", wanted.mailbox.as_str());
    let body = json!({
        "changeType": "created,updated,deleted",
        "resource": resource,
        "notificationUrl": wanted.notification_url,
        "lifecycleNotificationUrl": wanted.notification_url,
        "expirationDateTime": written(wanted.expires),
        "clientState": wanted.client_state,
        "latestSupportedTlsVersion": "v1_2",
    });
    // Not repeatable: where nobody knows whether it was made, a second one would double every notification.
    let request = Request {
        body: Some(body),
        repeatable: false,
        ..Request::new("POST", "/subscriptions".to_owned(), About::NewSubscription, Lane::Subscriptions)
    };
    let made = graph.get(request).await?;
    read(&made, Some((&resource, wanted.expires))).ok_or_else(|| invalid("subscriptionWithoutId"))
}

pub(super) async fn renew(
    graph: &HttpGraph,
    id: &SubscriptionId,
    expires: DateTime<Utc>,
) -> Result<Subscription, GraphError> {
    let request = Request { body: Some(json!({"expirationDateTime": written(expires)})), ..on(id, "PATCH") };
    let renewed = match graph.call(request).await? {
        Some(body) => parse(Some(body))?,
        None => Value::Null,
    };
    Ok(read(&renewed, Some(("", expires))).unwrap_or_else(|| Subscription {
        id: id.clone(),
        resource: String::new(),
        notification_url: None,
        expires,
    }))
}

pub(super) async fn delete(graph: &HttpGraph, id: &SubscriptionId) -> Result<(), GraphError> {
    match graph.call(on(id, "DELETE")).await {
        Ok(_) | Err(GraphError::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// One page. The list takes no OData options but a next link's own.
pub(super) async fn page(graph: &HttpGraph, from: Option<&str>) -> Result<SubscriptionPage, GraphError> {
    let path = from.unwrap_or("/subscriptions").to_owned();
    let request = Request::new("GET", path, About::Subscription, Lane::Subscriptions);
    let mut listed = Vec::new();
    let next = graph.page(request, &|value: &Value| read(value, None), &mut |one| listed.push(one)).await?;
    Ok(SubscriptionPage { listed, next })
}

fn on(id: &SubscriptionId, method: &'static str) -> Request {
    let path = format!("/subscriptions/{}", encode(id.as_str()));
    Request::new(method, path, About::Subscription, Lane::Subscriptions)
}

fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `asked`: what was asked for, where the answer does not repeat it. Without it an unreadable expiry reads as
/// long past, so that the subscription is renewed rather than trusted. `None`: it has no id.
fn read(value: &Value, asked: Option<(&str, DateTime<Utc>)>) -> Option<Subscription> {
    let (resource, expires) = asked.unwrap_or(("", DateTime::UNIX_EPOCH));
    Some(Subscription {
        id: SubscriptionId::new(text(value, "id")?),
        resource: text(value, "resource").unwrap_or_else(|| resource.to_owned()),
        notification_url: text(value, "notificationUrl"),
        expires: instant(value, "expirationDateTime").unwrap_or(expires),
    })
}
