use super::*;

#[test]
fn every_kind_has_its_word_everywhere() {
    let words: std::collections::BTreeSet<&str> = AlertKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(words.len(), AlertKind::ALL.len());
    for &kind in AlertKind::ALL {
        assert_eq!(AlertKind::of(kind.as_str()), Some(kind));
        assert!(kind.step().ends_with('.'), "{kind}");
    }
    assert_eq!(AlertKind::of("no-such"), None);
}
