//! Tells people of alerts, each minute beside `dispatch-due`, which runs once in the whole app.
//!
//! Guarantees: nothing is lost while a channel is down, or by a kill: what is to be told follows from the
//! ledger each time anew, and counts as told only when a channel has taken it; a message is written before it
//! is sent, so that one that may have arrived is tried again as it was, with its id, and any other is
//! gathered anew with what came meanwhile; the first channel that takes it is the only one; it fails nobody,
//! and ends within its budget.

use crate::config::AlertRoute;
use crate::ids::TenantName;
use crate::jobs::alerts::{compose, news, pace, plan};
use crate::jobs::context::AppContext;
use crate::ledger::alert_changes::{self, Told};
use crate::ledger::alert_kind::AlertKind;
use crate::ledger::alert_outbox::{self, Asked, Outbox, Outgoing, ReadOutbox, Taken};
use crate::ledger::alerts;
use crate::notify::{self, ANSWER};
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};
use futures::future::join_all;
use std::collections::BTreeSet;
use tokio::time::Instant;
use uuid::Uuid;

/// All of it: less than `dispatch-due` has, beside which it runs.
const BUDGET: std::time::Duration = std::time::Duration::from_secs(30);

/// Who are told, side by side.
const ROUTES_AT_ONCE: usize = 8;

/// After so many tries of which nobody knows what came, another channel is used beside that one.
const UNKNOWN: u32 = 3;

/// After so many of them the message is gathered anew with what came since: who has it is told twice.
const ROUNDS: u32 = 8;

/// The longest wait before it is tried again.
const LONGEST_WAIT: Duration = Duration::minutes(15);

/// An open alert of these says that mail through the tenant's Graph is likely to be lost.
const LOST: [AlertKind; 3] = [AlertKind::GraphAway, AlertKind::GraphCredential, AlertKind::GraphUnauthorized];

pub async fn deliver(app: &AppContext) {
    if app.alerts.routes.is_off() {
        return;
    }
    let ends = Instant::now() + BUDGET;
    let own = app.alerts.routes.tenants.iter().map(|(name, route)| (Some(name), route));
    let all = std::iter::once((None, &app.alerts.routes.default)).chain(own);
    let all: Vec<Delivery<'_>> = all
        .filter(|(_, route)| !route.channels.is_empty())
        .map(|(whose, route)| Delivery { app, whose, route, ends })
        .collect();
    for some in all.chunks(ROUTES_AT_ONCE) {
        join_all(some.iter().map(Delivery::told)).await;
    }
}

/// To one who is told.
struct Delivery<'a> {
    app: &'a AppContext,
    /// `None`: the deployment.
    whose: Option<&'a TenantName>,
    route: &'a AlertRoute,
    ends: Instant,
}

impl Delivery<'_> {
    async fn told(&self) {
        if let Err(trouble) = self.run().await {
            let route = self.whose.map_or("-", TenantName::as_str);
            tracing::warn!(route, %trouble, "alerts can't be told now; the next minute tries again");
        }
    }

    async fn run(&self) -> Result<(), StoreError> {
        let now = self.app.ledger.clock.now();
        let outbox = alert_outbox::read(&self.app.ledger, self.whose).await?;
        match &outbox.value.message {
            Some(message) if message.taken.is_some() => self.finish(outbox).await,
            Some(message) if message.due > now => Ok(()),
            Some(message) if message.may_be_taken() && message.unknown() < ROUNDS => {
                self.send(outbox, true, now).await
            }
            Some(_) | None => self.gather(outbox, now).await,
        }
    }

    /// Nobody has what was to be told: what is to be told by now is.
    async fn gather(&self, outbox: ReadOutbox, now: DateTime<Utc>) -> Result<(), StoreError> {
        let Outbox { message: before, pace, since } = outbox.value.clone();
        let Some(since) = since else {
            // Nobody was to be told before.
            let fresh = Outbox { since: Some(now), ..outbox.value.clone() };
            return match self.write(outbox, fresh).await? {
                Some(outbox) => Box::pin(self.gather(outbox, now)).await,
                None => Ok(()),
            };
        };
        let items = news::news(self.app, self.whose, self.route, Some(since), now).await;
        let since = Some(since);
        if items.is_empty() {
            if before.is_some() {
                self.write(outbox, Outbox { message: None, pace, since }).await?;
            }
            return Ok(());
        }
        // One that nobody took is paid for.
        let paid = match &before {
            Some(_) => pace,
            None => match pace::spend(pace, now) {
                Some(spent) => Some(spent),
                None => return Ok(()),
            },
        };
        let (tries, asked) = before.map(|before| (before.tries, before.asked)).unwrap_or_default();
        let asked = asked.into_iter().map(|(name, asked)| (name, Asked { unknown: 0, ..asked })).collect();
        let id = Uuid::new_v4().to_string();
        let message = Outgoing { id, made: now, items, sending: true, due: now, tries, asked, taken: None };
        match self.write(outbox, Outbox { message: Some(message), pace: paid, since }).await? {
            Some(outbox) => self.send(outbox, false, now).await,
            None => Ok(()),
        }
    }

    /// Through the channels in their order, until one takes it.
    async fn send(&self, outbox: ReadOutbox, again: bool, now: DateTime<Utc>) -> Result<(), StoreError> {
        let Some(mut message) = outbox.value.message.clone() else { return Ok(()) };
        let composed = compose::message(&message, &self.app.alerts.deployment);
        let mut is_first = true;
        for name in self.order().await? {
            if !is_first && Instant::now() + ANSWER > self.ends {
                break;
            }
            is_first = false;
            let Some(channel) = self.app.alerts.channels.get(&name) else { continue };
            let sent = channel.send(&composed, again).await;
            match sent.taken {
                notify::Taken::Yes => {
                    tracing::info!(
                        channel = name,
                        alerts = message.items.len(),
                        message = message.id,
                        "told"
                    );
                    message.taken = Some(Taken { by: name, at: now });
                    break;
                }
                notify::Taken::No => {
                    tracing::warn!(channel = name, message = message.id, why = sent.seen, "not told");
                    message.asked.insert(name, Asked { at: now, why: sent.seen, unknown: 0 });
                }
                notify::Taken::Unknown => {
                    tracing::warn!(channel = name, message = message.id, why = sent.seen, "perhaps told");
                    let before = message.asked.get(&name).map_or(0, |asked| asked.unknown);
                    message.asked.insert(name, Asked { at: now, why: sent.seen, unknown: before + 1 });
                    // The same again may find out; another would tell it twice.
                    if before + 1 < UNKNOWN {
                        break;
                    }
                }
            }
        }
        message.sending = false;
        if message.taken.is_none() {
            let (first, most) = (self.app.timing.alert_retry.to_std(), LONGEST_WAIT.to_std());
            let wait = first.and_then(|first| Ok(crate::backoff::doubled(first, most?, message.tries)));
            let wait = wait.ok().and_then(|wait| Duration::from_std(wait).ok()).unwrap_or(LONGEST_WAIT);
            message.tries += 1;
            message.due = now + wait;
        }
        let Outbox { pace, since, .. } = outbox.value;
        match self.write(outbox, Outbox { message: Some(message), pace, since }).await? {
            Some(outbox) if outbox.value.message.as_ref().is_some_and(|message| message.taken.is_some()) => {
                self.finish(outbox).await
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What was told is written down, then the message goes.
    async fn finish(&self, outbox: ReadOutbox) -> Result<(), StoreError> {
        let Some(Outgoing { id, items, taken: Some(taken), .. }) = &outbox.value.message else {
            return Ok(());
        };
        let digest = self.route.digest;
        for item in items.iter().filter(|item| self.app.tenants.contains_key(&item.tenant)) {
            let (is_open, opened) = (item.is_open, item.opened);
            let told = Told { is_open, at: taken.at, opened, message: id.clone() };
            let lately = |lately| plan::after(item.news, lately, taken.at, digest);
            alert_changes::set_told(&self.app.ledger, &item.tenant, &item.kind, &told, lately).await?;
        }
        let Outbox { pace, since, .. } = outbox.value;
        self.write(outbox, Outbox { message: None, pace, since }).await.map(|_| ())
    }

    async fn write(&self, old: ReadOutbox, next: Outbox) -> Result<Option<ReadOutbox>, StoreError> {
        alert_outbox::write(&self.app.ledger, self.whose, old, next).await
    }

    /// The channels, those last that lead through a connection that is lost.
    async fn order(&self) -> Result<Vec<String>, StoreError> {
        let through = |name: &String| self.app.alerts.channels.get(name)?.through().cloned();
        let mut lost = BTreeSet::new();
        for tenant in self.route.channels.iter().filter_map(through).collect::<BTreeSet<_>>() {
            let open = alerts::open(&self.app.ledger, &tenant).await?;
            if open.iter().any(|alert| LOST.contains(&alert.kind)) {
                lost.insert(tenant);
            }
        }
        let is_lost = |name: &&String| through(name).is_some_and(|tenant| lost.contains(&tenant));
        let (last, first): (Vec<&String>, Vec<&String>) = self.route.channels.iter().partition(is_lost);
        Ok(first.into_iter().chain(last).cloned().collect())
    }
}

#[cfg(test)]
#[path = "deliver_tests.rs"]
mod tests;
