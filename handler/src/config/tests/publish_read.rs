//! What a person is warned of where sessions are published as a connector file reads them.

use super::publish::with;
use super::*;
use crate::config::warnings::warnings;

#[test]
fn who_publishes_and_reads_of_nobody_that_they_hold_a_place_is_warned() {
    let of = |more: &str| {
        let publish = format!(
            "state = 'on'\nfrom = {{ connector = 'icalendar', url = 'https://x.example/a.ics'{more} }}"
        );
        let text = with("mode = 'act'", &publish);
        let told = warnings(&read(&text).unwrap_or_else(|errors| panic!("{errors}")).tenants);
        told.into_iter().filter(|one| one.contains("nobody is invited")).collect::<Vec<_>>()
    };
    assert!(of("")[0].contains("only where it is given `roster`"), "{:?}", of(""));
    assert!(of(", roster = 'https://x.example/places.csv'").is_empty());
}
