//! What the learners of the cast do in the simulated tenant, and when.

use crate::cast::{Cast, Kind, Learner, Part, Session};
use chrono::{Duration as Days, Utc};
use simulator::World;
use simulator::world::act::{ActError, Cancel, Move, Reply, Retime, Who};
use simulator::world::item::Slot;
use std::time::Duration;

/// One act at one time.
pub(crate) struct Action {
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
/// What the LMS moves it moves so long after the last has acted: a decline is carried out by then.
const LATER: u64 = 3_500;
/// Longer than mails usually take here, and shorter than the settling.
const SLOW_MAIL: Duration = Duration::from_millis(1_500);

/// All acts in order of time.
pub(crate) fn actions(cast: &Cast) -> Vec<Action> {
    let mut actions: Vec<Action> = cast.learners.iter().flat_map(of_learner).collect();
    actions.extend(cast.sessions.iter().filter_map(|session| of_organizer(cast, session)));
    actions.sort_by_key(|action| action.at);
    actions
}

/// What becomes of a whole session, when its last learner has acted.
fn of_organizer(cast: &Cast, session: &Session) -> Option<Action> {
    let at = cast
        .learners
        .iter()
        .filter(|learner| learner.session == session.id)
        .map(|learner| learner.at)
        .max()?;
    let at = at + if session.is_told { LATER } else { SECOND_THOUGHTS };
    let (id, title) = (session.id.clone(), session.title);
    match session.kind {
        Kind::Usual | Kind::FromOutside => None,
        Kind::ToBeCancelled if session.is_told => Some(Action {
            at,
            line: Some(format!("The LMS cancels session {id} ({title}), and tells Regrets")),
            act: Box::new(move |world| {
                world.call_off_session(&id, "the trainer is ill").map_err(|_| ActError::NoMeeting(id.clone()))
            }),
        }),
        Kind::ToBeMoved if session.is_told => Some(Action {
            at,
            line: Some(format!("The LMS moves session {id} ({title}) to another day, and tells Regrets")),
            act: Box::new(move |world| {
                let start = Utc::now() + Days::days(9);
                let slot = Slot { start, end: start + Days::hours(2) };
                world.move_session(&id, slot).map_err(|_| ActError::NoMeeting(id.clone()))
            }),
        }),
        Kind::ToBeCancelled => Some(Action {
            at,
            line: Some(format!("The organizer cancels session {id} ({title})")),
            act: Box::new(move |world| world.cancel(&Cancel { session: id.clone() })),
        }),
        Kind::ToBeMoved => Some(Action {
            at,
            line: Some(format!("The organizer moves session {id} ({title}) to another day")),
            act: Box::new(move |world| {
                let start = Utc::now() + Days::days(9);
                world.retime(&Retime { session: id.clone(), start, end: start + Days::hours(2) })
            }),
        }),
    }
}

type Act = fn(&World, &Reply) -> Result<(), ActError>;

const ACCEPT: Act = |world, reply| world.accept(reply);
const TENTATIVE: Act = |world, reply| world.tentative(reply);
const DECLINE: Act = |world, reply| world.decline(reply);
const DELETE: Act = |world, reply| world.delete(reply);

fn of_learner(learner: &Learner) -> Vec<Action> {
    let reply = || Reply::new(&learner.address, learner.meeting());
    let action = |later: u64, what: &str, act: Act, reply: Reply| Action {
        at: learner.at + later,
        line: Some(format!("{} {what} ({})", learner.name, learner.session)),
        act: Box::new(move |world| act(world, &reply)),
    };
    let then = SECOND_THOUGHTS;
    match learner.part {
        Part::SaysNothing | Part::SessionIsCancelled => Vec::new(),
        Part::Accepts | Part::SessionIsMoved => vec![action(0, "accepts", ACCEPT, reply())],
        Part::Tentative => vec![action(0, "accepts tentatively", TENTATIVE, reply())],
        Part::IsWithdrawn => {
            let (session, address) = (learner.session.clone(), learner.address.clone());
            vec![
                action(0, "accepts", ACCEPT, reply()),
                Action {
                    at: learner.at + then,
                    line: Some(format!(
                        "{} loses the place in the LMS, where somebody takes it back ({session})",
                        learner.name
                    )),
                    act: Box::new(move |world| {
                        world.unenrol(&session, &address).map_err(|_| ActError::NoMeeting(session.clone()))
                    }),
                },
            ]
        }
        Part::Declines | Part::DeclinesBeforeTheMove => {
            vec![action(0, "declines; Outlook removes the copy", DECLINE, reply().keep(false))]
        }
        Part::DeclinesAndKeepsTheCopy => {
            vec![action(0, "declines; the copy stays in the calendar", DECLINE, reply().keep(true))]
        }
        Part::DeclinesProposingAnotherTime => {
            let start = Utc::now() + Days::days(8);
            let proposal =
                Reply { propose: Some(Slot { start, end: start + Days::hours(2) }), ..reply().keep(false) };
            vec![action(0, "declines and proposes another time", DECLINE, proposal)]
        }
        Part::DeclinesByASlowMail => {
            vec![action(
                0,
                "declines; the response mail takes its time",
                DECLINE,
                reply().keep(false).mail_after(SLOW_MAIL),
            )]
        }
        Part::AcceptsThenDeclines => vec![
            action(0, "accepts", ACCEPT, reply()),
            action(then, "declines; Outlook removes the copy", DECLINE, reply().keep(false)),
        ],
        Part::DeclinesInAGap => {
            let address = learner.address.clone();
            let gap = Duration::from_millis(2 * then);
            let inject = |later: u64, line: String, act: Done| Action {
                at: learner.at + later,
                line: Some(line),
                act,
            };
            vec![
                inject(
                    0,
                    format!("{} is watched no more: Graph has lost the subscription", learner.name),
                    Box::new(move |world| {
                        world.lose_subscription(&address, gap);
                        Ok(())
                    }),
                ),
                action(then, "declines, and nobody tells Regrets", DECLINE, reply().keep(false)),
                inject(
                    2 * then,
                    format!(
                        "{} is to be watched again: Graph says that the subscription is gone",
                        learner.name
                    ),
                    Box::new(|_| Ok(())),
                ),
            ]
        }
        Part::DeclinesFromOutside => {
            vec![action(0, "declines; nobody here sees the organizer's copy", DECLINE, reply().keep(false))]
        }
        Part::DeclinesSilently => {
            vec![action(0, "declines without sending a response", DECLINE, reply().keep(false).silent())]
        }
        Part::DeletesSilently => vec![
            action(0, "accepts", ACCEPT, reply()),
            action(then, "deletes the entry without a word", DELETE, reply().silent()),
        ],
        Part::TakesBackInTime => vec![
            action(0, "declines; the copy stays in the calendar", DECLINE, reply().keep(true)),
            action(then, "accepts after all", ACCEPT, reply()),
        ],
        Part::TakesBackFromTheMail => vec![
            action(0, "declines; Outlook removes the copy", DECLINE, reply().keep(false)),
            action(then, "accepts after all, from the invitation mail", ACCEPT, reply()),
        ],
        Part::WaversAndDeclines => vec![
            action(0, "declines; the copy stays in the calendar", DECLINE, reply().keep(true)),
            action(then, "accepts after all", ACCEPT, reply()),
            action(2 * then, "declines again", DECLINE, reply().keep(true)),
        ],
        Part::IsDropped => {
            let who = Who { learner: learner.address.clone(), session: learner.meeting().to_owned() };
            vec![
                action(0, "accepts", ACCEPT, reply()),
                Action {
                    at: learner.at + then,
                    line: Some(format!(
                        "{} is taken off the list by the organizer ({})",
                        learner.name, learner.session
                    )),
                    act: Box::new(move |world| world.drop_learner(&who)),
                },
            ]
        }
        Part::MovesToAnotherCalendar => {
            let wish = Move {
                learner: learner.address.clone(),
                session: learner.meeting().to_owned(),
                calendar: "Private".to_owned(),
            };
            vec![
                action(0, "accepts", ACCEPT, reply()),
                Action {
                    at: learner.at + then,
                    line: Some(format!(
                        "{} moves the entry to another calendar ({})",
                        learner.name, learner.session
                    )),
                    act: Box::new(move |world| world.move_copy(&wish)),
                },
            ]
        }
    }
}
