use super::*;

#[test]
fn durations_are_read_and_shown_alike() {
    for (text, seconds) in [
        ("0s", 0),
        ("10m", 600),
        ("1h 30m", 5_400),
        ("24h", 86_400),
        ("90d", 7_776_000),
        ("2d 1h 1m 1s", 176_461),
        ("90s", 90),
    ] {
        assert_eq!(parse(text), Ok(Duration::seconds(seconds)), "{text}");
        assert_eq!(parse(&show(Duration::seconds(seconds))), Ok(Duration::seconds(seconds)), "{text}");
    }
    assert_eq!(parse(" 1h30m "), Ok(Duration::seconds(5_400)));
    assert_eq!(show(Duration::hours(24)), "24h");
    assert_eq!(show(Duration::seconds(5_400)), "1h 30m");
}

#[test]
fn what_is_not_a_duration_is_named() {
    for (text, error) in [
        ("", DurationError::Empty),
        ("-5m", DurationError::Negative),
        ("10", DurationError::NoUnit("10".to_owned())),
        ("10 minutes", DurationError::UnknownUnit("minutes".to_owned())),
        ("m", DurationError::NoNumber("m".to_owned())),
        ("1.5h", DurationError::Fraction),
        ("30m 1h", DurationError::Order),
        ("1m 1m", DurationError::Order),
        ("3651d", DurationError::TooLong),
        ("99999999999999999999999s", DurationError::TooLong),
        ("18446744073709551615d", DurationError::TooLong),
    ] {
        assert_eq!(parse(text), Err(error), "{text}");
    }
}
