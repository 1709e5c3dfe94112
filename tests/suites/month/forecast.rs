//! Holds `regrets forecast`'s model against what was counted: its inputs are what the script did and what lay
//! in the calendars meanwhile, looked at every ten minutes; what follows from them is the model's.

use crate::judge::Judge;
use crate::script::{Learner, Script, Variant, Who, start};
use crate::stage::{Stage, organizer};
use chrono::{DateTime, Duration, Utc};
use regrets::enrolment::settle_schedule::looks;
use regrets::functions::names::{HOUSEKEEPING, SYNC_SESSIONS};
use regrets::jobs::operate::forecast::between::Between;
use regrets::jobs::operate::forecast::comparisons::BEHIND_HOURS;
use regrets::jobs::operate::forecast::executions;
use regrets::jobs::operate::forecast::load::{CalendarLoad, ChangeLoad, Load, PublishLoad};
use regrets::jobs::operate::forecast::requests::{self, RequestKind};
use regrets::jobs::operate::forecast::storage;
use regrets::jobs::watch::resync_schedule::SOON;
use simulator::forward::Lying;
use strum::VariantArray as _;
use uuid::Uuid;

/// How often it is looked.
pub(crate) const EVERY: Duration = Duration::minutes(10);
/// The model is to come so near.
const NEAR_ENOUGH: f64 = 0.10;
/// Of all requests, and of all executions: kinds that make less are not held to it by themselves.
const MANY: f64 = 0.05;
/// Half of the calls of a spell are throttled.
const THROTTLED: f64 = 0.5;

/// What was seen of the calendars of a kind, summed up.
#[derive(Debug, Default)]
struct Sums {
    looks: f64,
    near: f64,
    episodes: f64,
    unreadable: f64,
    shown: f64,
    elsewhere: f64,
    gone: f64,
    all_shown: f64,
    all_gone: f64,
    were_near: Vec<bool>,
}

#[derive(Debug, Default)]
pub(crate) struct Sampler {
    learners: Sums,
    organizer: Sums,
    rounds: f64,
}

/// A session in somebody's calendar, as it is known to the books.
struct Place {
    session: String,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl Sums {
    fn see(&mut self, at: usize, now: DateTime<Utc>, places: &[Place], lying: &[Lying], unreadable: f64) {
        let soon = now + SOON + Duration::hours(1);
        let behind = now - Duration::hours(BEHIND_HOURS as i64);
        let copy = |place: &Place| {
            let uid = format!("lms-{}@contoso.com", place.session);
            lying.iter().find(|lying| lying.ical_uid == uid)
        };
        self.looks += 1.0;
        let near = places.iter().any(|place| place.start > now && place.start <= now + SOON);
        self.were_near.resize(self.were_near.len().max(at + 1), false);
        if self.were_near[at] && !near {
            self.episodes += 1.0;
        }
        self.were_near[at] = near;
        let (mut shown, mut elsewhere, mut gone) = (0.0, 0.0, 0.0);
        for place in places {
            let (is_soon, is_over) = (place.start < soon, place.end <= now);
            match copy(place) {
                Some(copy) if copy.in_default && copy.end > behind => {
                    self.all_shown += 1.0;
                    shown += f64::from(u8::from(copy.start < soon));
                }
                Some(copy) if copy.in_default => {}
                Some(_) if !is_over && is_soon => elsewhere += 1.0,
                Some(_) => {}
                None if !is_over => {
                    self.all_gone += 1.0;
                    gone += f64::from(u8::from(is_soon));
                }
                None => {}
            }
        }
        if near {
            self.near += 1.0;
            self.unreadable += unreadable;
            self.shown += shown * (1.0 - unreadable);
            self.elsewhere += elsewhere * (1.0 - unreadable);
            self.gone += gone * (1.0 - unreadable);
        }
    }

    fn load(&self, days: f64, calendars: f64) -> CalendarLoad {
        let per = |sum: f64, count: f64| if count > 0.0 { sum / count } else { 0.0 };
        let readable = self.near - self.unreadable;
        CalendarLoad {
            near: per(self.near, self.looks),
            episodes: per(self.episodes, days * calendars),
            unreadable: per(self.unreadable, self.near),
            shown: per(self.shown, readable),
            elsewhere: per(self.elsewhere, readable),
            gone: per(self.gone, readable),
            all_shown: per(self.all_shown, self.looks),
            all_gone: per(self.all_gone, self.looks),
            gaps: 0.0,
        }
    }
}

impl Sampler {
    /// Looks into the calendars.
    pub(crate) fn look(&mut self, stage: &Stage, people: &[Learner]) {
        let now = stage.world.now();
        self.rounds += 1.0;
        if watches_learners(stage) {
            for (who, person) in people.iter().enumerate() {
                let is_member =
                    person.joined.is_none_or(|at| at <= now) && person.left.is_none_or(|at| now < at);
                if is_member {
                    let places = places(stage, |known| known == who);
                    let unreadable = unreadable(stage, person.id, now);
                    self.learners.see(who, now, &places, &stage.world.lying(person.id), unreadable);
                }
            }
        }
        let mut places = places(stage, |_| true);
        places.sort_by(|one, other| one.session.cmp(&other.session));
        places.dedup_by(|one, other| one.session == other.session);
        let lying = stage.world.lying(organizer());
        // What the organizer has cancelled is known no more.
        places.retain(|place| {
            lying.iter().any(|copy| copy.ical_uid == format!("lms-{}@contoso.com", place.session))
        });
        self.organizer.see(0, now, &places, &lying, unreadable(stage, organizer(), now));
    }

    /// What the script did, a day.
    fn load(&self, stage: &Stage, script: &Script, judge: &Judge) -> Load {
        let days = days(stage);
        let mailboxes = self.learners.looks / self.rounds;
        let books = &stage.books;
        let heard = stage.host.heard();
        let learners: Vec<Uuid> = script.people.iter().map(|person| person.id).collect();
        let created = created(stage, &learners) + created(stage, &[organizer()]);
        let again: usize =
            books.declines.iter().filter(|one| !one.kept).map(|one| looks_at(stage, one)).sum();
        let a_day = |count: usize| count as f64 / days;
        Load {
            mailboxes,
            organizers: 1.0,
            people: script.people.len() as f64,
            learners: CalendarLoad {
                gaps: gaps(stage, &learners, mailboxes) / days,
                ..self.learners.load(days, mailboxes)
            },
            organizer: CalendarLoad {
                gaps: gaps(stage, &[organizer()], 1.0) / days,
                ..self.organizer.load(days, 1.0)
            },
            changes: ChangeLoad {
                private: 0.0,
                shown: a_day(heard.shown),
                gone: a_day(heard.gone),
                organizers: a_day(heard.organizers),
            },
            answers: a_day(books.answers),
            places: a_day(books.invitations),
            declines: a_day(judge.effects.len()),
            looks: if watches_learners(stage) { a_day(again) } else { 0.0 },
            created: a_day(created),
            posts: Some(a_day(heard.posts)),
            events: 0.0,
            publish: PublishLoad::default(),
        }
    }

    /// What was counted, beside what the model says. Gives what is too far from it.
    pub(crate) fn hold(&self, stage: &Stage, script: &Script, judge: &Judge) -> Vec<String> {
        let tenant = &stage.host.deployment.tenant;
        let days = days(stage);
        let load = self.load(stage, script, judge);
        let told = requests::of(tenant, &load);
        let counted = stage.world.counts().asked;
        let all: u64 = counted.values().sum();
        let mut wrong = Vec::new();
        println!("  forecast           {load:?}");
        let mut hold = |what: &str, counted: u64, least: f64, most: f64, is_held: bool| {
            let counted = counted as f64;
            let mean = (least + most) / 2.0;
            let off = if counted > 0.0 { mean / counted - 1.0 } else { 0.0 };
            println!("    {what:<36} {counted:>9} {least:>9.0} to {most:>7.0}  {:>+6.1} %", 100.0 * off);
            let is_between = most - least > 1.0 && least <= counted && counted <= most;
            if is_held && off.abs() > NEAR_ENOUGH && !is_between {
                wrong.push(format!("{what}: {counted} counted, {least:.0} to {most:.0} forecast"));
            }
        };
        for kind in RequestKind::VARIANTS {
            let of = told.of(*kind);
            let of_kind = counted.get(kind.name()).copied().unwrap_or_default();
            let is_held = of_kind as f64 > MANY * all as f64;
            hold(kind.name(), of_kind, of.least * days, of.most * days, is_held);
        }
        let sum = told.all().mean() * days;
        hold("all requests", all, sum, sum, true);

        let executions = executions::of(tenant, &load, &told);
        // The suite has a whole round of housekeeping once a day, and publishes nothing.
        let is_played = |function: &str| ![HOUSEKEEPING, SYNC_SESSIONS].contains(&function);
        let invocations = stage.host.invocations();
        let all: u64 = invocations.iter().filter(|(name, _)| is_played(name)).map(|(_, count)| count).sum();
        let mut sum = Between::default();
        for (function, count) in executions.by_function().into_iter().filter(|(name, _)| is_played(name)) {
            let counted = invocations.get(function).copied().unwrap_or_default();
            let is_held = counted as f64 > MANY * all as f64;
            hold(function, counted, count.least * days, count.most * days, is_held);
            sum = sum + count;
        }
        hold("all executions", all, sum.mean() * days, sum.mean() * days, true);
        let renewed = told.of(RequestKind::Renew).mean() + load.created;
        let transactions = storage::of(tenant, &load, &executions, renewed, 0.0);
        let asked: u64 = stage.host.deployment.transactions().counts().values().sum();
        for (kind, count) in transactions.by_kind() {
            println!("    {kind:<36} {:>9.0}", count * days);
        }
        hold("table transactions", asked, transactions.tables() * days, transactions.tables() * days, true);
        // Where no organizer can be asked, looks by iCalUId are told too high: that is only printed.
        match stage.variant {
            Variant::Both | Variant::Organizer | Variant::Readable => wrong,
            Variant::Unreadable => Vec::new(),
        }
    }
}

fn places(stage: &Stage, is: impl Fn(Who) -> bool) -> Vec<Place> {
    let known = stage.books.known_places(is);
    known.into_iter().map(|(session, start, end)| Place { session, start, end }).collect()
}

fn unreadable(stage: &Stage, user: Uuid, now: DateTime<Utc>) -> f64 {
    let weather = stage.world.weather();
    let is_away = weather.is_graph_down(now)
        || weather.is_refused(user, now)
        || weather.moving_until(user, now).is_some();
    if is_away {
        1.0
    } else if weather.is_throttled(now) {
        THROTTLED
    } else {
        0.0
    }
}

/// So often is a place looked at again whose copy went, until the organizer's says that it was declined.
fn looks_at(stage: &Stage, decline: &crate::books::Decline) -> usize {
    let settle = stage.host.deployment.tenant.policy.settle;
    let looks = looks(decline.at, settle);
    let until = decline.mail.unwrap_or(decline.at + Duration::days(365));
    (1 + looks.iter().filter(|at| **at < until).count()).min(looks.len())
}

fn created(stage: &Stage, users: &[Uuid]) -> usize {
    users.iter().map(|user| stage.world.subscribed(*user).len()).sum()
}

/// Of a calendar: subscriptions made, words that something was missed, and once after each outage.
fn gaps(stage: &Stage, users: &[Uuid], calendars: f64) -> f64 {
    let missed: usize = users.iter().map(|user| stage.world.missed(*user).len()).sum();
    let told = (created(stage, users) + missed) as f64 / calendars.max(1.0);
    if calendars > 0.0 { told + stage.world.weather().graph_down.len() as f64 } else { 0.0 }
}

/// That were played.
fn days(stage: &Stage) -> f64 {
    (stage.world.now() - start()).as_seconds_f64() / 86_400.0
}

fn watches_learners(stage: &Stage) -> bool {
    stage.variant != Variant::Organizer
}
