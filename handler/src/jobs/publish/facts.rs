//! All that is known of one session when its events are looked at: what the LMS says of it and of its
//! places, what was written, and what our own rows say of declines.

use crate::calendar::room::Room;
use crate::ids::{Address, LearnerKey, SessionId, TenantName};
use crate::jobs::context::AppContext;
use crate::jobs::publish::wish;
use crate::ledger::source_places::SourcePlace;
use crate::ledger::source_sessions::SourceSession;
use crate::ledger::{Ledger, Read, enrolments, source_places, source_sessions, written_events};
use crate::messages::EnrolmentRef;
use crate::publishing::compose::WayIn;
use crate::publishing::event_key::{Audience, EventKey};
use crate::publishing::join_link::JoinLinks;
use crate::publishing::policy::{Chosen, JoinWho, Publisher};
use crate::publishing::seats;
use crate::publishing::standing::{self, Decline, Facts};
use crate::publishing::wish::{CallOff, Hold, Wish};
use crate::publishing::words::Words;
use crate::publishing::written::Written;
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rows read side by side.
const SIDE_BY_SIDE: usize = 8;

/// Whether what stands is called off, whatever is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Withdraws {
    Nothing,
    All,
}

pub(super) struct SessionFacts {
    pub(super) source: SourceSession,
    pub(super) places: BTreeMap<LearnerKey, SourcePlace>,
    pub(super) written: BTreeMap<EventKey, Read<Written>>,
    pub(super) declines: BTreeMap<LearnerKey, Decline>,
    /// The newest decline of each that is in our own row of the place.
    pub(super) known: BTreeMap<LearnerKey, DateTime<Utc>>,
    /// Learners are invited to the session's own event.
    pub(super) for_all: bool,
    pub(super) read_at: DateTime<Utc>,
    pub(super) chosen: Chosen,
    pub(super) words: Words,
    tenant: TenantName,
    pub(super) publisher: Publisher,
    /// Of the directory.
    pub(super) rooms: Arc<Vec<Room>>,
    links: Option<Arc<JoinLinks>>,
    pub(super) withdraws: Withdraws,
    /// Calendars in which all that stands of the session has a row.
    pub(super) known_in: BTreeSet<Address>,
    /// See [`super::unbroken`].
    pub(super) ledger_born: Option<DateTime<Utc>>,
}

impl SessionFacts {
    /// `None`: the LMS was never seen to have such a session.
    pub(super) async fn read(
        app: &AppContext,
        tenant: &TenantName,
        session: &SessionId,
        (chosen, words, publisher, rooms): (&Chosen, Words, &Publisher, Arc<Vec<Room>>),
    ) -> Result<Option<Self>, StoreError> {
        let ledger = &app.ledger;
        // Written rows first: what is read of the LMS and of declines is newer than they are.
        let written = written_events::of_session(ledger, tenant, session).await?;
        let written: BTreeMap<EventKey, Read<Written>> =
            written.into_iter().map(|read| (read.value.key.clone(), read)).collect();
        let Some(source) = source_sessions::load(ledger, tenant, session).await? else { return Ok(None) };
        let places: BTreeMap<LearnerKey, SourcePlace> = source_places::of_session(ledger, tenant, session)
            .await?
            .into_iter()
            .map(|read| (read.value.place.learner.clone(), read.value))
            .collect();
        let declines: Vec<_> =
            places.keys().map(|learner| decline(ledger, tenant, session, learner)).collect();
        let declines: Vec<(LearnerKey, Decline, Option<DateTime<Utc>>)> =
            stream::iter(declines).buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        let known =
            declines.iter().filter_map(|(learner, _, known)| Some((learner.clone(), (*known)?))).collect();
        let declines = declines.into_iter().map(|(learner, decline, _)| (learner, decline)).collect();
        let for_all = seats::is_for_all(written.values().map(|read| &read.value), publisher.events);
        Ok(Some(Self {
            source,
            places,
            written,
            declines,
            known,
            for_all,
            read_at: ledger.now().await?,
            chosen: chosen.clone(),
            words,
            tenant: tenant.clone(),
            publisher: publisher.clone(),
            rooms,
            links: app.join.clone(),
            withdraws: Withdraws::Nothing,
            known_in: BTreeSet::new(),
            ledger_born: None,
        }))
    }

    /// Every event that is to stand, or was written.
    pub(super) fn keys(&self) -> BTreeSet<EventKey> {
        if self.withdraws == Withdraws::All {
            return self.written.keys().cloned().collect();
        }
        let session = &self.source.session;
        let learners = self.places.keys().filter(|_| !self.for_all);
        let wanted = learners.flat_map(|learner| {
            session.parts.iter().map(|part| EventKey {
                session: session.id.clone(),
                part: part.id.clone(),
                audience: Audience::Learner(learner.clone()),
            })
        });
        wanted.chain(self.keys_of_parts()).chain(self.written.keys().cloned()).collect()
    }

    pub(super) fn wish(&self, key: &EventKey, row: &Written) -> Wish {
        if self.withdraws == Withdraws::All {
            return self.withdrawn(key);
        }
        let learner = match &key.audience {
            Audience::Learner(learner) => learner,
            Audience::Session => return self.session_wish(key, row),
            Audience::Calendar => return self.calendar_wish(key, row),
        };
        if self.for_all {
            return Wish::Hold(Hold::ForAll);
        }
        let place = self.places.get(learner);
        let address = place.and_then(|place| place.place.person().ok()?.address.as_ref());
        if !self.chosen.includes(address) {
            return Wish::Hold(Hold::NotChosen);
        }
        let (way, part) = (self.way(key, learner), self.source.session.part(&key.part));
        let part = part.map(|part| self.with_link(key, part, &way));
        let facts = Facts {
            session: &self.source.session,
            is_gone: self.source.gone.is_some(),
            part: part.as_deref(),
            place: place.map(|place| &place.place),
            seen_at: self.seen_at(place),
            session_seen_at: self.source.seen_at,
            place_seen_at: self.place_seen_at(place),
            decline: self.declines.get(learner).copied().unwrap_or(Decline::None),
            words: &self.words,
            way: &way,
        };
        standing::wish(&facts, row)
    }

    /// Who lost the place by declining is written to no more, by this neither.
    fn withdrawn(&self, key: &EventKey) -> Wish {
        let decline = match &key.audience {
            Audience::Learner(learner) => self.declines.get(learner),
            Audience::Session | Audience::Calendar => None,
        };
        match decline {
            Some(Decline::LostPlace { at }) => Wish::LetGo { at: *at },
            Some(Decline::None | Decline::Judged) | None => {
                Wish::CallOff { why: CallOff::Unpublished, seen_at: self.source.seen_at }
            }
        }
    }

    /// Where our page can't be named, nobody is handed what it would keep shut.
    pub(super) fn way(&self, key: &EventKey, learner: &LearnerKey) -> WayIn {
        match (self.publisher.join.map(|join| join.who), &self.links) {
            (None, _) => WayIn::Link,
            (Some(JoinWho::Everyone), Some(links)) => {
                WayIn::Page(links.link(&self.tenant, &key.session, &key.part, learner))
            }
            (Some(JoinWho::Everyone | JoinWho::Instructors | JoinWho::Primary), _) => WayIn::Nothing,
        }
    }

    /// When the older of the readings of session and place began that say so.
    fn seen_at(&self, place: Option<&SourcePlace>) -> DateTime<Utc> {
        self.place_seen_at(place).min(self.source.seen_at)
    }

    /// A place that passes miss was not seen by the last one.
    pub(super) fn place_seen_at(&self, place: Option<&SourcePlace>) -> DateTime<Utc> {
        let whole = self.source.places_seen_at;
        let of_place = place.map(|place| match whole.filter(|_| place.absent.is_empty()) {
            Some(whole) => whole.max(place.changed_at),
            None => place.changed_at,
        });
        of_place.unwrap_or(self.source.seen_at)
    }
}

async fn decline(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
    learner: &LearnerKey,
) -> Result<(LearnerKey, Decline, Option<DateTime<Utc>>), StoreError> {
    let row = enrolments::load(ledger, &EnrolmentRef::of(tenant, session, learner)).await?;
    let row = row.as_ref().map(|read| &read.value);
    Ok((learner.clone(), wish::decline(row), row.and_then(wish::declined_at)))
}

/// The row of an event, or that of one that was never written.
pub(super) fn row_of(read: Option<&Read<Written>>, key: &EventKey, publisher: &Publisher) -> Written {
    let new = || {
        let mailbox = match &key.audience {
            Audience::Learner(_) | Audience::Session => Some(&publisher.organizer),
            Audience::Calendar => publisher.calendar.as_ref(),
        };
        Written::new(key.clone(), mailbox.unwrap_or(&publisher.organizer).clone())
    };
    read.map_or_else(new, |read| read.value.clone())
}
