use super::*;

fn pass() -> Pass<String, u8> {
    let mut pass = Pass::default();
    pass.see("1".to_owned(), 1);
    pass
}

#[test]
fn a_pass_that_ended_and_does_not_contradict_itself_proves_absence() {
    let mut good = pass();
    good.see("1".to_owned(), 1);
    assert!(good.proves_absence());
    good.is_whole = false;
    assert!(!good.proves_absence(), "only what changed was read");
}

#[test]
fn each_doubt_takes_the_proof_away() {
    let at = || "page 2".to_owned();
    let doubts = [
        Doubt::NotEnded { at: at() },
        Doubt::Forbidden { at: at() },
        Doubt::EmptySuspect { at: at() },
        Doubt::TotalsDiffer { said: 3, came: 1 },
        Doubt::Twice { id: "1".into() },
        Doubt::CursorStands { at: at() },
        Doubt::AfterTheEnd { at: at() },
        Doubt::Cut { at: at() },
        Doubt::Unnamed { at: at() },
    ];
    for doubt in doubts {
        let mut pass = pass();
        pass.doubt(doubt.clone());
        pass.doubt(doubt.clone());
        assert_eq!((pass.proves_absence(), pass.doubts.len()), (false, 1), "{doubt}");
    }
}

#[test]
fn an_id_that_comes_twice_with_other_content_is_a_doubt_and_the_later_one_counts() {
    let mut pass = pass();
    pass.see("1".to_owned(), 2);
    assert_eq!((pass.found["1"], pass.doubts.clone()), (2, vec![Doubt::Twice { id: "1".into() }]));
}

#[test]
fn what_is_in_quarantine_is_not_missing_and_what_has_no_id_may_be_anything() {
    let entry = |id: Option<&str>| Quarantined {
        id: id.map(str::to_owned),
        at: "$.results[4]".into(),
        problem: "no start".into(),
    };
    let mut named = pass();
    named.quarantine(entry(Some("7")));
    assert_eq!((named.has(&"7".to_owned()), named.proves_absence()), (true, true));
    let mut nameless = pass();
    nameless.quarantine(entry(None));
    assert!(!nameless.proves_absence());
}
