//! `kill -9` of the handler and of its host, at moments by the seed.

use crate::play::Timeline;
use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use simulator::stage::{Stage, StageError};
use std::time::{Duration, Instant};

/// From one kill to the next, in milliseconds.
const REST: std::ops::Range<u64> = 40..600;
/// The share of kills that hit the local host; the others hit the handler alone.
const HOSTS: f64 = 0.2;
/// So much later the handler of a killed host has ended itself too.
const LAST_BREATH: TimeDelta = TimeDelta::milliseconds(400);
/// A handler that is just starting is waited for so long before its host is killed instead.
const STARTING: Duration = Duration::from_secs(3);

/// Kills the processes at moments that nobody chose.
pub(crate) struct Killer {
    dice: StdRng,
    most: u32,
    pub(crate) kills: u32,
    /// When somebody was killed last.
    last: DateTime<Utc>,
}

impl Killer {
    pub(crate) fn new(seed: u64, most: u32) -> Self {
        Self { dice: StdRng::seed_from_u64(seed ^ 0xdead), most, kills: 0, last: DateTime::UNIX_EPOCH }
    }

    /// Kills until so many percent of all kills are done.
    pub(crate) async fn until(
        &mut self,
        percent: u32,
        clock: Timeline,
        stage: &mut Stage,
    ) -> Result<(), StageError> {
        while self.kills < self.most * percent / 100 {
            tokio::time::sleep(Duration::from_millis(self.dice.random_range(REST))).await;
            self.strike(clock, stage).await?;
        }
        Ok(())
    }

    /// Spreads the rest of the kills over this time.
    pub(crate) async fn during(
        &mut self,
        time: Duration,
        clock: Timeline,
        stage: &mut Stage,
    ) -> Result<(), StageError> {
        let left = usize::try_from(self.most.saturating_sub(self.kills)).unwrap_or(0);
        let mut moments: Vec<Duration> = (0..left).map(|_| time.mul_f64(self.dice.random())).collect();
        moments.sort_unstable();
        let began = Instant::now();
        for moment in moments {
            tokio::time::sleep(moment.saturating_sub(began.elapsed())).await;
            self.strike(clock, stage).await?;
            // The dead's claims run out while the play goes on.
            self.bury(stage).await?;
        }
        Ok(())
    }

    async fn strike(&mut self, clock: Timeline, stage: &mut Stage) -> Result<(), StageError> {
        let spare_the_host = !self.dice.random_bool(HOSTS);
        self.kills += 1;
        let number = format!("kill -9 ({} of {})", self.kills, self.most);
        if spare_the_host && self.kill_handler(stage).await? {
            clock.tell(&format!("* {number}: the handler"));
            self.last = Utc::now();
        } else {
            clock.tell(&format!("* {number}: the local host"));
            self.last = Utc::now() + LAST_BREATH;
            stage.restart().await?;
        }
        Ok(())
    }

    async fn kill_handler(&mut self, stage: &mut Stage) -> Result<bool, StageError> {
        let began = Instant::now();
        loop {
            if stage.kill_handler().await? {
                return Ok(true);
            }
            if !cfg!(target_os = "linux") || began.elapsed() > STARTING {
                return Ok(false);
            }
            // It is just starting again.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Nobody waits for what the dead held.
    pub(crate) async fn bury(&self, stage: &Stage) -> Result<(), StageError> {
        if self.kills == 0 {
            return Ok(());
        }
        stage.release_from_the_dead(self.last).await
    }
}
