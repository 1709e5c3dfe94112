use super::*;
use crate::chaos::Chaos;
use crate::database::Database;
use crate::disk_queues::DiskQueues;
use std::time::Duration;

#[tokio::test]
async fn an_output_wakes_no_listener_of_the_same_host() {
    let directory = tempfile::tempdir().unwrap();
    let store = DiskQueues::new(
        Database::open(directory.path()).unwrap(),
        Arc::new(chrono::Utc::now),
        TimeDelta::minutes(10),
    );
    let queues = Queues::new(Arc::new(store), Encoding::Base64, Arc::new(Faults::new(Chaos::default())));
    let jobs = QueueName::parse("jobs").unwrap();
    let mut waiter = queues.notifier(&jobs).waiter();
    queues.send(&jobs, b"hello").await.unwrap();
    let mut message = queues.receive(&jobs, 1).await.unwrap().messages.pop().unwrap();
    queues.release(&message, TimeDelta::zero()).await.unwrap();
    drop(message);
    message = queues.receive(&jobs, 1).await.unwrap().messages.pop().unwrap();
    queues.poison(&message, &jobs).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(50), waiter.notified()).await.is_err());
    queues.wake_all();
    waiter.notified().await;
}
