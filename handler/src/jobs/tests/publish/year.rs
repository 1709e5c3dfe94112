//! A training department in fast-forward: sessions come, are moved, called off, filled, left and declined;
//! rooms decline, and others are found; the LMS shows nothing for a day, and the organizer's mailbox can't be
//! reached for another. After each hour in which something happened, who was mailed is held against who had
//! to be.
//!
//! The gate plays a few weeks. `YEAR_SESSIONS=2000 YEAR_DAYS=365 cargo test --release --workspace --lib
//! publish::year -- --nocapture` plays a year, and prints what it came to.

use super::department::{HALL, HOURS, Hour, Place, ROOM, Training};
use super::play::*;
use super::rounds::Rounds;
use crate::calendar::event::Answer;
use crate::config::WatchMode;
use crate::jobs::publish::{retention, unbroken};
use crate::jobs::testing::{ORGANIZER, address, contoso, minutes, user};
use crate::ledger::{source_sessions, written_events};
use crate::lms::RosterReach;
use crate::messages::{ChangeType, Hint};
use crate::publishing::policy::{Rooms, RoomsBy};
use crate::publishing::testing::record;
use crate::sessions::place_record::{PlaceRecord, RecordState};
use chrono::{DateTime, Duration, NaiveTime, Utc};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use std::collections::{BTreeMap, BTreeSet};

fn is_room(name: &str) -> bool {
    name.starts_with(ROOM) || name.starts_with(HALL)
}

fn sized(name: &str, by_default: i64) -> i64 {
    std::env::var(name).map_or(by_default, |text| text.parse().unwrap())
}

/// A day on which nothing changes but what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// The LMS answers, and shows nothing.
    EmptyLms,
    /// Graph does not reach the organizer's mailbox: who enrols is told the next morning.
    NoMailbox,
}

type Told = (DateTime<Utc>, bool);

struct Year {
    rounds: Rounds,
    began: DateTime<Utc>,
    trainings: Vec<Training>,
    troubles: BTreeMap<i64, Trouble>,
    /// Who was told of which start, and whether of the second room.
    told: BTreeMap<String, Told>,
    /// The same of the session's own event, to which the room is invited.
    housed: BTreeMap<u32, Told>,
    /// Which rooms have declined which start.
    declined: BTreeSet<(String, Option<DateTime<Utc>>)>,
    answers: usize,
    /// Of Graph, but for those in vain.
    calls: BTreeMap<&'static str, usize>,
    in_vain: usize,
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
            training.rehoused.iter_mut().for_each(calm);
            for place in &mut training.places {
                place.left.iter_mut().for_each(calm);
                place.declined.iter_mut().for_each(calm);
                if troubles.get(&place.taken) == Some(&Trouble::EmptyLms) {
                    place.taken += 1;
                }
            }
        }
        let mut rounds = Rounds::new(RosterReach::All, |publish| {
            publish.publisher.calendar = None;
            publish.publisher.rooms = Some(Rooms { by: RoomsBy::Address, first: false });
            publish.publisher.policy.confirm_above = 10_000;
        })
        .await;
        // Whoever's calendar is watched is told of answers.
        let watch = &mut rounds.world.tenant.watch;
        (watch.mode, watch.organizers) = (WatchMode::Both, vec![address(ORGANIZER)]);
        rounds.world.tenant.policy.retention = Duration::days(14);
        rounds.world.restart().await;
        let began = rounds.world.now().date_naive().and_time(NaiveTime::MIN).and_utc() + Duration::days(1);
        Self {
            rounds,
            began,
            trainings,
            troubles,
            told: BTreeMap::new(),
            housed: BTreeMap::new(),
            declined: BTreeSet::new(),
            answers: 0,
            calls: BTreeMap::new(),
            in_vain: 0,
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
            let starts = training.shown(self.began, day, hour).start().unwrap();
            let now = (starts, training.is_rehoused(day, hour));
            self.acts += match (off, self.housed.get(&training.id).copied()) {
                (true, None) => 0,
                (true, Some(_)) => self.housed.remove(&training.id).map_or(0, |_| 1),
                (false, None) => 1,
                // Another room is told to whoever is invited, and then invited.
                (false, Some(known)) => usize::from(known != now) + usize::from(known.1 != now.1),
            };
            if !off {
                self.housed.insert(training.id, now);
            }
            for place in training.places.iter().filter(|place| place.is_taken(day, hour)) {
                let is_held = place.is_held && !place.has_left(day, hour) && !off;
                match (is_held, self.told.get(&place.name).copied()) {
                    (true, None) if place.is_held => {
                        mails.push(to(&place.name, "invited"));
                        self.told.insert(place.name.clone(), now);
                    }
                    (true, Some(known)) if known != now => {
                        mails.push(to(&place.name, "changed"));
                        self.told.insert(place.name.clone(), now);
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
            let (rooms, new) = self.rounds.mailed().into_iter().partition(|mail| is_room(&mail.0));
            let new: Vec<(String, &'static str)> = new;
            self.answer(rooms);
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

    fn note_calls(&mut self) {
        for (name, count) in self.rounds.world.graph.all_calls() {
            *self.calls.entry(name).or_default() += count;
        }
    }

    /// Rooms answer at once: the first one of whoever is to have another declines.
    fn answer(&mut self, mails: Vec<(String, &'static str)>) {
        for (room, _) in mails.into_iter().filter(|mail| mail.1 != "cancelled") {
            let id: u32 = room[4..].parse().unwrap();
            let training = self.trainings.iter().find(|one| one.id == id).unwrap();
            let declines = training.rehoused.is_some() && room.starts_with(ROOM);
            let answer = if declines { Answer::Declined } else { Answer::Accepted };
            if let Some(start) = self.rounds.world.graph.answer_room(&room, answer) {
                self.answers += 1;
                if declines {
                    self.declined.insert((room, start));
                }
            }
        }
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
        unbroken::beat(&world.app.ledger, &contoso(), world.now()).await.unwrap();
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
                for _ in 0..4 {
                    world.pass(minutes(15)).await;
                    // The rounds go on meanwhile.
                    unbroken::beat(&world.app.ledger, &contoso(), world.now()).await.unwrap();
                }
                assert_eq!(world.lms.cancelled(&name, id), 1, "{name}'s decline is lost");
                self.trainings[index].places[number].is_held = false;
                self.told.remove(&name);
            }
        }
        self.hour(day, Hour::Declines).await;
    }

    async fn day(&mut self, day: i64) {
        let world = &self.rounds.world;
        retention::forget(&world.app, world.context()).await.unwrap();
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
                self.note_calls();
                self.rounds.world.graph.is_down(true);
                for hour in HOURS {
                    self.at(day, hour).await;
                    assert_eq!(self.settle("no mailbox").await, [], "day {day}");
                }
                self.rounds.world.graph.is_down(false);
                // Asked in vain, and asked again: no part of what it takes at the least.
                self.in_vain = self.rounds.world.graph.all_calls().values().sum();
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
    year.note_calls();
    let calls = &year.calls;
    let writes = ["create_event", "change_event", "change_attendees", "call_off_event", "delete_event"];
    let wrote: usize = writes.iter().filter_map(|name| calls.get(name)).sum();
    let looked = calls.get("marked_events").copied().unwrap_or(0);
    // What the session's own event shows: what the room says, and who leads it.
    let read = calls.get("event").copied().unwrap_or(0);
    let longest = year.seen.iter().max().cloned();
    let refused =
        year.rounds.alerts().await.iter().find_map(|alert| alert.strip_prefix("room ")?.parse().ok());
    assert_eq!(refused.unwrap_or(0), year.declined.len(), "each room that declines is told of");
    println!(
        "{sessions} sessions, {} places, {days} days, seed {seed}: {} mails, none wrong, none missing; \
         {wrote} writes and {looked} look-ups for {} acts, {read} readings of {} answers of rooms, {} of \
         which declined; longest until a mail: {longest:?}; all calls of Graph: {calls:?}, and {} in vain",
        year.trainings.iter().map(|one| one.places.len()).sum::<usize>(),
        year.mails,
        year.acts,
        year.answers,
        year.declined.len(),
        year.in_vain,
    );
    assert!(year.kinds.len() == 3, "{:?}", year.kinds);
    // What fails while the mailbox is away is tried again; and each session is looked for once.
    let asked = wrote + looked;
    assert!(asked * 100 <= year.acts * 115, "{wrote} writes and {looked} look-ups for {} acts", year.acts);
}
