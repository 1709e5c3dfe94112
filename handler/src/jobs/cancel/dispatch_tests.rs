use super::*;

fn shared(needs: &[(&str, usize, usize)], most: usize) -> Vec<usize> {
    let names: Vec<TenantName> = needs.iter().map(|(name, ..)| TenantName::new(*name)).collect();
    let need = |&(_, under_way, asleep): &(&str, usize, usize)| Need { under_way, asleep };
    let of = names.iter().cloned().zip(needs.iter().map(need)).collect();
    let shares = shares(&names, &of, most);
    names.iter().map(|name| shares[name]).collect()
}

#[test]
fn the_room_is_shared_evenly_and_what_one_leaves_the_others_take() {
    assert_eq!(shared(&[("a", 0, 50_000), ("b", 0, 10), ("c", 0, 0)], 1_000), [990, 10, 0]);
    assert_eq!(shared(&[("a", 0, 50_000), ("b", 0, 400), ("c", 0, 300)], 900), [300, 300, 300]);
    assert_eq!(shared(&[("a", 0, 50_000), ("b", 0, 100), ("c", 0, 700)], 900), [400, 100, 400]);
}

/// One whose LMS is slow has all of the room under way.
#[test]
fn what_is_under_way_counts_against_whose_it_is() {
    assert_eq!(shared(&[("slow", 1_000, 500), ("b", 0, 40)], 1_000), [0, 40]);
    assert_eq!(shared(&[("slow", 600, 500), ("b", 100, 900)], 1_000), [0, 400]);
    assert_eq!(shared(&[("slow", 400, 500), ("b", 100, 100)], 1_000), [400, 100]);
}

#[test]
fn where_there_is_not_one_for_each_the_first_in_turn_have_one() {
    assert_eq!(shared(&[("b", 0, 5), ("c", 0, 5), ("a", 0, 5)], 2), [1, 1, 0]);
    assert_eq!(shared(&[("b", 0, 5)], 0), [0]);
}
