use super::*;

#[test]
fn only_near_names_are_suggested() {
    let keys = ["grace", "settle", "take_back", "take_back_window", "per"];
    assert_eq!(nearest("grcae", keys), Some("grace"));
    assert_eq!(nearest("take-back", keys), Some("take_back"));
    assert_eq!(nearest("TakeBackWindow", keys), Some("take_back_window"));
    assert_eq!(nearest("colour", keys), None);
    assert_eq!(nearest("x", keys), None);
}
