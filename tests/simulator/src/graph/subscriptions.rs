//! Subscriptions: what may be created, renewed, listed and deleted, and the answers to what may not
//! (handler/reference/graph-notifications.md#subscription-errors).

use super::auth::{Caller, find_user, open};
use super::call::{Answer, Call, Prefer};
use super::events::{context, next_link};
use super::query::{bad, only};
use super::registry::Subscription;
use super::wish::Wish;
use crate::handle::World;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

fn extension(status: u16, inner: &str, reason: &str) -> Answer {
    Answer::error(
        status,
        "ExtensionError",
        format!("Operation: Create; Exception: [Status Code: {inner}; Reason: {reason}]"),
    )
}

fn gone() -> Answer {
    Answer::error(404, "ResourceNotFound", "The object was not found.")
}

/// `POST subscriptions`: checks the wish, then both URLs, and only then creates.
pub(crate) async fn create(world: &World, caller: &Caller, call: &Call) -> Result<Answer, Answer> {
    only(call, &[])?;
    let wish = Wish::read(call.body.as_ref(), &world.0.options.subscriptions)?;
    let expires = lifetime(world, wish.expires)?;
    let user = admitted(world, caller, &wish)?;
    world.handshake(&wish.notification_url).await?;
    if let Some(url) = &wish.lifecycle_url {
        world.handshake(url).await?;
    }
    let id = world.0.model.lock().mint.uuid();
    let subscription = Subscription {
        id,
        tenant: caller.tenant,
        user,
        app: caller.app,
        creator: caller.object_id,
        resource: wish.resource,
        change_type: wish.change_type,
        kinds: wish.kinds,
        notification_url: wish.notification_url,
        lifecycle_url: wish.lifecycle_url,
        client_state: wish.client_state,
        tls: wish.tls,
        created: world.0.now(),
        expires,
        immutable_ids: Prefer::of(call).immutable_ids,
        lapsed: false,
        warned: false,
    };
    let mut body = subscription.body(true);
    context(world, &mut body, "subscriptions/$entity");
    world.0.registry.lock().add(subscription);
    Ok(Answer::created(body))
}

/// Whether Exchange lets this app watch this mailbox, and has room for one more.
fn admitted(world: &World, caller: &Caller, wish: &Wish) -> Result<Uuid, Answer> {
    let user = {
        let model = world.0.model.lock();
        if find_user(&model, caller, &wish.user).is_none() {
            return Err(Answer::error(
                404,
                "ResourceNotFound",
                format!("Resource '{}' could not be discovered.", wish.user),
            ));
        }
        open(world, &model, caller, &wish.user).map(|user| user.id).map_err(|refusal| {
            match refusal.status {
                403 => extension(403, "Forbidden", "Forbidden"),
                404 => extension(404, "NotFound", "REST API is not yet supported for this mailbox."),
                _ => refusal,
            }
        })?
    };
    let registry = world.0.registry.lock();
    let there = registry.of_mailbox(caller.tenant, user);
    if there.len() >= world.0.options.subscriptions.per_mailbox {
        return Err(extension(403, "Forbidden", "Maximum number of subscriptions has been reached"));
    }
    let same = |known: &&Subscription| known.app == caller.app && known.change_type == wish.change_type;
    if world.0.options.subscriptions.conflict && there.iter().any(same) {
        return Err(extension(
            409,
            "Conflict",
            "A subscripton already exists. It must be deleted before a another can be made.",
        ));
    }
    Ok(user)
}

/// Refuses what is too far ahead or past, lifts what is too near.
fn lifetime(world: &World, wish: DateTime<Utc>) -> Result<DateTime<Utc>, Answer> {
    let (rules, now) = (&world.0.options.subscriptions, world.0.now());
    if wish <= now {
        return Err(bad("Subscription expiration must be in the future."));
    }
    if wish > now + Duration::minutes(rules.most) {
        let message = format!("Subscription expiration can only be {} minutes in the future.", rules.most);
        return Err(Answer::error(400, "ExtensionError", message));
    }
    let least = world.0.scaled(std::time::Duration::from_secs(rules.least.unsigned_abs() * 60));
    Ok(wish.max(now + Duration::from_std(least).unwrap_or_default()))
}

/// This app's own, in the tenant of the call.
fn own(world: &World, caller: &Caller, id: &str) -> Result<Subscription, Answer> {
    let registry = world.0.registry.lock();
    let found = Uuid::parse_str(id).ok().and_then(|id| registry.get(id).cloned());
    found.filter(|known| known.tenant == caller.tenant && known.app == caller.app).ok_or_else(gone)
}

/// `PATCH subscriptions/{id}`: the expiry, the notification URL (validated anew), the certificate; nothing
/// else.
pub(crate) async fn renew(world: &World, caller: &Caller, call: &Call, id: &str) -> Result<Answer, Answer> {
    only(call, &[])?;
    let known = own(world, caller, id)?;
    let body =
        call.body.as_ref().and_then(Value::as_object).ok_or_else(|| bad("A JSON object is wanted."))?;
    let may = ["expirationDateTime", "notificationUrl", "encryptionCertificate", "encryptionCertificateId"];
    if let Some(name) = body.keys().find(|name| !may.contains(&name.as_str())) {
        return Err(Answer::error(400, "InvalidRequest", format!("Property '{name}' can't be updated.")));
    }
    let expires = match body.get("expirationDateTime") {
        Some(value) => Some(lifetime(world, super::wish::time(value)?)?),
        None => None,
    };
    let url = body.get("notificationUrl").and_then(Value::as_str).map(str::to_owned);
    if let Some(url) = &url {
        super::wish::check_url(url, &world.0.options.subscriptions)?;
        world.handshake(url).await?;
    }
    let renewed = world.0.registry.lock().edit(known.id, |known| {
        if let Some(expires) = expires {
            known.expires = expires;
        }
        if let Some(url) = url {
            known.notification_url = url;
        }
        known.clone()
    });
    // It may have ended while the new URL was validated.
    let renewed = renewed.ok_or_else(gone)?;
    let held = world.0.registry.lock().reauthorize(renewed.id);
    world.release(held);
    let mut body = renewed.body(true);
    context(world, &mut body, "subscriptions/$entity");
    Ok(Answer::ok(body))
}

/// `POST subscriptions/{id}/reauthorize`: ends a lapse, does not extend.
pub(crate) fn reauthorize(world: &World, caller: &Caller, call: &Call, id: &str) -> Result<Answer, Answer> {
    only(call, &[])?;
    let known = own(world, caller, id)?;
    let held = world.0.registry.lock().reauthorize(known.id);
    world.release(held);
    Ok(Answer::no_content())
}

pub(crate) fn delete(world: &World, caller: &Caller, call: &Call, id: &str) -> Result<Answer, Answer> {
    only(call, &[])?;
    let known = own(world, caller, id)?;
    world.0.registry.lock().remove(known.id);
    Ok(Answer::no_content())
}

pub(crate) fn one(world: &World, caller: &Caller, call: &Call, id: &str) -> Result<Answer, Answer> {
    only(call, &[])?;
    let mut body = own(world, caller, id)?.body(false);
    context(world, &mut body, "subscriptions/$entity");
    Ok(Answer::ok(body))
}

/// `GET subscriptions`: no query options but the next link's own.
pub(crate) fn list(world: &World, caller: &Caller, call: &Call) -> Result<Answer, Answer> {
    only(call, &["$skiptoken"])?;
    let from: usize = call
        .option("$skiptoken")
        .map_or(Ok(0), str::parse)
        .map_err(|_| bad("The $skiptoken is not valid."))?;
    let registry = world.0.registry.lock();
    let all = registry.of_app(caller.tenant, caller.app);
    let size = world.0.options.subscriptions.page.max(1);
    let shown: Vec<Value> = all.iter().skip(from).take(size).map(|known| known.body(false)).collect();
    let mut body = json!({ "value": shown });
    context(world, &mut body, "subscriptions");
    if let (true, Some(map)) = (from + size < all.len(), body.as_object_mut()) {
        let next = next_link(world, call, "$skiptoken", &(from + size).to_string());
        map.insert("@odata.nextLink".to_owned(), json!(next));
    }
    Ok(Answer::ok(body))
}
