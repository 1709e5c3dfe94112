use super::*;
use crate::jobs::operate::forecast::requests;
use crate::jobs::testing::tenant;

#[test]
fn an_idle_deployment_runs_its_timers() {
    let load = Load::default();
    let seen = of(&tenant(), &load, &requests::of(&tenant(), &load));
    assert!((seen.timers() - (288.0 + 1_440.0 + 288.0 + 24.0)).abs() < 1e-9, "{seen:?}");
    assert!(seen.observe_changes.most.abs() < 1e-9 && seen.cancel_enrolment.abs() < 1e-9, "{seen:?}");
}

#[test]
fn messages_hold_twenty_tasks() {
    // Few come alone, and in some rounds none does; many fill them.
    let few = messages(288.0, 288.0, 13.0, 20.0);
    assert!((few.most - 288.0 * (1.0 - (-1.0_f64).exp())).abs() < 1e-9);
    // All together in one of thirteen rounds.
    assert!((few.least - 288.0 / 13.0 * (1.0 - (-13.0_f64).exp())).abs() < 1e-9);
    let many = messages(288_000.0, 288.0, 13.0, 20.0);
    assert!((many.most - 14_400.0).abs() < 1e-9 && (many.least - 14_400.0).abs() < 1e-9);
    assert!(messages(0.0, 288.0, 13.0, 20.0).most.abs() < 1e-9);
}
