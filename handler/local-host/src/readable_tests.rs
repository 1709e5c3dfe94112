use super::*;

#[test]
fn a_line_of_the_handler_is_told_and_every_other_stays() {
    let line = r#"{"timestamp":"2026-11-21T10:00:00.123Z","level":"INFO","message":"1 hints: 1 judged","function":"observe-changes","tenant":"contoso","ms":12,"trace":"","verdict":"declined by \u001b[2Jana"}"#;
    let told = readable(line).unwrap();
    let (time, rest) = told.split_at(12);
    assert!(time.ends_with(":00.123"), "{told}");
    let rest_wanted = r#" INFO  1 hints: 1 judged  function=observe-changes  ms=12  tenant=contoso  verdict="declined by  [2Jana""#;
    assert_eq!(rest, rest_wanted);
    for other in [
        "plain words",
        "{}",
        r#"{"level":"INFO"}"#,
        r#"{"timestamp":"soon","level":"INFO","message":"x"}"#,
        "5",
    ] {
        assert_eq!(readable(other), None, "{other}");
    }
}
