use super::*;

#[test]
fn every_second_id_is_a_near_twin_of_the_one_before() {
    let mut mint = Mint::new(1);
    let mut twin = Twin::default();
    let ids: Vec<String> = (0..4).map(|_| mint.immutable(&mut twin)).collect();
    assert_ne!(ids[0], ids[1]);
    assert!(ids[0].eq_ignore_ascii_case(&ids[1]));
    assert_ne!(ids[2], ids[3]);
    assert_eq!(ids[2].replace('-', "_"), ids[3].replace('-', "_"));
}
