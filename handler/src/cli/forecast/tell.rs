//! The forecast for people.

use crate::config::{Tenant, WatchMode};
use crate::graph::PARTS_OF_BATCH;
use crate::jobs::operate::forecast::between::Between;
use crate::jobs::operate::forecast::limits::nearest;
use crate::jobs::operate::forecast::outcome::{Assumed, Forecast};
use std::fmt::Write as _;

/// `1,234,567`; of little a part.
pub(super) fn number(value: f64) -> String {
    if value < 10.0 && value.fract() > 0.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn between(count: Between) -> String {
    match count.most - count.least < 1.0 {
        true => number(count.mean()),
        false => format!("{} to {}", number(count.least), number(count.most)),
    }
}

fn percent(value: f64) -> String {
    if value >= 10.0 { format!("{value:.0} %") } else { format!("{value:.2} %") }
}

fn mode(tenant: &Tenant) -> &'static str {
    match tenant.watch.mode {
        WatchMode::Attendees => "attendees",
        WatchMode::Organizer => "organizer",
        WatchMode::Both => "both",
    }
}

pub(super) fn tell(tenant: &Tenant, assumed: &Assumed, found: &Forecast) -> String {
    let mut text = String::new();
    // A String takes everything.
    let _ = write(&mut text, tenant, assumed, found);
    text
}

fn write(
    text: &mut String,
    tenant: &Tenant,
    assumed: &Assumed,
    found: &Forecast,
) -> Result<(), std::fmt::Error> {
    let size = &assumed.size;
    writeln!(text, "{}: watch.mode = \"{}\"", tenant.name, mode(tenant))?;
    for (what, value) in [
        ("learners", size.mailboxes),
        ("organizers", size.organizers),
        ("sessions a day", size.sessions),
        ("learners a session", size.learners),
        ("declines a day", size.declines),
        ("other changes a mailbox and day", size.changes),
    ] {
        writeln!(text, "  {what:<36}{:>14}", number(value))?;
    }

    let all = found.requests.all();
    writeln!(text, "\nRequests to Graph a day")?;
    for (kind, count) in &found.requests.0 {
        writeln!(text, "  {:<36}{:>14}", kind.name(), between(*count))?;
    }
    writeln!(text, "  {:<36}{:>14}", "all", between(all))?;
    let posts = all.least / PARTS_OF_BATCH as f64;
    writeln!(text, "  {:<36}{:>14}", "posts of a $batch, at the least", number(posts))?;
    writeln!(text, "  {:<36}{:>14}", "in the busiest hour", number(found.busiest_hour))?;
    writeln!(text, "  {:<36}{:>14}", "a minute then", number(found.busiest_hour / 60.0))?;

    writeln!(text, "\nLimits, when it is busiest{:>50}{:>12}{:>10}{:>12}", "limit", "used", "", "head-room")?;
    for limit in &found.limits {
        let name = format!("{}: {}", limit.whose, limit.name);
        let factor = match limit.factor() {
            factor if factor.is_finite() => format!("{} x", number(factor)),
            _ => "-".to_owned(),
        };
        let most = format!("{} {}", number(limit.limit), limit.unit);
        let (used, share) = (number(limit.used), percent(limit.percent()));
        writeln!(text, "  {name:<48}{most:>26}{used:>12}{share:>10}{factor:>12}", most = most.trim_end())?;
    }
    if let Some(near) = nearest(&found.limits) {
        writeln!(
            text,
            "  At {} mailboxes you make {} requests a day; the nearest limit is {} ({}): {} of it.",
            number(size.mailboxes),
            number(all.mean()),
            near.name,
            near.whose,
            percent(near.percent())
        )?;
    }
    match &found.first {
        Some(first) => writeln!(
            text,
            "  With as much training for each, the first that is reached is {} ({}), at about {} mailboxes.",
            first.limit,
            first.whose,
            number(first.mailboxes)
        )?,
        None => writeln!(text, "  None is reached by any number of mailboxes.")?,
    }

    writeln!(text, "\nCalls of functions a day")?;
    for (name, count) in found.executions.by_function() {
        writeln!(text, "  {name:<36}{:>14}", between(count))?;
    }
    writeln!(text, "  {:<36}{:>14}", "all", number(found.executions.all()))?;
    writeln!(text, "  {:<36}{:>14}", "gigabyte-seconds", number(found.gigabyte_seconds))?;

    writeln!(text, "\nTransactions of the storage account a day")?;
    for (name, count) in found.storage.by_kind() {
        writeln!(text, "  {name:<36}{:>14}", number(count))?;
    }
    writeln!(text, "  {:<36}{:>14}", "all", number(found.storage.all()))?;

    let cost = &found.cost;
    writeln!(text, "\nAbout so many dollars a month, at list prices of {}: rough", assumed.prices.as_of)?;
    for (name, dollars) in [
        ("instances that never sleep", cost.always_ready),
        ("calls", cost.executions),
        ("storage", cost.storage),
        ("log", cost.log),
        ("all that grows with use", cost.all()),
    ] {
        writeln!(text, "  {name:<36}{dollars:>14.2}")?;
    }
    Ok(())
}
