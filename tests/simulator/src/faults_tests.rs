use super::*;

#[test]
fn a_fault_for_two_times_is_gone_the_third_time() {
    let mut faults = Faults::default();
    faults.inject(Fault::TokenBroken, Some(2), None);
    let broken =
        |faults: &mut Faults| faults.take(|fault| (*fault == Fault::TokenBroken).then_some(())).is_some();
    assert_eq!([broken(&mut faults), broken(&mut faults), broken(&mut faults)], [true, true, false]);
}

#[test]
fn a_fault_for_each_second_time_spares_the_others() {
    let mut faults = Faults::default();
    faults.inject_each(Fault::GraphLost, 2, Duration::from_secs(60));
    let lost =
        |faults: &mut Faults| faults.take(|fault| (*fault == Fault::GraphLost).then_some(())).is_some();
    assert_eq!([(); 4].map(|()| lost(&mut faults)), [false, true, false, true]);
    faults.take(|fault| (*fault == Fault::LmsDown).then_some(()));
    assert!(!lost(&mut faults), "what it could not hit does not count");
    assert!(
        faults.is_in_force(|fault| *fault == Fault::GraphLost) && lost(&mut faults),
        "looking does not count"
    );
}

#[test]
fn a_fault_for_a_while_is_gone_after_it() {
    let mut faults = Faults::default();
    faults.inject(Fault::LmsDown, None, Some(Duration::ZERO));
    assert!(!faults.is_in_force(|fault| *fault == Fault::LmsDown));
}
