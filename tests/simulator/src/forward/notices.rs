//! The way of a notice to our endpoint: lost, late, doubled, tried again for four hours, and given up
//! (handler/reference/graph-notifications.md#delivery).

use super::Forward;
use super::book::{Entry, Told};
use super::registry::{Absent, Subscription};
use crate::disorder::Fate;
use crate::world::item::stamp;
use crate::world::{Change, ChangeKind};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const FIRST_BACK_OFF: Duration = Duration::from_secs(10);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(20 * 60);
const GIVE_UP: Duration = Duration::from_secs(4 * 60 * 60);
/// How often it is looked whether an authorization has been renewed.
const PAUSE: Duration = Duration::from_secs(60);
/// How often expiries are looked at.
const TICK: Duration = Duration::from_secs(60);
/// `missed` is told for a subscription once in so many minutes.
const MISSED: chrono::Duration = chrono::Duration::minutes(10);

enum Way {
    Taken,
    GivenUp,
    GraphDown,
    /// There is no such subscription any more.
    Ended,
}

impl Forward {
    /// Tells whoever subscribed, if Graph does.
    pub(super) fn tell(&self, change: &Change) {
        let (now, options) = (self.now(), &self.0.options);
        // Drawn in any case, so that the next change's draw does not depend on who subscribes when.
        let draw = self.0.draws.lock().next(change.user);
        let (subscribers, absent) = {
            let registry = self.0.registry.lock();
            (registry.of(change.user, now), registry.absent(change.user))
        };
        let weather = &options.weather;
        let fate = draw.fate(&options.disorder, &options.notification_copies, &options.notification_delay);
        let (told, delays) = match fate {
            _ if subscribers.is_empty() => (Told::Unsubscribed(absent), Vec::new()),
            _ if weather.is_graph_down(now) => (Told::GraphDown, Vec::new()),
            _ if weather.is_refused(change.user, now) => (Told::Refused, Vec::new()),
            _ if weather.is_silent(change.user, now) => (Told::Silent, Vec::new()),
            Fate::Lost => (Told::Lost, Vec::new()),
            Fate::Told(delays) => (Told::UnderWay, delays),
        };
        let entry = self.0.book.lock().note(&change.immutable, change.kind, told, now);
        let on_arrival = weather.moving_until(change.user, now).map(|until| until - now);
        let on_arrival = on_arrival.and_then(|wait| wait.to_std().ok()).unwrap_or_default();
        for subscription in subscribers {
            for (copy, delay) in delays.iter().enumerate() {
                let again = copy > 0 && change.kind == ChangeKind::Created;
                let kind = if again { ChangeKind::Updated } else { change.kind };
                let (world, entry) = (self.clone(), entry.clone());
                let (body, delay) =
                    (change_body(&subscription, change, kind, self.0.tenant), *delay + on_arrival);
                let subscription = subscription.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    world.carry(&subscription, &body, &entry).await;
                });
            }
        }
    }

    async fn carry(&self, subscription: &Subscription, body: &Value, entry: &Entry) {
        let way = self.deliver(body, Some(subscription.id)).await;
        let told = match way {
            Way::Taken => Told::Taken,
            Way::GivenUp => Told::GivenUp,
            Way::GraphDown => Told::GraphDown,
            Way::Ended => Told::Ended,
        };
        let now = self.now();
        self.0.book.lock().became(entry, told, now);
        if let Way::GivenUp = way {
            self.tell_missed(subscription);
        }
    }

    /// Tries for four hours. With a subscription: only as long as that stands, and not while its
    /// authorization has lapsed.
    async fn deliver(&self, body: &Value, of: Option<Uuid>) -> Way {
        let (mut waited, mut back_off) = (Duration::ZERO, FIRST_BACK_OFF);
        loop {
            let now = self.now();
            if self.weather().is_graph_down(now) {
                return Way::GraphDown;
            }
            let state = of.map(|id| self.0.registry.lock().get(id, now).map(|known| known.paused));
            let rest = match state {
                Some(None) => return Way::Ended,
                Some(Some(true)) => PAUSE,
                Some(Some(false)) | None if self.weather().is_endpoint_down(now) => back_off,
                Some(Some(false)) | None => match self.0.endpoint.get() {
                    Some(endpoint) if (200..300).contains(&endpoint.post(body.to_string()).await) => {
                        return Way::Taken;
                    }
                    Some(_) | None => back_off,
                },
            };
            if waited >= GIVE_UP {
                return Way::GivenUp;
            }
            if rest == back_off {
                back_off = (back_off * 2).min(LONGEST_BACK_OFF);
            }
            tokio::time::sleep(rest).await;
            waited += rest;
        }
    }

    fn tell_missed(&self, subscription: &Subscription) {
        let now = self.now();
        let is_news = {
            let mut book = self.0.book.lock();
            let told = book.missed.entry(subscription.user).or_default();
            told.last().is_none_or(|last| *last + MISSED <= now).then(|| told.push(now)).is_some()
        };
        if is_news {
            self.0.book.lock().counts.missed += 1;
            self.tell_lifecycle(subscription, "missed");
        }
    }

    fn tell_lifecycle(&self, subscription: &Subscription, event: &'static str) {
        let body = json!({
            "subscriptionId": subscription.id,
            "subscriptionExpirationDateTime": stamp(subscription.expires),
            "tenantId": self.0.tenant,
            "clientState": subscription.client_state,
            "lifecycleEvent": event,
        });
        let (world, user) = (self.clone(), subscription.user);
        tokio::spawn(async move {
            let way = world.deliver(&json!({ "value": [body] }), None).await;
            if let (Way::Taken, "missed") = (way, event) {
                let now = world.now();
                world.0.book.lock().missed_taken.entry(user).or_default().push(now);
            }
        });
    }

    /// Graph says that something was missed, whether it was or not.
    pub fn say_missed(&self, user: Uuid) {
        for subscription in self.0.registry.lock().of(user, self.now()) {
            self.tell_missed(&subscription);
        }
    }

    /// Graph wants a new authorization; meanwhile notices may wait.
    pub fn ask_reauthorization(&self, user: Uuid, pause: bool) {
        let now = self.now();
        let known = self.0.registry.lock().of(user, now);
        for subscription in known {
            self.0.registry.lock().edit(subscription.id, |known| known.paused |= pause);
            self.0.book.lock().counts.reauthorize += 1;
            self.tell_lifecycle(&subscription, "reauthorizationRequired");
        }
    }

    /// Graph loses the subscriptions of a mailbox: with a word (that may never arrive) or without.
    pub fn lose_subscriptions(&self, user: Uuid, with_a_word: bool) {
        let known = self.0.registry.lock().of(user, self.now());
        for subscription in known {
            let why = if with_a_word { Absent::Removed } else { Absent::Lost };
            self.0.registry.lock().remove(subscription.id, why);
            if with_a_word {
                self.0.book.lock().counts.removed += 1;
                self.tell_lifecycle(&subscription, "subscriptionRemoved");
            }
        }
    }

    /// Lets subscriptions run out, and warns before.
    pub(super) async fn tend_subscriptions(self) {
        loop {
            tokio::time::sleep(TICK).await;
            let now = self.now();
            let lapses = self.0.registry.lock().lapses(now);
            self.0.book.lock().ran_out.extend(lapses.ended.iter().map(|known| (known.user, known.expires)));
            if self.weather().is_graph_down(now) {
                continue;
            }
            for subscription in lapses.warned {
                self.0.book.lock().counts.reauthorize += 1;
                self.tell_lifecycle(&subscription, "reauthorizationRequired");
            }
            for subscription in lapses.ended {
                self.0.book.lock().counts.removed += 1;
                self.tell_lifecycle(&subscription, "subscriptionRemoved");
            }
        }
    }
}

fn change_body(subscription: &Subscription, change: &Change, kind: ChangeKind, tenant: Uuid) -> Value {
    let resource = format!("Users/{}/Events/{}", change.user, change.immutable);
    json!({ "value": [{
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": stamp(subscription.expires),
        "changeType": kind.as_str(),
        "resource": resource,
        "resourceData": { "@odata.type": "#Microsoft.Graph.Event", "@odata.id": resource,
        "id": change.immutable },
        "clientState": subscription.client_state,
        "tenantId": tenant,
    }]})
}
