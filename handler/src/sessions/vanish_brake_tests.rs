use super::*;

fn entries(ids: std::ops::Range<u64>, likeness: impl Fn(u64) -> u64) -> BTreeMap<String, u64> {
    ids.map(|id| (id.to_string(), likeness(id))).collect()
}

fn judged(missing: std::ops::Range<u64>, new: std::ops::Range<u64>, known: usize) -> Vanished {
    // New ids are a thousand further, and look like the old ones.
    let (missing, new) = (entries(missing, |id| id), entries(new, |id| id - 1_000));
    judge(&missing, &new, known, VanishLimits::default())
}

#[test]
fn each_share_is_judged() {
    for (missing, known, expected) in [
        (0, 100, Vanished::Believable),
        (1, 1, Vanished::Believable),
        (3, 3, Vanished::Believable),
        (4, 4, Vanished::TooMany { missing: 4, known: 4 }),
        (20, 100, Vanished::Believable),
        (21, 100, Vanished::TooMany { missing: 21, known: 100 }),
        (100, 100, Vanished::TooMany { missing: 100, known: 100 }),
    ] {
        assert_eq!(judged(0..missing, 1_000..1_000, known), expected, "{missing} of {known}");
    }
}

#[test]
fn a_source_that_names_all_anew_is_told_from_one_that_lost_them() {
    assert_eq!(judged(0..10, 1_000..1_010, 10), Vanished::NamedAnew { pairs: 10 });
    assert_eq!(judged(0..10, 1_000..1_007, 10), Vanished::NamedAnew { pairs: 7 });
    assert_eq!(judged(0..10, 1_000..1_005, 10), Vanished::TooMany { missing: 10, known: 10 });
    // A few that were deleted and made again among many are no move.
    assert_eq!(judged(0..10, 1_000..1_010, 100), Vanished::Believable);
}

/// One new entry is the twin of one old one at most.
#[test]
fn twins_are_counted_once() {
    let missing = entries(0..10, |_| 7);
    let new = entries(1_000..1_001, |_| 7);
    let told = judge(&missing, &new, 10, VanishLimits::default());
    assert_eq!(told, Vanished::TooMany { missing: 10, known: 10 });
}
