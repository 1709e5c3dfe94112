//! What a connector may meet, as a table: how the LMS stands, and what one attempt comes to. Played one
//! by one; what is seen on the way becomes a row of the connector's page.

use super::looked_up::{Event, look_up};
use super::page::{Row, hold};
use super::rig::{ATTEMPT, LEARNER, engine, file, http, order};
use fake_lms::server::Seen;
use fake_lms::{Fake, Mishap, On, Product};
use regrets::enrolment::lms_answer::{LmsOutcome, Reply};
use regrets::lms::{Budget, Connector as _};

pub(crate) struct Situation<P> {
    /// In words, for people.
    pub(crate) name: &'static str,
    /// Beside those of the table.
    pub(crate) settings: &'static [(&'static str, &'static str)],
    /// How the LMS is made to stand, from the table's beginning.
    pub(crate) arrange: fn(&Fake<P>),
    pub(crate) session: Option<&'static str>,
    pub(crate) learner: Option<&'static str>,
    pub(crate) outcome: LmsOutcome,
    /// What took effect at the LMS.
    pub(crate) effects: &'static [&'static str],
}

/// A situation of the usual session and learner.
pub(crate) fn met<P>(
    name: &'static str,
    arrange: fn(&Fake<P>),
    outcome: LmsOutcome,
    effects: &'static [&'static str],
) -> Situation<P> {
    Situation { name, settings: &[], arrange, session: None, learner: None, outcome, effects }
}

/// What may happen to the write of any LMS that is read again: `effects` is what it does once it is heard.
fn on_the_way<P: Product>(effects: &'static [&'static str]) -> Vec<Situation<P>> {
    use LmsOutcome::{Done, Outage};
    vec![
        met("The answer to the write is lost", |f| plan(f, Mishap::LostAfter), Done, effects),
        met("The write is lost on its way", |f| plan(f, Mishap::LostBefore), Outage, &[]),
        met("A proxy gives up waiting for the write", |f| plan(f, Mishap::gateway_after()), Done, effects),
        met("A page instead of the write's answer", |f| plan(f, Mishap::page_after()), Done, effects),
        met("A page instead of the write", |f| plan(f, Mishap::page()), Outage, &[]),
        met("An empty answer to the write", |f| plan(f, Mishap::empty_after()), Done, effects),
        met("The write is throttled", |f| plan(f, Mishap::throttle("1")), Outage, &[]),
    ]
}

fn plan<P: Product>(fake: &Fake<P>, mishap: Mishap) {
    fake.plan(On::Writes, 0, 1, mishap);
}

impl<P> Situation<P> {
    pub(crate) fn with(mut self, settings: &'static [(&'static str, &'static str)]) -> Self {
        self.settings = settings;
        self
    }

    pub(crate) fn of(mut self, learner: &'static str) -> Self {
        self.learner = Some(learner);
        self
    }

    pub(crate) fn in_session(mut self, session: &'static str) -> Self {
        self.session = Some(session);
        self
    }
}

/// One connector and its LMS.
pub(crate) struct Table<P> {
    pub(crate) connector: &'static str,
    pub(crate) begin: fn() -> P,
    pub(crate) settings: &'static [(&'static str, &'static str)],
    pub(crate) session: &'static str,
    /// What a cancellation does there: what may happen on the way is played of every LMS.
    pub(crate) effects: &'static [&'static str],
    pub(crate) situations: Vec<Situation<P>>,
    /// Empty where nothing can be looked up.
    pub(crate) events: Vec<Event<P>>,
}

/// Plays all of a table, and holds its page to what was seen.
pub(crate) async fn play<P: Product>(table: Table<P>) {
    let (file, http) = (file(table.connector), http());
    let mut rows = Vec::new();
    let mut wrong = Vec::new();
    let all: Vec<Situation<P>> = table.situations.into_iter().chain(on_the_way(table.effects)).collect();
    for situation in &all {
        let fake = Fake::start((table.begin)()).await;
        (situation.arrange)(&fake);
        fake.forget();
        let given: Vec<(&str, &str)> = situation.settings.iter().chain(table.settings).copied().collect();
        let engine = engine(&file, fake.url(), &given, &http);
        let order = order(situation.session.unwrap_or(table.session), situation.learner.unwrap_or(LEARNER));
        let reply = engine.cancel(&order, Budget::of(ATTEMPT)).await;
        let effects = fake.effects();
        if reply.outcome != situation.outcome || effects != situation.effects {
            wrong.push(told(situation.name, situation.outcome, situation.effects, &reply, &fake));
        }
        rows.push(row(situation, &reply, &fake));
    }
    assert!(wrong.is_empty(), "{}: otherwise than expected:\n{}", table.connector, wrong.join("\n"));
    let found = look_up(&file, table.begin, table.settings, &table.events).await;
    hold(&file, &rows, &found);
}

fn told<P: Product>(
    name: &str,
    outcome: LmsOutcome,
    effects: &[&str],
    reply: &Reply,
    fake: &Fake<P>,
) -> String {
    let calls: Vec<String> = fake
        .seen()
        .iter()
        .map(|seen| {
            format!(
                "    {} {} {}\n      -> {}",
                seen.call.method,
                seen.call.path,
                seen.call.body,
                answer(seen)
            )
        })
        .collect();
    format!(
        "- {name}: {:?} with {:?}, not {outcome:?} with {effects:?}\n  {reply:?}\n{}",
        reply.outcome,
        fake.effects(),
        calls.join("\n")
    )
}

fn row<P: Product>(situation: &Situation<P>, reply: &Reply, fake: &Fake<P>) -> Row {
    let seen = fake.seen();
    let told = seen.iter().rfind(|seen| seen.writes).or(seen.last());
    let settings: Vec<String> =
        situation.settings.iter().map(|(name, value)| format!("`{name} = \"{value}\"`")).collect();
    Row {
        situation: match settings.is_empty() {
            true => situation.name.to_owned(),
            false => format!("{} ({})", situation.name, settings.join(", ")),
        },
        answer: told.map_or_else(|| "nothing is sent".to_owned(), answer),
        outcome: reply.outcome,
        effects: fake.effects().len(),
    }
}

/// Where the fake listens is another port each time.
fn without_port(body: &str) -> String {
    const HERE: &str = "http://127.0.0.1:";
    let mut parts = body.split(HERE);
    let first = parts.next().unwrap_or_default().to_owned();
    parts
        .fold(first, |text, part| text + "http://lms" + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Status and the beginning of the body.
pub(crate) fn answer(seen: &Seen) -> String {
    let Some(answer) = &seen.answer else { return "no answer".to_owned() };
    let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let word =
        |name: &str| body.get(name).and_then(serde_json::Value::as_str).filter(|word| !word.is_empty());
    let body = match (word("errorcode"), word("outcome"), word("state")) {
        (Some(code), ..) => format!("{{\"errorcode\":\"{code}\",…}}"),
        // The rest of it is mostly times.
        (None, Some(outcome), Some(state)) => {
            format!("{{\"outcome\":\"{outcome}\",\"state\":\"{state}\",…}}")
        }
        (None, Some(outcome), None) => format!("{{\"outcome\":\"{outcome}\",…}}"),
        (None, None, _) => without_port(&answer.body),
    };
    let mut shown: String = body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(90).collect();
    if shown.len() < body.len() && !shown.ends_with('}') {
        shown.push('…');
    }
    match shown.is_empty() {
        true => format!("{}, empty", answer.status),
        false => format!("{} `{}`", answer.status, shown.replace('|', "\\|").replace('`', "'")),
    }
}
