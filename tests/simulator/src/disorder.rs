//! Random disorder among notifications: which changes are never told, how often the others are, and how late.
//!
//! Guarantee: the same seed and the same run of changes in a mailbox give the same fates there, whatever
//! happens in other mailboxes meanwhile and however the processes' work interleaves.

use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;
use uuid::Uuid;

/// Beside [`crate::Options::notification_delay`] and [`crate::Options::notification_copies`], which always
/// apply. Nothing by default. Times are simulated ones, divided by the options' `speed`.
#[derive(Debug, Clone)]
pub struct Disorder {
    /// The share of changes that are never told, to nobody and not once.
    pub loss: f64,
    /// The share of items that come so much later than they should, overtaken by what happened after them.
    pub late: f64,
    pub lateness: RangeInclusive<Duration>,
    /// Now and then a mailbox, or all of them, hears nothing; nothing of it is told later.
    pub gaps: Option<Spells>,
    /// Now and then what a mailbox, or all of them, would hear is held back and then told at once.
    pub bursts: Option<Spells>,
}

impl Default for Disorder {
    fn default() -> Self {
        Self {
            loss: 0.0,
            late: 0.0,
            lateness: Duration::from_secs(60)..=Duration::from_secs(300),
            gaps: None,
            bursts: None,
        }
    }
}

/// Times at which something lasts for a while.
#[derive(Debug, Clone)]
pub struct Spells {
    /// From the end of one to the beginning of the next.
    pub pause: RangeInclusive<Duration>,
    pub lasting: RangeInclusive<Duration>,
    /// The share that concerns all mailboxes; the others concern one.
    pub everybody: f64,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spell {
    /// From the beginning of the run.
    pub at: Duration,
    pub lasting: Duration,
    /// Index into the mailboxes; `None`: all.
    pub mailbox: Option<usize>,
}

impl Spells {
    /// Goes on for ever; the same seed gives the same spells.
    pub fn plan(&self, seed: u64, mailboxes: usize) -> impl Iterator<Item = Spell> + use<> {
        let (spells, mut dice, mut at) = (self.clone(), StdRng::seed_from_u64(seed), Duration::ZERO);
        std::iter::from_fn(move || {
            at += dice.random_range(spells.pause.clone());
            let lasting = dice.random_range(spells.lasting.clone());
            let everybody = dice.random_bool(spells.everybody) || mailboxes == 0;
            let mailbox = if everybody { None } else { Some(dice.random_range(0..mailboxes)) };
            let spell = Spell { at, lasting, mailbox };
            at += lasting;
            Some(spell)
        })
    }
}

/// What becomes of one change for one subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    Lost,
    /// Told so often, each time after so long.
    Told(Vec<Duration>),
}

/// The draws of all mailboxes.
#[derive(Debug)]
pub(crate) struct Draws {
    seed: u64,
    by_mailbox: BTreeMap<Uuid, StdRng>,
}

impl Draws {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, by_mailbox: BTreeMap::new() }
    }

    /// The draw of the next change in a mailbox.
    pub(crate) fn next(&mut self, mailbox: Uuid) -> Draw {
        let (high, low) = mailbox.as_u64_pair();
        let seed = self.seed ^ high ^ low.rotate_left(1);
        let dice = self.by_mailbox.entry(mailbox).or_insert_with(|| StdRng::seed_from_u64(seed));
        Draw(dice.next_u64())
    }
}

/// Draws the same for every subscriber, so that their number matters to none of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn fate(
        self,
        disorder: &Disorder,
        copies: &RangeInclusive<u32>,
        delay: &RangeInclusive<Duration>,
    ) -> Fate {
        let mut dice = StdRng::seed_from_u64(self.0);
        if dice.random_bool(disorder.loss) {
            return Fate::Lost;
        }
        let copies = dice.random_range(copies.clone()).max(1);
        let mut wait = || {
            let usual = dice.random_range(delay.clone());
            let late = dice.random_bool(disorder.late);
            usual + if late { dice.random_range(disorder.lateness.clone()) } else { Duration::ZERO }
        };
        Fate::Told((0..copies).map(|_| wait()).collect())
    }
}

#[cfg(test)]
#[path = "disorder_tests.rs"]
mod tests;
