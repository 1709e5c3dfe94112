//! Who takes part, what each does, and what must come of it. Written from what people mean, not from the code under test.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

/// What a learner does, in words that people use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Accepts,
    Tentative,
    SaysNothing,
    Declines,
    DeclinesAndKeepsTheCopy,
    /// An invitation by mail from outside: no organizer's copy anywhere.
    DeclinesFromOutside,
    DeclinesSilently,
    DeletesSilently,
    TakesBackInTime,
    WaversAndDeclines,
    MovesToAnotherCalendar,
    /// The organizer cancels the whole session.
    SessionIsCancelled,
}

/// What must have become of the place when all is quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The learner declined: gone, by exactly one cancellation.
    Gone,
    /// The learner has the place.
    Kept,
    /// The learner has the place, and a person is asked.
    Asked,
}

impl Part {
    pub(crate) const ALL: [Part; 12] = [
        Part::Accepts,
        Part::Declines,
        Part::DeclinesAndKeepsTheCopy,
        Part::DeclinesFromOutside,
        Part::TakesBackInTime,
        Part::WaversAndDeclines,
        Part::Tentative,
        Part::SaysNothing,
        Part::DeclinesSilently,
        Part::DeletesSilently,
        Part::MovesToAnotherCalendar,
        Part::SessionIsCancelled,
    ];

    pub(crate) fn fate(self) -> Fate {
        match self {
            Part::Declines | Part::DeclinesAndKeepsTheCopy | Part::DeclinesFromOutside | Part::WaversAndDeclines => {
                Fate::Gone
            }
            Part::Accepts
            | Part::Tentative
            | Part::SaysNothing
            | Part::TakesBackInTime
            | Part::MovesToAnotherCalendar
            | Part::SessionIsCancelled => Fate::Kept,
            Part::DeclinesSilently | Part::DeletesSilently => Fate::Asked,
        }
    }

    /// A decline that must end in an outcome: cancelled, or in the hands of a person.
    pub(crate) fn is_decline(self) -> bool {
        match self {
            Part::Declines
            | Part::DeclinesAndKeepsTheCopy
            | Part::DeclinesFromOutside
            | Part::DeclinesSilently
            | Part::WaversAndDeclines => true,
            Part::Accepts
            | Part::Tentative
            | Part::SaysNothing
            | Part::DeletesSilently
            | Part::TakesBackInTime
            | Part::MovesToAnotherCalendar
            | Part::SessionIsCancelled => false,
        }
    }

    pub(crate) fn what(self) -> &'static str {
        match self {
            Part::Accepts => "accepts",
            Part::Tentative => "accepts tentatively",
            Part::SaysNothing => "says nothing",
            Part::Declines => "declines; Outlook removes the copy",
            Part::DeclinesAndKeepsTheCopy => "declines; the copy stays",
            Part::DeclinesFromOutside => "declines an invitation that came by mail from outside",
            Part::DeclinesSilently => "declines without sending a response",
            Part::DeletesSilently => "accepts, later deletes the entry without a word",
            Part::TakesBackInTime => "declines, then accepts after all",
            Part::WaversAndDeclines => "declines, accepts, declines",
            Part::MovesToAnotherCalendar => "accepts, then moves the entry to another calendar",
            Part::SessionIsCancelled => "is invited to a session that the organizer cancels",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Learner {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) session: String,
    pub(crate) part: Part,
    /// When the learner begins to act, in milliseconds from the start of the play.
    pub(crate) at: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) title: &'static str,
    pub(crate) from_outside: bool,
    pub(crate) to_be_cancelled: bool,
    /// Sent out before anybody watched the mailboxes.
    pub(crate) early: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Cast {
    pub(crate) learners: Vec<Learner>,
    pub(crate) sessions: Vec<Session>,
}

pub(crate) const ORGANIZER: &str = "learning@contoso.com";

const NAMES: [&str; 24] = [
    "Ana", "Bo", "Cy", "Dora", "Emre", "Fay", "Gus", "Hana", "Ivo", "Jia", "Kai", "Lea", "Milo", "Nina", "Omar", "Pia",
    "Quinn", "Rosa", "Sven", "Tess", "Uma", "Vito", "Wanda", "Yara",
];
const TITLES: [&str; 5] = ["Fire safety basics", "First aid", "Writing well", "Data protection", "Safe driving"];
/// Learners in one session.
const SEATS: usize = 12;

impl Cast {
    /// The first learners play each part once; the others' parts are drawn by lot.
    pub(crate) fn new(learners: u32, seed: u64, play_millis: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut cast = Cast { learners: Vec::new(), sessions: Vec::new() };
        let mut seats: Vec<usize> = Vec::new();
        for n in 0..learners as usize {
            let part = match Part::ALL.get(n) {
                Some(part) => *part,
                None => *Part::ALL.choose(&mut dice).unwrap_or(&Part::Declines),
            };
            let early = dice.random_bool(0.5);
            let (outside, cancelled) = (part == Part::DeclinesFromOutside, part == Part::SessionIsCancelled);
            let fits = |(session, seats): (&Session, &usize)| {
                session.from_outside == outside
                    && session.to_be_cancelled == cancelled
                    && session.early == early
                    && *seats < SEATS
            };
            let index = match cast.sessions.iter().zip(&seats).position(fits) {
                Some(index) => index,
                None => {
                    let title = TITLES.choose(&mut dice).copied().unwrap_or("Training");
                    let id = format!("{}", 4711 + cast.sessions.len());
                    cast.sessions.push(Session { id, title, from_outside: outside, to_be_cancelled: cancelled, early });
                    seats.push(0);
                    cast.sessions.len() - 1
                }
            };
            if let Some(taken) = seats.get_mut(index) {
                *taken += 1;
            }
            let first = NAMES.get(n % NAMES.len()).copied().unwrap_or("Ana");
            let name = if n < NAMES.len() { first.to_owned() } else { format!("{first} {}", n / NAMES.len() + 1) };
            let address = format!("{}@contoso.com", name.to_lowercase().replace(' ', ""));
            let session = cast.sessions.get(index).map(|session| session.id.clone()).unwrap_or_default();
            let at = dice.random_range(0..play_millis.max(1));
            cast.learners.push(Learner { name, address, session, part, at });
        }
        cast
    }

    pub(crate) fn session(&self, id: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id == id)
    }
}
