//! The subscriptions of all apps, and what is held back while an authorization has lapsed.

use crate::notify::Parcel;
use crate::world::ChangeKind;
use crate::world::item::stamp;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) id: Uuid,
    pub(crate) tenant: Uuid,
    pub(crate) user: Uuid,
    pub(crate) app: Uuid,
    pub(crate) creator: Uuid,
    pub(crate) resource: String,
    pub(crate) change_type: String,
    pub(crate) kinds: Vec<ChangeKind>,
    pub(crate) notification_url: String,
    pub(crate) lifecycle_url: Option<String>,
    pub(crate) client_state: Option<String>,
    pub(crate) tls: Option<String>,
    pub(crate) created: DateTime<Utc>,
    pub(crate) expires: DateTime<Utc>,
    /// `Prefer: IdType="ImmutableId"` was sent on create; it can't be changed later.
    pub(crate) immutable_ids: bool,
    /// Deliveries pause until the subscription is reauthorized.
    pub(crate) lapsed: bool,
    /// `reauthorizationRequired` was sent for the present expiry.
    pub(crate) warned: bool,
}

impl Subscription {
    /// As `POST` and `PATCH` show it; listings hide `clientState`
    /// (handler/reference/graph-notifications.md#subscriptions).
    pub(crate) fn body(&self, with_state: bool) -> Value {
        json!({
            "id": self.id,
            "resource": self.resource,
            "applicationId": self.app,
            "changeType": self.change_type,
            "clientState": if with_state { self.client_state.as_deref() } else { None },
            "notificationUrl": self.notification_url,
            "notificationQueryOptions": null,
            "lifecycleNotificationUrl": self.lifecycle_url,
            "expirationDateTime": stamp(self.expires),
            "creatorId": self.creator,
            "includeResourceData": null,
            "latestSupportedTlsVersion": self.tls.as_deref().unwrap_or("v1_2"),
            "encryptionCertificate": null,
            "encryptionCertificateId": null,
            "notificationUrlAppId": null,
        })
    }

    /// A quarter of an hour before the end, or in the last quarter of a short life.
    fn warns_at(&self) -> DateTime<Utc> {
        self.expires - Duration::minutes(15).min((self.expires - self.created) / 4)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Registry {
    all: Vec<Subscription>,
    held: Vec<(String, Parcel, Uuid)>,
}

/// What the passing of time did to the subscriptions.
#[derive(Debug, Default)]
pub(crate) struct Lapses {
    pub(crate) removed: Vec<Subscription>,
    pub(crate) warned: Vec<Subscription>,
}

impl Registry {
    pub(crate) fn add(&mut self, subscription: Subscription) {
        self.all.push(subscription);
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Subscription> {
        self.all.iter().find(|known| known.id == id)
    }

    pub(crate) fn of_app(&self, tenant: Uuid, app: Uuid) -> Vec<&Subscription> {
        self.all.iter().filter(|known| known.tenant == tenant && known.app == app).collect()
    }

    pub(crate) fn of_mailbox(&self, tenant: Uuid, user: Uuid) -> Vec<&Subscription> {
        self.all.iter().filter(|known| known.tenant == tenant && known.user == user).collect()
    }

    pub(crate) fn all(&self) -> &[Subscription] {
        &self.all
    }

    pub(crate) fn edit<T>(&mut self, id: Uuid, change: impl FnOnce(&mut Subscription) -> T) -> Option<T> {
        self.all.iter_mut().find(|known| known.id == id).map(change)
    }

    pub(crate) fn remove(&mut self, id: Uuid) -> Option<Subscription> {
        self.held.retain(|(_, _, held)| *held != id);
        let place = self.all.iter().position(|known| known.id == id)?;
        Some(self.all.remove(place))
    }

    pub(crate) fn subscribers(
        &self,
        tenant: Uuid,
        user: Uuid,
        kind: ChangeKind,
        now: DateTime<Utc>,
    ) -> Vec<Subscription> {
        let wants = |known: &&Subscription| {
            known.tenant == tenant && known.user == user && known.kinds.contains(&kind) && known.expires > now
        };
        self.all.iter().filter(wants).cloned().collect()
    }

    /// Gives the parcel back unless it must wait for reauthorization; lifecycle events never wait.
    pub(crate) fn hold(
        &mut self,
        id: Uuid,
        lifecycle: bool,
        url: &str,
        mut parcel: Parcel,
    ) -> Option<Parcel> {
        if !lifecycle && self.get(id).is_some_and(|known| known.lapsed) {
            parcel.ticket = None;
            self.held.push((url.to_owned(), parcel, id));
            return None;
        }
        Some(parcel)
    }

    /// Ends a lapse and hands out what was held back.
    pub(crate) fn reauthorize(&mut self, id: Uuid) -> Vec<(String, Parcel)> {
        self.edit(id, |known| {
            known.lapsed = false;
            known.warned = false;
        });
        let (out, kept) = std::mem::take(&mut self.held).into_iter().partition(|(_, _, held)| *held == id);
        self.held = kept;
        let out: Vec<(String, Parcel, Uuid)> = out;
        out.into_iter().map(|(url, parcel, _)| (url, parcel)).collect()
    }

    /// Removes what has expired, and finds what is about to.
    pub(crate) fn lapses(&mut self, now: DateTime<Utc>) -> Lapses {
        let ended: Vec<Uuid> =
            self.all.iter().filter(|known| known.expires <= now).map(|known| known.id).collect();
        let removed = ended.into_iter().filter_map(|id| self.remove(id)).collect();
        let due = self.all.iter_mut().filter(|known| !known.warned && known.warns_at() <= now);
        let warned = due.map(|known| {
            known.warned = true;
            known.clone()
        });
        Lapses { warned: warned.collect(), removed }
    }
}
