use super::super::check::Verdict;
use super::judge;

#[test]
fn what_lies_in_a_poison_queue_counts_before_depth() {
    let found = judge(&[("a", 60_000), ("a-poison", 1)], &["a-poison holds 1".to_owned()]);
    assert_eq!((found.verdict, found.seen.as_str()), (Verdict::Failed, "a-poison holds 1"));
}

#[test]
fn depth_is_judged_by_the_deepest() {
    let verdict = |depth| judge(&[("a", 0), ("b", depth), ("c", 1)], &[]).verdict;
    assert_eq!(judge(&[("a", 0)], &[]).seen, "all are empty");
    assert_eq!(verdict(2), Verdict::Ok);
    assert_eq!(verdict(5_000), Verdict::Warning);
    assert_eq!(verdict(50_000), Verdict::Failed);
}
