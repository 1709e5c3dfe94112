//! A pass over a source's records of places, into the ledger.
//!
//! Guarantees: as of sessions ([`super::merge_sessions`]). A record that is found under another session or
//! learner has left the old one, and needs no proof; a record that ended stays in its place's set as that.
//! Whoever is killed between a place's row and its session's leaves the session due all the same.

use crate::ids::{LearnerKey, SessionId, TenantName};
use crate::jobs::JobError;
use crate::jobs::context::AppContext;
use crate::jobs::publish::merge_sessions::{Merged, SIDE_BY_SIDE, first_bytes};
use crate::jobs::publish::source::Source;
use crate::jobs::publish::vanish::{self, What};
use crate::ledger::Read;
use crate::ledger::source_places::{self, SourcePlace};
use crate::ledger::source_sessions::{self, SourceSession};
use crate::sessions::absence::{Absence, Seen, Step, after_pass, after_read};
use crate::sessions::pass::Pass;
use crate::sessions::place::Place;
use crate::sessions::place_record::{PlaceRecord, RecordId, RecordState};
use crate::sessions::vanish_brake::{VanishLimits, judge};
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Whoever writes places of a session is done with it by then, or was killed.
const WRITTEN_BY_THEN: Duration = Duration::minutes(10);

/// A reading of records.
pub struct Reading<'a> {
    pub pass: &'a Pass<RecordId, PlaceRecord>,
    /// Sessions whose records the pass was to read.
    pub covered: &'a BTreeSet<SessionId>,
    /// When it began, by the ledger's clock.
    pub began: DateTime<Utc>,
}

/// What was found of a session, by learner.
type Found<'a> = BTreeMap<&'a LearnerKey, Vec<&'a PlaceRecord>>;

pub async fn merge(
    app: &AppContext,
    tenant: &TenantName,
    source: &dyn Source,
    reading: &Reading<'_>,
    limits: VanishLimits,
) -> Result<Merged, JobError> {
    let ledger = &app.ledger;
    let mut found: BTreeMap<&SessionId, Found<'_>> = BTreeMap::new();
    for record in reading.pass.found.values() {
        found.entry(&record.session).or_default().entry(&record.person.learner).or_default().push(record);
    }
    let sessions: BTreeSet<&SessionId> = reading.covered.iter().chain(found.keys().copied()).collect();
    let rows = source_sessions::these(ledger, tenant, sessions.iter().copied()).await?;
    let mut rows: BTreeMap<SessionId, Read<SourceSession>> =
        rows.into_iter().map(|read| (read.value.session.id.clone(), read)).collect();
    let mut merged = Merged::default();
    let (mut may_go, mut as_known) = (false, BTreeSet::new());
    if reading.pass.proves_absence() {
        let looked = look_at_all(app, tenant, reading, &rows, &found).await?;
        let judged = judge(&looked.missing, &looked.new, looked.known, limits);
        let of = (looked.missing.len(), looked.known);
        may_go = vanish::may_go(ledger, tenant, What::Places, of, &judged).await?;
        merged.held_back = (!may_go).then_some(judged);
        as_known = looked.as_known;
    }
    let nothing = Found::new();
    let mut work = Vec::with_capacity(sessions.len());
    for session in sessions {
        let found = match as_known.contains(session) {
            true => None,
            false => Some(found.get(session).unwrap_or(&nothing)),
        };
        let row = rows.remove(session);
        work.push(Merge { app, tenant, source, reading, session, may_go }.session(row, found));
    }
    let done: Vec<(&SessionId, Change)> =
        stream::iter(work).buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
    for (session, change) in done {
        merged.gone += change.gone;
        if change.is_news {
            merged.changed.insert(session.clone());
        }
    }
    Ok(merged)
}

/// A record that gives something, and of which absence would tell something.
fn counts(record: &PlaceRecord) -> bool {
    !record.state.ends() && !record.person.is_test
}

/// What a whole pass comes to, before anything of it is written.
#[derive(Default)]
struct Looked {
    /// Ids that the pass misses and those that are new, with what does not change when they are named anew.
    missing: BTreeMap<String, u64>,
    new: BTreeMap<String, u64>,
    /// How many there were.
    known: usize,
    /// Sessions whose places all are what is known already.
    as_known: BTreeSet<SessionId>,
}

async fn look_at_all(
    app: &AppContext,
    tenant: &TenantName,
    reading: &Reading<'_>,
    rows: &BTreeMap<SessionId, Read<SourceSession>>,
    found: &BTreeMap<&SessionId, Found<'_>>,
) -> Result<Looked, StoreError> {
    let now = app.ledger.now().await?;
    let nothing = Found::new();
    let (mut looked, mut ids) = (Looked::default(), BTreeSet::new());
    let read = reading.covered.iter().map(|session| async move {
        Ok::<_, StoreError>((session, source_places::of_session(&app.ledger, tenant, session).await?))
    });
    let read: Vec<_> = read.collect();
    let mut read = stream::iter(read).buffer_unordered(SIDE_BY_SIDE);
    while let Some((session, places)) = read.try_next().await? {
        let is_over = rows.get(session).is_some_and(|row| row.value.is_over(now));
        for record in places.iter().flat_map(|read| read.value.place.records.values()) {
            ids.insert(record.id.clone());
            if is_over || !counts(record) {
                continue;
            }
            looked.known += 1;
            if !reading.pass.has(&record.id) {
                looked.missing.insert(record.id.0.clone(), likeness(record));
            }
        }
        if reading.shows_what_is_known(&places, found.get(session).unwrap_or(&nothing)) {
            looked.as_known.insert(session.clone());
        }
    }
    let new = reading.pass.found.values().filter(|record| !ids.contains(&record.id));
    looked.new = new.map(|record| (record.id.0.clone(), likeness(record))).collect();
    Ok(looked)
}

impl Reading<'_> {
    /// A session's places come to nothing new by what was found of it, and none is missed.
    fn shows_what_is_known(&self, places: &[Read<SourcePlace>], found: &Found<'_>) -> bool {
        let places: Vec<&SourcePlace> = places.iter().map(|read| &read.value).collect();
        let learners: BTreeSet<&LearnerKey> = places.iter().map(|place| &place.place.learner).collect();
        let is_as_known = |place: &SourcePlace| {
            let records = found.get(&place.place.learner).map(Vec::as_slice).unwrap_or_default();
            let lasts = |record: &PlaceRecord| record.state.ends() || self.pass.has(&record.id);
            place.absent.is_empty()
                && place.missed_at.is_none()
                && place.place.records.values().all(lasts)
                && changed(&place.place, records, &self.moved(place)).is_none()
        };
        found.keys().all(|learner| learners.contains(learner)) && places.into_iter().all(is_as_known)
    }

    /// Records that are somebody else's by now.
    fn moved(&self, place: &SourcePlace) -> Ended {
        let is_elsewhere = |record: &&PlaceRecord| {
            self.pass.found.get(&record.id).is_some_and(|found| {
                found.session != record.session || found.person.learner != record.person.learner
            })
        };
        let gone = place.place.records.values().filter(is_elsewhere).map(|record| record.id.clone());
        Ended { gone: gone.collect(), absent: None }
    }
}

fn likeness(record: &PlaceRecord) -> u64 {
    let mut digest = Sha256::new();
    for text in [record.session.as_str(), record.person.learner.as_str()] {
        digest.update(text.len().to_be_bytes());
        digest.update(text.as_bytes());
    }
    first_bytes(digest)
}

#[derive(Debug, Default)]
struct Change {
    gone: usize,
    is_news: bool,
}

#[derive(Clone, Copy)]
struct Merge<'a> {
    app: &'a AppContext,
    tenant: &'a TenantName,
    source: &'a dyn Source,
    reading: &'a Reading<'a>,
    session: &'a SessionId,
    may_go: bool,
}

impl<'a> Merge<'a> {
    /// `found`: of the session; `None`: what is known already.
    async fn session(
        self,
        row: Option<Read<SourceSession>>,
        found: Option<&Found<'_>>,
    ) -> Result<(&'a SessionId, Change), StoreError> {
        let Some(found) = found else {
            self.noted(row, false).await?;
            return Ok((self.session, Change::default()));
        };
        // A newer reading may have been here since all rows were read.
        let row = source_sessions::read(&self.app.ledger, self.tenant, self.session).await?;
        let seen_at = row.as_ref().and_then(|row| row.value.places_seen_at);
        if seen_at.is_some_and(|seen| seen > self.reading.began) {
            return Ok((self.session, Change::default()));
        }
        let (row, change) = self.places(row, found).await?;
        self.noted(row, change.is_news).await?;
        Ok((self.session, change))
    }

    /// What is in it is seen by this reading only where that was whole and understood.
    async fn noted(&self, row: Option<Read<SourceSession>>, is_news: bool) -> Result<(), StoreError> {
        let Reading { pass, covered, began } = *self.reading;
        let is_whole = covered.contains(self.session) && pass.proves_absence() && pass.quarantined.is_empty();
        if !is_news && !is_whole {
            return Ok(());
        }
        let now = self.app.ledger.now().await?;
        let note = |row: Option<&SourceSession>| {
            let row = row?;
            let is_seen = is_whole && row.places_seen_at.is_none_or(|seen| seen < began);
            let next = match is_news {
                true => row.clone().with_news(now),
                false => row.clone(),
            };
            let places_seen_at = if is_seen { Some(began) } else { next.places_seen_at };
            (is_news || is_seen).then_some(SourceSession { places_seen_at, ..next })
        };
        source_sessions::update_read(&self.app.ledger, self.tenant, self.session, row, note).await?;
        Ok(())
    }

    async fn places(
        &self,
        mut row: Option<Read<SourceSession>>,
        found: &Found<'_>,
    ) -> Result<(Option<Read<SourceSession>>, Change), StoreError> {
        let ledger = &self.app.ledger;
        let now = ledger.now().await?;
        let is_over = row.as_ref().is_some_and(|row| row.value.is_over(now));
        let known = source_places::of_session(ledger, self.tenant, self.session).await?;
        let mut known: BTreeMap<LearnerKey, Read<SourcePlace>> =
            known.into_iter().map(|one| (one.value.place.learner.clone(), one)).collect();
        let is_covered = self.reading.covered.contains(self.session);
        let mut change = Change::default();
        let learners: BTreeSet<&LearnerKey> = known.keys().chain(found.keys().copied()).collect();
        let mut all = Vec::with_capacity(learners.len());
        for learner in learners {
            let records = found.get(learner).map(Vec::as_slice).unwrap_or_default();
            let ended = match known.get(learner) {
                Some(read) if is_covered && !is_over => self.ended(&read.value, now).await?,
                Some(read) => self.reading.moved(&read.value),
                None => Ended::default(),
            };
            all.push((learner.clone(), records, ended));
        }
        let is_news = all.iter().any(|(learner, records, ended)| {
            known.get(learner).is_none_or(|known| changed(&known.value.place, records, ended).is_some())
        });
        if is_news {
            // Nobody who is done with the session before the places are written takes it for done.
            let mark = |row: Option<&SourceSession>| {
                Some(SourceSession { changing_until: Some(now + WRITTEN_BY_THEN), ..row?.clone() })
            };
            row = source_sessions::update_read(ledger, self.tenant, self.session, row, mark).await?;
        }
        for (learner, records, ended) in &all {
            self.write((learner, known.remove(learner)), records, ended, &mut change).await?;
        }
        Ok((row, change))
    }

    /// What is to become of each record that the pass does not show.
    async fn ended(&self, place: &SourcePlace, now: DateTime<Utc>) -> Result<Ended, StoreError> {
        let mut ended = self.reading.moved(place);
        if !self.may_go || place.missed_at.is_some_and(|at| at >= self.reading.began) {
            return Ok(ended);
        }
        let mut absent = BTreeMap::new();
        for record in place.place.records.values().filter(|record| !record.state.ends()) {
            if self.reading.pass.has(&record.id) {
                continue;
            }
            let known = place.absent.get(&record.id).copied();
            let step = match after_pass(known, Seen::Missing, self.source.reads_records(), now) {
                Step::Ask(missed) => {
                    after_read(missed, self.source.record(&record.session, &record.id).await)
                }
                step @ (Step::Keep(_) | Step::Gone) => step,
            };
            match step {
                Step::Keep(None) => {}
                Step::Keep(Some(missed)) | Step::Ask(missed) => {
                    absent.insert(record.id.clone(), missed);
                }
                Step::Gone => {
                    ended.gone.insert(record.id.clone());
                }
            }
        }
        ended.absent = Some(absent);
        Ok(ended)
    }

    async fn write(
        &self,
        (learner, known): (&LearnerKey, Option<Read<SourcePlace>>),
        records: &[&PlaceRecord],
        ended: &Ended,
        change: &mut Change,
    ) -> Result<(), StoreError> {
        let began = self.reading.began;
        let (mut is_news, mut gone) = (false, 0);
        let learn = |known: Option<&SourcePlace>| {
            if known.is_some_and(|known| known.changed_at > began) {
                return None;
            }
            let old = match known {
                Some(known) => known.clone(),
                None => SourcePlace::new(self.session.clone(), learner.clone(), began),
            };
            let mut next = old.clone();
            for record in records {
                next.absent.remove(&record.id);
            }
            gone = 0;
            if let Some(changed) = changed(&old.place, records, ended) {
                gone = changed.gone;
                next.place = changed.place;
            }
            if let Some(absent) = &ended.absent {
                next.missed_at = (!absent.is_empty() || !ended.gone.is_empty()).then_some(began);
                next.absent = absent.clone();
            }
            is_news = next.place != old.place;
            if is_news {
                next.changed_at = began;
            }
            (known != Some(&next)).then_some(next)
        };
        let (ledger, place) = (&self.app.ledger, (self.session, learner));
        source_places::update_read(ledger, self.tenant, place, known, learn).await?;
        change.is_news |= is_news;
        change.gone += gone;
        Ok(())
    }
}

struct Changed {
    place: Place,
    gone: usize,
}

/// What a place comes to; `None`: as it was.
fn changed(place: &Place, records: &[&PlaceRecord], ended: &Ended) -> Option<Changed> {
    let (mut next, mut gone) = (place.clone(), 0);
    for record in records {
        next.learn((*record).clone());
    }
    for id in &ended.gone {
        if let Some(record) = next.records.get_mut(id).filter(|record| !record.state.ends()) {
            record.state = RecordState::Tombstone;
            gone += 1;
        }
    }
    (next != *place).then_some(Changed { place: next, gone })
}

/// Records of one place that this pass ends.
#[derive(Debug, Default)]
struct Ended {
    gone: BTreeSet<RecordId>,
    /// Those that are missed and not gone; `None`: nothing is known of that.
    absent: Option<BTreeMap<RecordId, Absence>>,
}
