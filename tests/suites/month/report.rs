//! What a run prints: how many declines became what, how late they were, and why the slowest was.

use crate::books::Decline;
use crate::judge::{Fate, Judge, cause, minutes};
use crate::stage::Stage;
use chrono::{DateTime, Duration, Utc};
use simulator::forward::book::Reach;
use std::collections::BTreeMap;
use std::time::Duration as Real;

pub(crate) async fn print(stage: &Stage, judge: &Judge, wall: Real) {
    let counts = stage.world.counts();
    let mut late: Vec<(Duration, &Decline)> =
        judge.fates.iter().filter_map(|(decline, fate)| lateness(decline, fate)).collect();
    late.sort_by_key(|(lateness, _)| *lateness);
    let at = |share: usize| {
        late.get(late.len().saturating_sub(1) * share / 100).map_or(Duration::zero(), |(time, _)| *time)
    };
    let mut fates: BTreeMap<String, usize> = BTreeMap::new();
    for (decline, fate) in &judge.fates {
        *fates.entry(word(decline, fate)).or_default() += 1;
    }

    let size = stage.size;
    println!("\n{} mailboxes, {} days, seed {}, {:?}", size.mailboxes, size.days, size.seed, stage.variant);
    println!("  declines           {}", judge.fates.len());
    for (word, count) in fates {
        println!("    {word:<60} {count}");
    }
    println!("  lateness           median {}, 95 % {}", minutes(at(50)), minutes(at(95)));
    for (lateness, decline) in late.iter().rev().take(3) {
        println!("  slowest            {}: {}", minutes(*lateness), why(stage, decline));
    }
    let (effects, repeated) = (judge.effects.len(), stage.host.deployment.lms.repeated());
    println!("  LMS                {effects} cancelled, {repeated} asked again");
    let asked: u64 = counts.asked.values().sum();
    println!("  Graph requests     {asked} (each a twentieth of a $batch): {:?}", counts.asked);
    let transactions = stage.host.deployment.transactions().counts();
    println!("  table calls        {}: {transactions:?}", transactions.values().sum::<u64>());
    println!("  invocations        {:?}", stage.host.invocations());
    println!("  attempts           {:?}", stage.host.attempts());
    println!("  refused            {:?}", counts.refused);
    println!("  notices            {:?}", counts.notices);
    println!(
        "  lifecycle          {} missed, {} removed, {} to reauthorize",
        counts.missed, counts.removed, counts.reauthorize
    );
    println!(
        "  limit breaches     {} (most writes in 20 s: {})",
        counts.limit_breaches, counts.most_writes_in_window
    );
    println!("  status             blind {}, mailboxes {:?}", judge.status.blind, judge.status.mailboxes);
    let alerts: Vec<&str> = judge.status.alerts.iter().map(|alert| alert.kind.as_str()).collect();
    println!("  open alerts        {alerts:?}");
    println!("  wall time          {:.1} s", wall.as_secs_f64());
}

fn lateness<'a>(decline: &'a Decline, fate: &Fate) -> Option<(Duration, &'a Decline)> {
    match fate {
        Fate::InTheLedger { lateness, .. } => Some((*lateness, decline)),
        Fate::Blind { .. } | Fate::Overtaken(_) | Fate::Over | Fate::Unwatched(_) | Fate::Wrong(_) => None,
    }
}

fn word(decline: &Decline, fate: &Fate) -> String {
    match fate {
        Fate::InTheLedger { .. } => {
            let how = decline.known.as_ref().map(|known| format!("{:?}", known.how)).unwrap_or_default();
            format!("in the ledger: {}", how.to_lowercase())
        }
        Fate::Blind { cause, counted } => {
            format!(
                "blind ({}): {cause}",
                if *counted { "the mailbox counts a gap" } else { "a gap that nobody could know" }
            )
        }
        Fate::Overtaken(why) => format!("overtaken: {why}"),
        Fate::Over => "the session was over first".to_owned(),
        Fate::Unwatched(why) => format!("not watched: {why}"),
        Fate::Wrong(_) => "WRONG".to_owned(),
    }
}

/// What held the news up, and what brought it.
fn why(stage: &Stage, decline: &Decline) -> String {
    let notice = stage.notice(decline);
    let held_up = notice.as_ref().map_or_else(|| "no notice of it".to_owned(), cause);
    let Some(known) = &decline.known else { return held_up };
    let seen =
        known.at - if known.is_weak { stage.host.deployment.tenant.policy.settle } else { Duration::zero() };
    let views = stage.seen_in(decline).map(|(mailbox, _)| stage.world.views(mailbox)).unwrap_or_default();
    let last = views.iter().rev().find(|(at, _)| *at <= seen && *at + Duration::minutes(10) >= seen);
    let brought = match (notice.as_ref().filter(|notice| came(notice.since, seen)), last) {
        (Some(_), _) => "its notice",
        (None, Some((_, Reach::Whole))) => "a comparison of the whole calendar",
        (None, Some((_, Reach::Near))) => "the hourly comparison of near sessions",
        (None, None) => "a look that was due, or the organizer's side",
    };
    let ahead = minutes(decline.start - decline.at);
    format!(
        "{held_up}; found by {brought} (declined at {}, {ahead} before the start)",
        decline.at.format("%d %H:%M")
    )
}

fn came(taken: DateTime<Utc>, seen: DateTime<Utc>) -> bool {
    taken <= seen && seen <= taken + Duration::minutes(5)
}
