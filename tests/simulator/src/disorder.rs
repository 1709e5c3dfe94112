//! Disorder among notifications by lot: which changes are never told, how often the others are, and how late.
//!
//! Guarantee: the same seed and the same run of changes in a mailbox give the same fates there, whatever happens in other
//! mailboxes meanwhile and however the processes' work interleaves.

use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;
use uuid::Uuid;

/// Beside [`crate::Options::notification_delay`] and [`crate::Options::notification_copies`], which always apply. Nothing
/// by default. Times are simulated ones, divided by the options' `speed`.
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

/// The lots of all mailboxes.
#[derive(Debug)]
pub(crate) struct Lots {
    seed: u64,
    by_mailbox: BTreeMap<Uuid, StdRng>,
}

impl Lots {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, by_mailbox: BTreeMap::new() }
    }

    /// The lot of the next change in a mailbox.
    pub(crate) fn next(&mut self, mailbox: Uuid) -> Lot {
        let (high, low) = mailbox.as_u64_pair();
        let seed = self.seed ^ high ^ low.rotate_left(1);
        let dice = self.by_mailbox.entry(mailbox).or_insert_with(|| StdRng::seed_from_u64(seed));
        Lot(dice.next_u64())
    }
}

/// Draws the same for every subscriber, so that their number matters to none of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lot(u64);

impl Lot {
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
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn fates(seed: u64, disorder: &Disorder, mailbox: Uuid, others: usize) -> Vec<Fate> {
        let mut lots = Lots::new(seed);
        let next = |lots: &mut Lots| {
            for _ in 0..others {
                lots.next(Uuid::from_u128(99));
            }
            lots.next(mailbox).fate(disorder, &(1..=4), &(SECOND..=20 * SECOND))
        };
        (0..2_000).map(|_| next(&mut lots)).collect()
    }

    #[test]
    fn the_seed_decides_and_other_mailboxes_do_not() {
        let (ana, bo) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let disorder = Disorder { loss: 0.2, late: 0.2, ..Disorder::default() };
        assert_eq!(fates(7, &disorder, ana, 0), fates(7, &disorder, ana, 3));
        assert_ne!(fates(7, &disorder, ana, 0), fates(8, &disorder, ana, 0));
        assert_ne!(fates(7, &disorder, ana, 0), fates(7, &disorder, bo, 0));
    }

    #[test]
    fn shares_are_kept_about_and_each_number_of_copies_comes() {
        let disorder = Disorder { loss: 0.25, late: 0.5, lateness: 100 * SECOND..=100 * SECOND, ..Disorder::default() };
        let fates = fates(1, &disorder, Uuid::from_u128(1), 0);
        let lost = fates.iter().filter(|fate| **fate == Fate::Lost).count();
        assert!((400..=600).contains(&lost), "{lost} of 2000");
        let told: Vec<&Vec<Duration>> = fates
            .iter()
            .filter_map(|fate| match fate {
                Fate::Told(delays) => Some(delays),
                Fate::Lost => None,
            })
            .collect();
        for copies in 1..=4 {
            assert!(told.iter().filter(|delays| delays.len() == copies).count() > 200, "{copies} copies");
        }
        let all: Vec<Duration> = told.into_iter().flatten().copied().collect();
        let late = all.iter().filter(|delay| **delay >= 101 * SECOND).count();
        assert!(late * 100 / all.len() > 45 && late * 100 / all.len() < 55, "{late} of {}", all.len());
        assert!(all.iter().all(|delay| (SECOND..=20 * SECOND).contains(delay) || *delay > 100 * SECOND));
    }

    #[test]
    fn without_disorder_everything_is_told() {
        let fates = fates(1, &Disorder::default(), Uuid::from_u128(1), 0);
        assert!(fates.iter().all(|fate| *fate != Fate::Lost));
    }

    #[test]
    fn spells_follow_each_other_and_concern_one_or_all() {
        let spells = Spells { pause: SECOND..=3 * SECOND, lasting: SECOND..=2 * SECOND, everybody: 0.5 };
        let plan: Vec<Spell> = spells.plan(3, 5).take(200).collect();
        assert_eq!(plan, spells.plan(3, 5).take(200).collect::<Vec<_>>());
        for pair in plan.windows(2) {
            let rest = pair[1].at - (pair[0].at + pair[0].lasting);
            assert!((SECOND..=3 * SECOND).contains(&rest), "{pair:?}");
        }
        let everybody = plan.iter().filter(|spell| spell.mailbox.is_none()).count();
        assert!((60..=140).contains(&everybody), "{everybody}");
        assert!(plan.iter().filter_map(|spell| spell.mailbox).all(|mailbox| mailbox < 5));
    }
}
