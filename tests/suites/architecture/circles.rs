//! What stays when whoever imports nothing, or is imported by nobody, is taken away again and again.

use std::collections::BTreeSet;

/// The arrows that are left, as text; none where there is no circle.
pub(crate) fn left<'a>(arrows: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut left: BTreeSet<(&str, &str)> = arrows.collect();
    loop {
        let from: BTreeSet<&str> = left.iter().map(|(from, _)| *from).collect();
        let to: BTreeSet<&str> = left.iter().map(|(_, to)| *to).collect();
        let before = left.len();
        left.retain(|(one, other)| to.contains(one) && from.contains(other));
        if left.len() == before {
            return left.into_iter().map(|(from, to)| format!("{from} imports {to}")).collect();
        }
    }
}

#[test]
fn a_circle_is_what_is_left() {
    assert_eq!(left([("a", "b"), ("b", "c"), ("a", "c")].into_iter()), Vec::<String>::new());
    assert_eq!(
        left([("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")].into_iter()),
        ["b imports c", "c imports b"]
    );
}
