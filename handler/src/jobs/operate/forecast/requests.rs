//! Requests to Graph in a day, by kind. Each is a part of a `$batch`, and counts as a request for Graph's
//! limits.
//!
//! Derived: how often each kind is asked, from what the code does: a look at a place reads the learner's copy
//! by its id and asks the calendar whether it shows it; where it is gone, it is looked for by its `iCalUId`,
//! and the organizer's copy is read the same way. Inputs: [`Load`].

use super::between::Between;
use super::comparisons::{self, Comparisons};
use super::load::Load;
use super::publishing;
use super::timers::{PLAN, a_day, found_after};
use crate::config::Tenant;
use crate::enrolment::policy::Mailboxes;
use crate::graph::{DELTA_PAGE, IDS_PAGE, USERS_PAGE, VIEW_PAGE};
use crate::jobs::observe::invitations;
use crate::jobs::user_cache::USER_TTL;
use crate::jobs::watch::{directory, lifetime};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::ops::{Add, Mul};
use strum::{IntoStaticStr, VariantArray};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
pub enum RequestKind {
    /// An event by its id.
    #[strum(serialize = "GET event")]
    Event,
    /// Whether a calendar shows an event.
    #[strum(serialize = "GET calendarView of ids")]
    Shown,
    #[strum(serialize = "GET events by iCalUId")]
    ByICalUid,
    /// A page of a comparison.
    #[strum(serialize = "GET calendarView")]
    CalendarView,
    #[strum(serialize = "GET calendarView/delta")]
    Delta,
    #[strum(serialize = "GET automaticRepliesSetting")]
    AutomaticReplies,
    #[strum(serialize = "GET members")]
    Members,
    #[strum(serialize = "GET users")]
    Users,
    #[strum(serialize = "GET user")]
    User,
    #[strum(serialize = "GET subscriptions")]
    Subscriptions,
    #[strum(serialize = "POST subscription")]
    Create,
    #[strum(serialize = "PATCH subscription")]
    Renew,
}

impl RequestKind {
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl Serialize for RequestKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// By kind, a day.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Requests(pub BTreeMap<RequestKind, Between>);

impl Requests {
    pub fn of(&self, kind: RequestKind) -> Between {
        self.0.get(&kind).copied().unwrap_or_default()
    }

    pub fn all(&self) -> Between {
        self.0.values().fold(Between::default(), |all, one| all + *one)
    }

    fn add(&mut self, kind: RequestKind, count: Between) {
        if count.most > 0.0 {
            let known = self.of(kind);
            self.0.insert(kind, known + count);
        }
    }
}

/// What a look at an item costs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Look {
    event: f64,
    shown: f64,
    by_uid: f64,
}

impl Add for Look {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            event: self.event + other.event,
            shown: self.shown + other.shown,
            by_uid: self.by_uid + other.by_uid,
        }
    }
}

impl Mul<f64> for Look {
    type Output = Self;

    fn mul(self, times: f64) -> Self {
        Self { event: self.event * times, shown: self.shown * times, by_uid: self.by_uid * times }
    }
}

/// Read by its id, and its calendar asked whether it shows it
/// ([`crate::jobs::observe::read_calendar::there`]).
const THERE: Look = Look { event: 1.0, shown: 1.0, by_uid: 0.0 };
/// In another calendar than the default one: that is asked, too.
const ELSEWHERE: Look = Look { event: 1.0, shown: 2.0, by_uid: 0.0 };
/// Looked for by its `iCalUId`.
const BY_UID: Look = Look { event: 0.0, shown: 0.0, by_uid: 1.0 };
/// Read once, to see whether it is ours.
const READ: Look = Look { event: 1.0, shown: 0.0, by_uid: 0.0 };

/// A place whose copy is gone: the copy by its id, then by its `iCalUId`, and the organizer's.
fn gone(tenant: &Tenant) -> Look {
    let organizers = if tenant.watch.organizers.is_empty() { Look::default() } else { THERE };
    THERE + BY_UID + organizers
}

/// A look at one place, whose copy is `gone` in this share of them.
fn place(tenant: &Tenant, share_gone: f64) -> Look {
    match tenant.watch.mode.reads_learners() {
        true => THERE * (1.0 - share_gone) + gone(tenant) * share_gone,
        // By the organizer's copy alone.
        false => THERE,
    }
}

/// What all comparisons of a day lead to.
fn compared(tenant: &Tenant, load: &Load, learners: Comparisons, organizers: Comparisons) -> Look {
    let of = &load.learners;
    let near = THERE * of.shown + ELSEWHERE * of.elsewhere + gone(tenant) * of.gone;
    let whole = THERE * of.all_shown + ELSEWHERE * of.elsewhere + gone(tenant) * of.all_gone;
    near * learners.near
        + whole * learners.whole
        + THERE * load.organizer.shown * organizers.near
        + THERE * load.organizer.all_shown * organizers.whole
}

/// What the notifications of a day lead to.
fn told(tenant: &Tenant, load: &Load) -> Look {
    let (mode, changes) = (tenant.watch.mode, &load.changes);
    let share_gone = ratio(changes.gone, changes.gone + changes.shown);
    let mut all = Look::default();
    if mode.reads_learners() {
        let known = (changes.shown - load.places).max(0.0);
        all = all + READ * changes.private + THERE * known + gone(tenant) * changes.gone;
        // One that is new is read to see whose it is, and then as a place; the organizer's copy is looked for
        // once.
        let introduced = if tenant.watch.organizers.is_empty() { Look::default() } else { BY_UID };
        all = all + (READ + THERE + introduced) * load.places;
    }
    if mode.watches_organizers() {
        // The event; and whoever is on its list with another answer.
        all = all + THERE * changes.organizers + place(tenant, share_gone) * load.answers;
    }
    if invitations::are_followed_by(&tenant.watch) {
        // By the delta: each event that has changed since the last round, and all of them once a day.
        all = all + THERE * changed_rounds(load);
        all = all + THERE * load.organizer.all_shown * load.organizers * a_day(invitations::DAILY);
    }
    all
}

/// Rounds of a day in which something has changed in an organizer's calendar since the last one.
fn changed_rounds(load: &Load) -> f64 {
    let rounds = a_day(PLAN) * load.organizers;
    rounds * (1.0 - (-ratio(load.changes.organizers, rounds)).exp())
}

/// What is looked at again, and what is read just before the LMS is asked.
fn looked(tenant: &Tenant, load: &Load) -> Look {
    let again = if tenant.watch.mode.reads_learners() { gone(tenant) } else { THERE };
    let changes = &load.changes;
    let share_gone = ratio(changes.gone, load.declines.max(changes.gone));
    again * load.looks + place(tenant, share_gone) * load.declines
}

/// All that is asked in a day.
pub fn of(tenant: &Tenant, load: &Load) -> Requests {
    let mut all = Requests::default();
    let (learners, organizers) =
        (comparisons::of_learners(tenant, load), comparisons::of_organizers(tenant, load));
    let looks = compared(tenant, load, learners, organizers) + told(tenant, load) + looked(tenant, load);
    all.add(RequestKind::Event, Between::just(looks.event));
    all.add(RequestKind::Shown, Between::just(looks.shown));
    all.add(RequestKind::ByICalUid, Between::just(looks.by_uid));

    let whole_pages = pages(load.events + load.learners.all_shown, VIEW_PAGE);
    let near = learners.near + learners.vain + organizers.near + organizers.vain;
    let views = near
        + learners.whole * whole_pages
        + organizers.whole * pages(load.events + load.organizer.all_shown, VIEW_PAGE);
    let (least, most) = comparisons::tries(tenant, load);
    all.add(RequestKind::CalendarView, Between { least: views + least, most: views + most });

    if invitations::are_followed_by(&tenant.watch) {
        let anew = pages(load.events + load.organizer.all_shown, DELTA_PAGE) * a_day(invitations::DAILY);
        let read = load.organizers * (a_day(PLAN) + anew);
        // Where something has changed, the link to go on from may come on a page of its own.
        all.add(RequestKind::Delta, Between { least: read, most: read + changed_rounds(load) });
    }
    // Whether what was published is there.
    let compares = publishing::compares(tenant) * load.organizers;
    let ids = pages(load.events + load.organizer.all_shown, IDS_PAGE);
    all.add(RequestKind::Shown, Between::just(compares * ids));
    directory(&mut all, tenant, load);
    subscriptions(&mut all, tenant, load);
    all
}

/// Who is watched, and who people are.
fn directory(all: &mut Requests, tenant: &Tenant, load: &Load) {
    let (watch, rounds) = (&tenant.watch, a_day(PLAN));
    let readings =
        if load.mailboxes <= directory::SMALL as f64 { rounds } else { a_day(found_after(directory::REST)) };
    let remembered = a_day(chrono::Duration::from_std(USER_TTL).unwrap_or_default());
    let mut users = load.organizers * remembered.min(rounds);
    if watch.mode.reads_learners() {
        let listed = readings * pages(load.mailboxes, USERS_PAGE);
        match &watch.mailboxes {
            Mailboxes::None => {}
            Mailboxes::Group(_) => all.add(RequestKind::Members, Between::just(listed)),
            Mailboxes::All => all.add(RequestKind::Users, Between::just(listed)),
            Mailboxes::Users(_) => users += readings * load.mailboxes,
        }
    } else {
        // Nobody lists them: each is asked for when they are met, and remembered for a while.
        let met = load.answers + load.places + load.declines;
        let each = ratio(met, load.people * remembered);
        users += load.people * remembered * (1.0 - (-each).exp());
    }
    all.add(RequestKind::User, Between::just(users));
}

/// Subscriptions: renewed, made anew, listed.
fn subscriptions(all: &mut Requests, tenant: &Tenant, load: &Load) {
    let mode = tenant.watch.mode;
    let learners = if mode.reads_learners() { load.mailboxes } else { 0.0 };
    let watched = learners + if mode.watches_organizers() { load.organizers } else { 0.0 };
    let renewal = lifetime::mean_renewal(lifetime::LIFE) + PLAN / 2;
    all.add(RequestKind::Renew, Between::just(watched * a_day(renewal)));
    all.add(RequestKind::Create, Between::just(load.created));
    // Once a day.
    let listed = pages(watched, LISTED_ON_A_PAGE);
    all.add(RequestKind::Subscriptions, Between::just(listed));
    if mode.reads_learners() {
        // Only of who answered at once, or many together.
        all.add(RequestKind::AutomaticReplies, Between { least: 0.0, most: load.declines });
    }
}

/// Graph does not say how many; this many were seen.
const LISTED_ON_A_PAGE: u32 = 50;

fn pages(of: f64, page: u32) -> f64 {
    (of / f64::from(page)).ceil().max(1.0)
}

fn ratio(of: f64, among: f64) -> f64 {
    if among > 0.0 { of / among } else { 0.0 }
}

#[cfg(test)]
#[path = "requests_tests.rs"]
mod tests;
