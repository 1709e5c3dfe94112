use super::*;

#[test]
fn places_are_counted_from_one_in_characters() {
    let source = Source::file("f", "a = 1\nä = 2\n");
    assert_eq!(source.describe(&Place::new(0, 0..1)), "f:1:1");
    assert_eq!(source.describe(&Place::new(0, 11..12)), "f:2:5");
    assert_eq!(source.describe(&Place::new(0, 999..999)), "f:3:1");
}

#[test]
fn masking_keeps_offsets_and_line_ends() {
    let mut source = Source::file("f", "a = 'sé\ncret' # c");
    source.mask(5, 8);
    assert_eq!(source.text, "a = '***\n****' # c");
}
