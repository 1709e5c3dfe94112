use super::*;
use crate::store::table::PREFIX;
use azure_core_before_1::Header as _;

#[test]
fn the_services_rule_for_names_holds() {
    for table in Table::ALL {
        let name = table_name(PREFIX, table);
        assert_eq!(name, table.in_account());
        assert!((3..=63).contains(&name.len()), "{name}");
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{name}");
        assert!(name.starts_with(|c: char| c.is_ascii_alphabetic()), "{name}");
    }
}

#[test]
fn a_quote_can_not_end_the_literal() {
    let range = RowRange { from: Some("a' or RowKey gt '".to_owned()), to: Some("'".to_owned()) };
    assert_eq!(
        filter("p'q", &range),
        "PartitionKey eq 'p''q' and RowKey ge 'a'' or RowKey gt ''' and RowKey lt ''''"
    );
    assert_eq!(filter("p", &RowRange::all()), "PartitionKey eq 'p'");
}

#[test]
fn a_prefix_ends_at_its_successor() {
    assert!(filter("p", &RowRange::prefix("look-")).ends_with("RowKey ge 'look-' and RowKey lt 'look.'"));
    assert!(filter("p", &RowRange::prefix("&")).ends_with("RowKey ge '&' and RowKey lt ''''"));
    // Nothing to count up: the bound stays what it is, which is right too.
    assert!(filter("p", &RowRange::prefix("")).ends_with("lt '\u{10FFFF}'"));
    assert!(filter("p", &RowRange::prefix("\u{d7ff}")).ends_with("lt '\u{d7ff}\u{10FFFF}'"));
}

#[test]
fn what_is_no_etag_matches_nothing() {
    let good = "W/\"datetime'2026-11-21T10%3A00%3A00.1234567Z'\"";
    assert_eq!(only_if(&Etag(good.to_owned())).value().as_str(), good);
    for bad in ["", "0", "*", "W/\"a\", W/\"b\"", "\"a\"", "W/\"", "W/\"a\nb\""] {
        assert_eq!(only_if(&Etag(bad.to_owned())).value().as_str(), NEVER, "{bad:?}");
    }
}
