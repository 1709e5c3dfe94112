use super::*;
use axum::http::HeaderValue;

fn of(line: &str) -> Language {
    preferred(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_str(line).unwrap())]))
}

#[test]
fn the_one_that_is_preferred_is_taken() {
    assert_eq!(preferred(&HeaderMap::new()), Language::En);
    for line in
        ["", "fr", "en-GB,en;q=0.9", "*", "den", "de;q=0", "fr, en;q=0.3", "de;q=0.4,en;q=0.5", ";q=,"]
    {
        assert_eq!(of(line), Language::En, "{line}");
    }
    for line in ["de", "DE-at", "fr-CH, de;q=0.5, en;q=0.4", "de, en", "en;q=0.1, de ; q=0.2"] {
        assert_eq!(of(line), Language::De, "{line}");
    }
}
