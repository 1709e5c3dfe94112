//! Whole rounds: the timer, the queue, the LMS that is read, the calendars that are written.

use super::play::*;
use crate::config::{Publish, PublishOnly, PublishSource};
use crate::ids::TenantName;
use crate::jobs::operate::operator::Attribution;
use crate::jobs::publish::decide::{self, Confirmation};
use crate::jobs::publish::{source_state, sync, work};
use crate::jobs::testing::lms::FakeLms;
use crate::jobs::testing::lms_source::TellingSource;
use crate::jobs::testing::published::CALENDAR;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, address, contoso, minutes};
use crate::ledger::alerts;
use crate::ledger::source_sessions;
use crate::lms::RosterReach;
use crate::messages::{Sessions, SessionsTask};
use crate::publishing::policy::PublishState;
use crate::publishing::testing::session;
use crate::sessions::pass::{Doubt, Quarantined};
use crate::sessions::place_record::PlaceRecord;
use crate::sessions::session::Session;
use crate::sessions::vanish_brake::VanishLimits;
use chrono::Duration;
use std::sync::Arc;

pub(super) fn publish() -> Publish {
    Publish {
        publisher: publisher(),
        source: PublishSource::Lms,
        only: None,
        vanish: VanishLimits::default(),
        every: Duration::hours(1),
    }
}

pub(super) struct Rounds {
    pub(super) world: World,
    tells: TellingSource,
}

impl Rounds {
    pub(super) async fn new(reach: RosterReach, change: impl FnOnce(&mut Publish)) -> Self {
        let tells = TellingSource::new(reach);
        let mut publish = publish();
        change(&mut publish);
        let mut world = World::with(|tenant| tenant.publish = Some(publish)).await;
        let mut lms = FakeLms::default();
        lms.tells = Some(tells.clone());
        world.lms = Arc::new(lms);
        world.restart().await;
        world.graph.hire(CALENDAR);
        Self { world, tells }
    }

    /// It shows this from now on.
    pub(super) fn shows(&self, sessions: &[Session], places: &[PlaceRecord]) {
        self.tells.tell(|told| {
            told.sessions = sessions.to_vec();
            told.places = places.to_vec();
        });
    }

    /// One round, and all that follows from it.
    pub(super) async fn round(&self) -> Vec<Sessions> {
        self.world.clock.advance(minutes(5));
        self.worked(sync::plan(&self.world.app, None).await.unwrap()).await
    }

    /// Four ticks, in which a mailbox may go on, and then a round, each a minute after the other: how many
    /// were mailed in each.
    pub(super) async fn minutes(&self) -> [usize; 5] {
        let mut mailed = [0; 5];
        for (minute, mails) in mailed.iter_mut().enumerate() {
            self.world.clock.advance(minutes(1));
            let queue = match minute {
                4 => sync::plan(&self.world.app, None).await,
                _ => sync::between(&self.world.app, None).await,
            };
            self.worked(queue.unwrap()).await;
            *mails = self.mailed().len();
        }
        mailed
    }

    async fn worked(&self, mut queue: Vec<Sessions>) -> Vec<Sessions> {
        let mut all = Vec::new();
        while let Some(message) = queue.pop() {
            // A message comes twice now and then.
            for _ in 0..2 {
                queue.extend(work::work(&self.world.app, &message).await.unwrap().next);
            }
            all.push(message);
            assert!(all.len() < 1_000, "it comes to no end");
        }
        all
    }

    /// The configuration is another from now on.
    pub(super) async fn configured(&mut self, change: impl FnOnce(&mut Publish)) {
        change(self.world.tenant.publish.as_mut().unwrap());
        self.world.restart().await;
    }

    pub(super) async fn rounds(&self, so_many: usize) {
        for _ in 0..so_many {
            self.round().await;
        }
    }

    pub(super) async fn confirm(&self, mails: Option<u32>) {
        self.says(Confirmation { mails, ..word() }).await;
    }

    async fn says(&self, word: Confirmation) {
        decide::confirm(&self.world.app, &contoso(), &word).await.unwrap();
    }

    pub(super) async fn alerts(&self) -> Vec<String> {
        let open = alerts::open(&self.world.app.ledger, &contoso()).await.unwrap();
        open.into_iter().map(|alert| format!("{} {}", alert.kind, alert.count)).collect()
    }

    pub(super) fn mailed(&self) -> Vec<(String, &'static str)> {
        mailed(&self.world)
    }
}

fn word() -> Confirmation {
    let Attribution { by, reason } = Attribution { by: "Kim".into(), reason: "meant so".into() };
    Confirmation { mails: None, vanished: None, by, reason }
}

pub(super) fn three() -> Vec<PlaceRecord> {
    vec![held("ana"), held("ben"), held("cem")]
}

/// The first mails were let out.
pub(super) async fn open(reach: RosterReach, change: impl FnOnce(&mut Publish)) -> Rounds {
    let rounds = Rounds::new(reach, change).await;
    rounds.shows(&[session(10)], &[held("ana")]);
    rounds.rounds(3).await;
    assert_eq!(rounds.mailed(), []);
    rounds.confirm(None).await;
    rounds.rounds(2).await;
    assert_eq!(rounds.mailed(), [to("ana", "invited")]);
    rounds
}

#[tokio::test(start_paused = true)]
async fn from_the_lms_into_calendars_and_kept_true() {
    for reach in [RosterReach::Session, RosterReach::All] {
        let rounds = open(reach, |_| {}).await;
        rounds.shows(&[session(10)], &three());
        rounds.rounds(15).await;
        assert_eq!(rounds.mailed(), [to("ben", "invited"), to("cem", "invited")]);
        rounds.shows(&[session(14)], &[held("ana"), cancelled("ben"), held("cem")]);
        rounds.rounds(17).await;
        assert_eq!(rounds.mailed(), [to("ana", "changed"), to("ben", "cancelled"), to("cem", "changed")]);
        // Nothing is left to do: the LMS is read each hour, and no calendar is asked for anything.
        let asked = rounds.world.graph.mails().len();
        rounds.rounds(30).await;
        assert_eq!(rounds.mailed().len(), asked);
        let due = source_sessions::all(&rounds.world.app.ledger, &contoso()).await.unwrap();
        assert!(due.iter().all(|row| row.value.due.is_none() && row.value.weighed.is_none()), "{due:?}");
        assert_eq!(rounds.alerts().await, Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_mails_wait_for_a_person() {
    let rounds = Rounds::new(RosterReach::Session, |_| {}).await;
    rounds.shows(&[session(10)], &three());
    rounds.rounds(30).await;
    assert_eq!(rounds.mailed(), []);
    assert_eq!(rounds.alerts().await, ["publish-held 3"]);
    let shown = decide::show(&rounds.world.app, &contoso()).await.unwrap();
    assert_eq!((shown.waiting.mails, shown.waiting.invitations, shown.not_counted), (3, 3, 0));
    let held = shown.held.unwrap();
    assert_eq!((held.mails, held.sessions, held.is_first), (3, 1, true));
    // Fewer than wait: none of them.
    rounds.confirm(Some(2)).await;
    rounds.rounds(3).await;
    assert_eq!(rounds.mailed(), []);
    rounds.confirm(None).await;
    rounds.rounds(3).await;
    assert_eq!(rounds.mailed().len(), 3);
    assert_eq!(rounds.alerts().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn more_than_is_usual_waits_as_a_whole_and_what_is_little_goes_on() {
    let rounds = open(RosterReach::Session, |publish| publish.publisher.policy.confirm_above = 2).await;
    rounds.rounds(15).await;
    let other = |id: &str| Session { id: id.into(), ..session(12) };
    let place = |id: &str, name: &str| PlaceRecord {
        id: crate::sessions::place_record::RecordId(format!("{id}-{name}")),
        session: id.into(),
        ..held(name)
    };
    let many: Vec<PlaceRecord> = ["ana", "ben", "cem"].map(|name| place("big", name)).to_vec();
    rounds.shows(&[session(10), other("big")], &[vec![held("ana")], many.clone()].concat());
    rounds.rounds(15).await;
    assert_eq!(rounds.mailed(), []);
    assert_eq!(rounds.alerts().await, ["publish-held 3"]);
    // Another session has one that is invited as ever.
    let all = [vec![held("ana"), place("small", "ben")], many].concat();
    rounds.shows(&[session(10), other("big"), other("small")], &all);
    rounds.rounds(15).await;
    assert_eq!(rounds.mailed(), [to("ben", "invited")]);
    assert_eq!(rounds.alerts().await, ["publish-held 3"]);
    rounds.confirm(None).await;
    rounds.rounds(3).await;
    assert_eq!(rounds.mailed().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_preview_reads_and_counts_and_mails_nobody() {
    let rounds =
        Rounds::new(RosterReach::All, |publish| publish.publisher.policy.state = PublishState::Preview).await;
    rounds.shows(&[session(10)], &three());
    rounds.rounds(20).await;
    let shown = decide::show(&rounds.world.app, &contoso()).await.unwrap();
    assert_eq!((shown.state.as_str(), shown.waiting.mails, shown.sessions.len()), ("preview", 3, 1));
    assert_eq!((rounds.mailed(), rounds.alerts().await), (vec![], vec![]));
    let refused = decide::confirm(&rounds.world.app, &contoso(), &word()).await.unwrap_err();
    assert!(refused.to_string().contains("publish.state"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn nobody_but_the_chosen_is_ever_written_to() {
    let only = PublishOnly { addresses: [address("ben")].into(), group: None };
    let rounds = Rounds::new(RosterReach::All, |publish| publish.only = Some(only)).await;
    rounds.shows(&[session(10)], &three());
    rounds.rounds(3).await;
    rounds.confirm(None).await;
    rounds.rounds(3).await;
    assert_eq!(rounds.mailed(), [to("ben", "invited")]);
    rounds.shows(&[session(10)], &[cancelled("ana"), cancelled("ben"), cancelled("cem")]);
    rounds.rounds(15).await;
    assert_eq!(rounds.mailed(), [to("ben", "cancelled")]);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_can_not_be_read_is_told_of_and_removes_nothing() {
    let rounds = open(RosterReach::All, |_| {}).await;
    rounds.shows(&[], &[]);
    rounds.tells.tell(|told| told.doubt = Some(Doubt::Forbidden { at: "sessions".into() }));
    rounds.rounds(24).await;
    assert_eq!(rounds.alerts().await, Vec::<String>::new());
    rounds.rounds(30).await;
    assert_eq!(rounds.alerts().await, ["source-unread 1"]);
    let state = source_state::read(&rounds.world.app.ledger, &contoso()).await.unwrap();
    assert_eq!(state.doubts, ["sessions may not be read"]);
    rounds.tells.tell(|told| told.doubt = None);
    rounds.shows(&[session(10)], &[held("ana")]);
    rounds.rounds(15).await;
    assert_eq!((rounds.alerts().await, rounds.mailed()), (vec![], vec![]));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_understood_is_told_once_and_holds_up_nothing_else() {
    let rounds = open(RosterReach::All, |_| {}).await;
    let entry = Quarantined {
        id: Some("4712".into()),
        at: "sessions[3].start".into(),
        problem: "\"soon\" is no time".into(),
    };
    rounds.tells.tell(|told| told.not_understood = Some(entry));
    rounds.shows(&[session(10)], &[held("ana"), held("ben")]);
    rounds.rounds(30).await;
    assert_eq!(rounds.mailed(), [to("ben", "invited")]);
    assert_eq!(rounds.alerts().await, ["source-entry 1"]);
    let shown = decide::show(&rounds.world.app, &contoso()).await.unwrap();
    assert_eq!(shown.source.not_understood, ["sessions[3].start: \"soon\" is no time"]);
}

#[tokio::test(start_paused = true)]
async fn sessions_that_vanish_in_number_wait_for_a_person() {
    let rounds = open(RosterReach::All, |publish| {
        publish.vanish = VanishLimits { few: 0, percent: 20 };
    })
    .await;
    rounds.shows(&[], &[]);
    rounds.rounds(15).await;
    assert_eq!(rounds.mailed(), []);
    let shown = decide::show(&rounds.world.app, &contoso()).await.unwrap();
    assert_eq!(
        shown.vanished.iter().map(|gone| (&*gone.what, gone.missing)).collect::<Vec<_>>()[0],
        ("sessions", 1)
    );
    for what in ["sessions", "places"] {
        if shown.vanished.iter().any(|gone| gone.what == what) {
            rounds.says(Confirmation { vanished: Some(what.into()), ..word() }).await;
        }
    }
    rounds.rounds(15).await;
    assert_eq!(rounds.mailed(), [to("ana", "cancelled")]);
}

#[tokio::test(start_paused = true)]
async fn switched_off_nothing_is_read_or_written() {
    let rounds =
        Rounds::new(RosterReach::All, |publish| publish.publisher.policy.state = PublishState::Off).await;
    rounds.shows(&[session(10)], &three());
    rounds.rounds(15).await;
    let message = Sessions::of(contoso(), SessionsTask::Read, vec![]);
    work::work(&rounds.world.app, &message).await.unwrap();
    assert_eq!(rounds.tells.told.lock().unwrap().read, (0, 0));
}

/// Killed at any write of a round, the next ones do the rest: each mail once, and none is missing.
#[tokio::test(start_paused = true)]
async fn wherever_a_round_is_killed_the_next_ones_do_the_rest() {
    let mut deaths = 0;
    for n in 0.. {
        let mut unharmed = 0;
        for death in [Death::Before(n), Death::After(n)] {
            let mut rounds = open(RosterReach::Session, |_| {}).await;
            rounds.shows(&[session(14)], &[held("ana"), held("ben")]);
            rounds.world.clock.advance(Duration::hours(1));
            let killed = async {
                let queue = sync::plan(&rounds.world.app, None).await.unwrap();
                let mut queue = queue;
                while let Some(message) = queue.pop() {
                    queue.extend(work::work(&rounds.world.app, &message).await.unwrap().next);
                }
            };
            match rounds.world.tables.killed(death, killed).await {
                Some(()) => unharmed += 1,
                None => deaths += 1,
            }
            rounds.world.restart().await;
            rounds.rounds(30).await;
            let mut mailed = rounds.mailed();
            // Where the places were read before the list of sessions, to its old time, and then to the new.
            mailed.retain(|mail| *mail != to("ben", "changed"));
            assert_eq!(mailed, [to("ana", "changed"), to("ben", "invited")], "{death:?}");
        }
        if unharmed == 2 {
            break;
        }
    }
    assert!(deaths >= 20, "{deaths}");
}

#[tokio::test(start_paused = true)]
async fn who_has_no_such_section_is_told_so() {
    let world = World::new().await;
    let unknown = decide::show(&world.app, &contoso()).await.unwrap_err();
    assert!(unknown.to_string().contains("[tenant.contoso.publish]"), "{unknown}");
    let unknown = decide::show(&world.app, &TenantName::new("fabrikam")).await.unwrap_err();
    assert!(unknown.to_string().contains("fabrikam"), "{unknown}");
}
