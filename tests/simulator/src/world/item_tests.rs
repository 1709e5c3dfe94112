use super::*;

#[test]
fn times_carry_seven_decimals() {
    let time: DateTime<Utc> = "2026-01-15T09:30:00.123456789Z".parse().unwrap();
    assert_eq!(stamp(time), "2026-01-15T09:30:00.1234567Z");
}
