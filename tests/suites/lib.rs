//! Shared pieces of the suites that run the whole thing: a small cast, what is known of each learner, and
//! waiting for it.
//!
//! Waiting is looking again and again until something holds, with a time-out that says what did not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

pub mod checkout;
pub mod ledger;
pub mod observed;
pub mod passing;

use chrono::{Duration as Days, Utc};
use functions_local_host::queue_conformance::depths_on_service;
use serde_json::Value;
use simulator::stage::{Policy, Setup, Stage, Storage};
use simulator::world::act::{Invite, Reply};
use simulator::world::post::MailKind;
use simulator::{Options, TenantSeed, UserSeed, World};
use std::collections::BTreeMap;
use std::future::Future;
use std::time::{Duration, Instant};

pub const ORGANIZER: &str = "learning@contoso.com";
/// Longer than anything here stands still on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(45);

pub fn address(name: &str) -> String {
    format!("{name}@contoso.com")
}

/// contoso.com with the organizer's mailbox and these learners, all in the group `learners`.
pub fn tenant(names: &[&str]) -> TenantSeed {
    let mut tenant = TenantSeed::new("contoso.com").user(UserSeed::new("Learning", ORGANIZER));
    for name in names {
        tenant = tenant.user(UserSeed::new(name, &address(name)));
    }
    let members: Vec<String> = names.iter().map(|name| address(name)).collect();
    tenant.group("learners", &members.iter().map(String::as_str).collect::<Vec<_>>())
}

pub fn setup(names: &[&str]) -> Setup {
    let options = Options { tenants: vec![tenant(names)], ..Options::default() };
    Setup { options, policy: quick(), group: "learners".to_owned(), ..Setup::default() }
}

/// The shortest grace, settling and patience that still let a suite act in between.
pub fn quick() -> Policy {
    Policy { grace: "1s", settle: "3s", recheck: "4s", ..Policy::default() }
}

/// A meeting of two hours in a week, by the organizer of contoso.com.
pub fn meeting(session: &str, names: &[&str]) -> Invite {
    let attendees: Vec<String> = names.iter().map(|name| address(name)).collect();
    let start = Utc::now() + Days::days(7);
    let attendees: Vec<&str> = attendees.iter().map(String::as_str).collect();
    Invite::new(session, ORGANIZER, &attendees, start, start + Days::hours(2))
}

pub fn invite(world: &World, session: &str, names: &[&str]) {
    world.invite(&meeting(session, names)).unwrap();
}

pub fn reply(name: &str, session: &str) -> Reply {
    Reply::new(&address(name), session)
}

/// Declines; the copy is removed, and the organizer hears of it soon.
pub fn decline(world: &World, name: &str, session: &str) {
    world.decline(&reply(name, session).keep(false).mail_after(Duration::from_millis(50))).unwrap();
}

/// Id of the enrolment in the management JSON.
pub fn id(session: &str, name: &str) -> String {
    format!("contoso.{}.{}", regrets::ids::hash(session), regrets::ids::hash(&address(name)))
}

/// What ledger and LMS say of one learner in one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// `None`: the ledger has no row.
    pub state: Option<String>,
    pub verdict: Option<String>,
    pub evidence: Option<String>,
    pub outcome: Option<String>,
    pub attempts: u64,
    pub has_place: bool,
    /// Cancellations that took effect at the LMS.
    pub effects: usize,
}

impl Seen {
    /// `state verdict/evidence outcome; has place | gone; effects`: one line to compare.
    pub fn line(&self) -> String {
        let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let place = if self.has_place { "has place" } else { "gone" };
        format!(
            "{} {}/{} {}; {place}, {} effects",
            or(&self.state),
            or(&self.verdict),
            or(&self.evidence),
            or(&self.outcome),
            self.effects
        )
    }
}

pub async fn seen(stage: &Stage, session: &str, name: &str) -> Seen {
    seen_among(stage, &stage.enrolments().await.unwrap_or_default(), session, name)
}

/// The same by enrolments that were read before, for whoever looks after many at once.
pub fn seen_among(stage: &Stage, rows: &[Value], session: &str, name: &str) -> Seen {
    let wanted = id(session, name);
    let row = rows.iter().find(|row| row.get("id").and_then(Value::as_str) == Some(&wanted));
    let text = |field: &str| row.and_then(|row| row.get(field)).and_then(Value::as_str).map(str::to_owned);
    let world = stage.simulator.world();
    Seen {
        state: text("state"),
        verdict: text("verdict"),
        evidence: text("evidence"),
        outcome: text("outcome"),
        attempts: row.and_then(|row| row.get("attempts")).and_then(Value::as_u64).unwrap_or(0),
        has_place: world.is_enrolled(session, &address(name)),
        effects: world.cancellations(session, &address(name)),
    }
}

/// The sentences of an enrolment's story.
pub async fn story(stage: &Stage, session: &str, name: &str) -> Vec<String> {
    let found = stage.manage(&format!("enrolments/{}", id(session, name))).await.unwrap();
    let lines = found.get("story").and_then(Value::as_array).cloned().unwrap_or_default();
    lines.iter().filter_map(|line| line.get("text").and_then(Value::as_str).map(str::to_owned)).collect()
}

/// One value of the tenant's status.
pub async fn status(stage: &Stage, pointer: &str) -> Value {
    let status = stage.manage("status").await.unwrap_or_default();
    status.pointer(&format!("/tenants/contoso{pointer}")).cloned().unwrap_or_default()
}

/// Kinds of the open alerts.
pub async fn alerts(stage: &Stage) -> Vec<String> {
    let kinds = all_alerts(stage).await;
    // Its daily look may come in the midst of any fault.
    kinds.into_iter().filter(|kind| kind != "doctor").collect()
}

/// The doctor's, too.
pub async fn all_alerts(stage: &Stage) -> Vec<String> {
    let alerts = status(stage, "/alerts").await;
    let kinds =
        alerts.as_array().into_iter().flatten().filter_map(|alert| alert.get("kind").and_then(Value::as_str));
    kinds.map(str::to_owned).collect()
}

/// The last lines that the binary wrote, without those about work that went well.
fn warnings(stage: &Stage) -> String {
    let log = stage.log();
    let telling: Vec<&str> =
        log.iter().map(String::as_str).filter(|line| !line.contains(r#""level":"INFO""#)).collect();
    telling.get(telling.len().saturating_sub(30)..).unwrap_or_default().join("\n")
}

/// While something changes, things are only slow; but nothing here may go on so long.
const END: Duration = Duration::from_secs(300);

/// Looks until `look` gives a value; its error says what is still wrong. Gives up when that has not changed
/// for long.
pub async fn wait_until<T, F, Fut>(stage: &Stage, what: &str, look: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, String>>,
{
    came_true(look).await.unwrap_or_else(|wrong| panic!("{what}: {wrong}\n{}", warnings(stage)))
}

/// As [`wait_until`], for who has more to tell about what is still wrong.
pub async fn came_true<T, F, Fut>(mut look: F) -> Result<T, String>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, String>>,
{
    let began = Instant::now();
    let (mut last, mut since) = (String::new(), began);
    loop {
        match look().await {
            Ok(found) => return Ok(found),
            Err(wrong) if wrong != last => (last, since) = (wrong, Instant::now()),
            Err(wrong) if since.elapsed() > PATIENCE || began.elapsed() > END => {
                return Err(format!("after {:?} still {wrong}", began.elapsed()));
            }
            Err(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until ledger and LMS say this of the learner ([`Seen::line`]).
pub async fn becomes(stage: &Stage, session: &str, name: &str, line: &str) -> Seen {
    wait_until(stage, &format!("{name} in {session} becomes '{line}'"), || async {
        let seen = seen(stage, session, name).await;
        if seen.line() == line { Ok(seen) } else { Err(format!("'{}'", seen.line())) }
    })
    .await
}

/// Who was mailed so far, and what, in order: `ana invitation`.
pub fn mails(stage: &Stage) -> Vec<String> {
    let word = |kind| match kind {
        MailKind::Invitation => "invitation",
        MailKind::Update => "update",
        MailKind::Cancellation => "cancellation",
    };
    let name = |address: &str| address.split('@').next().unwrap_or_default().to_owned();
    let mails = stage.simulator.world().mails().into_iter();
    let mut mails: Vec<String> =
        mails.map(|mail| format!("{} {}", name(&mail.recipient), word(mail.kind))).collect();
    mails.sort();
    mails
}

/// Waits until so many mailboxes are watched.
pub async fn watched(stage: &Stage, wanted: usize) {
    wait_until(stage, "mailboxes are watched", || async {
        let now = status(stage, "/mailboxes/watched").await.as_u64().unwrap_or(0);
        if now == wanted as u64 { Ok(()) } else { Err(format!("{now} of {wanted}")) }
    })
    .await;
}

/// Waits until so many invitations are in the ledger.
pub async fn known(stage: &Stage, wanted: usize) {
    wait_until(stage, "invitations are known", || async {
        let now = stage.enrolments().await.unwrap_or_default().len();
        if now == wanted { Ok(()) } else { Err(format!("{now} of {wanted}")) }
    })
    .await;
}

/// After everything is as it must be, nothing may change any more for so long: `dispatch-due` runs twice in
/// it, or thrice.
pub const QUIET: Duration = Duration::from_millis(2_500);

/// Looks again and again that something holds and goes on to hold.
pub async fn stays<F, Fut>(stage: &Stage, what: &str, mut look: F)
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<(), String>>,
{
    let began = Instant::now();
    while began.elapsed() < QUIET {
        if let Err(wrong) = look().await {
            panic!("{what} did not stay: after {:?} {wrong}\n{}", began.elapsed(), warnings(stage));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Messages in the host's queues, whoever may see them now, by queue.
pub async fn queue_depths(stage: &Stage) -> BTreeMap<String, u64> {
    if let Storage::Azurite(azurite) = stage.storage() {
        let depths = depths_on_service(&azurite.connection_string()).await.unwrap();
        return depths.into_iter().map(|(queue, depth)| (queue, depth.visible + depth.invisible)).collect();
    }
    let database = rusqlite::Connection::open(stage.root.join(".regrets/queues.db")).unwrap();
    let mut rows = database.prepare("SELECT queue, COUNT(*) FROM messages GROUP BY queue").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Waits until no queue holds a message.
pub async fn drained(stage: &Stage) {
    wait_until(stage, "the queues are empty", || async {
        let depths = queue_depths(stage).await;
        if depths.is_empty() { Ok(()) } else { Err(format!("{depths:?}")) }
    })
    .await;
}
