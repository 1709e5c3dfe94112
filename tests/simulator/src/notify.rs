//! Change and lifecycle notifications: told late, in disorder, more than once or never, gathered into posts,
//! and tried again for four hours (handler/reference/graph-notifications.md#delivery).

use crate::disorder::{Fate, Spells};
use crate::faults::Fault;
use crate::graph::registry::Subscription;
use crate::handle::World;
use crate::state::Ticket;
use crate::world::item::stamp;
use crate::world::{Change, ChangeKind, Model};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// One item on its way to one URL.
#[derive(Debug)]
pub(crate) struct Parcel {
    subscription: Uuid,
    body: Value,
    lifecycle: bool,
    /// Given back while the parcel is held: then nothing is under way.
    pub(crate) ticket: Option<Ticket>,
}

/// Parcels that wait to be gathered into a post, by URL.
#[derive(Debug, Default)]
pub(crate) struct Outbox(BTreeMap<String, Vec<Parcel>>);

/// Items that arrive for the same URL within this real time share a post, whichever tenant they are of.
const GATHER: Duration = Duration::from_millis(10);
/// How often it is looked whether a burst may go, in real time: shorter than [`GATHER`], so that it shares
/// posts.
const HELD_LOOK: Duration = Duration::from_millis(5);
const FIRST_BACK_OFF: Duration = Duration::from_secs(10);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(20 * 60);
const TEN_MINUTES: Duration = Duration::from_secs(10 * 60);
const GIVE_UP: Duration = Duration::from_secs(4 * 60 * 60);
const ITEMS_IN_A_POST: usize = 100;

impl World {
    /// Tells every subscriber of the mailbox, after a while and perhaps more than once, or not at all.
    pub(crate) fn tell(&self, change: &Change) {
        let now = self.0.now();
        let options = &self.0.options;
        // Drawn in any case, so that the next change's draw does not depend on who subscribes when.
        let draw = self.0.draws.lock().next(change.user);
        let subscribers = self.0.registry.lock().subscribers(change.tenant, change.user, change.kind, now);
        if subscribers.is_empty() {
            return;
        }
        let fate = draw.fate(&options.disorder, &options.notification_copies, &options.notification_delay);
        let delays = match fate {
            Fate::Told(delays) if !self.is_dropped(change) => delays,
            Fate::Told(_) | Fate::Lost => {
                self.0.count(|counters| counters.notifications_dropped += subscribers.len() as u64);
                return;
            }
        };
        let held = self.is_held(change);
        for subscription in subscribers {
            if self.0.temper.lock().drops(&subscription.notification_url, subscription.id) {
                self.0.count(|counters| counters.notifications_dropped += 1);
                continue;
            }
            for (copy, delay) in delays.iter().enumerate() {
                // A creation is told as `created`, and again as `updated`
                // (handler/reference/graph-notifications.md#delivery).
                let kind = if copy > 0 && change.kind == ChangeKind::Created {
                    ChangeKind::Updated
                } else {
                    change.kind
                };
                if !subscription.kinds.contains(&kind) {
                    continue;
                }
                if copy > 0 {
                    self.0.count(|counters| counters.notifications_doubled += 1);
                }
                let body = change_body(&subscription, change, kind);
                if held {
                    self.hold_back(
                        change.clone(),
                        subscription.notification_url.clone(),
                        subscription.id,
                        body,
                    );
                } else {
                    let delay = self.0.scaled(*delay);
                    self.send_later(
                        subscription.notification_url.clone(),
                        subscription.id,
                        body,
                        false,
                        delay,
                    );
                }
            }
        }
    }

    /// Waits until nothing holds the mailbox's changes back any more; then all that waited goes out in the
    /// same moment.
    fn hold_back(&self, change: Change, url: String, subscription: Uuid, body: Value) {
        let world = self.clone();
        let parcel = Parcel { subscription, body, lifecycle: false, ticket: Some(Ticket::draw(&self.0)) };
        self.spawn(async move {
            while world.is_held(&change) {
                tokio::time::sleep(HELD_LOOK).await;
            }
            world.post(url, parcel);
        });
    }

    /// Sends a lifecycle event to where the subscription wants it; nowhere if it named no such URL.
    pub(crate) fn tell_lifecycle(&self, subscription: &Subscription, event: &str) {
        let Some(url) = subscription.lifecycle_url.clone() else { return };
        let body = json!({
            "subscriptionId": subscription.id,
            "subscriptionExpirationDateTime": stamp(subscription.expires),
            "tenantId": subscription.tenant,
            "clientState": subscription.client_state,
            "lifecycleEvent": event,
        });
        self.send_later(url, subscription.id, body, true, Duration::ZERO);
    }

    fn is_dropped(&self, change: &Change) -> bool {
        let model = self.0.model.lock();
        let dropped = |fault: &Fault| {
            let Fault::DropNotifications { mailbox } = fault else { return None };
            concerns(&model, change, mailbox.as_deref()).then_some(())
        };
        self.fault(dropped).is_some()
    }

    fn is_held(&self, change: &Change) -> bool {
        let model = self.0.model.lock();
        let held = |fault: &Fault| {
            let Fault::HoldNotifications { mailbox } = fault else { return false };
            concerns(&model, change, mailbox.as_deref())
        };
        self.0.faults.lock().is_in_force(held)
    }

    /// Plays the gaps and bursts of the options.
    pub(crate) fn begin_spells(&self) {
        let disorder = &self.0.options.disorder;
        if let Some(gaps) = &disorder.gaps {
            self.play(gaps, 0x6a95, |mailbox| Fault::DropNotifications { mailbox });
        }
        if let Some(bursts) = &disorder.bursts {
            self.play(bursts, 0xb125, |mailbox| Fault::HoldNotifications { mailbox });
        }
    }

    fn play(&self, spells: &Spells, salt: u64, fault: fn(Option<String>) -> Fault) {
        let upns: Vec<String> = {
            let model = self.0.model.lock();
            model.tenants.iter().flat_map(|tenant| &tenant.users).map(|user| user.upn.clone()).collect()
        };
        let (world, plan) = (self.clone(), spells.plan(self.0.options.seed ^ salt, upns.len()));
        self.spawn(async move {
            let began = tokio::time::Instant::now();
            for spell in plan {
                tokio::time::sleep_until(began + world.0.scaled(spell.at)).await;
                let mailbox = spell.mailbox.and_then(|index| upns.get(index)).cloned();
                world.inject_for(fault(mailbox), world.0.scaled(spell.lasting));
            }
        });
    }

    fn send_later(&self, url: String, subscription: Uuid, body: Value, lifecycle: bool, delay: Duration) {
        let world = self.clone();
        let parcel = Parcel { subscription, body, lifecycle, ticket: Some(Ticket::draw(&self.0)) };
        self.spawn(async move {
            tokio::time::sleep(delay).await;
            world.post(url, parcel);
        });
    }

    /// Puts a parcel into the next post to the URL, or aside while the subscription's authorization has
    /// lapsed.
    fn post(&self, url: String, parcel: Parcel) {
        let Some(parcel) = self.0.registry.lock().hold(parcel.subscription, parcel.lifecycle, &url, parcel)
        else {
            return;
        };
        let first = {
            let mut outbox = self.0.outbox.lock();
            let waiting = outbox.0.entry(url.clone()).or_default();
            waiting.push(parcel);
            waiting.len() == 1
        };
        if first {
            let world = self.clone();
            self.spawn(async move {
                tokio::time::sleep(GATHER).await;
                let mut waiting = world.0.outbox.lock().0.remove(&url).unwrap_or_default();
                while !waiting.is_empty() {
                    let rest = waiting.split_off(waiting.len().min(ITEMS_IN_A_POST));
                    let post = world.clone().deliver(url.clone(), std::mem::replace(&mut waiting, rest));
                    world.spawn(post);
                }
            });
        }
    }

    /// Sends what was held back.
    pub(crate) fn release(&self, held: Vec<(String, Parcel)>) {
        for (url, mut parcel) in held {
            parcel.ticket = Some(Ticket::draw(&self.0));
            self.post(url, parcel);
        }
    }

    /// One post, until it is taken or four hours are over; what is given up then surfaces as `missed`.
    async fn deliver(self, url: String, mut parcels: Vec<Parcel>) {
        let (mut waited, mut back_off) = (Duration::ZERO, FIRST_BACK_OFF);
        loop {
            let before = parcels.len();
            {
                let registry = self.0.registry.lock();
                parcels.retain(|parcel| parcel.lifecycle || registry.get(parcel.subscription).is_some());
            }
            let gone = (before - parcels.len()) as u64;
            let items: Vec<&Value> = parcels.iter().map(|parcel| &parcel.body).collect();
            self.0.count(|counters| counters.notifications_dropped += gone);
            if items.is_empty() {
                return;
            }
            if self.is_taken(&url, &json!({ "value": items })).await {
                self.0.count(|counters| counters.notifications_sent += parcels.len() as u64);
                return;
            }
            self.0.count(|counters| counters.notification_posts_failed += 1);
            if waited >= GIVE_UP {
                break;
            }
            tokio::time::sleep(self.0.scaled(back_off)).await;
            waited += back_off;
            back_off = (back_off * 2).min(LONGEST_BACK_OFF);
        }
        self.0.count(|counters| counters.notifications_dropped += parcels.len() as u64);
        self.tell_missed(
            parcels.iter().filter(|parcel| !parcel.lifecycle).map(|parcel| parcel.subscription).collect(),
        );
    }

    async fn is_taken(&self, url: &str, body: &Value) -> bool {
        let request = self.0.http.post(url).timeout(self.0.options.notification_timeout).json(body);
        let answer = request.send().await;
        let is_late = answer.as_ref().is_err_and(|error| error.is_timeout());
        let begun = self.0.temper.lock().note(url, is_late, Instant::now(), self.0.scaled(TEN_MINUTES));
        if let Some(lasting) = begun {
            self.shun(url.to_owned(), lasting);
        }
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Forgives the endpoint after a while, and tells what it missed.
    fn shun(&self, url: String, lasting: Duration) {
        let (world, ticket) = (self.clone(), Ticket::draw(&self.0));
        self.spawn(async move {
            tokio::time::sleep(lasting).await;
            let missed = world.0.temper.lock().forgive(&url);
            world.tell_missed(missed);
            drop(ticket);
        });
    }

    fn tell_missed(&self, subscriptions: BTreeSet<Uuid>) {
        for id in subscriptions {
            let subscription = self.0.registry.lock().get(id).cloned();
            if let Some(subscription) = subscription {
                self.tell_lifecycle(&subscription, "missed");
            }
        }
    }
}

/// Whether a change is in this mailbox, by any of its owner's addresses; without one it is.
fn concerns(model: &Model, change: &Change, mailbox: Option<&str>) -> bool {
    let user = model.tenant(change.tenant).and_then(|tenant| tenant.user(change.user));
    mailbox.is_none_or(|mailbox| user.is_some_and(|user| user.has_address(mailbox)))
}

/// The shape of a captured event notification: capital `Users/…/Events/…`, no `id` of its own.
fn change_body(subscription: &Subscription, change: &Change, kind: ChangeKind) -> Value {
    let id = if subscription.immutable_ids { &change.immutable } else { &change.mutable };
    let resource = format!("Users/{}/Events/{id}", change.user);
    let mut data = json!({
        "@odata.type": "#Microsoft.Graph.Event",
        "@odata.id": resource,
        "id": id,
    });
    if let (Some(etag), Some(data)) = (&change.etag, data.as_object_mut()) {
        data.insert("@odata.etag".to_owned(), json!(etag));
    }
    json!({
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime":
            subscription.expires.format("%Y-%m-%dT%H:%M:%S%.6f0+00:00").to_string(),
        "changeType": kind.as_str(),
        "resource": resource,
        "resourceData": data,
        "clientState": subscription.client_state,
        "tenantId": subscription.tenant,
    })
}
