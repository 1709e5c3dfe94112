//! Who takes part, what each does, and what must come of it. Written from what people mean, not from the code
//! under test.

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
    DeclinesProposingAnotherTime,
    /// The answer is on its way for a while before the organizer's copy knows of it.
    DeclinesByASlowMail,
    AcceptsThenDeclines,
    /// Graph has lost the subscription, and tells nobody of the decline.
    DeclinesInAGap,
    /// An invitation by mail from outside: no organizer's copy anywhere.
    DeclinesFromOutside,
    DeclinesSilently,
    DeletesSilently,
    TakesBackInTime,
    /// The copy is gone already; the invitation mail is still there to answer anew.
    TakesBackFromTheMail,
    WaversAndDeclines,
    MovesToAnotherCalendar,
    /// The organizer takes this learner off the list; what that means for the place is the organizer's
    /// business.
    IsDropped,
    /// The organizer cancels the whole session.
    SessionIsCancelled,
    /// The organizer moves the session to another day; everybody is asked anew.
    SessionIsMoved,
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
    pub(crate) const ALL: [Part; 19] = [
        Part::Accepts,
        Part::Declines,
        Part::DeclinesAndKeepsTheCopy,
        Part::DeclinesInAGap,
        Part::DeclinesFromOutside,
        Part::TakesBackInTime,
        Part::WaversAndDeclines,
        Part::Tentative,
        Part::SaysNothing,
        Part::DeclinesSilently,
        Part::DeletesSilently,
        Part::MovesToAnotherCalendar,
        Part::SessionIsCancelled,
        Part::AcceptsThenDeclines,
        Part::DeclinesByASlowMail,
        Part::DeclinesProposingAnotherTime,
        Part::TakesBackFromTheMail,
        Part::IsDropped,
        Part::SessionIsMoved,
    ];

    pub(crate) fn fate(self) -> Fate {
        match self {
            Part::Declines
            | Part::DeclinesAndKeepsTheCopy
            | Part::DeclinesProposingAnotherTime
            | Part::DeclinesByASlowMail
            | Part::AcceptsThenDeclines
            | Part::DeclinesInAGap
            | Part::DeclinesFromOutside
            | Part::WaversAndDeclines => Fate::Gone,
            Part::Accepts
            | Part::Tentative
            | Part::SaysNothing
            | Part::TakesBackInTime
            | Part::TakesBackFromTheMail
            | Part::MovesToAnotherCalendar
            | Part::IsDropped
            | Part::SessionIsCancelled
            | Part::SessionIsMoved => Fate::Kept,
            Part::DeclinesSilently | Part::DeletesSilently => Fate::Asked,
        }
    }

    /// A decline that must end in an outcome: cancelled, or in the hands of a person.
    pub(crate) fn is_decline(self) -> bool {
        match self {
            Part::Declines
            | Part::DeclinesAndKeepsTheCopy
            | Part::DeclinesProposingAnotherTime
            | Part::DeclinesByASlowMail
            | Part::AcceptsThenDeclines
            | Part::DeclinesInAGap
            | Part::DeclinesFromOutside
            | Part::DeclinesSilently
            | Part::WaversAndDeclines => true,
            Part::Accepts
            | Part::Tentative
            | Part::SaysNothing
            | Part::DeletesSilently
            | Part::TakesBackInTime
            | Part::TakesBackFromTheMail
            | Part::MovesToAnotherCalendar
            | Part::IsDropped
            | Part::SessionIsCancelled
            | Part::SessionIsMoved => false,
        }
    }

    fn session(self) -> Kind {
        match self {
            Part::DeclinesFromOutside => Kind::FromOutside,
            Part::SessionIsCancelled => Kind::ToBeCancelled,
            Part::SessionIsMoved => Kind::ToBeMoved,
            Part::Accepts
            | Part::Tentative
            | Part::SaysNothing
            | Part::Declines
            | Part::DeclinesAndKeepsTheCopy
            | Part::DeclinesProposingAnotherTime
            | Part::DeclinesByASlowMail
            | Part::AcceptsThenDeclines
            | Part::DeclinesInAGap
            | Part::DeclinesSilently
            | Part::DeletesSilently
            | Part::TakesBackInTime
            | Part::TakesBackFromTheMail
            | Part::WaversAndDeclines
            | Part::MovesToAnotherCalendar
            | Part::IsDropped => Kind::Usual,
        }
    }

    pub(crate) fn what(self) -> &'static str {
        match self {
            Part::Accepts => "accepts",
            Part::Tentative => "accepts tentatively",
            Part::SaysNothing => "says nothing",
            Part::Declines => "declines; Outlook removes the copy",
            Part::DeclinesAndKeepsTheCopy => "declines; the copy stays",
            Part::DeclinesProposingAnotherTime => "declines and proposes another time",
            Part::DeclinesByASlowMail => "declines; the response mail takes its time",
            Part::AcceptsThenDeclines => "accepts, then declines",
            Part::DeclinesInAGap => "declines while Graph has lost the subscription",
            Part::DeclinesFromOutside => "declines an invitation that came by mail from outside",
            Part::DeclinesSilently => "declines without sending a response",
            Part::DeletesSilently => "accepts, later deletes the entry without a word",
            Part::TakesBackInTime => "declines, then accepts after all",
            Part::TakesBackFromTheMail => "declines, then accepts from the invitation mail",
            Part::WaversAndDeclines => "declines, accepts, declines",
            Part::MovesToAnotherCalendar => "accepts, then moves the entry to another calendar",
            Part::IsDropped => "accepts, and is taken off the list by the organizer",
            Part::SessionIsCancelled => "is invited to a session that the organizer cancels",
            Part::SessionIsMoved => "accepts a session that then moves to another day",
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

/// What everybody in a session shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Usual,
    /// Invited to by mail from outside.
    FromOutside,
    ToBeCancelled,
    ToBeMoved,
}

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) title: &'static str,
    pub(crate) kind: Kind,
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
    "Ana", "Bo", "Cy", "Dora", "Emre", "Fay", "Gus", "Hana", "Ivo", "Jia", "Kai", "Lea", "Milo", "Nina",
    "Omar", "Pia", "Quinn", "Rosa", "Sven", "Tess", "Uma", "Vito", "Wanda", "Yara",
];
const TITLES: [&str; 5] =
    ["Fire safety basics", "First aid", "Writing well", "Data protection", "Safe driving"];
/// Learners in one session.
const SEATS: usize = 12;

impl Cast {
    /// The first learners play each part once; the others' parts are drawn at random.
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
            let kind = part.session();
            let fits = |(session, seats): (&Session, &usize)| {
                session.kind == kind && session.early == early && *seats < SEATS
            };
            let index = match cast.sessions.iter().zip(&seats).position(fits) {
                Some(index) => index,
                None => {
                    let title = TITLES.choose(&mut dice).copied().unwrap_or("Training");
                    let id = format!("{}", 4711 + cast.sessions.len());
                    cast.sessions.push(Session { id, title, kind, early });
                    seats.push(0);
                    cast.sessions.len() - 1
                }
            };
            if let Some(taken) = seats.get_mut(index) {
                *taken += 1;
            }
            let first = NAMES.get(n % NAMES.len()).copied().unwrap_or("Ana");
            let name =
                if n < NAMES.len() { first.to_owned() } else { format!("{first} {}", n / NAMES.len() + 1) };
            let address = format!("{}@contoso.com", name.to_lowercase().replace(' ', ""));
            let session = cast.sessions.get(index).map(|session| session.id.clone()).unwrap_or_default();
            let at = dice.random_range(0..play_millis.max(1));
            cast.learners.push(Learner { name, address, session, part, at });
        }
        cast
    }
}
