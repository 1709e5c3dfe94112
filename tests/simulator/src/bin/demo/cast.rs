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
    /// The LMS moves the session after that: who declined is not mailed about it.
    DeclinesBeforeTheMove,
    /// Somebody takes the place back in the LMS itself.
    IsWithdrawn,
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
    /// The LMS itself has taken the place back, and is asked for nothing.
    Withdrawn,
}

/// Where the invitations come from that are not out yet when Regrets comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inviter {
    /// The organizer, by hand, or the LMS past Regrets: as the early ones.
    Others,
    /// Regrets, which the LMS tells of sessions and places. `is_told_of_all`: it hears of every decline at
    /// once, so that nobody is mailed who has declined.
    Regrets { is_told_of_all: bool },
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
            | Part::DeclinesBeforeTheMove
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
            Part::IsWithdrawn => Fate::Withdrawn,
        }
    }

    /// Each that is played where these invite.
    fn all(inviter: Inviter) -> Vec<Part> {
        let mut parts = Part::ALL.to_vec();
        let more: &[Part] = match inviter {
            Inviter::Others => &[],
            Inviter::Regrets { is_told_of_all: true } => &[Part::DeclinesBeforeTheMove, Part::IsWithdrawn],
            Inviter::Regrets { is_told_of_all: false } => &[Part::IsWithdrawn],
        };
        // Early enough that every act of theirs is told.
        parts.splice(6..6, more.iter().copied());
        parts
    }

    /// The part needs an invitation by Regrets, or can't do with one. `None`: either does.
    fn needs_regrets(self) -> Option<bool> {
        match self {
            Part::DeclinesBeforeTheMove
            | Part::IsWithdrawn
            | Part::SessionIsMoved
            | Part::SessionIsCancelled => Some(true),
            Part::DeclinesFromOutside | Part::IsDropped => Some(false),
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
            | Part::MovesToAnotherCalendar => None,
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
            | Part::DeclinesBeforeTheMove
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
            | Part::SessionIsMoved
            | Part::IsWithdrawn => false,
        }
    }

    fn session(self) -> Kind {
        match self {
            Part::DeclinesFromOutside => Kind::FromOutside,
            Part::SessionIsCancelled => Kind::ToBeCancelled,
            Part::SessionIsMoved | Part::DeclinesBeforeTheMove => Kind::ToBeMoved,
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
            | Part::IsWithdrawn
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
            Part::SessionIsCancelled => "is invited to a session that is then cancelled",
            Part::SessionIsMoved => "accepts a session that then moves to another day",
            Part::DeclinesBeforeTheMove => "declines, and the session moves to another day",
            Part::IsWithdrawn => "accepts, and the LMS takes the place back",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Learner {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) session: String,
    /// The event by which they act on their own copy, where Regrets has written one for them.
    pub(crate) event: Option<String>,
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
    /// The LMS tells Regrets of it, which invites.
    pub(crate) is_told: bool,
}

impl Learner {
    /// What they act on: a meeting that all of the session share, or their own.
    pub(crate) fn meeting(&self) -> &str {
        self.event.as_deref().unwrap_or(&self.session)
    }
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
    /// Those whom Regrets invites.
    pub(crate) fn told(&self) -> impl Iterator<Item = &Learner> {
        self.learners.iter().filter(|learner| self.is_told(learner))
    }

    pub(crate) fn is_told(&self, learner: &Learner) -> bool {
        self.sessions.iter().any(|session| session.is_told && session.id == learner.session)
    }

    /// The first learners play each part once; the others' parts are drawn at random.
    pub(crate) fn new(learners: u32, seed: u64, play_millis: u64, inviter: Inviter) -> Self {
        let parts = Part::all(inviter);
        let mut dice = StdRng::seed_from_u64(seed);
        let mut cast = Cast { learners: Vec::new(), sessions: Vec::new() };
        let mut seats: Vec<usize> = Vec::new();
        for n in 0..learners as usize {
            let part = match parts.get(n) {
                Some(part) => *part,
                None => *parts.choose(&mut dice).unwrap_or(&Part::Declines),
            };
            let early = match inviter {
                Inviter::Others => dice.random_bool(0.5),
                // Most are to be invited by Regrets; a few were before.
                Inviter::Regrets { .. } => {
                    let by_chance = dice.random_bool(0.25);
                    part.needs_regrets().map_or(by_chance, |needs| !needs)
                }
            };
            let is_told = inviter != Inviter::Others && !early;
            let kind = part.session();
            let fits = |(session, seats): (&Session, &usize)| {
                session.kind == kind && session.early == early && *seats < SEATS
            };
            let index = match cast.sessions.iter().zip(&seats).position(fits) {
                Some(index) => index,
                None => {
                    let title = TITLES.choose(&mut dice).copied().unwrap_or("Training");
                    let id = format!("{}", 4711 + cast.sessions.len());
                    cast.sessions.push(Session { id, title, kind, early, is_told });
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
            // Whoever declines before a move has lost the place when it comes.
            let at = if is_told && kind == Kind::ToBeMoved { at / 2 } else { at };
            cast.learners.push(Learner { name, address, session, event: None, part, at });
        }
        cast
    }
}
