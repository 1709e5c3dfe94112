use super::*;
use proptest::test_runner::{TestCaseError, TestError, TestRunner};
use std::cell::RefCell;

/// The values that a run tried until it failed, and the seed that it said.
fn run(config: Config) -> (Vec<u64>, Option<String>) {
    let tried = RefCell::new(Vec::new());
    let mut runner = TestRunner::new(Config { max_shrink_iters: 0, ..config });
    let outcome = runner.run(&proptest::num::u64::ANY, |value| {
        tried.borrow_mut().push(value);
        if value % 8 == 3 { Err(TestCaseError::fail("three")) } else { Ok(()) }
    });
    assert!(matches!(outcome, Ok(()) | Err(TestError::Fail(..))), "{outcome:?}");
    let kept = runner.config().failure_persistence.as_ref().unwrap();
    let failed = &kept.as_any().downcast_ref::<Seeds>().unwrap().failed;
    (tried.into_inner(), failed.first().map(ToString::to_string))
}

#[test]
fn a_failing_case_is_played_again_by_the_seed_that_was_said() {
    let (tried, said) = run(replaying(10_000, None));
    let said = said.expect("one of eight fails");
    let (again, _) = run(replaying(0, Some(seed(&format!(" {said}\n")).unwrap())));
    assert_eq!(again.first(), tried.last(), "{said}");
}

#[test]
fn what_is_no_seed_is_refused() {
    for text in ["", "5f00", "cc", "cc 5f", "a number"] {
        let wrong = seed(text).unwrap_err();
        assert!(wrong.contains(&format!("{text:?}")) && wrong.contains("64 hexadecimal digits"), "{wrong}");
    }
}
