//! The LMS: sessions, places, and a log of everything that a connector asked for.
//!
//! It keeps handler/reference/lms-contract.md#once from the receiver's side: a repeated `webhook-id` is the
//! same request and gets the same answer, and of one enrolment the highest generation and decision wins.

pub(crate) mod forward;
pub(crate) mod http;
pub mod push;
pub(crate) mod signature;

use crate::world::item::Slot;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use strum::IntoStaticStr;
use thiserror::Error;

/// A learner's place.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    pub enrolled: bool,
    pub since: DateTime<Utc>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub title: String,
    pub slot: Slot,
    /// By learner key.
    pub roster: BTreeMap<String, Place>,
}

/// One request that reached the LMS, and whether it changed anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    pub at: DateTime<Utc>,
    pub webhook_id: String,
    pub tenant: String,
    pub session: String,
    pub learner: String,
    pub generation: u32,
    pub decision: u32,
    pub attempt: u32,
    /// This very request ended an enrolment.
    pub took_effect: bool,
    /// The `webhook-id` had been answered before.
    pub repeat: bool,
    /// The `webhook-id` had come before with another content (all but `attempt` and `timestamp` count as
    /// content).
    pub altered: bool,
    /// What was answered, or would have been had the reply not been lost.
    pub outcome: String,
}

/// The body of handler/reference/lms-contract.md#request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(rename = "timestamp")]
    pub(crate) _timestamp: DateTime<Utc>,
    pub(crate) data: OrderData,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OrderData {
    pub(crate) id: String,
    pub(crate) tenant: String,
    pub(crate) session: String,
    pub(crate) learner: String,
    pub(crate) generation: u32,
    pub(crate) decision: u32,
    pub(crate) verdict: String,
    pub(crate) evidence: String,
    #[serde(rename = "declinedAt")]
    pub(crate) _declined_at: Option<DateTime<Utc>>,
    #[serde(rename = "sessionStart")]
    pub(crate) _session_start: Option<DateTime<Utc>>,
    pub(crate) attempt: u32,
}

/// What the LMS answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Outcome {
    Done,
    /// Taken, not yet done.
    Accepted,
    AlreadyCancelled,
    NotEnrolled,
    UnknownLearner,
    UnknownSession,
    TooLate,
    Refused,
}

impl Outcome {
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LmsError {
    #[error("the LMS has no session '{0}'")]
    NoSession(String),
    #[error("'{learner}' never had a place in session '{session}'")]
    NoPlace { session: String, learner: String },
}

#[derive(Debug, Default)]
pub struct Lms {
    sessions: BTreeMap<String, Session>,
    answered: BTreeMap<String, Outcome>,
    /// The highest generation and decision that was asked for, by session and learner.
    highest: BTreeMap<(String, String), (u32, u32)>,
    /// What came first under each `webhook-id`.
    contents: BTreeMap<String, OrderData>,
    effects: Vec<Effect>,
    /// Sessions of whose changes Regrets is told.
    told: BTreeSet<String>,
}

impl Lms {
    /// A session that exists already stays as it is.
    pub fn add_session(&mut self, id: &str, title: &str, slot: Slot) {
        let new = || Session { title: title.to_owned(), slot, roster: BTreeMap::new() };
        self.sessions.entry(id.to_owned()).or_insert_with(new);
    }

    pub fn enrol(&mut self, session: &str, learner: &str, now: DateTime<Utc>) -> Result<(), LmsError> {
        let known = self.sessions.get_mut(session).ok_or_else(|| LmsError::NoSession(session.to_owned()))?;
        known.roster.insert(learner.to_owned(), Place { enrolled: true, since: now });
        Ok(())
    }

    pub fn unenrol(&mut self, session: &str, learner: &str, now: DateTime<Utc>) -> Result<(), LmsError> {
        let known = self.sessions.get_mut(session).ok_or_else(|| LmsError::NoSession(session.to_owned()))?;
        let missing = || LmsError::NoPlace { session: session.to_owned(), learner: learner.to_owned() };
        *known.roster.get_mut(learner).ok_or_else(missing)? = Place { enrolled: false, since: now };
        Ok(())
    }

    pub fn is_enrolled(&self, session: &str, learner: &str) -> bool {
        self.sessions
            .get(session)
            .and_then(|known| known.roster.get(learner))
            .is_some_and(|place| place.enrolled)
    }

    fn session_mut(&mut self, id: &str) -> Result<&mut Session, LmsError> {
        self.sessions.get_mut(id).ok_or_else(|| LmsError::NoSession(id.to_owned()))
    }

    pub fn sessions(&self) -> &BTreeMap<String, Session> {
        &self.sessions
    }

    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// How often a cancellation took effect for this learner in this session, by the generation and decision
    /// that the order named.
    pub fn cancellations_by_decision(&self, session: &str, learner: &str) -> BTreeMap<(u32, u32), usize> {
        let mut counts = BTreeMap::new();
        let taken =
            |effect: &&Effect| effect.took_effect && effect.session == session && effect.learner == learner;
        for effect in self.effects.iter().filter(taken) {
            *counts.entry((effect.generation, effect.decision)).or_default() += 1;
        }
        counts
    }

    /// Takes the order without carrying it out, unless this `webhook-id` was answered before.
    pub(crate) fn accept(&mut self, webhook_id: &str, order: &OrderData, now: DateTime<Utc>) -> Outcome {
        if self.answered.contains_key(webhook_id) || self.is_overtaken(order) {
            return self.cancel(webhook_id, order, now);
        }
        self.remember(order);
        self.answered.insert(webhook_id.to_owned(), Outcome::Accepted);
        self.note(webhook_id, order, now, Outcome::Accepted.as_str(), false, false);
        Outcome::Accepted
    }

    /// Carries out what was accepted; whoever asks again is told so.
    pub(crate) fn finish(&mut self, webhook_id: &str, order: &OrderData, now: DateTime<Utc>) {
        if self.answered.get(webhook_id) != Some(&Outcome::Accepted) {
            // It was taken twice, and the other time was faster.
            return;
        }
        let outcome = self.end(order, now);
        self.answered.insert(webhook_id.to_owned(), outcome);
        let accepted =
            self.effects.iter_mut().find(|effect| effect.webhook_id == webhook_id && !effect.repeat);
        if let Some(effect) = accepted {
            effect.took_effect = outcome == Outcome::Done;
        }
    }

    /// Ends the enrolment, unless this `webhook-id` was answered before.
    pub(crate) fn cancel(&mut self, webhook_id: &str, order: &OrderData, now: DateTime<Utc>) -> Outcome {
        let known = self.answered.get(webhook_id).copied();
        let outcome = match known {
            Some(known) => known,
            // A later one was here before: nobody waits for this one.
            None if self.is_overtaken(order) => Outcome::Refused,
            None => {
                self.remember(order);
                self.end(order, now)
            }
        };
        self.answered.insert(webhook_id.to_owned(), outcome);
        self.note(
            webhook_id,
            order,
            now,
            outcome.as_str(),
            known.is_none() && outcome == Outcome::Done,
            known.is_some(),
        );
        outcome
    }

    /// Logs a request that a fault kept from having any effect.
    pub(crate) fn note_fault(
        &mut self,
        webhook_id: &str,
        order: &OrderData,
        now: DateTime<Utc>,
        fault: &str,
    ) {
        let repeat = self.answered.contains_key(webhook_id);
        self.note(webhook_id, order, now, fault, false, repeat);
    }

    /// Logs what a receiver that stands in this LMS's place has answered. Of a place that it says is gone the
    /// roster shows it.
    pub(crate) fn note_answer(
        &mut self,
        webhook_id: &str,
        order: &OrderData,
        now: DateTime<Utc>,
        outcome: &str,
    ) {
        let repeat = self.answered.contains_key(webhook_id);
        let is_done = outcome == Outcome::Done.as_str();
        // Asked again under the same id it may say again that it is done.
        let took_effect = is_done && self.answered.get(webhook_id) != Some(&Outcome::Done);
        self.answered.insert(webhook_id.to_owned(), if is_done { Outcome::Done } else { Outcome::Accepted });
        self.note(webhook_id, order, now, outcome, took_effect, repeat);
        let is_gone = is_done
            || [Outcome::AlreadyCancelled, Outcome::NotEnrolled].iter().any(|gone| outcome == gone.as_str());
        if is_gone && let Some(session) = self.sessions.get_mut(&order.session) {
            session.roster.insert(order.learner.clone(), Place { enrolled: false, since: now });
        }
    }

    fn note(
        &mut self,
        id: &str,
        order: &OrderData,
        at: DateTime<Utc>,
        outcome: &str,
        took_effect: bool,
        repeat: bool,
    ) {
        let content = OrderData { attempt: 0, ..order.clone() };
        let altered = *self.contents.entry(id.to_owned()).or_insert_with(|| content.clone()) != content;
        self.effects.push(Effect {
            at,
            webhook_id: id.to_owned(),
            tenant: order.tenant.clone(),
            session: order.session.clone(),
            learner: order.learner.clone(),
            generation: order.generation,
            decision: order.decision,
            attempt: order.attempt,
            took_effect,
            repeat,
            altered,
            outcome: outcome.to_owned(),
        });
    }

    fn is_overtaken(&self, order: &OrderData) -> bool {
        let place = (order.session.clone(), order.learner.clone());
        self.highest.get(&place).is_some_and(|highest| (order.generation, order.decision) < *highest)
    }

    fn remember(&mut self, order: &OrderData) {
        let highest = self.highest.entry((order.session.clone(), order.learner.clone())).or_default();
        *highest = (order.generation, order.decision).max(*highest);
    }

    fn end(&mut self, order: &OrderData, now: DateTime<Utc>) -> Outcome {
        let known_learner = self.sessions.values().any(|session| session.roster.contains_key(&order.learner));
        let Some(session) = self.sessions.get_mut(&order.session) else { return Outcome::UnknownSession };
        match session.roster.get_mut(&order.learner) {
            None if known_learner => Outcome::NotEnrolled,
            None => Outcome::UnknownLearner,
            Some(place) if !place.enrolled => Outcome::AlreadyCancelled,
            Some(_) if session.slot.start <= now => Outcome::TooLate,
            Some(place) => {
                *place = Place { enrolled: false, since: now };
                Outcome::Done
            }
        }
    }
}

#[cfg(test)]
mod tests;
