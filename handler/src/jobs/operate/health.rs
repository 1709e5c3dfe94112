//! How a tenant's connections are, each with what mends it, and a score of it all with its reasons: a pure
//! function of open alerts, mailboxes' standings and the valve.

use crate::enrolment::valve::ValveState;
use crate::jobs::operate::management_json as json;
use crate::ledger::alert_kind::AlertKind;
use crate::ledger::mailboxes::SubscriptionState;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use strum::{IntoStaticStr, VariantArray};

/// What a tenant is connected by. People see these words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Connection {
    /// Graph answers, and shows the directory.
    Graph,
    /// The app's permissions are granted.
    Consent,
    /// The credential gives a token, and all secrets are there.
    Secret,
    /// The mailboxes that are to be watched may be read.
    Scope,
    /// Each has its subscription.
    Subscriptions,
    /// Notifications arrive.
    Silence,
    /// The LMS answers, and takes what we send.
    Lms,
    /// Cancellations may go to it.
    Valve,
    /// Sessions are read from somewhere.
    Source,
}

/// The later, the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum State {
    /// Not configured, or switched off by a person.
    Off,
    Ok,
    /// Nobody can know yet.
    Unknown,
    Degraded,
    Down,
}

/// What it follows from.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub alerts: Vec<OpenAlert>,
    /// When the last alert of a kind ended.
    pub ended: BTreeMap<AlertKind, DateTime<Utc>>,
    pub mailboxes: BTreeMap<SubscriptionState, usize>,
    /// `None`: its row can't be read.
    pub valve: Option<(ValveState, DateTime<Utc>)>,
    /// A secret is missing, and nothing is sent to the LMS.
    pub is_closed: bool,
    pub observes: bool,
    /// When the first mailbox was watched.
    pub connected: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
pub struct OpenAlert {
    pub kind: AlertKind,
    pub since: DateTime<Utc>,
    pub count: u64,
    pub step: String,
}

/// Which connection an alert speaks of, what it says of it, and what it costs of the score.
fn meaning(kind: AlertKind) -> (Option<Connection>, State, u32) {
    use Connection::{Consent, Graph, Lms, Scope, Secret, Silence, Source, Subscriptions};
    use State::{Degraded, Down};
    match kind {
        AlertKind::GraphAway => (Some(Graph), Down, 40),
        // What it finds is told by what it is about.
        AlertKind::Doctor => (None, Degraded, 5),
        AlertKind::Directory | AlertKind::GraphInvalid | AlertKind::OrganizerUnfollowed => {
            (Some(Graph), Degraded, 10)
        }
        AlertKind::DirectoryShrunk => (Some(Graph), Degraded, 5),
        AlertKind::GraphUnauthorized | AlertKind::ConsentMissing | AlertKind::ConsentWithdrawn => {
            (Some(Consent), Down, 40)
        }
        AlertKind::ConsentDrifted => (Some(Consent), Degraded, 5),
        AlertKind::GraphCredential | AlertKind::SecretMissing => (Some(Secret), Down, 40),
        AlertKind::PartsUnknown => (Some(Scope), Degraded, 10),
        AlertKind::MailboxesUnwatched => (Some(Subscriptions), Degraded, 20),
        AlertKind::NotificationUrl => (Some(Subscriptions), Down, 25),
        AlertKind::SubscriptionQuota => (Some(Subscriptions), Degraded, 10),
        AlertKind::GraphSilent => (Some(Silence), Down, 25),
        AlertKind::ChunkedPosts => (Some(Silence), Degraded, 10),
        AlertKind::Blind => (Some(Silence), Degraded, 5),
        AlertKind::LmsBreaker => (Some(Lms), Down, 35),
        AlertKind::LmsCredential | AlertKind::LmsGone => (Some(Lms), Down, 40),
        AlertKind::LmsAnswer => (Some(Lms), Degraded, 20),
        AlertKind::SourceVanished => (Some(Source), Degraded, 10),
        // Nobody is told anything by that mailbox any more.
        AlertKind::OrganizerCalendar => (Some(Source), Degraded, 15),
        AlertKind::SourceUnread => (Some(Source), Down, 25),
        // Somebody decides, and nothing is broken.
        AlertKind::PublishHeld => (Some(Source), Degraded, 2),
        // The valve says it by its state.
        AlertKind::Brake => (None, Degraded, 0),
        // Where it is stuck, another alert may tell; that nothing is carried out, this one alone.
        AlertKind::Canary => (None, Degraded, 15),
        AlertKind::Expired | AlertKind::RowRefused | AlertKind::Start => (None, Degraded, 15),
        AlertKind::PoisonChanges
        | AlertKind::PoisonMailboxes
        | AlertKind::PoisonCancellations
        | AlertKind::PoisonSessions
        | AlertKind::PoisonUnreadable
        | AlertKind::Configuration
        | AlertKind::UnreadableRow => (None, Degraded, 10),
        AlertKind::LearnerWithoutKey
        | AlertKind::OrganizerUnknown
        | AlertKind::AttendeeUnknown
        | AlertKind::NoAnswerWanted
        | AlertKind::EventTakenAway
        | AlertKind::EventEdited
        | AlertKind::InstructorDeclined
        | AlertKind::OnlineMeeting
        | AlertKind::Room
        | AlertKind::SessionCrowded
        | AlertKind::SourceEntry
        | AlertKind::SessionAmbiguous => (None, Degraded, 5),
        AlertKind::Review | AlertKind::TakeBack | AlertKind::DeclinedLate => (None, Degraded, 2),
    }
}

/// What a connection comes to, from the worst that is said of it.
#[derive(Debug, Clone)]
struct Found {
    state: State,
    since: Option<DateTime<Utc>>,
    step: Option<String>,
}

impl Found {
    fn new(state: State, since: Option<DateTime<Utc>>, step: Option<String>) -> Self {
        Self { state, since, step }
    }
}

pub fn health(facts: &Facts) -> json::Health {
    let mut reasons: Vec<json::Reason> = Vec::new();
    let mut found: BTreeMap<Connection, Found> = BTreeMap::new();
    for alert in &facts.alerts {
        let (connection, state, points) = meaning(alert.kind);
        // One whose other secrets are there goes on.
        let (state, points) = match alert.kind == AlertKind::SecretMissing && !facts.is_closed {
            true => (State::Degraded, 10),
            false => (state, points),
        };
        if let Some(connection) = connection {
            worsen(&mut found, connection, Found::new(state, Some(alert.since), Some(alert.step.clone())));
        }
        cost(&mut reasons, points, alert.kind.as_str());
    }
    of_mailboxes(facts, &mut found, &mut reasons);
    of_valve(facts, &mut found, &mut reasons);
    let connections = Connection::VARIANTS.iter().map(|connection| told(*connection, &found, facts));
    let lost: u32 = reasons.iter().map(|reason| reason.points).sum();
    reasons.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.why.cmp(&b.why)));
    json::Health { score: 100_u32.saturating_sub(lost), connections: connections.collect(), reasons }
}

fn cost(reasons: &mut Vec<json::Reason>, points: u32, why: &str) {
    if points > 0 {
        reasons.push(json::Reason { points, why: why.to_owned() });
    }
}

fn worsen(found: &mut BTreeMap<Connection, Found>, connection: Connection, next: Found) {
    match found.get_mut(&connection) {
        Some(known) if known.state > next.state => {}
        Some(known) if known.state == next.state => {
            if next.since < known.since {
                *known = next;
            }
        }
        Some(_) | None => {
            found.insert(connection, next);
        }
    }
}

/// Who may not be read, or is not watched, in proportion to all.
fn of_mailboxes(facts: &Facts, found: &mut BTreeMap<Connection, Found>, reasons: &mut Vec<json::Reason>) {
    let of = |state: SubscriptionState| facts.mailboxes.get(&state).copied().unwrap_or_default();
    let all: usize = facts.mailboxes.values().sum();
    if of(SubscriptionState::Watched) == 0 {
        cost(reasons, 50, "no mailbox is watched");
        return;
    }
    let refused = of(SubscriptionState::Refused) + of(SubscriptionState::NoMailbox);
    let failing = of(SubscriptionState::Failing);
    for (connection, count, word, what) in [
        (Connection::Scope, refused, "refused", "mailboxes may not be read, or are none"),
        (Connection::Subscriptions, failing, "failing", "mailboxes can't be subscribed to"),
    ] {
        if count > 0 {
            let step = format!("regrets mailboxes --standing {word}");
            worsen(found, connection, Found::new(State::Degraded, None, Some(step)));
            // Each is worth something, and all of them together a fifth of all there is.
            let points = u32::try_from((20 * count).div_ceil(all.max(1))).unwrap_or(20);
            cost(reasons, points, &format!("{count} of {all} {what}"));
        }
    }
}

fn of_valve(facts: &Facts, found: &mut BTreeMap<Connection, Found>, reasons: &mut Vec<json::Reason>) {
    let Some((state, since)) = facts.valve else {
        let step = "the valve's row can't be read by this build; deploy the newer build again".to_owned();
        worsen(found, Connection::Valve, Found::new(State::Down, None, Some(step)));
        return cost(reasons, 25, "the valve can't be read");
    };
    let open = "regrets valve open, once its cause is seen to".to_owned();
    let (state, step, points, why) = match state {
        ValveState::Open => return,
        ValveState::Stopped => (State::Off, Some(open), 25, "a person has stopped the valve"),
        ValveState::Braked => (State::Down, Some(open), 25, "the brake has closed the valve"),
        // The LMS's own alert counts.
        ValveState::BreakerOpen => (State::Down, None, 0, ""),
        ValveState::CredentialBroken | ValveState::EndpointGone => (State::Down, Some(open), 0, ""),
    };
    found.insert(Connection::Valve, Found::new(state, Some(since), step));
    cost(reasons, points, why);
}

/// As it is shown: what nothing is said of is well, or can't be known yet.
fn told(connection: Connection, found: &BTreeMap<Connection, Found>, facts: &Facts) -> json::Connection {
    let shown = match found.get(&connection) {
        Some(found) => found.clone(),
        None => Found::new(silent(connection, facts), since_well(connection, facts), None),
    };
    let (name, state): (&'static str, &'static str) = (connection.into(), shown.state.into());
    json::Connection {
        name: name.to_owned(),
        state: state.to_owned(),
        since: shown.since.map(json::At),
        step: shown.step,
    }
}

fn silent(connection: Connection, facts: &Facts) -> State {
    let is_watched = facts.mailboxes.get(&SubscriptionState::Watched).is_some_and(|count| *count > 0);
    match connection {
        Connection::Graph
        | Connection::Consent
        | Connection::Secret
        | Connection::Scope
        | Connection::Subscriptions
        | Connection::Silence => {
            if is_watched {
                State::Ok
            } else {
                State::Unknown
            }
        }
        // Nothing is sent to it.
        Connection::Lms => {
            if facts.observes {
                State::Unknown
            } else {
                State::Ok
            }
        }
        Connection::Valve => State::Ok,
        Connection::Source => State::Off,
    }
}

/// When the last trouble of it ended; before any, when the tenant was connected.
fn since_well(connection: Connection, facts: &Facts) -> Option<DateTime<Utc>> {
    match connection {
        Connection::Valve => facts.valve.map(|(_, since)| since),
        Connection::Source => None,
        Connection::Graph
        | Connection::Consent
        | Connection::Secret
        | Connection::Scope
        | Connection::Subscriptions
        | Connection::Silence
        | Connection::Lms => {
            let ended = facts.ended.iter().filter(|(kind, _)| meaning(**kind).0 == Some(connection));
            ended.map(|(_, at)| *at).max().or(facts.connected)
        }
    }
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
