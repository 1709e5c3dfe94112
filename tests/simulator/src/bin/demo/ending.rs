//! How it ended: who did what, what the LMS shows, and why; then the figures.

use crate::cast::{Cast, Fate, Learner};
use crate::mails::{Mails, Post};
use crate::play::say;
use crate::shop::{Place, Shop};
use crate::vendor;
use serde_json::{Value, json};
use simulator::Counters;
use simulator::lms::Effect;
use simulator::stage::{Stage, StageError};
use std::collections::BTreeMap;
use std::time::Duration;

/// What the ledger and the LMS say of one learner.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) id: String,
    /// The ledger's state; `None` when it has no row.
    pub(crate) state: Option<String>,
    pub(crate) outcome: Option<String>,
    pub(crate) has_place: bool,
    /// Cancellations that took effect at the LMS.
    pub(crate) effects: usize,
    /// Requests that reached the LMS.
    pub(crate) asked: usize,
    /// Outcomes that the LMS told and that were not so.
    pub(crate) lies: Vec<String>,
    /// What Regrets mailed, where it is Regrets that invites.
    pub(crate) mails: Option<Mails>,
}

/// Who is asked what became of a place.
#[derive(Clone, Copy)]
pub(crate) enum View<'a> {
    Simulated,
    /// A receiver stands in the place of the simulated LMS.
    Receiver,
    Pretix(&'a Shop),
}

pub(crate) struct Ending {
    pairs: Vec<(Learner, Seen)>,
    blind: u64,
    /// Calls of the LMS with a `webhook-id` that had come before with another content.
    altered: usize,
    counters: Counters,
    /// A receiver stands in the place of the simulated LMS.
    has_receiver: bool,
    /// It is read before it is asked, so what was done before a kill is found done.
    is_read: bool,
}

impl Ending {
    pub(crate) async fn of(stage: &Stage, cast: &Cast, lms: View<'_>) -> Result<Self, StageError> {
        let (seen, has_receiver, is_read) = match lms {
            View::Simulated => (look(stage, cast, None).await?, false, false),
            View::Receiver => (look(stage, cast, None).await?, true, false),
            View::Pretix(shop) => (look(stage, cast, Some(&shop.places(cast).await?)).await?, false, true),
        };
        let status = stage.manage("status").await?;
        let blind = status.pointer("/tenants/contoso/blind").and_then(Value::as_u64).unwrap_or(0);
        let world = stage.simulator.world();
        let (altered, counters) = (world.altered(), world.counters());
        let pairs = cast.learners.iter().cloned().zip(seen).collect();
        Ok(Self { pairs, blind, altered, counters, has_receiver, is_read })
    }

    /// Learners of whom everything is as it must be, or as the LMS has lied.
    pub(crate) fn settled(&self) -> usize {
        self.count(|learner, seen| self.is_right(learner, seen) || is_lied_about(learner, seen))
    }

    /// Learners of whom the ledger says what the LMS told, and it was a lie: nobody who can't look there can
    /// find out.
    fn lied(&self) -> usize {
        self.count(is_lied_about)
    }

    fn is_right(&self, learner: &Learner, seen: &Seen) -> bool {
        let found_done = || Seen { outcome: Some("done".to_owned()), ..seen.clone() };
        is_right(learner, seen)
            || (self.is_read
                && seen.outcome.as_deref() == Some("already_cancelled")
                && is_right(learner, &found_done()))
            || (self.has_receiver && vendor::is_answered(learner, seen))
    }

    fn count(&self, test: impl Fn(&Learner, &Seen) -> bool) -> usize {
        self.pairs.iter().filter(|(learner, seen)| test(learner, seen)).count()
    }

    fn lost(&self) -> usize {
        let has_outcome = |seen: &Seen| matches!(seen.state.as_deref(), Some("done" | "expired" | "review"));
        self.count(|learner, seen| learner.part.is_decline() && !has_outcome(seen))
    }

    fn doubled(&self) -> usize {
        self.altered + self.pairs.iter().map(|(_, seen)| seen.effects.saturating_sub(1)).sum::<usize>()
    }

    fn wrongly_cancelled(&self) -> usize {
        let attends = |fate| match fate {
            Fate::Kept | Fate::Asked => true,
            Fate::Gone | Fate::Withdrawn => false,
        };
        self.count(|learner, seen| attends(learner.part.fate()) && !seen.has_place)
    }

    fn mailed(&self) -> Post {
        Post::of(self.pairs.iter().filter_map(|(learner, seen)| Some((learner, seen.mails?))))
    }

    /// What Regrets has mailed, where it has invited.
    pub(crate) fn post(&self, cast: &Cast) {
        if cast.told().next().is_some() {
            self.mailed().tell(cast);
        }
    }

    fn unexpected(&self) -> usize {
        self.pairs.len() - self.settled()
    }

    pub(crate) fn good(&self) -> bool {
        let post = self.mailed();
        let wrong = [self.lost(), self.doubled(), self.wrongly_cancelled(), self.unexpected()];
        wrong.iter().sum::<usize>() + post.twice + post.wrong == 0
    }

    /// The figures, as the last line.
    pub(crate) fn summary(&self, took: Duration, kills: u32) -> Value {
        let post = self.mailed();
        json!({
            "learners": self.pairs.len(),
            "invited": post.sent.invitations,
            "updates": post.sent.updates,
            "cancellations": post.sent.cancellations,
            "mailed_twice": post.twice,
            "mailed_wrongly": post.wrong,
            "declines": self.count(|learner, _| learner.part.is_decline()),
            "cancelled": self.pairs.iter().filter(|(_, seen)| seen.effects > 0).count(),
            "in_review": self.count(|_, seen| seen.state.as_deref() == Some("review")),
            "lost": self.lost(),
            "doubled": self.doubled(),
            "wrongly_cancelled": self.wrongly_cancelled(),
            "unexpected": self.unexpected(),
            "lied": self.lied(),
            "blind": self.blind,
            "dropped": self.counters.notifications_dropped,
            "duplicated": self.counters.notifications_doubled,
            "kills": kills,
            "seconds": (took.as_secs_f64() * 10.0).round() / 10.0,
        })
    }

    /// Who did what, what the LMS shows, and why. One line for each part of the play, and one for whatever is
    /// not as it must be.
    pub(crate) async fn table(&self, cast: &Cast, stage: &Stage) -> Result<(), StageError> {
        let has_told = cast.told().next().is_some();
        let column = |text: &str| if has_told { format!("{text:<24} ") } else { String::new() };
        let mailed = column("Regrets mailed");
        say(&format!("{:<10} {:<54} {:<10} {mailed}{}", "who", "did", "the LMS", "why"));
        let mut shown: BTreeMap<_, usize> = BTreeMap::new();
        let mut wrong = Vec::new();
        for (learner, seen) in &self.pairs {
            let times = shown.entry(learner.part).or_default();
            *times += 1;
            let mark = match (self.is_right(learner, seen), is_lied_about(learner, seen)) {
                (true, _) if *times > 1 => continue,
                (true, _) => "",
                (false, true) => "  <-- the LMS lied",
                (false, false) => "  <-- not as it must be",
            };
            let story = story(stage, seen).await?;
            let why = story.last().map_or("the ledger does not know of it", String::as_str);
            let place = if seen.has_place { "has place" } else { "cancelled" };
            let mailed = column(&seen.mails.map_or("(invited by hand)".to_owned(), Mails::words));
            say(&format!("{:<10} {:<54} {place:<10} {mailed}{why}{mark}", learner.name, learner.part.what()));
            if !self.is_right(learner, seen) && !is_lied_about(learner, seen) {
                wrong.push((learner, story));
            }
        }
        for (learner, story) in wrong {
            say(&format!("\nThe story of {} in {}:", learner.name, learner.session));
            story.iter().for_each(|line| say(&format!("  {line}")));
            for effect in stage.simulator.world().effects().iter().filter(|effect| is_of(effect, learner)) {
                say(&format!("  the LMS: {effect:?}"));
            }
        }
        let more = cast.learners.len().saturating_sub(shown.len());
        if more > 0 {
            say(&format!("… and {more} more learners, who did one of these things each."));
        }
        Ok(())
    }
}

fn is_of(effect: &Effect, learner: &Learner) -> bool {
    effect.session == learner.session && effect.learner == learner.address
}

/// The sentences of the enrolment's story.
async fn story(stage: &Stage, seen: &Seen) -> Result<Vec<String>, StageError> {
    if seen.state.is_none() {
        return Ok(Vec::new());
    }
    let found = stage.manage(&format!("enrolments/{}", seen.id)).await?;
    let lines = found.get("story").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(lines.iter().filter_map(|line| line.get("text").and_then(Value::as_str)).map(str::to_owned).collect())
}

/// The LMS told something that was not so, the ledger holds what was told, and all else is as it must be.
fn is_lied_about(learner: &Learner, seen: &Seen) -> bool {
    let told = seen.outcome.as_ref().is_some_and(|outcome| seen.lies.contains(outcome));
    let ended = matches!(seen.state.as_deref(), Some("done" | "review" | "expired"));
    learner.part.fate() == Fate::Gone && told && ended && seen.effects <= 1 && !is_right(learner, seen)
}

/// What ledger and LMS say of everybody; the places are those of a real LMS.
async fn look(stage: &Stage, cast: &Cast, places: Option<&[Place]>) -> Result<Vec<Seen>, StageError> {
    let rows = stage.enrolments().await?;
    let world = stage.simulator.world();
    let effects = world.effects();
    let of = |(number, learner): (usize, &Learner)| {
        let (session, key) = (regrets::ids::hash(&learner.session), regrets::ids::hash(&learner.address));
        let id = format!("contoso.{session}.{key}");
        let row = rows.iter().find(|row| row.get("id").and_then(Value::as_str) == Some(&id));
        let text =
            |field: &str| row.and_then(|row| row.get(field)).and_then(Value::as_str).map(str::to_owned);
        let theirs: Vec<&Effect> = effects.iter().filter(|effect| is_of(effect, learner)).collect();
        let attempts = row.and_then(|row| row.get("attempts")).and_then(Value::as_u64).unwrap_or(0);
        let (has_place, effects, asked) = match places.map(|places| places.get(number).copied()) {
            Some(place) => {
                let Place { is_held, effects } = place.unwrap_or_default();
                // What a real LMS was asked is known to who has asked.
                (is_held, effects, usize::try_from(attempts).unwrap_or(usize::MAX))
            }
            None => (
                world.is_enrolled(&learner.session, &learner.address),
                world.cancellations(&learner.session, &learner.address),
                theirs.len(),
            ),
        };
        Seen {
            id,
            state: text("state"),
            outcome: text("outcome"),
            has_place,
            effects,
            asked,
            lies: theirs
                .iter()
                .filter_map(|effect| effect.outcome.strip_prefix("lie "))
                .map(str::to_owned)
                .collect(),
            mails: cast.is_told(learner).then(|| Mails::sent(world, learner)),
        }
    };
    Ok(cast.learners.iter().enumerate().map(of).collect())
}

/// Whether ledger and LMS say of this learner what people would expect.
fn is_right(learner: &Learner, seen: &Seen) -> bool {
    let state = seen.state.as_deref();
    if seen.mails.is_some_and(|mails| mails != Mails::wanted(learner.part)) {
        return false;
    }
    match learner.part.fate() {
        Fate::Gone => {
            !seen.has_place
                && seen.effects == 1
                && state == Some("done")
                && seen.outcome.as_deref() == Some("done")
        }
        Fate::Kept => seen.has_place && seen.asked == 0 && state == Some("watched"),
        Fate::Asked => seen.has_place && seen.asked == 0 && state == Some("review"),
        Fate::Withdrawn => !seen.has_place && seen.asked == 0 && state == Some("watched"),
    }
}

#[cfg(test)]
#[path = "ending_tests.rs"]
mod tests;
