//! Who is told what, minute by minute, in a world whose channels do as they are told.

use super::*;
use crate::config::Alerts;
use crate::jobs::alerts::{connected, try_out};
use crate::jobs::context::AlertChannels;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, contoso, minutes};
use crate::notify::message::Message;
use crate::notify::{Channel, Sent};
use async_trait::async_trait;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

/// A channel that answers by a script, and then takes everything.
#[derive(Default)]
struct FakeChannel {
    script: Mutex<VecDeque<Sent>>,
    /// Takes nothing until further notice.
    down: Mutex<Option<Sent>>,
    sent: Mutex<Vec<(Message, bool)>>,
    through: Option<TenantName>,
}

impl FakeChannel {
    fn sent(&self) -> Vec<(Message, bool)> {
        self.sent.lock().unwrap().clone()
    }

    fn subjects(&self) -> Vec<String> {
        self.sent().iter().map(|(message, _)| message.subject()).collect()
    }

    fn set_down(&self, down: Option<Sent>) {
        *self.down.lock().unwrap() = down;
    }
}

#[async_trait]
impl Channel for FakeChannel {
    fn shown(&self) -> String {
        "a fake".to_owned()
    }

    fn through(&self) -> Option<&TenantName> {
        self.through.as_ref()
    }

    async fn send(&self, message: &Message, again: bool) -> Sent {
        let down = self.down.lock().unwrap().clone();
        let answer = self.script.lock().unwrap().pop_front().or(down).unwrap_or_else(|| Sent::yes("ok"));
        self.sent.lock().unwrap().push((message.clone(), again));
        answer
    }
}

struct Told {
    world: World,
    first: Arc<FakeChannel>,
    second: Arc<FakeChannel>,
}

fn no() -> Sent {
    Sent::no("HTTP 503.", "wait")
}

fn lost() -> Sent {
    Sent::unknown("No answer.", "wait")
}

async fn told() -> Told {
    told_with(FakeChannel::default()).await
}

async fn told_with(first: FakeChannel) -> Told {
    let mut world = World::new().await;
    let (first, second) = (Arc::new(first), Arc::new(FakeChannel::default()));
    let default = AlertRoute { channels: vec!["first".into(), "second".into()], ..AlertRoute::default() };
    let mut channels: BTreeMap<String, Arc<dyn Channel>> = BTreeMap::new();
    channels.insert("first".into(), first.clone());
    channels.insert("second".into(), second.clone());
    world.app.alerts = AlertChannels {
        routes: Alerts { default, ..Alerts::default() },
        channels,
        deployment: "https://regrets.contoso.com".into(),
    };
    Told { world, first, second }
}

impl Told {
    async fn raise(&self, kind: AlertKind) {
        alerts::raise(&self.world.app.ledger, &contoso(), kind).await.unwrap();
    }

    async fn resolve(&self, kind: AlertKind) {
        alerts::resolve(&self.world.app.ledger, &contoso(), kind).await.unwrap();
    }

    /// Minutes pass, each with a look.
    async fn pass(&self, minutes_: i64) {
        for _ in 0..minutes_ {
            self.world.clock.advance(minutes(1));
            deliver(&self.world.app).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn once_on_the_way_down_and_once_on_the_way_up() {
    let told = told().await;
    told.pass(3).await;
    told.raise(AlertKind::LmsBreaker).await;
    told.pass(30).await;
    assert_eq!(told.first.subjects(), ["Regrets: contoso: lms-breaker has opened"]);
    told.resolve(AlertKind::LmsBreaker).await;
    told.pass(4).await;
    assert_eq!(told.first.subjects().len(), 1, "it may be away again in a moment");
    told.pass(30).await;
    assert_eq!(told.first.subjects()[1..], ["Regrets: contoso: lms-breaker is over"]);
    assert_eq!(told.second.subjects(), [""; 0], "the first takes all");
    told.raise(AlertKind::Review).await;
    told.pass(24 * 60 + 1).await;
    let last = told.first.subjects();
    assert_eq!(last[2..], ["Regrets: contoso: review has opened", "Regrets: contoso: review is still open"]);
}

#[tokio::test(start_paused = true)]
async fn where_a_channel_is_down_the_next_one_is_used() {
    let told = told().await;
    told.first.set_down(Some(no()));
    told.raise(AlertKind::GraphAway).await;
    told.pass(1).await;
    assert_eq!(told.second.subjects(), ["Regrets: contoso: graph-away has opened"]);
    told.pass(30).await;
    assert_eq!((told.first.sent().len(), told.second.sent().len()), (1, 1));
}

/// Mail through Graph is no way to say that Graph is away.
#[tokio::test(start_paused = true)]
async fn a_channel_through_what_is_lost_is_used_last() {
    let told = told_with(FakeChannel { through: Some(contoso()), ..FakeChannel::default() }).await;
    told.raise(AlertKind::GraphAway).await;
    told.pass(1).await;
    assert_eq!((told.first.sent().len(), told.second.sent().len()), (0, 1));
    // Where the other fails, it is tried all the same.
    told.second.set_down(Some(no()));
    told.raise(AlertKind::Review).await;
    told.pass(2).await;
    assert_eq!(told.first.subjects(), ["Regrets: contoso: review has opened"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_while_all_are_down_and_what_was_is_gathered_into_one() {
    let told = told().await;
    told.first.set_down(Some(no()));
    told.second.set_down(Some(no()));
    for kind in [AlertKind::LmsBreaker, AlertKind::GraphAway, AlertKind::Review, AlertKind::Expired] {
        told.raise(kind).await;
        told.pass(7).await;
    }
    told.resolve(AlertKind::GraphAway).await;
    told.pass(24 * 60).await;
    let tried = told.first.sent().len();
    assert!((90..110).contains(&tried), "at most each quarter of an hour: {tried}");
    told.first.set_down(None);
    told.pass(16).await;
    let messages = told.first.sent().split_off(tried);
    assert_eq!(messages.len(), 1, "one message");
    insta::assert_snapshot!(messages[0].0.sentences().join("\n"), @r#"
    contoso: expired has opened, since 2026-11-21 12:21 UTC. Declines were made in time and could not be carried out before the deadline; list them with state=expired, tell the training administrator, and see what held them up.
    contoso: lms-breaker has opened, since 2026-11-21 12:00 UTC. The LMS is down; cancellations wait and go on by themselves when it answers. If it is not down, see what answers at lms.url.
    contoso: graph-away opened and ended once, and is over now.
    contoso: review has opened, since 2026-11-21 12:14 UTC. Cancellations wait for a person; list them with state=review and approve or ignore each.
    "#);
    told.pass(60).await;
    assert_eq!(told.first.sent().len(), tried + 1, "and no more");
}

#[tokio::test(start_paused = true)]
async fn what_may_have_arrived_comes_again_as_it_was() {
    let told = told().await;
    told.first.script.lock().unwrap().extend([lost(), lost()]);
    told.raise(AlertKind::LmsBreaker).await;
    told.pass(1).await;
    told.raise(AlertKind::Review).await;
    told.pass(10).await;
    let sent = told.first.sent();
    let ids: BTreeSet<&String> = sent[..3].iter().map(|(message, _)| &message.id).collect();
    assert_eq!(ids.len(), 1, "the same message");
    assert_eq!(sent[0].0, sent[1].0);
    let again: Vec<bool> = sent.iter().map(|(_, again)| *again).collect();
    assert_eq!(again, [false, true, true, false]);
    assert_eq!(
        told.first.subjects()[3],
        "Regrets: contoso: review has opened",
        "what came meanwhile is next"
    );
    assert_eq!(told.second.sent().len(), 0, "nobody is told twice");
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_never_answers_holds_up_neither_this_nor_what_comes_later() {
    let told = told().await;
    told.first.set_down(Some(lost()));
    told.raise(AlertKind::LmsBreaker).await;
    told.pass(10).await;
    assert_eq!(told.second.subjects(), ["Regrets: contoso: lms-breaker has opened"]);
    told.second.set_down(Some(lost()));
    told.raise(AlertKind::Review).await;
    told.pass(60).await;
    told.raise(AlertKind::Expired).await;
    told.pass(5 * 60).await;
    let last = told.second.sent().pop().unwrap().0;
    assert_eq!(last.alerts.len(), 2, "gathered anew in the end: {last:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hundred_times_an_hour_is_a_handful_of_messages() {
    let told = told().await;
    for second in 0..3600 {
        match second % 36 {
            0 => told.raise(AlertKind::LmsBreaker).await,
            18 => told.resolve(AlertKind::LmsBreaker).await,
            _ => {}
        }
        if second % 60 == 0 {
            deliver(&told.world.app).await;
        }
        told.world.clock.advance(Duration::seconds(1));
    }
    told.pass(150).await;
    let subjects = told.first.subjects();
    println!("{subjects:#?}");
    insta::assert_snapshot!(subjects.join("\n"), @r#"
    Regrets: contoso: lms-breaker has opened
    Regrets: contoso: lms-breaker opened and ended 99 times, and is over now
    "#);
}

/// The network is away for all of them.
#[tokio::test(start_paused = true)]
async fn a_storm_of_tenants_is_a_handful_of_messages() {
    let mut told = told().await;
    let names: Vec<String> = (0..200).map(|n| format!("t{n}")).collect();
    for name in &names {
        told.world.neighbour(name, None).await;
    }
    for (n, name) in names.iter().enumerate() {
        alerts::raise(&told.world.app.ledger, &name.as_str().into(), AlertKind::GraphAway).await.unwrap();
        if n % 10 == 9 {
            told.pass(1).await;
        }
    }
    told.pass(60).await;
    let sent = told.first.sent();
    let all: usize = sent.iter().map(|(message, _)| message.alerts.len()).sum();
    println!("200 tenants within 20 minutes: {} messages", sent.len());
    assert_eq!(all, 200, "each tenant is told once");
    assert!(sent.len() <= 8, "{:#?}", told.first.subjects());
}

#[tokio::test(start_paused = true)]
async fn a_tenant_with_channels_of_its_own_is_told_there_alone() {
    let mut told = told().await;
    told.world.neighbour("fabrikam", None).await;
    let own = AlertRoute { channels: vec!["second".into()], ..AlertRoute::default() };
    told.world.app.alerts.routes.tenants.insert("fabrikam".into(), own);
    told.raise(AlertKind::Review).await;
    alerts::raise(&told.world.app.ledger, &"fabrikam".into(), AlertKind::Brake).await.unwrap();
    told.pass(2).await;
    assert_eq!(told.first.subjects(), ["Regrets: contoso: review has opened"]);
    assert_eq!(told.second.subjects(), ["Regrets: fabrikam: brake has opened"]);
}

#[tokio::test(start_paused = true)]
async fn that_a_tenant_is_connected_is_told_once() {
    let told = told().await;
    for _ in 0..3 {
        told.world.watch().await;
        told.pass(5).await;
    }
    assert_eq!(told.first.subjects(), ["Regrets: contoso is connected"]);
    insta::assert_snapshot!(told.first.sent()[0].0.sentences().join("\n"), @r#"
    contoso is connected. Graph answers, 4 mailboxes are watched, the LMS's connector is webhook, and declines are carried to the LMS. Alerts about it come this way.
    "#);
    connected::note(&told.world.app, told.world.context(), 9).await.unwrap();
    told.pass(2 * 24 * 60).await;
    assert_eq!(told.first.sent().len(), 1);
}

/// Killed at each write, before and after it took effect: all are told, and what a receiver gets twice has
/// the id of the first.
#[tokio::test(start_paused = true)]
async fn killed_anywhere_nothing_is_lost_and_nothing_told_twice() {
    for is_down in [false, true] {
        let mut n = 0;
        loop {
            n += 1;
            let mut any = false;
            for death in [Death::Before(n), Death::After(n)] {
                let mut told = told().await;
                if is_down {
                    told.first.set_down(Some(no()));
                }
                let alerts_ = told.world.app.alerts.clone();
                let story = async {
                    told.raise(AlertKind::LmsBreaker).await;
                    told.pass(2).await;
                    told.resolve(AlertKind::LmsBreaker).await;
                    told.pass(7).await;
                };
                any |= told.world.tables.killed(death, story).await.is_none();
                told.world.restart().await;
                told.world.app.alerts = alerts_;
                // Whoever was to say it says it again.
                told.resolve(AlertKind::LmsBreaker).await;
                told.raise(AlertKind::Review).await;
                told.pass(150).await;
                let channel = if is_down { &told.second } else { &told.first };
                let mut by_id = BTreeMap::new();
                for (message, _) in channel.sent() {
                    let before = by_id.insert(message.id.clone(), message.clone());
                    assert!(before.is_none_or(|before| before == message), "{death:?}");
                }
                let mut said: Vec<String> = Vec::new();
                for (message, _) in channel.sent() {
                    if !said.contains(&message.id) {
                        said.push(message.id.clone());
                    }
                }
                let news: Vec<(String, bool)> = said
                    .iter()
                    .flat_map(|id| by_id[id].alerts.clone())
                    .map(|line| (line.kind, line.is_open))
                    .collect();
                let of = |kind: &str| -> Vec<bool> {
                    news.iter().filter(|(other, _)| other == kind).map(|(_, is_open)| *is_open).collect()
                };
                assert_eq!(of("review"), [true], "{death:?}: {news:?}");
                let breaker = of("lms-breaker");
                assert!(matches!(breaker.as_slice(), [] | [false] | [true, false]), "{death:?}: {news:?}");
            }
            if !any {
                break;
            }
        }
        assert!(n > 10, "killed {n} times only");
    }
}

#[tokio::test(start_paused = true)]
async fn a_test_goes_through_each_channel_and_changes_nothing() {
    let told = told().await;
    told.second.set_down(Some(no()));
    let before = told.world.tables.dump(crate::store::Table::Connections).len();
    let tests = try_out::try_out(&told.world.app, None).await.unwrap().items;
    let taken: Vec<_> = tests.iter().map(|test| (test.channel.as_str(), test.taken.as_str())).collect();
    assert_eq!(taken, [("first", "yes"), ("second", "no")]);
    assert_eq!(told.first.subjects(), ["Regrets: a test"]);
    try_out::try_out(&told.world.app, Some("first")).await.unwrap();
    assert_eq!((told.first.sent().len(), told.second.sent().len()), (2, 1));
    let unknown = try_out::try_out(&told.world.app, Some("third")).await.unwrap_err().to_string();
    assert_eq!(unknown, "there is no channel `third`; these are: first, second");
    assert_eq!(told.world.tables.dump(crate::store::Table::Connections).len(), before);
}
