use super::*;

/// The period of `0 */5 * * * *`, `0 * * * * *` or `0 30 * * * *`.
fn period(schedule: &str) -> Duration {
    let minutes = schedule.split(' ').nth(1).unwrap();
    match minutes.split_once('/') {
        Some((_, every)) => Duration::minutes(every.parse().unwrap()),
        None if minutes == "*" => Duration::minutes(1),
        None => Duration::hours(1),
    }
}

fn schedule(function: &str) -> String {
    let function: serde_json::Value = serde_json::from_str(function).unwrap();
    function["bindings"][0]["schedule"].as_str().unwrap().to_owned()
}

#[test]
fn they_are_those_of_the_functions() {
    let plan = include_str!("../../../../../functions/renew-subscriptions/function.json");
    assert_eq!(period(&schedule(plan)), PLAN);
    let housekeeping = include_str!("../../../../../functions/housekeeping/function.json");
    assert_eq!(period(&schedule(housekeeping)), HOUSEKEEPING);
    let sync = include_str!("../../../../../functions/sync-sessions/function.json");
    assert_eq!(period(&schedule(sync)), SYNC);
    let operations = include_str!("../../../../../infra/OPERATIONS.md");
    let line = operations.lines().find(|line| line.starts_with("| `REGRETS_DISPATCH_CRON`")).unwrap();
    let default = line.split('`').nth(3).unwrap();
    assert_eq!(period(default), DISPATCH, "{line}");
}

#[test]
fn what_is_due_waits_for_the_next_round() {
    assert_eq!(found_after(Duration::hours(1)), Duration::minutes(65));
    assert_eq!(found_after(Duration::minutes(4)), Duration::minutes(5));
    assert_eq!(found_after(Duration::hours(24)), Duration::minutes(24 * 60 + 5));
}

#[test]
fn a_day_has_so_many() {
    assert!((a_day(PLAN) - 288.0).abs() < 1e-9);
    assert!((a_day(DISPATCH) - 1_440.0).abs() < 1e-9);
}
