use super::*;
use tokio::time::sleep;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_ever_is_cut_off_at_the_end() {
    let began = Instant::now();
    assert_eq!(within(std::future::pending::<()>()).await, Err(Over));
    assert_eq!(began.elapsed(), WHOLE);
}

#[tokio::test(start_paused = true)]
async fn there_is_time_left_for_the_agenda_and_for_the_ledger() {
    let began = Instant::now();
    let work = async {
        assert_eq!(asks_until(), Some(began + ASKING));
        assert!(judging(std::future::pending::<()>()).await.is_none());
        assert_eq!(began.elapsed(), JUDGING);
        assert!(has_asked() && has_judged());
        assert_eq!(judging(async { 1 }).await, None, "nothing is begun any more");
        sleep(seconds(1)).await;
        "written down"
    };
    assert_eq!(within(work).await, Ok("written down"));
}

#[tokio::test(start_paused = true)]
async fn what_is_answered_at_once_is_work_and_what_is_slow_is_waiting() {
    let work = |pause: Duration| async move {
        loop {
            sleep(pause).await;
            answered();
        }
    };
    let began = Instant::now();
    assert!(within(work(Duration::from_millis(1_001))).await.is_err());
    assert_eq!(began.elapsed(), WHOLE);
    let began = Instant::now();
    assert!(within(work(Duration::from_millis(900))).await.is_err());
    assert_eq!(began.elapsed(), LONGEST, "and that is not for ever either");
}

#[tokio::test(start_paused = true)]
async fn the_time_of_an_lms_that_has_the_order_is_not_counted() {
    let began = Instant::now();
    let work = async {
        sleep(seconds(5)).await;
        not_counted(sleep(seconds(30))).await;
        assert_eq!(ends(), Some(began + seconds(40)));
        sleep(seconds(4)).await;
    };
    assert_eq!(within(work).await, Ok(()));
    let began = Instant::now();
    let silent = async {
        not_counted(sleep(seconds(30))).await;
        std::future::pending::<()>().await;
    };
    assert_eq!(within(silent).await, Err(Over));
    assert_eq!(began.elapsed(), seconds(40));
}

#[tokio::test(start_paused = true)]
async fn outside_of_an_invocation_nothing_is_limited() {
    answered();
    assert_eq!((ends(), asks_until(), has_asked(), has_judged()), (None, None, false, false));
    assert_eq!(judging(sleep(seconds(100))).await, Some(()));
    not_counted(sleep(seconds(100))).await;
}
