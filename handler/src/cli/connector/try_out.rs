//! One learner and one session at the real LMS.

use super::given::GivenArgs;
use super::read::read;
use super::shown::{Kept, request};
use crate::cli::streams::Streams;
use crate::cli::wiring;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Env;
use crate::enrolment::lms_answer::{OrderEvidence, OrderVerdict, Reply};
use crate::http::client::client;
use crate::ids::{LearnerKey, SessionId, TenantName};
use crate::lms::engine::connector::Engine;
use crate::lms::engine::rehearse::Would;
use crate::lms::engine::settings::Settings;
use crate::lms::recipe::connector::ConnectorFile;
use crate::lms::{Budget, Connector as _, Order};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// As long as a real attempt has.
pub(super) const BUDGET: Duration = Duration::from_secs(90);

#[derive(Debug, clap::Args)]
pub(super) struct TryArgs {
    /// The connector file, or the name of one that this build holds
    pub(super) file: String,
    /// The session's id at the LMS
    #[arg(long, value_name = "ID")]
    pub(super) session: String,
    /// What the LMS knows the learner by, such as a mail address
    #[arg(long, value_name = "KEY")]
    pub(super) learner: String,
    /// Cancel the place indeed
    #[arg(long)]
    pub(super) write: bool,
    /// Show people's data in answers as they are; secrets are never shown
    #[arg(long)]
    pub(super) people: bool,
    #[command(flatten)]
    pub(super) given: GivenArgs,
}

pub(super) fn run(args: &TryArgs, env: &Env, streams: &mut Streams<'_>) -> io::Result<u8> {
    let Some(file) = read("try", &args.file, streams)? else { return Ok(1) };
    let settings = match args.given.settings(&file, env) {
        Ok(settings) => settings,
        Err(why) => {
            for line in why.lines() {
                writeln!(streams.err, "regrets connector try: {line}")?;
            }
            return Ok(2);
        }
    };
    let kept = Arc::new(Kept { people: args.people, ..Kept::default() });
    let engine = match engine(file, settings, Arc::clone(&kept)) {
        Ok(engine) => engine,
        Err(why) => {
            writeln!(streams.err, "regrets connector try: {why}")?;
            return Ok(2);
        }
    };
    let order = order(&args.session, &args.learner);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if args.write {
        let reply = runtime.block_on(engine.cancel(&order, Budget::of(BUDGET)));
        write!(streams.out, "{}", kept.told())?;
        writeln!(streams.out, "{}", told(&reply))?;
        return Ok(u8::from(!is_well(&reply)));
    }
    let rehearsal = runtime.block_on(engine.rehearse(&order, Budget::of(BUDGET)));
    write!(streams.out, "{}", kept.told())?;
    if let Some(place) = rehearsal.place {
        writeln!(streams.out, "The place is {}.", place.word())?;
    }
    match rehearsal.end {
        Would::End(reply) => {
            writeln!(streams.out, "Nothing would be written. {}", told(&reply))?;
            Ok(u8::from(!is_well(&reply)))
        }
        Would::Write { requests, unknown } => {
            writeln!(streams.out, "This would be written; --write does it:")?;
            for seen in &requests {
                write!(streams.out, "{}", request(seen))?;
            }
            if let Some(why) = unknown {
                writeln!(streams.out, "What follows depends on the answer: {why}")?;
            }
            Ok(0)
        }
    }
}

pub(super) fn engine(file: ConnectorFile, settings: Settings, kept: Arc<Kept>) -> Result<Engine, String> {
    let http = client(&wiring::lms_options()).map_err(|error| error.to_string())?;
    let rate = file.service.rate.unwrap_or_default();
    let tenant = TenantName::from("test");
    let engine = Engine::new(Arc::new(file), tenant, settings, rate, http, Arc::new(SystemClock));
    Ok(engine.map_err(|error| error.to_string())?.with_trace(kept))
}

/// As if they had declined just now.
pub(super) fn order(session: &str, learner: &str) -> Order {
    let now = SystemClock.now();
    Order {
        id: uuid::Uuid::new_v4().to_string(),
        tenant: TenantName::from("test"),
        session: SessionId::from(session),
        learner: LearnerKey::from(learner),
        generation: 1,
        decision: 1,
        verdict: OrderVerdict::Declined,
        evidence: OrderEvidence::LearnerCopy,
        declined_at: Some(now),
        decided_at: now,
        session_start: None,
        attempt: 1,
        may_be_repeated: false,
    }
}

/// Whether the outcome is one that ends well.
fn is_well(reply: &Reply) -> bool {
    use crate::enrolment::lms_answer::LmsOutcome;
    matches!(reply.outcome, LmsOutcome::Done | LmsOutcome::AlreadyCancelled | LmsOutcome::NotEnrolled)
}

pub(super) fn told(reply: &Reply) -> String {
    let outcome: &'static str = reply.outcome.into();
    let mut text = format!("Outcome: {outcome}");
    if let Some(before) = reply.before {
        text.push_str(&format!("; before: {}", before.word()));
    }
    if let Some(after) = reply.after {
        text.push_str(&format!("; after: {}", after.word()));
    }
    if let Some(message) = &reply.message {
        text.push_str(&format!(". {message}"));
    }
    text
}
