//! Whether the ledger has what happened: each decline is in it within the time that
//! handler/reference/rules.md#watching allows, or there is a reason that the books know for why nobody could
//! have put it there.

use crate::books::{Decline, How, Known};
use crate::deployment::tenant_name;
use crate::lms::Effect;
use crate::script::{Learner, Script, Variant};
use crate::stage::Stage;
use chrono::{DateTime, Duration, Utc};
use regrets::enrolment::transitions::State;
use regrets::ids::UserId;
use regrets::jobs::operate::status::{self, TenantStatus};
use regrets::ledger::{enrolment_ids, enrolments, mailboxes};
use simulator::forward::Absent;
use simulator::forward::book::{Notice, Reach, Told};
use simulator::forward::weather::{Span, Weather};
use simulator::world::ChangeKind;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A planning round, what it takes until its tasks are done, and the round of looks that follows.
const ROUND: Duration = Duration::minutes(15);
/// `watch.resync`, and how often near sessions are compared.
const ROLLING: Duration = Duration::hours(24);
const NEAR: Duration = Duration::hours(1);
/// From a notice to the ledger.
const PROMPT: Duration = Duration::minutes(5);
/// Patience with an unreadable Graph doubles to an hour, and a renewal waits as long.
const RECOVERY: Duration = Duration::hours(2);
/// A refused mailbox is tried once a day, and up to an hour later.
const RECHECK: Duration = Duration::hours(26);
/// A joiner's mailbox is watched: a large directory is read once an hour.
const JOINING: Duration = Duration::minutes(100);

/// What became of a decline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    InTheLedger {
        lateness: Duration,
        allowed: Duration,
    },
    /// Nobody could see it: the copy was gone before anybody was shown it, and no organizer's copy is
    /// readable.
    Blind {
        cause: String,
        counted: bool,
    },
    /// Something else made it void before it had to be known.
    Overtaken(&'static str),
    /// The session was over before it had to be known.
    Over,
    /// Nobody watched, or had to: before the first comparison, after leaving, or while the mailbox was
    /// refused.
    Unwatched(&'static str),
    /// A defect.
    Wrong(String),
}

/// Only the learner's own mailbox shows it, and nobody watches that.
const UNSENT: Fate = Fate::Unwatched("the organizer was never told");

pub(crate) struct Judge {
    pub(crate) fates: Vec<(Decline, Fate)>,
    pub(crate) status: TenantStatus,
    pub(crate) effects: Vec<Effect>,
    /// Defects that are no single decline's.
    pub(crate) wrong: Vec<String>,
}

struct View<'a> {
    stage: &'a Stage,
    people: &'a [Learner],
    weather: &'a Weather,
    effects: &'a [Effect],
    settle: Duration,
    grace: Duration,
}

impl Judge {
    pub(crate) async fn of(stage: &Stage, script: &Script) -> Self {
        let app = stage.host.app_context();
        let policy = &stage.host.deployment.tenant.policy;
        let (settle, grace) = (policy.settle, policy.grace);
        let effects = stage.host.deployment.lms.effects();
        let view = View {
            stage,
            people: &script.people,
            weather: &script.weather,
            effects: &effects,
            settle,
            grace,
        };
        let mut fates = Vec::new();
        for decline in &stage.books.declines {
            let mut fate = view.fate(decline);
            if let (Fate::InTheLedger { .. }, Some(known)) = (&fate, &decline.known)
                && let Some(why) = view.untold(decline, known).await
            {
                fate = Fate::Wrong(why);
            }
            fates.push((decline.clone(), fate));
        }
        let status = status::tenant(&app, &tenant_name()).await.unwrap();
        let mut wrong = twice_or_falsely(stage, &effects);
        wrong.extend(view.late_joiners());
        wrong.extend(view.ran_out());
        Self { fates, status, effects, wrong }
    }

    pub(crate) fn count(&self, is: impl Fn(&Fate) -> bool) -> usize {
        self.fates.iter().filter(|(_, fate)| is(fate)).count()
    }

    /// Fails with the stories of those concerned.
    pub(crate) async fn insist(&self, stage: &Stage) {
        let mut wrong = self.wrong.clone();
        let all = self.fates.len();
        let blind = self.count(|fate| matches!(fate, Fate::Blind { .. }));
        match stage.variant {
            Variant::Unreadable => {
                if blind > 0
                    && (self.status.blind == 0 || !self.status.alerts.iter().any(|one| one.kind == "blind"))
                {
                    wrong.push(format!("{blind} are blind, and the status tells nobody: {:?}", self.status));
                }
            }
            Variant::Readable | Variant::Both | Variant::Organizer => {
                if blind > 0 || self.status.blind > 0 {
                    wrong.push(format!(
                        "{blind} are blind, {} by the status, with a readable organizer",
                        self.status.blind
                    ));
                }
            }
        }
        // Reasons why something need not be in the ledger are exceptions: else the run shows nothing.
        let inside = self.count(|fate| matches!(fate, Fate::InTheLedger { .. }));
        let all = all - self.count(|fate| *fate == UNSENT);
        if inside * 100 < all * 65 {
            wrong.push(format!("only {inside} of {all} declines are in the ledger"));
        }
        if stage.world.counts().limit_breaches > 0 {
            wrong.push(format!("{} writes beyond the limit", stage.world.counts().limit_breaches));
        }
        if self.status.alerts.iter().any(|alert| alert.kind == "mailboxes-unwatched") {
            wrong.push("mailboxes stay unwatched at the end".to_owned());
        }
        let defects: Vec<_> = self.fates.iter().filter(|(_, fate)| matches!(fate, Fate::Wrong(_))).collect();
        for (decline, fate) in defects.iter().take(3) {
            let Fate::Wrong(why) = fate else { continue };
            wrong.push(format!("{why}\n{}", self.story(stage, decline).await));
        }
        if defects.len() > 3 {
            wrong.push(format!("and {} more", defects.len() - 3));
        }
        let size = stage.size;
        assert!(
            wrong.is_empty(),
            "seed {}: {}\n\nagain: SEED={} MAILBOXES={} DAYS={} cargo test -p suites --test month {} -- \
             --nocapture",
            size.seed,
            wrong.join("\n\n"),
            size.seed,
            size.mailboxes,
            size.days,
            stage.variant.test(),
        );
    }

    /// All that is known of a decline: by the books, and by the ledger.
    async fn story(&self, stage: &Stage, decline: &Decline) -> String {
        let mut told = format!("{decline:#?}\n");
        let Some((mailbox, _)) = stage.seen_in(decline) else { return told };
        let user = UserId::new(mailbox.to_string());
        for copy in stage.copies(decline) {
            for notice in stage.world.notices(copy) {
                told += &format!("  notice: {notice:?}\n");
            }
            told += &format!("  shown first: {:?}\n", stage.world.shown(copy));
        }
        let near = |at: &DateTime<Utc>| decline.placed <= *at && *at <= decline.at + Duration::days(3);
        for at in stage.world.subscribed(mailbox).into_iter().filter(near) {
            told += &format!("  subscribed: {at}\n");
        }
        for (at, reach) in stage.world.views(mailbox) {
            if near(&at) {
                told += &format!("  calendar read: {at} {reach:?}\n");
            }
        }
        let app = stage.host.app_context();
        let row = mailboxes::load(&app.ledger, &tenant_name(), &user).await.unwrap();
        told += &format!("  {row:?}\n");
        match status::story(&app, &enrolment_ids::id_of(&decline.place())).await.unwrap() {
            Some(story) => {
                told += &format!("  {:?}\n", story.item);
                for line in story.story {
                    told += &format!("  {} {}: {}\n", line.at.0, line.by, line.text);
                }
            }
            None => told += "  the ledger has no such place\n",
        }
        told
    }
}

impl View<'_> {
    fn person(&self, decline: &Decline) -> &Learner {
        &self.people[decline.who]
    }

    fn effects(&self, decline: &Decline) -> impl Iterator<Item = &Effect> {
        self.effects
            .iter()
            .filter(|effect| effect.session == decline.session && effect.learner == decline.learner)
    }

    /// The place had been cancelled, and nobody saw the copy that came of being invited again: the
    /// organizer's list alone can tell a second decline from the first.
    fn is_unseen_again(&self, decline: &Decline) -> bool {
        !self.was_shown(decline) && self.effects(decline).any(|effect| effect.at < decline.placed)
    }

    /// Somebody saw that the learner had a place again before the decline showed, at `at`: by reading the
    /// calendar, or by a notice.
    fn is_seen_again(&self, decline: &Decline, mailbox: Uuid, at: DateTime<Utc>) -> bool {
        let between = |seen: &DateTime<Utc>| decline.placed < *seen && *seen < at;
        let notices = self.stage.notices(decline);
        let is_told = notices.iter().any(|notice| notice.told == Told::Taken && between(&notice.since));
        match self.stage.variant {
            // A copy may stay from one place to the next: that it was shown before says nothing.
            Variant::Unreadable | Variant::Readable | Variant::Both => {
                let first_shown =
                    self.stage.copies(decline).iter().filter_map(|copy| self.stage.world.shown(copy));
                is_told || first_shown.into_iter().any(|seen| between(&seen))
            }
            Variant::Organizer => {
                is_told || self.stage.world.views(mailbox).iter().any(|(seen, _)| between(seen))
            }
        }
    }

    /// When the copy was shown to anybody before it was declined.
    fn was_shown(&self, decline: &Decline) -> bool {
        self.stage
            .copies(decline)
            .iter()
            .filter_map(|copy| self.stage.world.shown(copy))
            .any(|at| at < decline.at)
    }

    /// How late the ledger may know of what can be seen in this mailbox since then: by its notice, by the
    /// hourly comparison of what starts within a day, or by the daily one of everything; longer for as long
    /// as the mailbox could not be read.
    fn allowed(&self, decline: &Decline, mailbox: Uuid, at: DateTime<Utc>) -> Duration {
        let mut least = ROLLING + ROUND;
        if self.was_shown(decline) {
            let until_upcoming = (decline.start - at - Duration::days(1)).max(Duration::zero());
            least = least.min(until_upcoming + NEAR + ROUND);
        }
        let notice = self.stage.notice(decline);
        if let Some(notice) = notice.as_ref().filter(|notice| notice.told == Told::Taken) {
            // What vanished before it was seen, only an organizer's copy can tell.
            let last = decline.copies.last().and_then(|copy| self.stage.world.shown(copy));
            let tells = last.is_some_and(|at| at < decline.at) || decline.kept;
            least = match (tells, self.stage.variant.has_organizer()) {
                (true, _) => least.min(notice.since - at + PROMPT),
                // That one is followed by every planning round.
                (false, true) => least.min(notice.since - at + ROUND),
                (false, false) => least,
            };
        }
        // A gap is closed at once when it is over: by a new subscription, when Graph says that something was
        // missed, or when Graph is back.
        let closed = match notice.map(|notice| notice.told) {
            Some(Told::Unsubscribed(_) | Told::Ended) => self.stage.world.subscribed(mailbox),
            Some(Told::GivenUp) => self.stage.world.missed(mailbox),
            Some(Told::GraphDown) => self.weather.graph_down.iter().map(|span| span.to).collect(),
            Some(Told::Lost | Told::Silent | Told::Refused | Told::UnderWay | Told::Taken) | None => {
                Vec::new()
            }
        };
        if let Some(mail) = decline.mail.filter(|mail| *mail > at && self.is_unseen_again(decline)) {
            least = mail - at + ROLLING + ROUND;
        }
        if let Some(closed) = closed.into_iter().find(|closed| *closed > at) {
            least = least.min(closed - at + ROUND);
        }
        // The organizer's copy may show a decline only after a while, in which the copy that is gone is
        // looked for again.
        match self.stage.variant {
            Variant::Readable | Variant::Both if !decline.kept => least += self.settle,
            Variant::Unreadable | Variant::Readable | Variant::Both | Variant::Organizer => {}
        }
        let blocked = self.blocked(mailbox, at, least + PROMPT + self.settle);
        least + blocked
    }

    /// How much longer something takes that takes so long, because the mailbox can't be read meanwhile.
    fn blocked(&self, mailbox: Uuid, from: DateTime<Utc>, time: Duration) -> Duration {
        let mut blocked = Duration::zero();
        loop {
            let unreadable = self.weather.unreadable(mailbox, &Span::lasting(from, time + blocked));
            let more = if unreadable.is_zero() { unreadable } else { unreadable + RECOVERY };
            if more <= blocked {
                return blocked;
            }
            blocked = more;
        }
    }

    fn fate(&self, decline: &Decline) -> Fate {
        let Some((mailbox, at)) = self.stage.seen_in(decline) else { return UNSENT };
        let allowed = self.allowed(decline, mailbox, at);
        if self.weather.is_refused(mailbox, at) {
            return Fate::Unwatched("refused");
        }
        if decline.known.as_ref().is_some_and(|known| known.how == How::Repeated) {
            return match self.is_seen_again(decline, mailbox, at) {
                false => Fate::Unwatched("invited again unseen: told as a repeat"),
                true => Fate::Wrong(
                    "told as a repeat, though it was seen that there was a place again".to_owned(),
                ),
            };
        }
        if let Some(known) = &decline.known {
            let settle = if known.is_weak { self.settle } else { Duration::zero() };
            let lateness = known.at - settle - at;
            if lateness <= allowed {
                return Fate::InTheLedger { lateness, allowed };
            }
        }
        // Later than it should be, or never.
        let by = at + allowed + self.settle;
        match self.excuse(decline, by) {
            Some(fate) => fate,
            None => Fate::Wrong(match &decline.known {
                Some(known) => format!("in the ledger {} too late", minutes(known.at - at - allowed)),
                None => format!("not in the ledger, which should have had it within {}", minutes(allowed)),
            }),
        }
    }

    /// Why it need not be in the ledger by then.
    fn excuse(&self, decline: &Decline, by: DateTime<Utc>) -> Option<Fate> {
        if self.stage.variant != Variant::Organizer
            && let Some(why) = self.unwatched(decline, by)
        {
            return Some(why);
        }
        if let Some((at, why)) = decline.undone
            && at <= by
        {
            return Some(Fate::Overtaken(why));
        }
        if decline.end <= by {
            return Some(Fate::Over);
        }
        if decline.mail.is_none() && self.stage.variant.has_organizer() && self.is_unseen_again(decline) {
            return Some(UNSENT);
        }
        let is_hidden = !self.stage.variant.has_organizer() && !decline.kept && !self.was_shown(decline);
        is_hidden.then(|| self.blind(decline))
    }

    /// Why nobody watched the learner's own mailbox, or had to.
    fn unwatched(&self, decline: &Decline, by: DateTime<Utc>) -> Option<Fate> {
        let person = self.person(decline);
        let first = self.watched_since(person);
        if person.left.is_some_and(|left| left <= by) {
            return Some(Fate::Unwatched("left"));
        }
        let waited = Span { from: decline.at - RECOVERY, to: by };
        let refused = self.weather.refused.get(&person.id).into_iter().flatten();
        if refused
            .map(|span| Span { to: span.to + RECHECK, ..*span })
            .any(|span| !span.shared(&waited).is_zero())
        {
            return Some(Fate::Unwatched("refused"));
        }
        if first.is_none_or(|first| decline.at < first) {
            return Some(Fate::Unwatched("joining"));
        }
        None
    }

    /// Nobody was shown the copy while it was there. Was there a reason?
    fn blind(&self, decline: &Decline) -> Fate {
        let person = self.person(decline);
        let invitation =
            self.stage.notices(decline).into_iter().find(|notice| notice.kind == ChangeKind::Created);
        let Some(notice) = invitation else { return Fate::Wrong("nobody was invited".to_owned()) };
        let lived =
            Span { from: notice.at.max(self.watched_since(person).unwrap_or(decline.at)), to: decline.at };
        let most = ROLLING + ROUND + self.blocked(person.id, lived.from, ROLLING + ROUND);
        if lived.to - lived.from > most {
            return Fate::Wrong(format!(
                "the copy was there for {}, and nobody looked",
                minutes(lived.to - lived.from)
            ));
        }
        if notice.told == Told::Taken {
            let rest = Span { from: notice.since, to: decline.at };
            let is_readable = self.weather.unreadable(person.id, &rest).is_zero();
            if is_readable && rest.to - rest.from > Duration::minutes(3) {
                return Fate::Wrong("we were told of the invitation, and did not look".to_owned());
            }
        }
        let cause = cause(&notice);
        // Graph told us of such gaps, or we found them ourselves: the mailbox's own count must show it.
        let is_known = match notice.told {
            Told::Unsubscribed(absent) => absent != Absent::NotYet,
            Told::Ended | Told::GraphDown => true,
            Told::GivenUp => self.stage.world.missed(person.id).iter().any(|at| *at >= notice.at),
            Told::Lost | Told::Silent | Told::Refused | Told::UnderWay | Told::Taken => false,
        };
        // Found at the latest by the next renewal. A gap lasts from the end of one subscription, which may
        // have been found before the invitation came, to the next one.
        let began = self
            .stage
            .world
            .subscribed(person.id)
            .into_iter()
            .rfind(|at| *at <= notice.at)
            .unwrap_or(notice.at);
        let found = Span { from: began, to: decline.at + Duration::hours(36) + RECOVERY };
        let counted = self.stage.books.gaps(decline.who).iter().any(|at| found.holds(*at));
        if is_known && !counted {
            return Fate::Wrong(format!("{cause}: a gap that could be known, and is not counted"));
        }
        Fate::Blind { cause, counted }
    }

    /// Watched is whose whole calendar has been compared once.
    fn watched_since(&self, person: &Learner) -> Option<DateTime<Utc>> {
        let views = self.stage.world.views(person.id);
        views.into_iter().find(|(_, reach)| *reach == Reach::Whole).map(|(at, _)| at)
    }

    /// Joiners whose watching began too late.
    fn late_joiners(&self) -> Vec<String> {
        let mut late = Vec::new();
        if self.stage.variant == Variant::Organizer {
            return late;
        }
        for person in self.people {
            let joined = person.joined.unwrap_or_else(crate::script::start);
            let wait = Span::lasting(joined, JOINING);
            let away: Vec<Span> =
                self.weather.endpoint_down.iter().chain(&self.weather.graph_down).copied().collect();
            let blocked = away
                .iter()
                .fold(self.weather.unreadable(person.id, &wait), |sum, span| sum + span.shared(&wait));
            // What is in the way at that time is other people's matter; how long it lasts, these checks' own.
            if !blocked.is_zero() || person.left.is_some_and(|left| left <= joined + JOINING) {
                continue;
            }
            if self.watched_since(person).is_none_or(|first| first > joined + JOINING) {
                late.push(format!(
                    "{} joined at {joined}, watched since {:?}",
                    person.address,
                    self.watched_since(person)
                ));
            }
        }
        late
    }

    /// Subscriptions that nobody renewed although it could be done.
    fn ran_out(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (user, at) in self.stage.world.ran_out() {
            let person = self.people.iter().find(|person| person.id == user);
            // Renewals begin at half of the shorter life, and any that fails is tried again within the hour.
            let last = Span { from: at - Duration::hours(20), to: at };
            let refused = self.weather.refused.get(&user).into_iter().flatten();
            let mut refused = refused.map(|span| Span { to: span.to + RECHECK, ..*span });
            let is_left = person.and_then(|person| person.left).is_some_and(|left| left <= at);
            if !is_left && !refused.any(|span| !span.shared(&last).is_zero()) {
                let whose = person.map_or("the organizer", |person| person.address.as_str());
                wrong.push(format!("the subscription of {whose} ran out at {at}: nobody renewed it"));
            }
        }
        let more = wrong.len().saturating_sub(3);
        wrong.truncate(3);
        wrong.extend((more > 0).then(|| format!("and {more} other subscriptions")));
        wrong
    }

    /// Why the LMS has not been told of what the ledger knows, where that is wrong.
    async fn untold(&self, decline: &Decline, known: &Known) -> Option<String> {
        let since = match known.how {
            How::Review | How::TooLate | How::Repeated => return None,
            How::Declined | How::Removed | How::Unseen => decline.at,
            How::Before => decline.placed,
        };
        let told = self.effects(decline).any(|effect| effect.at >= since);
        if told || decline.undone.is_some() {
            return None;
        }
        let ledger = self.stage.host.deployment.ledger();
        let row = enrolments::load(&ledger, &decline.place()).await.unwrap()?;
        let grace = self.grace + ROUND;
        let mailbox = self.stage.seen_in(decline).map_or(self.person(decline).id, |(mailbox, _)| mailbox);
        let due = known.at + grace + self.blocked(mailbox, known.at, grace);
        if row.value.state == State::Expired && decline.start <= due {
            return None;
        }
        Some(format!("in the ledger as {:?}, and the LMS was never told: {:?}", known.how, row.value.state))
    }
}

/// More effects than declines, or an effect without one.
fn twice_or_falsely(stage: &Stage, effects: &[Effect]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut by_place: BTreeMap<(&str, &str), Vec<DateTime<Utc>>> = BTreeMap::new();
    for effect in effects {
        by_place.entry((&effect.session, &effect.learner)).or_default().push(effect.at);
    }
    for ((session, learner), mut times) in by_place {
        times.sort_unstable();
        let of_place = |decline: &&Decline| decline.session == session && decline.learner == learner;
        let declines: Vec<DateTime<Utc>> =
            stage.books.declines.iter().filter(of_place).map(|decline| decline.at).collect();
        for (n, at) in times.iter().enumerate() {
            let before = declines.iter().filter(|declined| *declined <= at).count();
            if before < n + 1 {
                wrong.push(format!(
                    "session {session}, {learner}: cancelled {} times by {at}, declined {before} times: \
                     {declines:?}",
                    n + 1
                ));
            }
        }
    }
    wrong
}

/// Why a notice did not come, or came as it did.
pub(crate) fn cause(notice: &Notice) -> String {
    let why = match notice.told {
        Told::Unsubscribed(Absent::NotYet) => "not subscribed yet",
        Told::Unsubscribed(Absent::Lapsed) => "the subscription had run out",
        Told::Unsubscribed(Absent::Lost) => "Graph had lost the subscription without a word",
        Told::Unsubscribed(Absent::Removed) => "Graph had removed the subscription",
        Told::Unsubscribed(Absent::Deleted) => "the subscription had been deleted",
        Told::Lost => "its notice was lost",
        Told::Silent => "a silent gap",
        Told::GraphDown => "Graph was down",
        Told::Refused => "the mailbox was refused",
        Told::UnderWay => "its notice is under way still",
        Told::Taken if notice.since - notice.at > Duration::minutes(2) => "its notice came late",
        Told::Taken => "its notice came at once",
        Told::GivenUp => "our endpoint was away, and Graph gave its notice up",
        Told::Ended => "the subscription ended before its notice was taken",
    };
    why.to_owned()
}

pub(crate) fn minutes(time: Duration) -> String {
    let sign = if time < Duration::zero() { "-" } else { "" };
    let time = time.abs();
    match time.num_minutes() {
        0..60 => format!("{sign}{} min {} s", time.num_minutes(), time.num_seconds() % 60),
        _ => format!("{sign}{} h {} min", time.num_hours(), time.num_minutes() % 60),
    }
}
