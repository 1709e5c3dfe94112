//! One situation: what happens in the LMS and in calendars, and who is mailed what.

use chrono::{DateTime, Duration as Time, SecondsFormat, Utc};
use serde_json::{Value, json};
use simulator::World;
use simulator::stage::Stage;
use simulator::world::act::Reply;
use simulator::world::item::Slot;
use std::time::Duration;
use suites::{ORGANIZER, address, becomes, wait_until};

/// What the LMS shows of a session.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) title: &'static str,
    /// From now, for each of its dates.
    pub(super) days: Vec<i64>,
    /// Numbers of dates that are not among them any more.
    pub(super) off: Vec<usize>,
    pub(super) place: &'static str,
    pub(super) is_cancelled: bool,
    pub(super) is_visible: bool,
    pub(super) instructors: Vec<&'static str>,
}

/// People are called by a letter; each row has people of its own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// It is another from now on, and that is told.
    Shows(fn(&mut Shown)),
    /// The same is told once more.
    Again,
    Enrols(&'static str),
    Withdraws(&'static str),
    /// Is on the wait list.
    Waits(&'static str),
    /// Declines, and the place is cancelled for it.
    Declines(&'static str),
    Accepts(&'static str),
    /// Deletes the copy and answers nothing.
    Deletes(&'static str),
    /// These were mailed by now, and those before; nothing else happens before.
    Mailed(&'static [&'static str]),
}

pub(super) struct Row {
    pub(super) name: &'static str,
    /// What people are told who read of it.
    pub(super) told: &'static str,
    pub(super) steps: &'static [Step],
}

impl Row {
    /// Everybody who is in it.
    pub(super) fn people(&self) -> Vec<&'static str> {
        let mut all: Vec<&str> = self
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::Enrols(who) | Step::Waits(who) => Some(*who),
                Step::Shows(_)
                | Step::Again
                | Step::Withdraws(_)
                | Step::Declines(_)
                | Step::Accepts(_)
                | Step::Deletes(_)
                | Step::Mailed(_) => None,
            })
            .collect();
        all.extend(["i", "j"]);
        all.sort_unstable();
        all.dedup();
        all
    }

    /// All mails of it.
    pub(super) fn mails(&self) -> Vec<&'static str> {
        let all = self.steps.iter().filter_map(|step| match step {
            Step::Mailed(mails) => Some(*mails),
            Step::Shows(_)
            | Step::Again
            | Step::Enrols(_)
            | Step::Withdraws(_)
            | Step::Waits(_)
            | Step::Declines(_)
            | Step::Accepts(_)
            | Step::Deletes(_) => None,
        });
        let mut all: Vec<&str> = all.flatten().copied().collect();
        all.sort_unstable();
        all
    }
}

/// A row on a stage.
pub(super) struct Play<'a> {
    pub(super) stage: &'a Stage,
    pub(super) row: &'a Row,
    pub(super) number: usize,
    now: DateTime<Utc>,
}

impl<'a> Play<'a> {
    pub(super) fn new(stage: &'a Stage, row: &'a Row, number: usize) -> Self {
        Self { stage, row, number, now: Utc::now() }
    }

    fn world(&self) -> &World {
        self.stage.simulator.world()
    }

    fn session(&self) -> String {
        format!("s{:02}", self.number)
    }

    fn tell(&self, shown: &Shown) {
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        let held = shown.days.iter().enumerate().filter(|(number, _)| !shown.off.contains(number));
        let parts = held.map(|(number, days)| {
            let start = self.now + Time::days(*days);
            json!({
                "id": number.to_string(),
                "start": time(start),
                "end": time(start + Time::hours(2)),
                "place": shown.place,
            })
        });
        let instructors = shown.instructors.iter().map(|who| json!({ "email": self.address(who) }));
        let data = json!({
            "session": self.session(),
            "name": shown.title,
            "timezone": "Europe/Berlin",
            "parts": parts.collect::<Vec<Value>>(),
            "cancelled": shown.is_cancelled,
            "visible": shown.is_visible,
            "instructors": instructors.collect::<Vec<Value>>(),
        });
        self.world().lms_says("session.upserted", &self.session(), data);
    }

    fn name(&self, who: &str) -> String {
        name(self.number, who)
    }

    fn address(&self, who: &str) -> String {
        address(&self.name(who))
    }

    /// Who was mailed so far, and what: `a invitation`.
    pub(super) fn mails(&self) -> Vec<String> {
        let ours = name(self.number, "");
        let mails = suites::mails(self.stage).into_iter();
        mails.filter_map(|mail| mail.strip_prefix(&ours).map(str::to_owned)).collect()
    }

    fn event(&self, who: &str) -> Reply {
        let event = self.world().own_event(ORGANIZER, &self.address(who)).unwrap();
        Reply::new(&self.address(who), &event)
    }

    pub(super) async fn run(&self) {
        let mut shown = Shown {
            title: "First aid",
            days: vec![7],
            off: Vec::new(),
            place: "Room 7",
            is_cancelled: false,
            is_visible: true,
            instructors: Vec::new(),
        };
        let (world, session) = (self.world(), self.session());
        let slot = Slot { start: self.now + Time::days(7), end: self.now + Time::days(8) };
        world.hold_session(&session, shown.title, slot);
        let mut all: Vec<&str> = Vec::new();
        for step in self.row.steps {
            match step {
                Step::Shows(change) => {
                    change(&mut shown);
                    self.tell(&shown);
                }
                Step::Again => self.tell(&shown),
                Step::Enrols(who) => world.enrol(&session, &self.address(who)).unwrap(),
                Step::Withdraws(who) => world.unenrol(&session, &self.address(who)).unwrap(),
                Step::Waits(who) => {
                    let address = self.address(who);
                    let learner = json!({ "id": address, "email": address });
                    let data = json!({ "session": session, "learner": learner, "state": "waitlisted" });
                    world.lms_says("enrolment.upserted", &session, data);
                }
                Step::Declines(who) => {
                    // Nobody declines before the invitation has its link.
                    let name = self.name(who);
                    wait_until(self.stage, "the invitation has its link", || async {
                        let line = suites::seen(self.stage, &session, &name).await.line();
                        if line.starts_with("watched") { Ok(()) } else { Err(line) }
                    })
                    .await;
                    let decline = self.event(who).keep(false).mail_after(Duration::from_millis(50));
                    world.decline(&decline).unwrap();
                    let ends = "done declined/organizer-copy done; gone, 1 effects";
                    becomes(self.stage, &session, &name, ends).await;
                }
                Step::Accepts(who) => world.accept(&self.event(who)).unwrap(),
                Step::Deletes(who) => world.delete(&self.event(who).silent()).unwrap(),
                Step::Mailed(more) => {
                    all.extend(*more);
                    all.sort_unstable();
                    let what = format!("{}: {more:?} are mailed", self.row.name);
                    wait_until(self.stage, &what, || async {
                        let mails = self.mails();
                        if mails == all {
                            return Ok(());
                        }
                        Err(format!("{mails:?}"))
                    })
                    .await;
                }
            }
        }
    }
}

/// How somebody of a row is called.
pub(super) fn name(number: usize, who: &str) -> String {
    format!("r{number:02}{who}")
}
