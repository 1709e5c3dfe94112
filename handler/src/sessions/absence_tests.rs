use super::*;

fn at(hour: u32) -> DateTime<Utc> {
    format!("2027-03-01T{hour:02}:00:00Z").parse().unwrap()
}

fn missed(passes: u32) -> Absence {
    Absence { since: at(1), passes }
}

#[test]
fn only_a_complete_pass_and_a_single_read_remove_anything() {
    let asked = after_pass(None, Seen::Missing, true, at(1));
    assert_eq!(asked, Step::Ask(missed(1)));
    for (read, step) in [
        (SingleRead::Gone, Step::Gone),
        (SingleRead::There, Step::Keep(None)),
        (SingleRead::Unknown, Step::Keep(Some(missed(1)))),
    ] {
        assert_eq!(after_read(missed(1), read), step, "{read:?}");
    }
}

#[test]
fn without_a_single_read_two_complete_passes_one_after_the_other_must_miss_it() {
    let first = after_pass(None, Seen::Missing, false, at(1));
    assert_eq!(first, Step::Keep(Some(missed(1))));
    assert_eq!(after_pass(Some(missed(1)), Seen::Missing, false, at(2)), Step::Gone);
    assert_eq!(after_pass(Some(missed(1)), Seen::There, false, at(2)), Step::Keep(None));
}

#[test]
fn a_doubtful_pass_says_nothing_however_often() {
    for known in [None, Some(missed(1)), Some(missed(9))] {
        for has_single_read in [true, false] {
            assert_eq!(after_pass(known, Seen::Doubtful, has_single_read, at(3)), Step::Keep(known));
        }
    }
}
