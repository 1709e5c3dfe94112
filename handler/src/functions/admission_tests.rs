use super::*;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_burst_is_served_and_then_so_many_a_second() {
    let (bucket, start) = (Admission::new(3, 2), Instant::now());
    let served = |at: Instant| (0..10).filter(|_| bucket.admits(at)).count();
    assert_eq!(served(start), 3);
    assert_eq!(served(start + Duration::from_millis(400)), 0);
    assert_eq!(served(start + Duration::from_secs(1)), 2);
    assert_eq!(served(start + Duration::from_secs(3600)), 3);
    assert_eq!(served(start), 0, "a clock that goes back fills nothing");
}
