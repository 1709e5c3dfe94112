use super::*;
use std::collections::BTreeMap;

#[test]
fn roles_are_those_that_the_registration_asks_for() {
    let known: BTreeMap<String, String> =
        serde_json::from_str(include_str!("../../../infra/entra/roles.json")).unwrap();
    let ours: BTreeMap<String, String> =
        Permission::all().map(|one| (one.name().to_owned(), one.role_id().to_owned())).collect();
    assert_eq!(ours, known);
}

#[test]
fn exchange_calls_its_role_after_the_permission() {
    for permission in Permission::all() {
        if let Some(role) = permission.exchange_role() {
            assert_eq!(role, format!("Application {}", permission.name()));
        }
    }
}
