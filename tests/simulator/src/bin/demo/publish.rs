//! The LMS tells Regrets of sessions and places, a person says the word, and the invitations go out.

use crate::cast::{Cast, ORGANIZER};
use crate::killer::Killer;
use crate::play::{Timeline, say, wait_for};
use chrono::{Duration as Days, Utc};
use simulator::World;
use simulator::stage::{Stage, StageError};
use simulator::world::item::Slot;
use simulator::world::post::MailKind;
use std::sync::atomic::{AtomicBool, Ordering};

/// Who says the word, and why.
const BY: &str = "olga";
const REASON: &str = "these are ours";

/// The LMS has these sessions, and nobody was invited to them yet.
pub(crate) fn open(world: &World, cast: &Cast) {
    let start = Utc::now() + Days::days(7);
    for session in cast.sessions.iter().filter(|session| session.is_told) {
        world.hold_session(&session.id, session.title, Slot { start, end: start + Days::hours(2) });
    }
    for learner in cast.told() {
        if let Err(error) = world.enrol(&learner.session, &learner.address) {
            say(&format!("demo: {error}"));
        }
    }
}

/// Everybody of whom the LMS tells is invited at the end, and knows their own event.
pub(crate) async fn invite(
    clock: Timeline,
    stage: &mut Stage,
    cast: &mut Cast,
    killer: &mut Killer,
) -> Result<(), StageError> {
    let world = stage.simulator.world().clone();
    stage.connect_push()?;
    let told: Vec<&str> =
        cast.sessions.iter().filter(|session| session.is_told).map(|session| session.id.as_str()).collect();
    for session in &told {
        if let Err(error) = world.tell_of(session) {
            say(&format!("demo: {error}"));
        }
    }
    let places = cast.told().count();
    clock.tell(&format!(
        "the LMS tells Regrets of {} new sessions and {places} places: POST /api/lms/contoso/events",
        told.len()
    ));
    killer.until(20, clock, stage).await?;
    wait_for(clock, "invitations wait for a person's word", places, async || {
        killer.bury(stage).await?;
        Ok(usize::try_from(stage.held_mails().await?).unwrap_or(0))
    })
    .await?;
    clock.tell(&format!(
        "{places} invitations are ready and none is sent: before its first mails Regrets asks a person"
    ));
    let is_said = AtomicBool::new(false);
    wait_for(clock, "learners invited", places, async || {
        killer.bury(stage).await?;
        if !is_said.load(Ordering::Relaxed) {
            // Nobody answers while the handler is just starting again: then it is said again.
            stage.let_out(BY, REASON).await?;
            is_said.store(true, Ordering::Relaxed);
            clock.tell(&format!(
                "Olga lets them go: POST /api/manage/tenants/contoso/publish/confirm {{\"by\": \"{BY}\", \
                 \"reason\": \"{REASON}\"}}"
            ));
        }
        Ok(invited(&world, cast))
    })
    .await?;
    clock.tell(&format!("{places} learners have their invitation in the calendar, and one mail each"));
    for learner in &mut cast.learners {
        if cast.sessions.iter().any(|session| session.is_told && session.id == learner.session) {
            let event = world.own_event(ORGANIZER, &learner.address);
            learner.event = Some(event.map_err(|error| StageError::Lms(error.to_string()))?);
        }
    }
    Ok(())
}

/// Those who have an invitation by Regrets.
fn invited(world: &World, cast: &Cast) -> usize {
    let mails = world.mails();
    let is_invited = |address: &str| {
        mails.iter().any(|mail| mail.recipient == address && mail.kind == MailKind::Invitation)
    };
    cast.told().filter(|learner| is_invited(&learner.address)).count()
}
