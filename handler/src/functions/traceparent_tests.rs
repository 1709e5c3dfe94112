use super::*;

#[test]
fn a_valid_context_is_carried_and_anything_else_replaced() {
    let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    assert_eq!(given_or_new(Some(good)), good);
    let zeros = format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32));
    for bad in
        ["", "x", &good[1..], &zeros, &format!("{good}-"), &good.to_uppercase(), &good.replace("01", "<b")]
    {
        let fresh = given_or_new(Some(bad));
        assert_ne!(fresh, bad);
        assert!(is_valid(&fresh), "{fresh}");
    }
    assert_ne!(given_or_new(None), given_or_new(None));
}
