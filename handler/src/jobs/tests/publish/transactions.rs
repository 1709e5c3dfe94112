//! What publishing asks of the ledger, held against what `regrets forecast` says. What stays as it was costs
//! nothing for each place.

use super::play::*;
use super::rounds::Rounds;
use crate::jobs::operate::forecast::storage::{
    CALENDAR, CALENDAR_SESSION, MAILED, NEWS, READ_PLACES, READ_SESSION, READING, READING_PLACES, ROSTER,
    STAYS, SYNC_ROUND,
};
use crate::jobs::publish::{sync, work};
use crate::jobs::testing::minutes;
use crate::jobs::testing::tables::Count;
use crate::lms::RosterReach;
use crate::messages::SessionsTask;
use crate::publishing::testing::session;
use crate::sessions::place_record::{PlaceRecord, RecordId};
use crate::sessions::session::Session;

/// More than are read one by one.
const SESSIONS: usize = 12;
/// From one reading to the next.
const HOUR: usize = 12;

/// So many places in each session.
fn places(sessions: usize, places: usize) -> Vec<PlaceRecord> {
    let place = |id: usize, number: usize| PlaceRecord {
        id: RecordId(format!("{id}-{number}")),
        session: format!("s{id}").as_str().into(),
        ..held(&format!("p{id}x{number}"))
    };
    (0..sessions).flat_map(|id| (0..places).map(move |number| place(id, number))).collect()
}

fn sessions() -> Vec<Session> {
    (0..SESSIONS).map(|id| Session { id: format!("s{id}").as_str().into(), ..session(10) }).collect()
}

struct Counted {
    rounds: Rounds,
    calendars: usize,
}

impl Counted {
    /// All is written, and nothing is due but the next reading.
    async fn at_rest(reach: RosterReach, so_many: usize) -> Self {
        let rounds = Rounds::new(reach, |publish| publish.publisher.calendar = None).await;
        rounds.shows(&sessions(), &places(SESSIONS, so_many));
        let mut counted = Self { rounds, calendars: 0 };
        counted.rounds(3).await;
        counted.rounds.confirm(None).await;
        counted.rounds(2 * HOUR - 3).await;
        assert_eq!(counted.rounds.mailed().len(), SESSIONS * so_many);
        counted
    }

    /// What so many rounds ask, and all that follows from them; comparisons of calendars are only counted.
    async fn rounds(&mut self, so_many: usize) -> usize {
        let mut asked = 0;
        for _ in 0..so_many {
            self.rounds.world.clock.advance(minutes(5));
            self.take();
            let mut queue = sync::plan(&self.rounds.world.app, None).await.unwrap();
            asked += self.take();
            while let Some(message) = queue.pop() {
                queue.extend(work::work(&self.rounds.world.app, &message).await.unwrap().next);
                // When they are to be compared next is noted by the planning.
                if message.task == SessionsTask::Calendars {
                    self.calendars = self.take() + 1;
                    asked -= 1;
                } else {
                    asked += self.take();
                }
            }
        }
        asked
    }

    fn take(&self) -> usize {
        let Count { gets, scans, writes } = self.rounds.world.tables.count();
        gets + scans + writes
    }
}

#[tokio::test(start_paused = true)]
async fn a_reading_in_which_nothing_is_new_asks_as_often_as_is_said() {
    let (sessions, page) = (SESSIONS as f64, 1.0);
    let quiet = HOUR as f64 * (SYNC_ROUND + page);
    let with_whole = READING_PLACES + 2.0 * page + sessions * READ_PLACES;
    for (reach, of_places) in [(RosterReach::All, with_whole), (RosterReach::Session, sessions * ROSTER)] {
        for so_many in [1, 4] {
            let mut counted = Counted::at_rest(reach, so_many).await;
            let said = quiet + READING + page + sessions * READ_SESSION + of_places;
            assert_eq!(counted.rounds(HOUR).await as f64, said, "{reach:?} {so_many}");
            counted.rounds(5 * HOUR).await;
            assert_eq!(counted.calendars as f64, CALENDAR + page + sessions * CALENDAR_SESSION);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn news_of_a_session_ask_as_often_as_is_said() {
    for (stay, new) in [(1, 1), (1, 3), (4, 1), (4, 4)] {
        let mut counted = Counted::at_rest(RosterReach::All, stay).await;
        let quiet = counted.rounds(HOUR).await;
        let news = places(1, stay + new).split_off(stay);
        counted.rounds.shows(&sessions(), &[places(SESSIONS, stay), news].concat());
        let asked = counted.rounds(HOUR).await - quiet;
        assert_eq!(counted.rounds.mailed().len(), new);
        let said = NEWS + stay as f64 * STAYS + new as f64 * MAILED;
        assert_eq!(asked as f64, said, "{stay} {new}");
    }
}
