//! What follows for one learner's event from what the LMS says of session, part and place, and from a
//! decline.
//!
//! Guarantees: a place that was lost by declining is let go of before anything else is thought of; a
//! cancelled session is told to everybody else; while a decline is judged nobody is written to; what
//! nobody understands changes nothing.

use super::compose::{self, WayIn};
use super::wish::{CallOff, Hold, Wish};
use super::words::Words;
use super::written::{Stand, Written};
use crate::sessions::place::{Holding, Place};
use crate::sessions::session::{Part, Session, SessionState};
use chrono::{DateTime, Utc};

/// What became of the place on our side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decline {
    /// None is known.
    None,
    /// It is being judged or carried out; or it came too late, and the place stands.
    Judged,
    /// The LMS cancelled the place for it, then.
    LostPlace { at: DateTime<Utc> },
}

/// What is known when one event is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub session: &'a Session,
    /// The LMS has no such session any more.
    pub is_gone: bool,
    /// `None`: the session has no such part any more.
    pub part: Option<&'a Part>,
    /// `None`: nothing is known of the place.
    pub place: Option<&'a Place>,
    /// When the older of the readings began that say so.
    pub seen_at: DateTime<Utc>,
    /// When each of them did: an LMS that tells by itself tells of one and not of the other.
    pub session_seen_at: DateTime<Utc>,
    pub place_seen_at: DateTime<Utc>,
    pub decline: Decline,
    pub words: &'a Words,
    /// What the event says of it.
    pub way: &'a WayIn,
}

pub fn wish(facts: &Facts<'_>, row: &Written) -> Wish {
    let Facts { session, seen_at, .. } = *facts;
    if let Decline::LostPlace { at } = facts.decline
        && row.stand == Stand::Stands
        && row.made_at.is_none_or(|made| made <= at)
    {
        return Wish::LetGo { at };
    }
    let part = match held(session, facts.is_gone, facts.part, seen_at) {
        Ok(part) => part,
        Err(wish) => return wish,
    };
    if facts.decline == Decline::Judged {
        return Wish::Hold(Hold::Declining);
    }
    let Some(place) = facts.place else { return Wish::Hold(Hold::Doubtful) };
    match place.holding() {
        Holding::Pending => Wish::Hold(Hold::Pending),
        Holding::Unknown => Wish::Hold(Hold::Doubtful),
        Holding::NotHeld => Wish::CallOff { why: CallOff::Withdrawn, seen_at },
        Holding::Held => match compose::for_learner(session, part, place, (facts.words, facts.way)) {
            Some(content) => Wish::Stand { content: Box::new(content), seen_at: wanted_since(facts, row) },
            None => Wish::Hold(Hold::Nobody),
        },
    }
}

/// Since when it is wanted to stand: by the reading of what it was that came to an end. Nobody tells of all
/// places anew because the session takes place after all, nor of the session because a place is given again.
fn wanted_since(facts: &Facts<'_>, row: &Written) -> DateTime<Utc> {
    // Whoever lost the place by declining since then is not among those for whom the session is back.
    let is_lost = match facts.decline {
        Decline::LostPlace { at } => facts.place_seen_at <= at,
        Decline::None | Decline::Judged => false,
    };
    match &row.stand {
        Stand::CalledOff { why: CallOff::Session { .. }, .. } if !is_lost => facts.session_seen_at,
        Stand::CalledOff { .. } | Stand::LetGo { .. } => facts.place_seen_at,
        Stand::None | Stand::Stands | Stand::TakenAway { .. } => facts.seen_at,
    }
}

/// Whether this part takes place, as far as is known.
pub fn is_held(session: &Session, is_gone: bool, part: &Part) -> bool {
    held(session, is_gone, Some(part), DateTime::<Utc>::MIN_UTC).is_ok()
}

/// The part, where session and part are held; else what is to become of each of its events.
pub(super) fn held<'a>(
    session: &Session,
    is_gone: bool,
    part: Option<&'a Part>,
    seen_at: DateTime<Utc>,
) -> Result<&'a Part, Wish> {
    let off = |reason: Option<&String>| {
        Err(Wish::CallOff { why: CallOff::Session { reason: reason.cloned() }, seen_at })
    };
    if is_gone {
        return off(None);
    }
    match &session.state {
        SessionState::Cancelled => return off(session.reason.as_ref()),
        SessionState::Unknown(_) => return Err(Wish::Hold(Hold::Doubtful)),
        SessionState::Draft | SessionState::Undated | SessionState::Finished | SessionState::Hidden => {
            return Err(Wish::Hold(Hold::NotYet));
        }
        SessionState::Scheduled => {}
    }
    match part {
        Some(part) if part.cancelled => off(session.reason.as_ref()),
        Some(part) => Ok(part),
        // The date was taken back as a whole: another one comes.
        None if session.parts.is_empty() => Err(Wish::Hold(Hold::NotYet)),
        None => off(None),
    }
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
