//! An independent oracle of publishing: whatever the LMS tells in whatever order, whoever is killed, and
//! whatever Graph refuses or loses, each learner is mailed exactly what a publisher without any trouble would
//! have had to mail, and nobody anything else.
//!
//! The model knows nothing of rows, plans and acts: for each learner it remembers what they were last told,
//! and holds it against what the LMS says each time everything has come to rest.

use super::play::*;
use crate::jobs::testing::published::refused;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, minutes, user};
use crate::messages::{ChangeType, Hint};
use crate::publishing::testing::{record, session};
use crate::replay;
use crate::sessions::absence::SingleRead;
use crate::sessions::pass::Doubt;
use crate::sessions::place_record::{PlaceRecord, RecordState};
use crate::sessions::session::{Session, SessionState};
use crate::store::Table;
use proptest::prelude::*;
use std::collections::BTreeMap;

const NAMES: [&str; 3] = ["ana", "ben", "cem"];

/// What the LMS shows of a learner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Held,
    Cancelled,
    Waitlisted,
    /// In a word that nobody knows.
    Odd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Scheduled,
    Cancelled,
    Draft,
}

#[derive(Debug, Clone)]
enum Step {
    Shows(usize, Shown),
    Stage(Stage),
    Moves(u32),
    /// Which is not mailed by itself.
    Renames(bool),
    /// Somebody reads what is told so far, once or twice, and nobody publishes yet.
    Read(bool),
    /// A reading that was cut off, and shows nothing.
    Doubtful,
    /// All that is due is published, with troubles on the way.
    Publishes(Vec<Trouble>),
    Declines(usize),
    LedgerLost,
    Wait(i64),
}

#[derive(Debug, Clone)]
enum Trouble {
    Killed(Death),
    /// It is done, and nobody hears of it.
    Lost(&'static str),
    Refused(&'static str, u16),
    Down,
    /// Graph remembers no transaction any more.
    Forgets,
}

fn request() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("create"), Just("change"), Just("list"), Just("call_off")]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let death = (0..12_usize, any::<bool>())
        .prop_map(|(n, before)| if before { Death::Before(n) } else { Death::After(n) });
    prop_oneof![
        4 => death.prop_map(Trouble::Killed),
        3 => request().prop_map(Trouble::Lost),
        2 => (request(), prop_oneof![Just(429_u16), Just(503), Just(400)])
            .prop_map(|(name, status)| Trouble::Refused(name, status)),
        1 => Just(Trouble::Down),
        1 => Just(Trouble::Forgets),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..NAMES.len();
    let shown = prop_oneof![
        4 => Just(Shown::Held), 3 => Just(Shown::Cancelled), 1 => Just(Shown::Nothing),
        1 => Just(Shown::Waitlisted), 1 => Just(Shown::Odd),
    ];
    let stage =
        prop_oneof![3 => Just(Stage::Scheduled), 2 => Just(Stage::Cancelled), 1 => Just(Stage::Draft)];
    prop_oneof![
        6 => (who.clone(), shown).prop_map(|(who, shown)| Step::Shows(who, shown)),
        2 => stage.prop_map(Step::Stage),
        2 => (9..18_u32).prop_map(Step::Moves),
        1 => any::<bool>().prop_map(Step::Renames),
        3 => any::<bool>().prop_map(Step::Read),
        1 => Just(Step::Doubtful),
        6 => prop::collection::vec(trouble(), 0..3).prop_map(Step::Publishes),
        2 => who.prop_map(Step::Declines),
        1 => Just(Step::LedgerLost),
        1 => (1..90_i64).prop_map(Step::Wait),
    ]
}

/// What the LMS says.
#[derive(Debug, Clone)]
struct Lms {
    stage: Stage,
    hour: u32,
    is_renamed: bool,
    shows: [Shown; NAMES.len()],
}

impl Lms {
    fn session(&self) -> Session {
        Session {
            state: match self.stage {
                Stage::Scheduled => SessionState::Scheduled,
                Stage::Cancelled => SessionState::Cancelled,
                Stage::Draft => SessionState::Draft,
            },
            title: if self.is_renamed { "First aid, again".into() } else { "First aid".into() },
            ..session(self.hour)
        }
    }

    fn places(&self) -> Vec<PlaceRecord> {
        let one = |(name, shown): (&&str, &Shown)| {
            let state = match shown {
                Shown::Nothing => return None,
                Shown::Held => RecordState::Held,
                Shown::Cancelled => RecordState::Cancelled,
                Shown::Waitlisted => RecordState::Waitlisted,
                Shown::Odd => RecordState::Unknown("parked".into()),
            };
            Some(record(&format!("r-{name}"), name, state))
        };
        NAMES.iter().zip(&self.shows).filter_map(one).collect()
    }
}

/// What somebody was told last: hour and title.
type Told = (u32, bool);

#[derive(Debug, Default)]
struct Model {
    told: BTreeMap<&'static str, Told>,
    mails: Vec<(String, &'static str)>,
    /// Nobody knows any more what was told.
    is_forgotten: bool,
    /// What a record was, where it is not shown any more: gone for whoever it was for.
    known: BTreeMap<&'static str, Shown>,
}

impl Model {
    /// Somebody has read what the LMS says.
    fn read(&mut self, lms: &Lms) {
        for (name, shown) in NAMES.into_iter().zip(lms.shows) {
            // What was there and is not shown any more was taken away; what has ended stays ended.
            let known = match (shown, self.known.get(name)) {
                (Shown::Nothing, None) => continue,
                (Shown::Nothing, Some(_)) => Shown::Cancelled,
                (shown, _) => shown,
            };
            self.known.insert(name, known);
        }
    }

    /// All that was read is published.
    fn publish(&mut self, lms: &Lms) {
        let wanted = (lms.hour, lms.is_renamed);
        for name in NAMES {
            let stands = match (lms.stage, self.known.get(name)) {
                (Stage::Draft, _) | (_, None) => continue,
                (Stage::Cancelled, Some(_)) | (Stage::Scheduled, Some(Shown::Cancelled)) => false,
                (Stage::Scheduled, Some(Shown::Held)) => true,
                (Stage::Scheduled, Some(Shown::Waitlisted | Shown::Odd | Shown::Nothing)) => continue,
            };
            let why = match (stands, self.told.get(name)) {
                (false, None) => continue,
                (false, Some(_)) => {
                    self.told.remove(name);
                    "cancelled"
                }
                (true, None) => {
                    self.told.insert(name, wanted);
                    "invited"
                }
                (true, Some(told)) if told.0 != wanted.0 || self.is_forgotten && *told != wanted => {
                    self.told.insert(name, wanted);
                    "changed"
                }
                (true, Some(_)) => continue,
            };
            self.mails.push((name.to_owned(), why));
        }
        self.is_forgotten = false;
    }
}

struct Play {
    world: World,
    lms: Lms,
    /// What somebody has read of it last.
    read: Lms,
    model: Model,
    /// Nothing was read since all was published.
    is_at_rest: bool,
}

impl Play {
    async fn new() -> Self {
        let lms = Lms {
            stage: Stage::Scheduled,
            hour: 10,
            is_renamed: false,
            shows: [Shown::Nothing; NAMES.len()],
        };
        let (world, read) = (World::new().await, lms.clone());
        Self { world, lms, read, model: Model::default(), is_at_rest: true }
    }

    async fn read(&mut self) {
        tell(&self.world, &self.lms.session(), &self.lms.places()).await;
        self.model.read(&self.lms);
        self.read = self.lms.clone();
        self.is_at_rest = false;
    }

    async fn publish(&mut self, troubles: &[Trouble]) -> Result<(), TestCaseError> {
        let mut is_down = false;
        for trouble in troubles {
            match trouble {
                Trouble::Killed(death) => {
                    let _ = self.world.tables.killed(*death, once(&self.world)).await;
                    self.world.restart().await;
                }
                Trouble::Lost(name) => self.world.graph.publishing(|it| it.lost.push_back(name)),
                Trouble::Refused(name, status) => {
                    let failure = refused(*status, "ErrorInternalServerError");
                    self.world.graph.publishing(|it| it.fails.push_back((name, failure)));
                }
                Trouble::Down => is_down = true,
                Trouble::Forgets => self.world.graph.publishing(|it| it.forgets = true),
            }
        }
        if is_down {
            self.world.graph.is_down(true);
            for _ in 0..3 {
                let _ = once(&self.world).await;
                self.world.clock.advance(minutes(7));
            }
            self.world.graph.is_down(false);
        }
        run(&self.world).await;
        self.world.graph.publishing(|it| {
            it.lost.clear();
            it.fails.clear();
        });
        run(&self.world).await;
        self.model.publish(&self.read);
        self.is_at_rest = true;
        self.check("published")
    }

    fn check(&mut self, when: &str) -> Result<(), TestCaseError> {
        let mailed = mailed(&self.world);
        let mut wanted = std::mem::take(&mut self.model.mails);
        wanted.sort();
        prop_assert_eq!(&mailed, &wanted, "{}: mailed, and least possible", when);
        for name in NAMES {
            let stands: Vec<_> = self.world.graph.invitations(name);
            let live: Vec<u32> = stands
                .iter()
                .filter(|event| !event.is_cancelled)
                .filter(|event| event.response.answer != crate::calendar::event::Answer::Declined)
                .filter_map(|event| Some(chrono::Timelike::hour(&event.start?)))
                .collect();
            let told: Vec<u32> = self.model.told.get(name).map(|told| told.0).into_iter().collect();
            prop_assert_eq!(&live, &told, "{}: what stands for {}", when, name);
        }
        Ok(())
    }

    /// A learner declines what stands in their calendar, and loses the place by it.
    async fn decline(&mut self, who: usize) -> Result<(), TestCaseError> {
        let name = NAMES[who];
        let is_held = self.read.shows[who] == Shown::Held && self.read.stage == Stage::Scheduled;
        if !self.is_at_rest || !is_held || !self.model.told.contains_key(name) {
            return Ok(());
        }
        let before = self.world.lms.cancelled(name, 4711);
        let copy = self.world.graph.decline_published(name);
        let hint = Hint::Changed { mailbox: user(name), event: copy, change: ChangeType::Updated };
        self.world.observe(&[hint]).await;
        self.world.pass(minutes(60)).await;
        prop_assert_eq!(self.world.lms.cancelled(name, 4711), before + 1, "the evidence is lost: {}", name);
        self.model.told.remove(name);
        self.lms.shows[who] = Shown::Cancelled;
        self.read().await;
        self.publish(&[]).await
    }

    async fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::Shows(who, shown) => self.lms.shows[*who] = *shown,
            Step::Stage(stage) => self.lms.stage = *stage,
            Step::Moves(hour) => self.lms.hour = *hour,
            Step::Renames(is_renamed) => self.lms.is_renamed = *is_renamed,
            Step::Read(twice) => {
                self.read().await;
                if *twice {
                    self.read().await;
                }
            }
            Step::Doubtful => {
                let mut none = sessions(&[]);
                none.doubt(Doubt::NotEnded { at: "sessions".into() });
                let source = FakeSource::saying(SingleRead::Gone);
                merge_sessions(&self.world, &source, &none).await;
                let mut none = records(&[]);
                none.doubt(Doubt::Forbidden { at: "places".into() });
                merge_places(&self.world, &source, &none).await;
            }
            Step::Publishes(troubles) => {
                self.read().await;
                self.publish(troubles).await?;
            }
            Step::Declines(who) => self.decline(*who).await?,
            Step::LedgerLost => {
                // What waits to be published is lost with it: somebody publishes, and then reads anew.
                self.read().await;
                self.publish(&[]).await?;
                // Of who is told that they hold no place any more, or may not, nobody looks for an event that
                // no row knows.
                let is_held = |(name, shown): (&&str, &Shown)| {
                    *shown == Shown::Held || !self.model.told.contains_key(*name)
                };
                let all = NAMES.iter().zip(&self.read.shows).all(is_held);
                if !all || self.read.stage != Stage::Scheduled {
                    return Ok(());
                }
                self.world.tables.wipe(Table::Connections);
                self.model.known.clear();
                self.model.is_forgotten = true;
                self.read().await;
                self.publish(&[]).await?;
            }
            Step::Wait(so_long) => self.world.clock.advance(minutes(*so_long)),
        }
        Ok(())
    }
}

async fn play(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut play = Play::new().await;
    for step in steps {
        play.step(step).await?;
    }
    play.read().await;
    play.publish(&[]).await?;
    // A second pass writes nothing.
    play.read().await;
    play.publish(&[]).await
}

fn in_time(work: impl Future<Output = Result<(), TestCaseError>>) -> Result<(), TestCaseError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work)
}

/// Cases of a usual run.
const CASES: u32 = 300;

fn cases() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    replay::cases(asked.unwrap_or(CASES))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn each_learner_is_mailed_what_they_must_hear_and_nothing_else(
        steps in prop::collection::vec(step(), 1..14)
    ) {
        in_time(play(&steps))?;
    }
}
