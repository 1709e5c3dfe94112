use super::*;

fn shared(needs: &[(&str, usize, usize)], most: usize) -> Vec<usize> {
    let names: Vec<TenantName> = needs.iter().map(|(name, ..)| TenantName::new(*name)).collect();
    let need = |&(_, under_way, asleep): &(&str, usize, usize)| Need { under_way, asleep };
    let of = names.iter().cloned().zip(needs.iter().map(need)).collect();
    let shares = shares(&names, &of, most);
    names.iter().map(|name| shares[name]).collect()
}

#[test]
fn the_room_is_shared_evenly_by_what_is_due_and_under_way() {
    for (what, needs, most, expected) in [
        (
            "what one leaves, the other takes",
            [("a", 0, 50_000), ("b", 0, 10), ("c", 0, 0)].as_slice(),
            1_000,
            [990, 10, 0].as_slice(),
        ),
        ("each has an even share", &[("a", 0, 50_000), ("b", 0, 400), ("c", 0, 300)], 900, &[300, 300, 300]),
        (
            "what one leaves, two take",
            &[("a", 0, 50_000), ("b", 0, 100), ("c", 0, 700)],
            900,
            &[400, 100, 400],
        ),
        ("one whose LMS is slow has all under way", &[("slow", 1_000, 500), ("b", 0, 40)], 1_000, &[0, 40]),
        ("more than its share is under way", &[("slow", 600, 500), ("b", 100, 900)], 1_000, &[0, 400]),
        ("some of its share is under way", &[("slow", 400, 500), ("b", 100, 100)], 1_000, &[400, 100]),
        (
            "where there is not one for each, the first in turn have one",
            &[("b", 0, 5), ("c", 0, 5), ("a", 0, 5)],
            2,
            &[1, 1, 0],
        ),
        ("no room", &[("b", 0, 5)], 0, &[0]),
    ] {
        assert_eq!(shared(needs, most), expected, "{what}");
    }
}
