use super::*;

#[test]
fn the_newest_glibc_is_found_by_number_and_not_by_text() {
    assert_eq!(newest_glibc(b"\0GLIBC_2.2.5\0GLIBC_2.28\0GLIBC_2.9\0GLIBC_PRIVATE\0"), Some((2, 28)));
    assert_eq!(newest_glibc(b"\0static\0"), None);
    // This test's own binary needs one, unless it is static.
    let own = fs::read(env::current_exe().unwrap()).unwrap();
    assert_eq!(newest_glibc(&own).is_some(), cfg!(target_env = "gnu"));
}
