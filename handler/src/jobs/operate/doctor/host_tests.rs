use super::super::check::Verdict;
use super::judge;

#[test]
fn only_version_4_is_known_to_serve() {
    let verdict = |version| judge(version).verdict;
    assert_eq!(verdict(None), Verdict::Skipped);
    assert_eq!(verdict(Some("4.1037.0.0")), Verdict::Ok);
    assert_eq!(verdict(Some("3.21.1.0")), Verdict::Failed);
    assert_eq!(verdict(Some("local")), Verdict::Warning);
}
