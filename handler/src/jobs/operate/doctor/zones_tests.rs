use super::super::check::Verdict;
use super::judge;
use crate::calendar::zone::Zone;

#[test]
fn another_wall_clock_is_told_and_another_name_for_the_same_is_not() {
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let berlin = Zone::named("Europe/Berlin").unwrap();
    let verdict = |theirs| judge(berlin, theirs, now).verdict;
    assert_eq!(verdict(Some("W. Europe Standard Time")), Verdict::Ok);
    assert_eq!(verdict(Some("Europe/Vienna")), Verdict::Ok);
    assert_eq!(verdict(Some("UTC")), Verdict::Warning);
    assert_eq!(verdict(Some("tzone://Microsoft/Custom")), Verdict::Skipped);
    assert_eq!(verdict(None), Verdict::Skipped);
    let step = judge(Zone::default(), Some("W. Europe Standard Time"), now).step.unwrap();
    assert!(step.contains("policy.timezone = \"Europe/Berlin\""), "{step}");
}
