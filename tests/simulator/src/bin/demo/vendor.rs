//! The cast against a receiver of an LMS vendor's own: what the vendor has to know before, and what the
//! receiver did.

use crate::cast::{Cast, Fate, Learner};
use crate::ending::Seen;
use crate::play::say;
use regrets::clock::SystemClock;
use regrets::config::WebhookSecret;
use regrets::enrolment::policy::Rate;
use regrets::http::client::{HttpOptions, client};
use regrets::ids::TenantName;
use regrets::lms::webhook::WebhookConnector;
use simulator::LMS_SECRET;
use simulator::lms::Effect;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// Says what the receiver needs, and whether it is there: one signed ping.
pub(crate) async fn greet(receiver: &Url, cast: &Cast) -> bool {
    say(&format!("Your receiver:   {receiver}"));
    say(&format!("Its secret:      {LMS_SECRET}"));
    say(
        "Orders reach it just as Regrets signs them, by way of this program, so that answers can be lost on \
         purpose.",
    );
    say("It will be asked about these places; make them in a test system, or answer as if they were there:");
    for session in &cast.sessions {
        let learners = cast.learners.iter().filter(|learner| learner.session == session.id);
        let learners: Vec<&str> = learners.map(|learner| learner.address.as_str()).collect();
        say(&format!("  session {}: {}", session.id, learners.join(", ")));
    }
    let pinged = ping(receiver).await;
    match &pinged {
        Ok(seen) => say(&format!("Ping: {seen}\n")),
        Err(why) => say(&format!("Ping: {why}\nThe play needs a receiver that answers.")),
    }
    pinged.is_ok()
}

async fn ping(receiver: &Url) -> Result<String, String> {
    let secret = WebhookSecret::parse(LMS_SECRET).map_err(|error| error.to_string())?;
    let http = client(&HttpOptions::default()).map_err(|error| error.to_string())?;
    let rate = Rate { requests: 1, per: chrono::Duration::seconds(1) };
    let connector = WebhookConnector::new(receiver.clone(), &[secret], rate, http, Arc::new(SystemClock));
    let pong = connector.ping(&TenantName::from("contoso")).await;
    let text: Vec<String> = [Some(pong.seen), pong.said, pong.step].into_iter().flatten().collect();
    if pong.is_well { Ok(text.join(" ")) } else { Err(text.join(" ")) }
}

/// The ledger ended as a receiver's answer has it end, whatever that was; and whoever has taken part was not
/// asked for.
pub(crate) fn is_answered(learner: &Learner, seen: &Seen) -> bool {
    let (state, outcome) = (seen.state.as_deref(), seen.outcome.as_deref());
    let by_the_contract = match outcome {
        Some("done" | "already_cancelled" | "not_enrolled") => state == Some("done"),
        Some("unknown_learner" | "unknown_session" | "refused" | "held_elsewhere") => state == Some("review"),
        Some("too_late") => state == Some("expired"),
        Some(_) | None => false,
    };
    learner.part.fate() == Fate::Gone && seen.asked > 0 && seen.effects <= 1 && by_the_contract
}

/// What the receiver was asked, and what it said.
pub(crate) fn tell(effects: &[Effect], cast: &Cast) {
    // Faults that chaos makes on the way: the receiver was not asked at all.
    let is_made_up = |effect: &&Effect| {
        ["fault ", "lie ", "html ", "down"].iter().any(|kind| effect.outcome.starts_with(kind))
    };
    let (made_up, effects): (Vec<&Effect>, Vec<&Effect>) = effects.iter().partition(is_made_up);
    let mut answers: BTreeMap<&str, usize> = BTreeMap::new();
    for effect in &effects {
        *answers.entry(effect.outcome.as_str()).or_default() += 1;
    }
    let repeats = effects.iter().filter(|effect| effect.repeat).count();
    let answers: Vec<String> = answers.iter().map(|(outcome, count)| format!("{outcome} {count}")).collect();
    let requests = effects.len();
    say(&format!(
        "\nYour receiver was asked {requests} times, {repeats} of them under an id that it knew: {}.",
        answers.join(", ")
    ));
    for effect in effects.iter().filter(|effect| effect.repeat && effect.took_effect && effect.attempt > 1) {
        say(&format!("  id {} was asked before and done only then", effect.webhook_id));
    }
    if !made_up.is_empty() {
        say(&format!(
            "{} more requests met a fault on the way, which is not your receiver's.",
            made_up.len()
        ));
    }
    let attends = |effect: &&&Effect| {
        let of = |learner: &&Learner| learner.session == effect.session && learner.address == effect.learner;
        cast.learners.iter().find(of).is_none_or(|learner| learner.part.fate() != Fate::Gone)
    };
    match effects.iter().filter(attends).count() {
        0 => say("None of that was about a learner who takes part."),
        count => say(&format!("{count} of that was about learners who take part, which must not be.")),
    }
}
