use super::*;

#[test]
fn literals_of_secrets_are_masked_and_names_are_not() {
    for (line, masked) in [
        ("client_secret = \"hunter2\"", "client_secret = *********"),
        ("client_secret = hunter2", "client_secret = *******"),
        ("secret = 'hunter2", "secret = ********"),
        ("a = 1\nsecret = [\"x\", 'y']", "a = 1\nsecret = [***, ***]"),
        (
            "credential = { client_secret = { env = \"NAME\" }",
            "credential = { client_secret = { env = \"NAME\" }",
        ),
        (
            "credential = { federated = { client_id = '1' } }",
            "credential = { federated = { client_id = '1' } }",
        ),
        ("grace = \"5m\"", "grace = \"5m\""),
    ] {
        let mut source = Source::file("f", line);
        for place in literal_secrets(0, &source) {
            source.mask(place.start(), place.len());
        }
        assert_eq!(source.text, masked);
    }
}
