//! The run: sets the stage, lets the cast act, waits until the ledger is quiet, and says how it ended.

use crate::Args;
use crate::acts::{Deed, deeds};
use crate::cast::{Cast, ORGANIZER, Session};
use crate::ending::{Ending, Seen};
use chrono::{Duration as Days, Utc};
use serde_json::Value;
use simulator::stage::{Policy, Stage, StageError};
use simulator::world::act::Invite;
use simulator::{Fault, Options, PersonSeed, TenantSeed, World};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long the cast acts.
const PLAY: Duration = Duration::from_secs(6);
/// Learners of whom every deed is told; of the others only what became of them.
const TOLD: usize = 12;
/// After everything is as it must be, nothing may change any more for so long.
const QUIET: Duration = Duration::from_millis(2_500);

#[expect(clippy::print_stdout, reason = "this program exists to print")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("demo: the runtime can't be started: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(play(args)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("demo: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn play(args: &Args) -> Result<bool, StageError> {
    let began = Instant::now();
    let cast = Cast::new(args.learners, args.seed, u64::try_from(PLAY.as_millis()).unwrap_or(0));
    let clock = Timeline { began };
    say("Regrets: a learner who declines the appointment loses their place in the LMS; nobody else does.");
    say(
        "On this machine: a simulated Microsoft 365 tenant, a simulated LMS, and the real binary under `regrets local`.",
    );
    say("Minutes are played as seconds: grace 2 s (usually 10 min), settling 3 s (usually 30 min).\n");

    let exe = std::env::current_exe()?;
    let options = Options { seed: args.seed, tenants: vec![tenant(&cast)], ..Options::default() };
    let early = cast.sessions.iter().filter(|session| session.early).count();
    let stage = Stage::start(&exe, options, &Policy::default(), "learners", |world| {
        invite(world, &cast, true);
    })
    .await?;
    clock.tell(&format!(
        "{} learners; {early} of {} sessions were sent out before anybody watched",
        cast.learners.len(),
        cast.sessions.len()
    ));
    let world = stage.simulator.world().clone();

    let mailboxes = cast.learners.len();
    wait_for(&clock, "mailboxes watched", mailboxes, Duration::from_secs(60), || async {
        Ok(watched(&stage.admin("status").await?))
    })
    .await?;
    clock.tell(&format!("{mailboxes} mailboxes are watched; the other invitations go out"));
    invite(&world, &cast, false);
    let linked = cast.learners.len();
    wait_for(&clock, "invitations known", linked, Duration::from_secs(60), || async {
        Ok(stage.enrolments().await?.len())
    })
    .await?;
    clock.tell("every invitation is known; the learners act\n");

    act(&clock, &world, deeds(&cast), &cast).await;
    say("");
    clock.tell("the last learner has acted; grace, settling and retries take their time");

    let ending = wait_for_the_end(&clock, &stage, &cast).await?;
    say("");
    ending.table(&cast, &stage).await?;
    let good = ending.good();
    if args.log || !good {
        say("\nWhat Regrets wrote:");
        say(&stage.log_tail(if args.log { usize::MAX } else { 60 }));
    }
    say("");
    say(&ending.summary(began.elapsed()).to_string());
    if args.keep {
        keep(&stage, &cast).await;
    }
    Ok(good)
}

fn tenant(cast: &Cast) -> TenantSeed {
    let mut tenant = TenantSeed::new("contoso.com").person(PersonSeed::new("Learning", ORGANIZER));
    for learner in &cast.learners {
        tenant = tenant.person(PersonSeed::new(&learner.name, &learner.address));
    }
    let members: Vec<&str> = cast.learners.iter().map(|learner| learner.address.as_str()).collect();
    tenant.group("learners", &members)
}

/// Sends the invitations of one half of the sessions.
fn invite(world: &World, cast: &Cast, early: bool) {
    for session in cast.sessions.iter().filter(|session| session.early == early) {
        let attendees: Vec<&str> = cast
            .learners
            .iter()
            .filter(|learner| learner.session == session.id)
            .map(|learner| learner.address.as_str())
            .collect();
        if let Err(error) = world.invite(&invitation(session, &attendees)) {
            say(&format!("demo: {error}"));
        }
    }
}

fn invitation(session: &Session, attendees: &[&str]) -> Invite {
    let start = Utc::now() + Days::days(7);
    let mut invite = Invite::new(&session.id, ORGANIZER, attendees, start, start + Days::hours(2));
    session.title.clone_into(&mut invite.subject);
    invite.from_outside = session.from_outside;
    invite
}

/// Plays the deeds at their times, with an outage of the LMS and a throttling Graph in the middle.
async fn act(clock: &Timeline, world: &World, deeds: Vec<Deed>, cast: &Cast) {
    let told: Vec<&str> = cast.learners.iter().take(TOLD).map(|learner| learner.name.as_str()).collect();
    let began = Instant::now();
    let mut trouble = vec![
        (PLAY / 3, "Graph throttles: the next five requests get 429", Trouble::Graph),
        (PLAY / 2, "the LMS goes down for three seconds", Trouble::Lms),
    ]
    .into_iter()
    .peekable();
    for deed in deeds {
        let at = Duration::from_millis(deed.at);
        while let Some((when, line, what)) = trouble.next_if(|(when, ..)| *when <= at) {
            tokio::time::sleep(when.saturating_sub(began.elapsed())).await;
            clock.tell(&format!("* {line}"));
            match what {
                Trouble::Graph => world.inject_times(
                    Fault::GraphThrottle { mailbox: None, retry_after: Some("0.3".to_owned()), outer: false },
                    5,
                ),
                Trouble::Lms => world.inject_for(Fault::LmsDown, Duration::from_secs(3)),
            }
        }
        tokio::time::sleep(at.saturating_sub(began.elapsed())).await;
        if let Err(error) = (deed.act)(world) {
            clock.tell(&format!("(not possible: {error})"));
        } else if let Some(line) = deed.line
            && (line.starts_with("The organizer")
                || told.iter().any(|name| line.split(' ').next() == Some(name) && !second(&line)))
        {
            clock.tell(&line);
        }
    }
}

/// "Ana 2 …" is not Ana.
fn second(line: &str) -> bool {
    line.split(' ').nth(1).is_some_and(|word| word.chars().all(|c| c.is_ascii_digit()))
}

#[derive(Clone, Copy)]
enum Trouble {
    Graph,
    Lms,
}

/// Waits until everything is as it must be and stays so, or until patience ends.
async fn wait_for_the_end(clock: &Timeline, stage: &Stage, cast: &Cast) -> Result<Ending, StageError> {
    let patience =
        Duration::from_secs(40) + Duration::from_millis(100) * u32::try_from(cast.learners.len()).unwrap_or(0);
    let began = Instant::now();
    let mut progress = Progress::new();
    let mut good_since: Option<Instant> = None;
    loop {
        let ending = Ending::of(stage, cast).await?;
        let settled = ending.settled();
        progress.show(clock, &format!("{settled} of {} learners settled", cast.learners.len()));
        if settled == cast.learners.len() {
            if good_since.get_or_insert_with(Instant::now).elapsed() >= QUIET {
                progress.done();
                return Ok(ending);
            }
        } else {
            good_since = None;
        }
        if began.elapsed() > patience {
            progress.done();
            return Ok(ending);
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

async fn wait_for<F, Fut>(
    clock: &Timeline,
    what: &str,
    wanted: usize,
    patience: Duration,
    count: F,
) -> Result<(), StageError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<usize, StageError>>,
{
    let began = Instant::now();
    let mut progress = Progress::new();
    loop {
        let now = count().await?;
        progress.show(clock, &format!("{now} of {wanted} {what}"));
        if now >= wanted {
            progress.done();
            return Ok(());
        }
        if began.elapsed() > patience {
            progress.done();
            return Err(StageError::Regrets(format!("only {now} of {wanted} {what} after {} s", patience.as_secs())));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn watched(status: &Value) -> usize {
    let count = status.pointer("/tenants/contoso/mailboxes/watched").and_then(Value::as_u64).unwrap_or(0);
    usize::try_from(count).unwrap_or(0)
}

/// Stays up until the process is stopped.
async fn keep(stage: &Stage, cast: &Cast) {
    let (control, url, key) = (stage.simulator.control_url(), &stage.url, &stage.key);
    let who = cast.learners.iter().find(|learner| learner.part.fate() == crate::cast::Fate::Kept);
    let (learner, session) =
        who.map_or(("ana@contoso.com", "4711"), |who| (who.address.as_str(), who.session.as_str()));
    say("\nEverything stays up until Ctrl-C. The people's control, with its help:");
    say(&format!("  {control}/\n"));
    say("Three commands to try:");
    say(&format!("  curl -s {control}/acts/decline -d '{{\"learner\": \"{learner}\", \"session\": \"{session}\"}}'"));
    say(&format!("  curl -s -H 'x-functions-key: {key}' {url}/api/admin/status"));
    say(&format!("  curl -s -H 'x-functions-key: {key}' '{url}/api/admin/enrolments?session={session}'"));
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

pub(crate) struct Timeline {
    began: Instant,
}

impl Timeline {
    pub(crate) fn tell(&self, line: &str) {
        say(&format!("{:5.1} s  {line}", self.began.elapsed().as_secs_f32()));
    }
}

/// One line that is written over on a terminal; elsewhere a line now and then.
struct Progress {
    terminal: bool,
    last: Option<(Instant, String)>,
}

impl Progress {
    fn new() -> Self {
        Self { terminal: std::io::stdout().is_terminal(), last: None }
    }

    #[expect(clippy::print_stdout, reason = "this program exists to print")]
    fn show(&mut self, clock: &Timeline, line: &str) {
        if self.terminal {
            print!("\r{:5.1} s  … {line}\u{1b}[K", clock.began.elapsed().as_secs_f32());
            // Nothing is lost when a terminal does not take it.
            let _ = std::io::stdout().flush();
            self.last = Some((Instant::now(), line.to_owned()));
            return;
        }
        let due = self.last.as_ref().is_none_or(|(at, last)| at.elapsed() > Duration::from_secs(3) && last != line);
        if due {
            clock.tell(&format!("… {line}"));
            self.last = Some((Instant::now(), line.to_owned()));
        }
    }

    #[expect(clippy::print_stdout, reason = "this program exists to print")]
    fn done(&self) {
        if self.terminal && self.last.is_some() {
            print!("\r\u{1b}[K");
        }
    }
}

/// What the ledger and the LMS say of one learner.
pub(crate) async fn look(stage: &Stage, cast: &Cast) -> Result<Vec<Seen>, StageError> {
    let rows = stage.enrolments().await?;
    let world = stage.simulator.world();
    Ok(cast
        .learners
        .iter()
        .map(|learner| {
            let (session, key) = (regrets::ids::hash(&learner.session), regrets::ids::hash(&learner.address));
            let id = format!("contoso.{session}.{key}");
            let row = rows.iter().find(|row| row.get("id").and_then(Value::as_str) == Some(&id));
            let text = |field: &str| row.and_then(|row| row.get(field)).and_then(Value::as_str).map(str::to_owned);
            Seen {
                id,
                state: text("state"),
                outcome: text("outcome"),
                has_place: world.is_enrolled(&learner.session, &learner.address),
                effects: world.cancellations(&learner.session, &learner.address),
            }
        })
        .collect())
}
