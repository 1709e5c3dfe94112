//! Compares one mailbox's calendar with what is known of it. It decides nothing: it only finds reasons to look, which go the
//! same way as notifications, so that a resync and a notification can't disagree.

use crate::calendar::link::Link;
use crate::calendar::recognise::{is_from_unknown, may_be_ours, recognise};
use crate::cancellation::agenda::look_partition;
use crate::graph::GraphError;
use crate::ids::UserId;
use crate::message::{AgendaRef, ChangeType, Hint};
use crate::store::StoreError;
use crate::work::desk::{Desk, Office};
use crate::work::near::{self, Scope};
use crate::work::{alerts, links, organized, reading};
use chrono::{DateTime, Duration, Utc};
use std::collections::BTreeSet;

pub enum Stop {
    Graph(GraphError),
    Store(StoreError),
}

impl From<GraphError> for Stop {
    fn from(error: GraphError) -> Self {
        Stop::Graph(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Stop::Store(error)
    }
}

/// What a comparison found.
pub struct Compared {
    pub asked: DateTime<Utc>,
    pub hints: Vec<Hint>,
    /// When the next session of this mailbox starts, as far as anybody knows.
    pub next_start: Option<DateTime<Utc>>,
}

/// Hints for: events of ours that are there, and known links that are not. Among these are the invitations that only the
/// organizer's calendar shows: following it ([`super::invitations`]) has linked them. The last hint of a whole comparison says
/// that the mailbox is compared.
pub async fn resync(office: &Office, desk: &Desk, user: &UserId, scope: Scope) -> Result<Compared, Stop> {
    if organized::is_organizer(desk, user).await? {
        return organized::resync(office, desk, user, scope).await;
    }
    let asked = office.clock.now();
    let (from, to) = (asked - Duration::days(1), near::until(scope, asked, office.timing.horizon));
    let events = reading::view(desk, user, from, to).await?;
    let links = links::of_mailbox(office, desk, user).await?;

    let mut hints = Vec::new();
    let mut starts = Vec::new();
    let mut there = BTreeSet::new();
    // One look at a series judges all of its occurrences.
    let mut masters = BTreeSet::new();
    for event in events {
        let rules = &desk.tenant.recognise;
        let ours = recognise(&event, rules).is_some();
        if is_from_unknown(&event, rules) {
            alerts::unknown_organizer(office, desk).await?;
        }
        if event.is_organizer || !(ours || may_be_ours(&event, rules)) {
            continue;
        }
        starts.extend(event.start);
        there.insert(Link::key_of(event.ical_uid.as_ref(), event.original_start, &event.id));
        match event.series_master {
            Some(master) => {
                masters.insert(master);
            }
            None => {
                hints.push(Hint::Changed { mailbox: user.clone(), event: event.id, change: ChangeType::Updated });
            }
        }
    }

    let mut looked = BTreeSet::new();
    for link in links.iter().map(|read| &read.value).filter(|link| !link.is_master()) {
        let key = link.part_key();
        let over = link.end.is_some_and(|end| end <= asked);
        let is_in_sight = scope == Scope::Whole || link.start.is_some_and(|start| start < to);
        starts.extend(link.start);
        // One look per calendar item, under whichever of its links comes first. One that has not seen the session move may take
        // it for over, or out of sight; the others may know better.
        if !there.contains(&key) && !over && is_in_sight && looked.insert(key.clone()) {
            let master = link.series.as_ref().and_then(|series| series.master.clone());
            match (&link.event, &link.organizer_event) {
                (Some(_), _) if master.is_some() => masters.extend(master),
                (Some(event), _) => hints.push(Hint::Changed {
                    mailbox: user.clone(),
                    event: event.clone(),
                    change: ChangeType::Deleted,
                }),
                // No notification ever names such a link: it is looked at by its own keys.
                (None, Some(event)) => hints.push(Hint::Look {
                    link: Link::reference_by_organizer(&desk.tenant.name, user, event),
                    enrolment: link.enrolment(),
                    agenda: AgendaRef { partition: look_partition(&desk.tenant.name), row: "resync".to_owned() },
                }),
                (None, None) => {}
            }
        }
    }

    let look = |master| Hint::Changed { mailbox: user.clone(), event: master, change: ChangeType::Updated };
    hints.extend(masters.into_iter().map(look));

    if scope == Scope::Whole {
        hints.push(Hint::Resynced { mailbox: user.clone(), asked });
    }
    Ok(Compared { asked, hints, next_start: next(starts, asked) })
}

/// The first of these that is yet to come.
pub(super) fn next(starts: Vec<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    starts.into_iter().filter(|start| *start > now).min()
}
