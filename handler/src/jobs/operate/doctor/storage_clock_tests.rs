use super::super::check::Verdict;
use super::judge;
use chrono::TimeDelta;

#[test]
fn small_differences_are_none_and_five_minutes_are_too_much() {
    let verdict = |seconds| judge(TimeDelta::seconds(seconds), "its clock", "set it").verdict;
    assert_eq!(verdict(0), Verdict::Ok);
    assert_eq!(verdict(-59), Verdict::Ok);
    assert_eq!(verdict(60), Verdict::Warning);
    assert_eq!(verdict(-299), Verdict::Warning);
    assert_eq!(verdict(300), Verdict::Failed);
    assert_eq!(verdict(-86_400), Verdict::Failed);
}

#[test]
fn the_side_is_told() {
    let seen = |seconds| judge(TimeDelta::seconds(seconds), "its clock", "set it").seen;
    assert_eq!(seen(599), "its clock is about 10 minutes ahead of ours");
    assert_eq!(seen(-75), "its clock is 70 s behind ours");
}
