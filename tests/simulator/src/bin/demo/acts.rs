//! What the learners of the cast do in the simulated tenant, and when.

use crate::cast::{Cast, Learner, Part};
use simulator::World;
use simulator::world::act::{ActError, Cancel, Move, Reply};
use std::collections::BTreeMap;

/// One deed at one time.
pub(crate) struct Deed {
    /// Milliseconds from the start of the play.
    pub(crate) at: u64,
    /// A line for the timeline; `None` for what is only a preparation.
    pub(crate) line: Option<String>,
    pub(crate) act: Done,
}

/// What is done to the world.
type Done = Box<dyn Fn(&World) -> Result<(), ActError> + Send>;

/// A learner who changes their mind does so after this; well within the grace.
const SECOND_THOUGHTS: u64 = 700;

/// All deeds in order of time.
pub(crate) fn deeds(cast: &Cast) -> Vec<Deed> {
    let mut deeds: Vec<Deed> = cast.learners.iter().flat_map(of_learner).collect();
    let mut cancelled: BTreeMap<&str, u64> = BTreeMap::new();
    for learner in cast.learners.iter().filter(|learner| learner.part == Part::SessionIsCancelled) {
        let at = cancelled.entry(&learner.session).or_default();
        *at = (*at).max(learner.at);
    }
    for (session, at) in cancelled {
        let title = cast.session(session).map(|session| session.title).unwrap_or_default();
        let id = session.to_owned();
        deeds.push(Deed {
            at,
            line: Some(format!("The organizer cancels session {session} ({title})")),
            act: Box::new(move |world| world.cancel(&Cancel { session: id.clone() })),
        });
    }
    deeds.sort_by_key(|deed| deed.at);
    deeds
}

type Act = fn(&World, &Reply) -> Result<(), ActError>;

const ACCEPT: Act = |world, reply| world.accept(reply);
const TENTATIVE: Act = |world, reply| world.tentative(reply);
const DECLINE: Act = |world, reply| world.decline(reply);
const DELETE: Act = |world, reply| world.delete(reply);

fn of_learner(learner: &Learner) -> Vec<Deed> {
    let reply = || Reply::new(&learner.address, &learner.session);
    let deed = |later: u64, what: &str, act: Act, reply: Reply| Deed {
        at: learner.at + later,
        line: Some(format!("{} {what} ({})", learner.name, learner.session)),
        act: Box::new(move |world| act(world, &reply)),
    };
    let then = SECOND_THOUGHTS;
    match learner.part {
        Part::SaysNothing | Part::SessionIsCancelled => Vec::new(),
        Part::Accepts => vec![deed(0, "accepts", ACCEPT, reply())],
        Part::Tentative => vec![deed(0, "accepts tentatively", TENTATIVE, reply())],
        Part::Declines => vec![deed(0, "declines; Outlook removes the copy", DECLINE, reply().keep(false))],
        Part::DeclinesAndKeepsTheCopy => {
            vec![deed(0, "declines; the copy stays in the calendar", DECLINE, reply().keep(true))]
        }
        Part::DeclinesFromOutside => {
            vec![deed(0, "declines; nobody here sees the organizer's copy", DECLINE, reply().keep(false))]
        }
        Part::DeclinesSilently => {
            vec![deed(0, "declines without sending a response", DECLINE, reply().keep(false).silent())]
        }
        Part::DeletesSilently => vec![
            deed(0, "accepts", ACCEPT, reply()),
            deed(then, "deletes the entry without a word", DELETE, reply().silent()),
        ],
        Part::TakesBackInTime => vec![
            deed(0, "declines; the copy stays in the calendar", DECLINE, reply().keep(true)),
            deed(then, "accepts after all", ACCEPT, reply()),
        ],
        Part::WaversAndDeclines => vec![
            deed(0, "declines; the copy stays in the calendar", DECLINE, reply().keep(true)),
            deed(then, "accepts after all", ACCEPT, reply()),
            deed(2 * then, "declines again", DECLINE, reply().keep(true)),
        ],
        Part::MovesToAnotherCalendar => {
            let wish = Move {
                learner: learner.address.clone(),
                session: learner.session.clone(),
                calendar: "Private".to_owned(),
            };
            vec![
                deed(0, "accepts", ACCEPT, reply()),
                Deed {
                    at: learner.at + then,
                    line: Some(format!("{} moves the entry to another calendar ({})", learner.name, learner.session)),
                    act: Box::new(move |world| world.move_copy(&wish)),
                },
            ]
        }
    }
}
