//! A training department in fast-forward: sessions come, are moved, called off, filled, left and declined;
//! the LMS shows nothing for a day, and the organizer's mailbox can't be reached for another. After each hour
//! in which something happened, who was mailed is held against who had to be.
//!
//! The gate plays a few weeks. `YEAR_SESSIONS=2000 YEAR_DAYS=365 cargo test --release --workspace --lib
//! publish::year -- --nocapture` plays a year, and prints what it came to.

use super::play::*;
use super::rounds::Rounds;
use crate::calendar::zone::Zone;
use crate::jobs::publish::unbroken;
use crate::jobs::testing::{contoso, minutes, user};
use crate::ledger::{source_sessions, written_events};
use crate::lms::RosterReach;
use crate::messages::{ChangeType, Hint};
use crate::publishing::testing::{record, session};
use crate::sessions::moment::{Moment, Span};
use crate::sessions::place_record::{PlaceRecord, RecordState};
use crate::sessions::session::{Session, SessionState};
use chrono::{DateTime, Duration, NaiveTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::collections::{BTreeMap, BTreeSet};

/// How long before its date a session is announced, and within how many days its places are taken.
const AHEAD: i64 = 30;
const FILLS: i64 = 12;
const PLACES: u32 = 10;

fn sized(name: &str, by_default: i64) -> i64 {
    std::env::var(name).map_or(by_default, |text| text.parse().unwrap())
}

/// What happens at eight, eleven, two and four o'clock of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hour {
    Enrols = 8,
    Moves = 11,
    Leaves = 14,
    Declines = 16,
}

const HOURS: [Hour; 4] = [Hour::Enrols, Hour::Moves, Hour::Leaves, Hour::Declines];

#[derive(Debug)]
struct Training {
    id: u32,
    /// Days from the beginning.
    announced: i64,
    day: i64,
    hour: u32,
    moved: Option<(i64, u32)>,
    called_off: Option<i64>,
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    name: String,
    taken: i64,
    left: Option<i64>,
    declined: Option<i64>,
    /// Whether the LMS shows it held, once it is taken.
    is_held: bool,
}

impl Training {
    /// A place of each share of things that happen in a department.
    fn drawn(id: u32, days: i64, draw: &mut StdRng) -> Self {
        let announced = draw.random_range(0..(days - AHEAD).max(1));
        let day = announced + AHEAD;
        let within = |draw: &mut StdRng| announced + draw.random_range(FILLS + 1..AHEAD - 1);
        let moved = draw.random_bool(0.15).then(|| (within(draw), draw.random_range(13..17)));
        let called_off = draw.random_bool(0.05).then(|| within(draw));
        let places = (0..PLACES).map(|number| {
            let (left, declined) = (draw.random_bool(0.08), draw.random_bool(0.03));
            Place {
                name: format!("p{number}s{id}"),
                taken: announced + draw.random_range(0..FILLS),
                left: left.then(|| within(draw)),
                declined: (declined && !left).then(|| within(draw)),
                is_held: true,
            }
        });
        let places = places.collect();
        Self { id, announced, day, hour: draw.random_range(8..12), moved, called_off, places }
    }

    fn is_called_off(&self, day: i64, hour: Hour) -> bool {
        self.called_off.is_some_and(|off| (off, Hour::Moves) <= (day, hour))
    }

    fn shown(&self, began: DateTime<Utc>, day: i64, hour: Hour) -> Session {
        let moved = self.moved.filter(|(at, _)| (*at, Hour::Moves) <= (day, hour));
        let starts = moved.map_or(self.hour, |(_, hour)| hour);
        let date = (began + Duration::days(self.day)).date_naive();
        let zone = Zone::named("Europe/Berlin").unwrap();
        let at = |hour| {
            Moment::of_wall(date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap()), zone).unwrap()
        };
        let mut shown = session(10);
        shown.id = self.id.to_string().as_str().into();
        shown.parts[0].span = Span::timed(at(starts), at(starts + 2)).unwrap();
        if self.is_called_off(day, hour) {
            shown.state = SessionState::Cancelled;
        }
        shown
    }
}

impl Place {
    fn is_taken(&self, day: i64, hour: Hour) -> bool {
        (self.taken, Hour::Enrols) <= (day, hour)
    }

    fn has_left(&self, day: i64, hour: Hour) -> bool {
        self.left.is_some_and(|left| (left, Hour::Leaves) <= (day, hour))
    }
}

/// A day on which nothing changes but what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// The LMS answers, and shows nothing.
    EmptyLms,
    /// Graph does not reach the organizer's mailbox: who enrols is told the next morning.
    NoMailbox,
}

struct Year {
    rounds: Rounds,
    began: DateTime<Utc>,
    trainings: Vec<Training>,
    troubles: BTreeMap<i64, Trouble>,
    /// Who stands in which training's calendar by now.
    told: BTreeMap<String, u32>,
    seen: Vec<(Duration, usize, String)>,
    mails: usize,
    acts: usize,
    kinds: BTreeSet<&'static str>,
}

impl Year {
    async fn new(sessions: i64, days: i64, seed: u64) -> Self {
        let mut draw = StdRng::seed_from_u64(seed);
        let mut trainings: Vec<Training> = (0..sessions)
            .map(|id| Training::drawn(5_000 + u32::try_from(id).unwrap(), days, &mut draw))
            .collect();
        let troubles: BTreeMap<i64, Trouble> =
            [(days * 2 / 5, Trouble::EmptyLms), (days * 3 / 5, Trouble::NoMailbox)].into();
        // On these days nothing else happens than that some enrol.
        let calm = |day: &mut i64| *day += i64::from(troubles.contains_key(day));
        for training in &mut trainings {
            training.moved.iter_mut().for_each(|(day, _)| calm(day));
            training.called_off.iter_mut().for_each(calm);
            for place in &mut training.places {
                place.left.iter_mut().for_each(calm);
                place.declined.iter_mut().for_each(calm);
                if troubles.get(&place.taken) == Some(&Trouble::EmptyLms) {
                    place.taken += 1;
                }
            }
        }
        let rounds = Rounds::new(RosterReach::All, |publish| {
            publish.publisher.calendar = None;
            publish.publisher.policy.confirm_above = 10_000;
        })
        .await;
        let began = rounds.world.now().date_naive().and_time(NaiveTime::MIN).and_utc() + Duration::days(1);
        Self {
            rounds,
            began,
            trainings,
            troubles,
            told: BTreeMap::new(),
            seen: Vec::new(),
            mails: 0,
            acts: 0,
            kinds: BTreeSet::new(),
        }
    }

    /// What the LMS shows: all that is announced and was not over yesterday.
    fn show(&self, day: i64, hour: Hour) {
        let shown = self.trainings.iter().filter(|one| one.announced <= day && one.day + 1 >= day);
        let mut sessions = Vec::new();
        let mut places: Vec<PlaceRecord> = Vec::new();
        for training in shown {
            sessions.push(training.shown(self.began, day, hour));
            for place in training.places.iter().filter(|place| place.is_taken(day, hour)) {
                let is_held = place.is_held && !place.has_left(day, hour);
                let state = if is_held { RecordState::Held } else { RecordState::Cancelled };
                let record = record(&format!("r-{}", place.name), &place.name, state);
                places.push(PlaceRecord { session: training.id.to_string().as_str().into(), ..record });
            }
        }
        self.rounds.shows(&sessions, &places);
    }

    /// Who has to be mailed by this hour, and why.
    fn must(&mut self, day: i64, hour: Hour) -> Vec<(String, &'static str)> {
        let mut mails = Vec::new();
        for training in self.trainings.iter().filter(|one| one.announced <= day && one.day > day) {
            let off = training.is_called_off(day, hour);
            let starts = training.shown(self.began, day, hour).start().unwrap().timestamp();
            let starts = u32::try_from(starts).unwrap();
            for place in training.places.iter().filter(|place| place.is_taken(day, hour)) {
                let is_held = place.is_held && !place.has_left(day, hour) && !off;
                match (is_held, self.told.get(&place.name).copied()) {
                    (true, None) if place.is_held => {
                        mails.push(to(&place.name, "invited"));
                        self.told.insert(place.name.clone(), starts);
                    }
                    (true, Some(known)) if known != starts => {
                        mails.push(to(&place.name, "changed"));
                        self.told.insert(place.name.clone(), starts);
                    }
                    (false, Some(_)) => {
                        mails.push(to(&place.name, "cancelled"));
                        self.told.remove(&place.name);
                    }
                    (true, _) | (false, None) => {}
                }
            }
        }
        mails
    }

    /// Rounds until nothing is left to do. What was mailed, and when.
    async fn settle(&mut self, what: &str) -> Vec<(String, &'static str)> {
        let from = self.rounds.world.now();
        let (mut mailed, mut quiet) = (Vec::new(), 0);
        // Two hours: then the next thing happens.
        for _ in 0..24 {
            let messages = self.rounds.round().await;
            let new = self.rounds.mailed();
            if !new.is_empty() {
                self.seen.push((self.rounds.world.now() - from, new.len(), what.to_owned()));
            }
            quiet = if messages.is_empty() && new.is_empty() { quiet + 1 } else { 0 };
            mailed.extend(new);
            // Edits settle for ten minutes; who is asked for a word is.
            if quiet == 4 {
                break;
            }
            if self.rounds.alerts().await.iter().any(|alert| alert.starts_with("publish-held")) {
                self.rounds.confirm(None).await;
            }
        }
        mailed.sort();
        mailed
    }

    async fn at(&self, day: i64, hour: Hour) {
        let time = self.began + Duration::days(day) + Duration::hours(hour as i64);
        let world = &self.rounds.world;
        // Of the rounds in between, in which nothing happens, this is all that stays.
        while world.now() + minutes(15) < time {
            world.clock.advance(minutes(15));
            unbroken::beat(&world.app.ledger, &contoso(), world.now()).await.unwrap();
        }
        world.clock.set(time.max(world.now()));
    }

    async fn hour(&mut self, day: i64, hour: Hour) {
        self.at(day, hour).await;
        self.show(day, hour);
        let mut must = self.must(day, hour);
        must.sort();
        let what = format!("day {day}, {hour:?}");
        let mailed = self.settle(&what).await;
        if mailed != must {
            let later = self.settle("later").await;
            let named =
                |mails: &[(String, &'static str)], name: &str| mails.iter().any(|mail| mail.0 == name);
            let is_odd = |place: &&Place| named(&mailed, &place.name) != named(&must, &place.name);
            let mut odd = Vec::new();
            for training in &self.trainings {
                let Some(place) = training.places.iter().find(is_odd) else { continue };
                let session = training.id.to_string().as_str().into();
                let (ledger, tenant) = (&self.rounds.world.app.ledger, contoso());
                let rows = written_events::of_session(ledger, &tenant, &session).await.unwrap();
                let row = rows.into_iter().find(|row| format!("{:?}", row.value.key).contains(&place.name));
                let of = source_sessions::load(ledger, &tenant, &session).await.unwrap();
                odd.push(format!("{place:?} of day {}: {row:#?}\n{of:#?}", training.day));
            }
            let (alerts, odd) = (self.rounds.alerts().await, odd.join("\n"));
            panic!("{what}: mailed {mailed:?}, and had to be {must:?}; later {later:?}: {alerts:?} {odd}");
        }
        self.acts += must.len();
        self.kinds.extend(must.iter().map(|mail| mail.1));
        self.mails += mailed.len();
    }

    /// Those who decline that day: their places go, and nobody is mailed about it.
    async fn declines(&mut self, day: i64) {
        self.at(day, Hour::Declines).await;
        for index in 0..self.trainings.len() {
            let training = &self.trainings[index];
            let id = training.id;
            let declining = training
                .places
                .iter()
                .enumerate()
                .filter(|(_, place)| place.declined == Some(day) && self.told.contains_key(&place.name));
            let declining: Vec<(usize, String)> =
                declining.map(|(number, place)| (number, place.name.clone())).collect();
            for (number, name) in declining {
                let world = &self.rounds.world;
                world.graph.hire(&name);
                let copy = world.graph.decline_published(&name);
                world
                    .observe(&[Hint::Changed {
                        mailbox: user(&name),
                        event: copy,
                        change: ChangeType::Updated,
                    }])
                    .await;
                world.pass(minutes(60)).await;
                assert_eq!(world.lms.cancelled(&name, id), 1, "{name}'s decline is lost");
                self.trainings[index].places[number].is_held = false;
                self.told.remove(&name);
            }
        }
        self.hour(day, Hour::Declines).await;
    }

    async fn day(&mut self, day: i64) {
        match self.troubles.get(&day).copied() {
            Some(Trouble::EmptyLms) => {
                self.at(day, Hour::Enrols).await;
                self.rounds.shows(&[], &[]);
                for hour in HOURS {
                    self.at(day, hour).await;
                    assert_eq!(self.settle("the LMS shows nothing").await, [], "day {day}");
                }
            }
            Some(Trouble::NoMailbox) => {
                self.at(day, Hour::Enrols).await;
                self.show(day, Hour::Enrols);
                self.rounds.world.graph.is_down(true);
                for hour in HOURS {
                    self.at(day, hour).await;
                    assert_eq!(self.settle("no mailbox").await, [], "day {day}");
                }
                self.rounds.world.graph.is_down(false);
            }
            None => {
                for hour in [Hour::Enrols, Hour::Moves, Hour::Leaves] {
                    self.hour(day, hour).await;
                }
                self.declines(day).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_department_mails_what_it_must_and_nothing_else() {
    let (sessions, days) = (sized("YEAR_SESSIONS", 12), sized("YEAR_DAYS", 40));
    let seed = u64::try_from(sized("SEED", 1)).unwrap();
    let mut year = Year::new(sessions, days, seed).await;
    let names: Vec<String> =
        year.trainings.iter().flat_map(|one| one.places.iter().map(|place| place.name.clone())).collect();
    for name in &names {
        year.rounds.world.graph.hire(name);
        year.rounds.world.know(&contoso(), name).await;
    }
    let _ = year.rounds.world.graph.all_calls();
    for day in 0..=days {
        year.day(day).await;
    }
    let calls = year.rounds.world.graph.all_calls();
    let writes = ["create_event", "change_event", "change_attendees", "call_off_event", "delete_event"];
    let wrote: usize = writes.iter().filter_map(|name| calls.get(name)).sum();
    let looked = calls.get("marked_events").copied().unwrap_or(0);
    let longest = year.seen.iter().max().cloned();
    println!(
        "{sessions} sessions, {} places, {days} days, seed {seed}: {} mails, none wrong, none missing; \
         {wrote} writes and {looked} look-ups for {} acts; longest until a mail: {longest:?}; all calls of \
         Graph: {calls:?}",
        year.trainings.iter().map(|one| one.places.len()).sum::<usize>(),
        year.mails,
        year.acts,
    );
    assert!(year.kinds.len() == 3, "{:?}", year.kinds);
    // What fails while the mailbox is away is tried again; and each session is looked for once.
    let asked = wrote + looked;
    assert!(asked * 100 <= year.acts * 115, "{wrote} writes and {looked} look-ups for {} acts", year.acts);
}
