//! The body of `POST subscriptions`, field by field (handler/reference/graph-notifications.md#subscriptions).

use super::call::Answer;
use super::query::bad;
use crate::options::SubscriptionRules;
use crate::world::ChangeKind;
use chrono::{DateTime, Utc};
use serde_json::Value;

#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) change_type: String,
    pub(crate) kinds: Vec<ChangeKind>,
    pub(crate) resource: String,
    /// The user named in the resource.
    pub(crate) user: String,
    pub(crate) notification_url: String,
    pub(crate) lifecycle_url: Option<String>,
    pub(crate) expires: DateTime<Utc>,
    pub(crate) client_state: Option<String>,
    pub(crate) tls: Option<String>,
}

const MOST_CLIENT_STATE: usize = 128;

impl Wish {
    pub(crate) fn read(body: Option<&Value>, rules: &SubscriptionRules) -> Result<Self, Answer> {
        let body =
            body.and_then(Value::as_object).ok_or_else(|| bad("Empty Payload. JSON content expected."))?;
        let known = [
            "changeType",
            "resource",
            "notificationUrl",
            "lifecycleNotificationUrl",
            "expirationDateTime",
            "clientState",
            "latestSupportedTlsVersion",
        ];
        if let Some(name) = body.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(bad(format!(
                "The property '{name}' does not exist on type 'microsoft.graph.subscription' or is not \
                 supported here."
            )));
        }
        let text = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_str()
                .map(|text| Some(text.to_owned()))
                .ok_or_else(|| bad(format!("'{name}' must be a string."))),
        };
        let required = |name: &str| {
            text(name)?.filter(|text| !text.is_empty()).ok_or_else(|| {
                Answer::error(
                    400,
                    "InvalidRequest",
                    format!("{name} is a required property for subscription creation."),
                )
            })
        };
        let change_type = required("changeType")?;
        let resource = required("resource")?;
        let notification_url = required("notificationUrl")?;
        required("expirationDateTime")?;
        let lifecycle_url = text("lifecycleNotificationUrl")?;
        let client_state = text("clientState")?;
        if client_state.as_ref().is_some_and(|state| state.chars().count() > MOST_CLIENT_STATE) {
            return Err(bad(format!("clientState may have {MOST_CLIENT_STATE} characters at most.")));
        }
        for url in std::iter::once(&notification_url).chain(&lifecycle_url) {
            check_url(url, rules)?;
        }
        let tls = text("latestSupportedTlsVersion")?;
        if tls.as_deref().is_some_and(|version| !["v1_0", "v1_1", "v1_2", "v1_3"].contains(&version)) {
            return Err(bad("latestSupportedTlsVersion must be one of v1_0, v1_1, v1_2, v1_3."));
        }
        let expires = time(body.get("expirationDateTime").unwrap_or(&Value::Null))?;
        let kinds = kinds(&change_type)?;
        let user = watched_user(&resource)?;
        Ok(Self {
            change_type,
            kinds,
            resource,
            user,
            notification_url,
            lifecycle_url,
            expires,
            client_state,
            tls,
        })
    }
}

fn kinds(text: &str) -> Result<Vec<ChangeKind>, Answer> {
    let kind = |name: &str| match name.trim() {
        "created" => Ok(ChangeKind::Created),
        "updated" => Ok(ChangeKind::Updated),
        "deleted" => Ok(ChangeKind::Deleted),
        other => Err(Answer::error(400, "InvalidRequest", format!("changeType '{other}' is not supported."))),
    };
    text.split(',').map(kind).collect()
}

/// `users/{id}/events` and nothing else: not `me` for an app, not a path with a query, not a UPN with an
/// apostrophe.
fn watched_user(resource: &str) -> Result<String, Answer> {
    let parts: Vec<&str> = resource.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        ["me", ..] => Err(Answer::error(
            400,
            "BadRequest",
            "/me request is only valid with delegated authentication flow.",
        )),
        [users, user, events]
            if users.eq_ignore_ascii_case("users")
                && events.eq_ignore_ascii_case("events")
                && !user.is_empty() =>
        {
            if user.contains('\'') {
                return Err(Answer::error(
                    400,
                    "InvalidRequest",
                    "The resource path holds an unescaped apostrophe.",
                ));
            }
            Ok((*user).to_owned())
        }
        _ => {
            Err(Answer::error(400, "InvalidRequest", format!("The resource '{resource}' is not supported.")))
        }
    }
}

pub(crate) fn check_url(text: &str, rules: &SubscriptionRules) -> Result<(), Answer> {
    let refuse = || {
        Answer::error(
            400,
            "InvalidRequest",
            format!("The notification URL '{text}' must be an absolute https URL."),
        )
    };
    let url = url::Url::parse(text).map_err(|_| refuse())?;
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
    let fine = url.scheme() == "https" || (url.scheme() == "http" && loopback && rules.allow_http_loopback);
    if fine { Ok(()) } else { Err(refuse()) }
}

/// A time in UTC or with an offset.
pub(crate) fn time(value: &Value) -> Result<DateTime<Utc>, Answer> {
    let parsed = value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    parsed
        .map(|time| time.with_timezone(&Utc))
        .ok_or_else(|| bad(format!("Invalid expirationDateTime '{value}'.")))
}

#[cfg(test)]
#[path = "wish_tests.rs"]
mod tests;
