//! The run: sets the stage, lets the cast act, waits until the ledger is quiet, and says how it ended.

use crate::acts::{Action, actions};
use crate::cast::{Cast, Inviter, Kind, Learner, ORGANIZER, Part, Session};
use crate::ending::{Ending, View};
use crate::killer::Killer;
use crate::shop::Shop;
use crate::{Args, Lms, Where, chaos, publish, vendor};
use chrono::{Duration as Days, Utc};
use serde_json::Value;
use simulator::stage::{Setup, Stage, StageError, Storage};
use simulator::world::act::Invite;
use simulator::{Fault, Options, TenantSeed, UserSeed, World, publishing};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long the cast acts.
const PLAY: Duration = Duration::from_secs(6);
/// The same under chaos, at least, and for each kill.
const CHAOS_PLAY: Duration = Duration::from_secs(12);
const FOR_EACH_KILL: Duration = Duration::from_millis(400);
/// Learners of whom every act is told; of the others only what became of them.
const TOLD: usize = 12;
/// After everything is as it must be, nothing may change any more for so long.
const QUIET: Duration = Duration::from_millis(2_500);

/// How long mailboxes and invitations may take to become known.
const SETTING_UP: Duration = Duration::from_secs(60);
const FOR_EACH: Duration = Duration::from_millis(50);
/// How often it is looked.
const LOOK: Duration = Duration::from_millis(300);

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
    let clock = Timeline { began: Instant::now() };
    let kills = if args.chaos { args.kills.unwrap_or(args.learners.div_ceil(4)) } else { 0 };
    let play = if args.chaos { CHAOS_PLAY.max(FOR_EACH_KILL * kills) } else { PLAY };
    // Another LMS tells Regrets of nothing here.
    let inviter = match args.lms {
        None => Inviter::Regrets { is_told_of_all: !args.chaos },
        Some(_) => Inviter::Others,
    };
    let millis = u64::try_from(play.as_millis()).unwrap_or(0);
    let mut cast = Cast::new(args.learners, args.seed, millis, inviter);
    introduce(args);
    let shop = match &args.lms {
        Some(Lms::Pretix) => Some(Shop::open(&mut cast).await?),
        Some(Lms::Receiver(receiver)) if !vendor::greet(receiver, &cast).await => return Ok(false),
        Some(Lms::Receiver(_)) | None => None,
    };

    let storage = match args.storage {
        Where::Sqlite => Storage::Sqlite,
        Where::Azurite => {
            say(
                "Azurite starts, for queues and ledger; the first time it is installed before, which takes a \
                 while.",
            );
            Storage::azurite().await?
        }
    };
    let exe = std::env::current_exe()?;
    let mut killer = Killer::new(args.seed, kills);
    let mut setup = setup(args, &cast, storage);
    if let Some(shop) = &shop {
        shop.connect(&mut setup);
    }
    let before = |world: &World| {
        invite(world, &cast, true);
        if args.lms.is_none() {
            publishing::allow(world, ORGANIZER);
            publish::open(world, &cast);
        }
    };
    let mut stage = Stage::start_with(&exe, setup, before).await?;
    let early = cast.sessions.iter().filter(|session| session.early).count();
    clock.tell(&format!(
        "{} learners; the invitations to {early} of {} sessions were out before Regrets came",
        cast.learners.len(),
        cast.sessions.len()
    ));
    let world = stage.simulator.world().clone();

    killer.until(10, clock, &mut stage).await?;
    let mailboxes = cast.learners.len();
    wait_for(clock, "mailboxes watched", mailboxes, async || {
        killer.bury(&stage).await?;
        Ok(watched(&stage.manage("status").await?))
    })
    .await?;
    clock.tell(&format!("{mailboxes} mailboxes are watched"));
    match inviter {
        Inviter::Regrets { .. } => publish::invite(clock, &mut stage, &mut cast, &mut killer).await?,
        Inviter::Others => {
            clock.tell("the other invitations go out, by the organizer's hand");
            invite(&world, &cast, false);
            killer.until(20, clock, &mut stage).await?;
        }
    }
    wait_for(clock, "invitations known", cast.learners.len(), async || {
        killer.bury(&stage).await?;
        Ok(stage.enrolments().await?.len())
    })
    .await?;
    clock.tell("every invitation is known; the learners act\n");

    let mut plot = actions(&cast);
    plot.extend(if args.chaos {
        chaos::faults(args.seed, &cast, play, shop.is_none())
    } else {
        usual_faults(shop.is_none())
    });
    plot.sort_by_key(|action| action.at);
    let told: Vec<String> = cast.learners.iter().take(TOLD).map(|learner| learner.name.clone()).collect();
    for learner in cast
        .learners
        .iter()
        // pretix tells nobody when a place is gone.
        .filter(|learner| {
            learner.part == Part::DeclinesInAGap && told.contains(&learner.name) && shop.is_none()
        })
    {
        tokio::spawn(recovered(clock, world.clone(), learner.clone()));
    }
    let acting = tokio::spawn(act(clock, world.clone(), plot, told));
    killer.during(play, clock, &mut stage).await?;
    if acting.await.is_err() {
        return Err(StageError::Regrets("the play broke off".to_owned()));
    }
    say("");
    clock.tell("the last learner has acted; grace, settling and retries take their time");

    let ending = wait_for_the_end(clock, &stage, &cast, &killer, (args, shop.as_ref())).await?;
    say("");
    ending.table(&cast, &stage).await?;
    ending.post(&cast);
    if matches!(args.lms, Some(Lms::Receiver(_))) {
        vendor::tell(&world.effects(), &cast);
    }
    let good = ending.good();
    if args.log || !good {
        say("\nWhat Regrets wrote:");
        say(&stage.log_tail(if args.log { usize::MAX } else { 60 }));
    }
    say("");
    say(&ending.summary(clock.began.elapsed(), killer.kills).to_string());
    if args.keep {
        keep(&stage, &cast).await;
    }
    Ok(good)
}

fn introduce(args: &Args) {
    if args.lms.is_none() {
        say(
            "Regrets writes the LMS's sessions into the calendars of who has a place in them, one mail each;",
        );
        say("and a learner who declines the appointment loses their place in the LMS; nobody else does.");
    } else {
        say(
            "Regrets: a learner who declines the appointment loses their place in the LMS; nobody else does.",
        );
        say("With --lms this way alone is played: others invite (without it, Regrets does).");
    }
    let lms = match &args.lms {
        Some(Lms::Receiver(_)) => "your own receiver as the LMS",
        Some(Lms::Pretix) => "a real pretix as the LMS",
        None => "a simulated LMS",
    };
    say(&format!(
        "On this machine: a simulated Microsoft 365 tenant, {lms}, and the real binary under `regrets local`."
    ));
    say("Minutes are played as seconds: grace 2 s (usually 10 min), settling 3 s (usually 30 min).");
    if args.chaos {
        let fails = match args.lms {
            Some(Lms::Pretix) => "Graph fails, and pretix is as it is",
            Some(Lms::Receiver(_)) | None => "Graph and the LMS fail",
        };
        say(&format!(
            "Chaos: a sixth of all changes is never told, others late and up to four times; {fails}; \
             processes are"
        ));
        say(
            "killed. Calendars are compared every few seconds (usually 24 h); what the dead have claimed is \
             free at once (usually 3 min).",
        );
    }
    say("");
}

fn setup(args: &Args, cast: &Cast, storage: Storage) -> Setup {
    let lms_receiver = match &args.lms {
        Some(Lms::Receiver(receiver)) => Some(receiver.clone()),
        Some(Lms::Pretix) | None => None,
    };
    let options =
        Options { seed: args.seed, tenants: vec![tenant(cast)], lms_receiver, ..Options::default() };
    let mut setup =
        Setup { options, group: "learners".to_owned(), storage: Some(storage), ..Setup::default() };
    // With Graph failing now and then, whether a proposal can be seen is chance: here a decline is a decline.
    setup.policy.more.push_str("proposed = \"cancel\"\n");
    if args.lms.is_none() {
        publishing::configure(&mut setup, ORGANIZER);
    }
    if args.chaos {
        chaos::prepare(&mut setup, args.learners);
    }
    setup
}

fn tenant(cast: &Cast) -> TenantSeed {
    let mut tenant = TenantSeed::new("contoso.com").user(UserSeed::new("Learning", ORGANIZER));
    for learner in &cast.learners {
        tenant = tenant.user(UserSeed::new(&learner.name, &learner.address));
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
    invite.from_outside = session.kind == Kind::FromOutside;
    invite
}

/// Without chaos: a throttling Graph in the middle, and an outage of the LMS where that is a simulated one.
fn usual_faults(lms_is_simulated: bool) -> Vec<Action> {
    let throttle = Fault::GraphThrottle { mailbox: None, retry_after: Some("0.3".to_owned()), outer: false };
    let fault = |at: Duration, line: &str, inject: Box<dyn Fn(&World) + Send>| Action {
        at: u64::try_from(at.as_millis()).unwrap_or(0),
        line: Some(format!("* {line}")),
        act: Box::new(move |world| {
            inject(world);
            Ok(())
        }),
    };
    let mut faults = vec![fault(
        PLAY / 3,
        "Graph throttles: the next five requests get 429",
        Box::new(move |world| world.inject_times(throttle.clone(), 5)),
    )];
    if lms_is_simulated {
        faults.push(fault(
            PLAY / 2,
            "the LMS goes down for three seconds",
            Box::new(|world| world.inject_for(Fault::LmsDown, Duration::from_secs(3))),
        ));
    }
    faults
}

/// Plays the acts at their times, and tells those of these learners, the organizer's and all faults.
async fn act(clock: Timeline, world: World, actions: Vec<Action>, told: Vec<String>) {
    let began = Instant::now();
    for action in actions {
        tokio::time::sleep(Duration::from_millis(action.at).saturating_sub(began.elapsed())).await;
        if let Err(error) = (action.act)(&world) {
            clock.tell(&format!("(not possible: {error})"));
        } else if let Some(line) = action.line
            && (line.starts_with("The organizer")
                || line.starts_with("The LMS")
                || line.starts_with('*')
                || told.iter().any(|name| line.split(' ').next() == Some(name) && !second(&line)))
        {
            clock.tell(&line);
        }
    }
}

/// Tells when a decline that nobody told has reached the LMS.
async fn recovered(clock: Timeline, world: World, learner: Learner) {
    let began = Instant::now();
    while began.elapsed() < SETTING_UP {
        if world.cancellations(&learner.session, &learner.address) > 0 {
            let line = "'s place is cancelled: comparing the calendar has found the decline that nobody told";
            return clock.tell(&format!("{}{line}", learner.name));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// "Ana 2 …" is not Ana.
fn second(line: &str) -> bool {
    line.split(' ').nth(1).is_some_and(|word| word.chars().all(|c| c.is_ascii_digit()))
}

/// Waits until everything is as it must be and stays so, or until patience ends.
async fn wait_for_the_end(
    clock: Timeline,
    stage: &Stage,
    cast: &Cast,
    killer: &Killer,
    (args, shop): (&Args, Option<&Shop>),
) -> Result<Ending, StageError> {
    let learners = u32::try_from(cast.learners.len()).unwrap_or(0);
    let lms = match (&args.lms, shop) {
        (_, Some(shop)) => View::Pretix(shop),
        (Some(_), None) => View::Receiver,
        (None, None) => View::Simulated,
    };
    let (patience, quiet) = if args.chaos {
        (Duration::from_secs(90) + Duration::from_millis(500) * learners, chaos::quiet(learners))
    } else {
        (Duration::from_secs(40) + Duration::from_millis(100) * learners, QUIET)
    };
    let began = Instant::now();
    let mut progress = Progress::new();
    let mut good_since: Option<Instant> = None;
    loop {
        killer.bury(stage).await?;
        let ending = match Ending::of(stage, cast, lms).await {
            Ok(ending) => ending,
            // The handler is just starting again.
            Err(_) if began.elapsed() < patience => {
                tokio::time::sleep(LOOK).await;
                continue;
            }
            Err(error) => return Err(error),
        };
        let settled = ending.settled();
        progress.show(clock, &format!("{settled} of {learners} learners settled"));
        if settled == cast.learners.len() {
            if good_since.get_or_insert_with(Instant::now).elapsed() >= quiet {
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
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits until there are so many of something.
pub(crate) async fn wait_for(
    clock: Timeline,
    what: &str,
    wanted: usize,
    count: impl AsyncFn() -> Result<usize, StageError>,
) -> Result<(), StageError> {
    let began = Instant::now();
    let mut progress = Progress::new();
    loop {
        // Nobody answers while the handler is just starting again.
        let now = count().await.unwrap_or(0);
        progress.show(clock, &format!("{now} of {wanted} {what}"));
        if now >= wanted {
            progress.done();
            return Ok(());
        }
        let patience = SETTING_UP + FOR_EACH * u32::try_from(wanted).unwrap_or(u32::MAX);
        if began.elapsed() > patience {
            progress.done();
            let patience = patience.as_secs();
            return Err(StageError::Regrets(format!("only {now} of {wanted} {what} after {patience} s")));
        }
        tokio::time::sleep(LOOK).await;
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
    let meeting = who.map_or(session, Learner::meeting);
    say("\nEverything stays up until Ctrl-C. The people's control, with its help:");
    say(&format!("  {control}/\n"));
    say("Three commands to try:");
    say(&format!(
        "  curl -s {control}/acts/decline -d '{{\"learner\": \"{learner}\", \"session\": \"{meeting}\"}}'"
    ));
    say(&format!("  curl -s -H 'x-functions-key: {key}' {url}/api/manage/status"));
    say(&format!("  curl -s -H 'x-functions-key: {key}' '{url}/api/manage/enrolments?session={session}'"));
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[derive(Debug, Clone, Copy)]
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
    fn show(&mut self, clock: Timeline, line: &str) {
        if self.terminal {
            print!("\r{:5.1} s  … {line}\u{1b}[K", clock.began.elapsed().as_secs_f32());
            // Nothing is lost when a terminal does not take it.
            let _ = std::io::stdout().flush();
            self.last = Some((Instant::now(), line.to_owned()));
            return;
        }
        let due =
            self.last.as_ref().is_none_or(|(at, last)| at.elapsed() > Duration::from_secs(3) && last != line);
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
