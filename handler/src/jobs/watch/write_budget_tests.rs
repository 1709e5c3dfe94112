use super::*;
use crate::jobs::testing::{World, contoso};
use crate::jobs::watch::write_limiter::WriteLimiter;
use std::collections::VecDeque;

/// Everybody takes all they can, every 250 ms for ten minutes: how many within any twenty seconds, and in
/// all?
async fn greedy(kinds: &[WriteKind], wanted: u32) -> (u32, u32) {
    let world = World::new().await;
    let mut window: VecDeque<(i64, u32)> = VecDeque::new();
    let (mut most, mut sum) = (0, 0);
    for at in (0..600_000).step_by(250) {
        let mut taken = 0;
        for kind in kinds {
            while take(&world.app, &contoso(), *kind, wanted).await.unwrap() == Permits::All {
                taken += wanted;
            }
        }
        window.push_back((at, taken));
        while window.front().is_some_and(|(from, _)| *from <= at - 20_000) {
            window.pop_front();
        }
        most = most.max(window.iter().map(|(_, taken)| taken).sum());
        sum += taken;
        world.clock.advance(chrono::Duration::milliseconds(250));
    }
    (most, sum)
}

#[tokio::test(start_paused = true)]
async fn no_twenty_seconds_see_more_than_is_allowed() {
    let (most, sum) = greedy(&[WriteKind::Creation], 20).await;
    assert!(most <= 200 && sum >= 4_800, "{most} creations in 20 s, {sum} in ten minutes");
    let (most, sum) = greedy(&[WriteKind::Creation, WriteKind::Write], 20).await;
    assert!(most <= 900 && sum >= 25_000, "{most} writes in 20 s, {sum} in ten minutes");
    let (_, sum) = greedy(&[WriteKind::Listing], 1).await;
    assert_eq!(sum, 3);
}

#[tokio::test(start_paused = true)]
async fn whoever_finds_none_is_told_when_there_will_be_so_many() {
    let world = World::new().await;
    let ask = |kind, wanted| take(&world.app, contoso_ref(), kind, wanted);
    assert_eq!(ask(WriteKind::Creation, 20).await.unwrap(), Permits::All);
    assert_eq!(ask(WriteKind::Creation, 20).await.unwrap(), Permits::All);
    assert_eq!(ask(WriteKind::Write, 20).await.unwrap(), Permits::All);
    let Permits::Wait(wait) = ask(WriteKind::Creation, 20).await.unwrap() else { panic!("there were forty") };
    assert_eq!(wait, Duration::from_millis(2_501));
    world.clock.advance(chrono::Duration::milliseconds(2_501));
    assert_eq!(ask(WriteKind::Creation, 20).await.unwrap(), Permits::All);
}

fn contoso_ref() -> &'static TenantName {
    static NAME: std::sync::LazyLock<TenantName> = std::sync::LazyLock::new(contoso);
    &NAME
}

#[tokio::test(start_paused = true)]
async fn instances_side_by_side_share_one_bucket() {
    let world = World::new().await;
    world.tables.yields.store(true, Ordering::SeqCst);
    let takers = (0..12).map(|_| take(&world.app, contoso_ref(), WriteKind::Write, 20));
    let taken = futures::future::try_join_all(takers).await.unwrap();
    assert_eq!(taken.iter().filter(|taken| **taken == Permits::All).count(), 3, "{taken:?}");
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_together_ask_the_ledger_once_for_a_batch() {
    let world = World::new().await;
    let limiter = WriteLimiter::default();
    let until = Instant::now() + Duration::from_secs(60);
    world.tables.yields.store(true, Ordering::SeqCst);
    world.tables.count();
    let waiting = (0..40).map(|_| limiter.admits(&world.app, contoso_ref(), WriteKind::Write, until));
    let admitted = futures::future::try_join_all(waiting).await.unwrap();
    assert!(admitted.iter().all(|admitted| *admitted));
    // The first stood there alone.
    assert_eq!(world.tables.count().writes, 3);
}

/// The ledger's clock stands still here: there is no room, however long one waits.
#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_they_said() {
    let world = World::new().await;
    let limiter = WriteLimiter::default();
    let begin = Instant::now();
    let until = begin + Duration::from_secs(10);
    let mut admitted = 0;
    for _ in 0..100 {
        admitted +=
            u32::from(limiter.admits(&world.app, contoso_ref(), WriteKind::Creation, until).await.unwrap());
    }
    assert_eq!(admitted, 40);
    assert!(begin.elapsed() <= Duration::from_secs(10), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn permits_are_not_saved_up() {
    let world = World::new().await;
    let limiter = WriteLimiter::default();
    let until = Instant::now() + Duration::from_secs(60);
    let admit = || limiter.admits(&world.app, contoso_ref(), WriteKind::Write, until);
    futures::future::try_join_all((0..3).map(|_| admit())).await.unwrap();
    limiter.writes.lock().await.left = 17;
    tokio::time::advance(STALE).await;
    world.tables.count();
    assert!(admit().await.unwrap());
    assert_eq!((world.tables.count().writes, limiter.writes.lock().await.left), (1, 0));
}
