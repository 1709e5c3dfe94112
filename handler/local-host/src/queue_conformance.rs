//! What every place for queues has to do, as checks that SQLite and a real queue service are run through
//! alike.
//!
//! Every check works on a queue of its own with a random name, so that the checks can be run again and again
//! on a service that keeps what it was given. A failed check panics with what it expected.

use crate::chaos::{Chaos, Faults};
use crate::clock::ManualClock;
use crate::database::Database;
use crate::disk_queues::DiskQueues;
use crate::error::{LocalError, Result};
use crate::host_json::Encoding;
use crate::lease::Leased;
use crate::queue_name::QueueName;
use crate::queue_store::{Depth, QueueStore};
use crate::queues::{Queues, SendError};
use crate::service::{self, ServiceQueues, Wire};
use crate::{http, storage};
use chrono::{DateTime, TimeDelta};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Longer than any check takes.
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// Long enough for a test to act in, short enough to wait for.
const SHORT: TimeDelta = TimeDelta::seconds(2);
const PATIENCE: Duration = Duration::from_secs(20);

/// The queues in SQLite, in this folder.
pub async fn run_on_disk(data: &Path) -> Result<()> {
    let clock = ManualClock::at(DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
    let (database, hand) = (Database::open(data)?, clock.clone());
    let open = move |lease: TimeDelta| -> Result<Arc<dyn QueueStore>> {
        Ok(Arc::new(DiskQueues::new(database.clone(), Arc::new(clock.clone()), lease)))
    };
    run(&Bench { open: Box::new(open), clock: Some(hand), lease: LEASE }).await
}

/// The queues of a real service.
pub async fn run_on_service(connection: &str) -> Result<()> {
    let (account, http) = (storage::account(&connection.to_owned().into())?, http::to_service()?);
    let open = move |lease: TimeDelta| -> Result<Arc<dyn QueueStore>> {
        Ok(Arc::new(ServiceQueues::new(account.clone(), lease, http.clone())))
    };
    run(&Bench { open: Box::new(open), clock: None, lease: SHORT }).await
}

/// Every queue of a service that holds a message, for a suite that looks on from outside.
pub async fn depths_on_service(connection: &str) -> Result<BTreeMap<String, Depth>> {
    let account = storage::account(&connection.to_owned().into())?;
    service::depths(&Wire::new(account, http::to_service()?)).await
}

async fn run(bench: &Bench) -> Result<()> {
    what_is_missing_is_empty(bench).await?;
    a_message_is_handed_out_once_and_deleted(bench).await?;
    the_oldest_comes_first(bench).await?;
    a_lease_that_ends_gives_the_message_back(bench).await?;
    a_renewal_prolongs_and_takes_power_from_the_old_receipt(bench).await?;
    what_is_given_back_comes_when_it_was_said(bench).await?;
    poison_is_a_move_with_a_fresh_count(bench).await?;
    texts_come_as_they_were_sent(bench).await?;
    what_is_too_large_is_refused(bench).await?;
    many_at_once_make_one_queue_and_share_its_messages(bench).await?;
    a_dead_hosts_leases_hold_until_they_end(bench).await
}

struct Bench {
    /// With this lease, where that can be chosen.
    open: Box<dyn Fn(TimeDelta) -> Result<Arc<dyn QueueStore>> + Send + Sync>,
    /// None: real time.
    clock: Option<ManualClock>,
    /// The shortest lease that there is.
    lease: TimeDelta,
}

impl Bench {
    fn queues(&self) -> Result<Queues> {
        self.queues_with(self.lease, Encoding::Base64)
    }

    fn queues_with(&self, lease: TimeDelta, encoding: Encoding) -> Result<Queues> {
        Ok(Queues::new((self.open)(lease)?, encoding, Arc::new(Faults::new(Chaos::default()))))
    }

    async fn pass(&self, time: TimeDelta) {
        match &self.clock {
            Some(clock) => clock.advance(time),
            None => tokio::time::sleep(time.to_std().unwrap_or_default()).await,
        }
    }

    /// The next message, which may take the service a moment.
    async fn comes(&self, queues: &Queues, queue: &QueueName) -> Result<Leased> {
        let since = Instant::now();
        loop {
            if let Some(message) = one(queues, queue).await? {
                return Ok(message);
            }
            if self.clock.is_some() || since.elapsed() > PATIENCE {
                return Err(LocalError::Failed(format!("no message came in queue {queue}")));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn fresh() -> Result<QueueName> {
    QueueName::parse(&format!("t{}", Uuid::new_v4().simple())).map_err(LocalError::Refused)
}

fn poison_of(queue: &QueueName) -> Result<QueueName> {
    queue.poison().ok_or_else(|| LocalError::Refused("no poison queue".into()))
}

async fn one(queues: &Queues, queue: &QueueName) -> Result<Option<Leased>> {
    Ok(queues.receive(queue, 1).await?.messages.pop())
}

async fn send(queues: &Queues, queue: &QueueName, text: &str) -> Result<()> {
    queues.send(queue, text.as_bytes()).await.map_err(|error| LocalError::Refused(error.to_string()))
}

async fn depth(queues: &Queues, queue: &QueueName) -> Result<Option<Depth>> {
    Ok(queues.depths().await?.0.remove(queue.as_str()))
}

async fn what_is_missing_is_empty(bench: &Bench) -> Result<()> {
    let (queues, queue) = (bench.queues()?, fresh()?);
    assert!(one(&queues, &queue).await?.is_none());
    assert!(queues.peek(&queue).await?.is_empty());
    assert_eq!(depth(&queues, &queue).await?, None);
    Ok(())
}

async fn a_message_is_handed_out_once_and_deleted(bench: &Bench) -> Result<()> {
    // Nothing here may wait for the lease.
    let (queues, queue) = (bench.queues_with(LEASE, Encoding::Base64)?, fresh()?);
    send(&queues, &queue, "hello").await?;
    assert_eq!(depth(&queues, &queue).await?, Some(Depth { visible: 1, invisible: 0 }));
    let seen = queues.peek(&queue).await?;
    assert_eq!(
        seen.iter().map(|seen| (seen.text.as_str(), seen.dequeues)).collect::<Vec<_>>(),
        [("hello", 0)]
    );
    let message = bench.comes(&queues, &queue).await?;
    assert_eq!((message.body.as_str(), message.dequeues), ("aGVsbG8=", 1));
    assert_eq!(queues.decode(&message.body).as_deref(), Some(&b"hello"[..]));
    assert_eq!(seen.first().map(|seen| seen.id.as_str()), Some(message.id.as_str()));
    assert_eq!((message.expires - message.inserted).num_days(), 7);
    assert!(message.visible > message.inserted);
    assert!(one(&queues, &queue).await?.is_none(), "it is in somebody's hands");
    let (depths, held) = queues.depths().await?;
    assert_eq!((depths.get(queue.as_str()), held), (Some(&Depth { visible: 0, invisible: 1 }), true));
    assert!(queues.delete(&message).await?);
    assert!(!queues.delete(&message).await?, "it is gone");
    assert_eq!(queues.renew(&message).await?, None);
    assert!(!queues.release(&message, TimeDelta::zero()).await?);
    drop(message);
    assert_eq!(depth(&queues, &queue).await?, None);
    assert!(!queues.depths().await?.1, "nobody holds anything any more");
    Ok(())
}

async fn the_oldest_comes_first(bench: &Bench) -> Result<()> {
    let (queues, queue) = (bench.queues_with(LEASE, Encoding::None)?, fresh()?);
    for text in ["a", "b", "c"] {
        send(&queues, &queue, text).await?;
    }
    let texts = |messages: &[Leased]| messages.iter().map(|message| message.body.clone()).collect::<Vec<_>>();
    let first = queues.receive(&queue, 2).await?.messages;
    let second = queues.receive(&queue, 2).await?.messages;
    assert_eq!((texts(&first), texts(&second)), (vec!["a".into(), "b".into()], vec!["c".into()]));
    Ok(())
}

async fn a_lease_that_ends_gives_the_message_back(bench: &Bench) -> Result<()> {
    let (queues, queue) = (bench.queues()?, fresh()?);
    send(&queues, &queue, "again").await?;
    let first = bench.comes(&queues, &queue).await?;
    let stale = first.receipt.clone();
    drop(first);
    bench.pass(bench.lease).await;
    let mut second = bench.comes(&queues, &queue).await?;
    assert_eq!(second.dequeues, 2);
    let receipt = std::mem::replace(&mut second.receipt, stale);
    assert_eq!(queues.renew(&second).await?, None, "an old receipt has no power");
    assert!(!queues.delete(&second).await? && !queues.release(&second, TimeDelta::zero()).await?);
    assert!(!queues.poison(&second, &poison_of(&queue)?).await?);
    assert!(queues.peek(&poison_of(&queue)?).await?.is_empty(), "who has lost a message makes no copy of it");
    second.receipt = receipt;
    assert!(queues.delete(&second).await?);
    Ok(())
}

async fn a_renewal_prolongs_and_takes_power_from_the_old_receipt(bench: &Bench) -> Result<()> {
    let queue = fresh()?;
    let (short, long) = (bench.queues()?, bench.queues_with(LEASE, Encoding::Base64)?);
    send(&short, &queue, "long").await?;
    let mut message = bench.comes(&short, &queue).await?;
    bench.pass(bench.lease / 2).await;
    let renewed = long.renew(&message).await?;
    assert!(renewed.is_some_and(|receipt| {
        let old = std::mem::replace(&mut message.receipt, receipt);
        old != message.receipt
    }));
    bench.pass(bench.lease * 3 / 4).await;
    assert!(one(&long, &queue).await?.is_none(), "without the renewal it would be back");
    assert!(long.delete(&message).await?);
    Ok(())
}

async fn what_is_given_back_comes_when_it_was_said(bench: &Bench) -> Result<()> {
    let (queues, queue) = (bench.queues()?, fresh()?);
    send(&queues, &queue, "retry").await?;
    let message = bench.comes(&queues, &queue).await?;
    assert!(queues.release(&message, TimeDelta::zero()).await?);
    drop(message);
    let message = bench.comes(&queues, &queue).await?;
    assert_eq!((message.dequeues, message.body.as_str()), (2, "cmV0cnk="), "given back as it was");
    assert!(queues.release(&message, TimeDelta::milliseconds(1_500)).await?);
    drop(message);
    bench.pass(TimeDelta::seconds(2)).await;
    let message = bench.comes(&queues, &queue).await?;
    assert_eq!(message.dequeues, 3);
    assert!(queues.release(&message, TimeDelta::days(1)).await?);
    drop(message);
    assert!(one(&queues, &queue).await?.is_none());
    assert_eq!(depth(&queues, &queue).await?, Some(Depth { visible: 0, invisible: 1 }));
    Ok(())
}

async fn poison_is_a_move_with_a_fresh_count(bench: &Bench) -> Result<()> {
    let (queues, queue) = (bench.queues_with(LEASE, Encoding::Base64)?, fresh()?);
    let poison = poison_of(&queue)?;
    send(&queues, &queue, "bad").await?;
    let message = bench.comes(&queues, &queue).await?;
    assert!(queues.poison(&message, &poison).await?);
    assert!(!queues.poison(&message, &poison).await?, "a second move would make a second copy");
    let stored = queues.peek(&poison).await?;
    assert_eq!(stored.iter().map(|it| (it.text.as_str(), it.dequeues)).collect::<Vec<_>>(), [("bad", 0)]);
    assert!(stored.iter().all(|copy| copy.id != message.id));
    assert_eq!(depth(&queues, &queue).await?, None);
    Ok(())
}

async fn texts_come_as_they_were_sent(bench: &Bench) -> Result<()> {
    let queue = fresh()?;
    let (base64, plain) = (bench.queues()?, bench.queues_with(LEASE, Encoding::None)?);
    for text in ["", " ", "{\"a\": \"<b> & 'c'\"}", "two\r\nlines\tand ]]> \u{fc} \u{1F600} "] {
        for queues in [&base64, &plain] {
            send(queues, &queue, text).await?;
            let message = bench.comes(queues, &queue).await?;
            assert_eq!(queues.decode(&message.body).as_deref(), Some(text.as_bytes()), "{text:?}");
            assert!(queues.delete(&message).await?);
        }
    }
    for foreign in ["not base64!", "{\"plain\": \"<json>\"}"] {
        let sent = base64.send_wire(&queue, foreign.to_owned()).await;
        assert!(sent.is_ok(), "{sent:?}");
        assert_eq!(base64.peek(&queue).await?.pop().map(|it| it.text).as_deref(), Some(foreign));
        let message = bench.comes(&base64, &queue).await?;
        assert_eq!((base64.decode(&message.body), message.body.as_str()), (None, foreign));
        assert!(base64.delete(&message).await?);
    }
    Ok(())
}

async fn what_is_too_large_is_refused(bench: &Bench) -> Result<()> {
    let (queues, queue) = (bench.queues()?, fresh()?);
    let most = vec![b'x'; 48 * 1024];
    let sent = queues.send(&queue, &most).await;
    assert!(sent.is_ok(), "{sent:?}");
    let refused = queues.send(&queue, &[most.as_slice(), b"x"].concat()).await;
    assert!(matches!(refused, Err(SendError::TooLarge(65_540))), "{refused:?}");
    let message = bench.comes(&queues, &queue).await?;
    assert_eq!(queues.decode(&message.body), Some(most));
    Ok(())
}

async fn many_at_once_make_one_queue_and_share_its_messages(bench: &Bench) -> Result<()> {
    let (queues, queue) = (bench.queues_with(LEASE, Encoding::None)?, fresh()?);
    let texts: BTreeSet<String> = (0..20).map(|number| number.to_string()).collect();
    let sends = texts.iter().map(|text| send(&queues, &queue, text));
    futures::future::try_join_all(sends).await?;
    let mut came = Vec::new();
    while came.len() < texts.len() {
        let (one, other) = futures::try_join!(queues.receive(&queue, 3), queues.receive(&queue, 3))?;
        assert!(!one.messages.is_empty() || !other.messages.is_empty(), "only {} came", came.len());
        came.extend(one.messages.into_iter().chain(other.messages));
    }
    assert_eq!(came.len(), texts.len());
    assert_eq!(came.iter().map(|message| message.body.clone()).collect::<BTreeSet<_>>(), texts, "each once");
    Ok(())
}

async fn a_dead_hosts_leases_hold_until_they_end(bench: &Bench) -> Result<()> {
    let queue = fresh()?;
    let dead = bench.queues()?;
    dead.reach().await?;
    for text in ["leased", "done", "retried later"] {
        send(&dead, &queue, text).await?;
    }
    let messages = dead.receive(&queue, 4).await?.messages;
    for message in &messages {
        match message.body.as_str() {
            "ZG9uZQ==" => assert!(dead.delete(message).await?),
            "cmV0cmllZCBsYXRlcg==" => assert!(dead.release(message, TimeDelta::days(1)).await?),
            _ => {}
        }
    }
    drop((messages, dead));
    let next = bench.queues()?;
    next.reach().await?;
    assert!(one(&next, &queue).await?.is_none(), "nobody ends the lease of a dead host before its time");
    bench.pass(bench.lease).await;
    let message = bench.comes(&next, &queue).await?;
    assert_eq!((message.body.as_str(), message.dequeues), ("bGVhc2Vk", 2));
    assert!(next.delete(&message).await?);
    drop(message);
    assert!(one(&next, &queue).await?.is_none(), "a retry's delay is kept");
    Ok(())
}

#[cfg(test)]
#[path = "queue_conformance_tests.rs"]
mod tests;
