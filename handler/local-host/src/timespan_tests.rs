use super::*;

#[test]
fn reads_what_dotnet_writes_and_refuses_bare_numbers() {
    for (text, milliseconds) in [
        ("00:00:30", 30_000),
        ("00:10:00", 600_000),
        ("1.00:00:01", 86_401_000),
        ("00:00:00.1", 100),
        ("00:00:02.0500000", 2_050),
    ] {
        assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
    }
    // .NET reads "30" as 30 days, which nobody who writes it means.
    for text in
        ["30", "", "00:61:00", "24:00:00", "00:00", "-00:00:01", "00:00:30s", "00:00:00.12345678", "+1:00:00"]
    {
        assert!(parse(text).is_err(), "{text}");
    }
}
