use super::super::check::Verdict;
use super::judge;
use chrono::{DateTime, TimeDelta, Utc};

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

#[test]
fn a_certificate_is_told_of_in_time() {
    let verdict = |days| judge(Some(now() + TimeDelta::days(days)), now()).verdict;
    assert_eq!(verdict(31), Verdict::Ok);
    assert_eq!(verdict(29), Verdict::Warning);
    assert_eq!(verdict(9), Verdict::Failed);
    assert_eq!(verdict(0), Verdict::Failed);
    assert_eq!(judge(Some(now()), now()).seen, "the certificate ended on 2026-11-22");
    assert_eq!(judge(None, now()).verdict, Verdict::Skipped);
}
