use super::*;
use crate::ids::{Address, UserId};

#[test]
fn nothing_in_an_id_can_change_the_path() {
    assert_eq!(encode("AAk-_.~/+= #?%é"), "AAk-_.~%2F%2B%3D%20%23%3F%25%C3%A9");
    assert_eq!(user_path("o'neil#EXT#@contoso.com"), "/users/o%27neil%23EXT%23%40contoso.com");
    assert_eq!(user_path("$ana@contoso.com"), "/users('%24ana%40contoso.com')");
    assert_eq!(mailbox_path(&Mailbox::Id(UserId::new("u1"))), "/users/u1");
    assert_eq!(literal("o'clock"), "'o''clock'");
}

#[test]
fn a_mailbox_is_one_lane_in_any_case() {
    let lanes =
        ["Ana@contoso.com", "ana@Contoso.com"].map(|a| Lane::from(&Mailbox::Address(Address::new(a))));
    assert_eq!(lanes[0], lanes[1]);
    assert_eq!(lanes[0].width(), 4);
}
