use super::*;

/// Vendors build on it: a change here is a change of the contract.
#[test]
fn the_schema_is_this() {
    insta::assert_json_snapshot!(schema());
}
