//! An independent oracle of publishing: whatever the LMS tells in whatever order, whoever is killed, and
//! whatever Graph refuses or loses, each learner is mailed exactly what a publisher without any trouble would
//! have had to mail, and nobody anything else.
//!
//! The model ([`super::model`]) knows nothing of rows, plans and acts.

use super::model::{LEADERS, Lms, Model, NAMES, Shown, Stage};
use super::play::*;
use crate::calendar::event::Event;
use crate::jobs::testing::published::{CALENDAR, refused};
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, minutes, user};
use crate::messages::{ChangeType, Hint};
use crate::replay;
use crate::sessions::absence::SingleRead;
use crate::sessions::pass::Doubt;
use crate::store::Table;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Shows(usize, Shown),
    Stage(Stage),
    Leads(usize, bool),
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
    prop_oneof![Just("create"), Just("change"), Just("list"), Just("call_off"), Just("delete")]
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
        2 => (0..LEADERS.len(), any::<bool>()).prop_map(|(who, leads)| Step::Leads(who, leads)),
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
            leads: [false; LEADERS.len()],
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
        for name in NAMES.into_iter().chain(LEADERS) {
            let stands: Vec<_> = self.world.graph.invitations(name);
            let live: Vec<u32> = stands
                .iter()
                .filter(|event| !event.is_cancelled)
                .filter(|event| event.response.answer != crate::calendar::event::Answer::Declined)
                .filter_map(|event| Some(chrono::Timelike::hour(&event.start?)))
                .collect();
            let leads = self.model.own.as_ref().filter(|own| own.1.contains(name)).map(|own| own.0.0);
            let told = self.model.told.get(name).map(|told| told.0);
            let told: Vec<u32> = told.or(leads).into_iter().collect();
            prop_assert_eq!(&live, &told, "{}: what stands for {}", when, name);
        }
        let hour = |event: Event| Some(chrono::Timelike::hour(&event.start?));
        let shown: Vec<u32> = self.world.graph.published_in(CALENDAR).into_iter().filter_map(hour).collect();
        let wanted: Vec<u32> = self.model.shown.into_iter().collect();
        prop_assert_eq!(&shown, &wanted, "{}: what the organization's calendar shows", when);
        Ok(())
    }

    /// A learner declines what stands in their calendar, and loses the place by it.
    async fn decline(&mut self, who: usize) -> Result<(), TestCaseError> {
        let name = NAMES[who];
        let is_held = self.read.shows[who] == Shown::Held && self.read.stage == Stage::Scheduled;
        if !self.is_at_rest || !is_held || !self.model.told.contains_key(name) {
            return Ok(());
        }
        // Nobody answers in the very moment of the invitation.
        self.world.clock.advance(minutes(1));
        let before = self.world.lms.cancelled(name, 4711);
        let copy = self.world.graph.decline_published(name);
        // Outlook keeps what is declined in the calendar, or does not.
        if who % 2 == 1 {
            self.world.graph.remove_event(name, &copy);
        }
        let hint = Hint::Changed { mailbox: user(name), event: copy, change: ChangeType::Updated };
        self.world.observe(&[hint]).await;
        self.world.pass(minutes(60)).await;
        prop_assert_eq!(
            self.world.lms.cancelled(name, 4711),
            before + 1,
            "the evidence is lost: {} {:?}",
            name,
            self.world.state(name, 4711).await
        );
        self.model.told.remove(name);
        self.lms.shows[who] = Shown::Cancelled;
        self.read().await;
        self.publish(&[]).await
    }

    async fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match step {
            Step::Shows(who, shown) => self.lms.shows[*who] = *shown,
            Step::Stage(stage) => self.lms.stage = *stage,
            Step::Leads(who, leads) => self.lms.leads[*who] = *leads,
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
                self.world.tables.wipe(Table::Connections);
                self.model.known.clear();
                self.model.forget();
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
