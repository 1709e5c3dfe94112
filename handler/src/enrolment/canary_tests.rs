use super::*;
use crate::enrolment::attempt::Claim;
use crate::jobs::testing::{contoso, noon};

fn ready() -> Enrolment {
    first(contoso(), SessionId::new("1"), LearnerKey::new("ana@contoso.com"), noon())
}

#[test]
fn each_test_has_a_generation_of_its_own_and_none_twice() {
    let row = ready();
    assert!(row.canary && is_ready(&row, noon()) && anew(&row, noon()).is_none());
    let tomorrow = noon() + Duration::days(1);
    let next = anew(&row, tomorrow).unwrap();
    assert_eq!((next.generation, next.state, next.canary), (2, State::Watched, true));
    assert!(next.parts.is_empty() && is_ready(&next, tomorrow) && anew(&next, tomorrow).is_none());
    assert!(next.generation_began.unwrap() < tomorrow, "a clock that is behind does no harm");
}

#[test]
fn who_may_be_asking_the_lms_is_waited_for() {
    let mut row = ready();
    row.state = State::Running;
    row.attempt.claim = Some(Claim { token: "t".into(), until: noon() });
    assert_eq!(anew(&row, noon() + Duration::days(1)), None);
}

#[test]
fn what_is_told_of_giving_back_is_told_once_and_of_its_own_test() {
    let row = ready();
    let told = told_of_giving_back(&row, 1, "The place is given back.", noon()).unwrap();
    assert_eq!(told.story.len(), row.story.len() + 1);
    assert_eq!(told_of_giving_back(&told, 1, "The place is given back.", noon()), None);
    assert_eq!(told_of_giving_back(&row, 2, "The place is given back.", noon()), None);
}
