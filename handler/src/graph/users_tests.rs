use super::*;
use serde_json::json;

#[test]
fn every_alias_counts_once_and_other_proxies_do_not() {
    let user = user(&json!({
        "id": "3F2C1A70-1111-4A4A-9B9B-0123456789AB", "mail": "Ana@contoso.com",
        "userPrincipalName": "ana@contoso.com",
        "proxyAddresses": ["SMTP:Ana@contoso.com", "smtp:a.old@contoso.com", "SIP:ana@contoso.com",
                           "X500:/o=ExchangeLabs/cn=Ana", "x500:/o=Old/cn=ana", 7],
        "employeeId": "E-7", "accountEnabled": false, "userType": "Member",
        "onPremisesExtensionAttributes": {"extensionAttribute1": "L-9", "extensionAttribute2": null}
    }))
    .unwrap();
    assert_eq!(user.id.as_str(), "3f2c1a70-1111-4a4a-9b9b-0123456789ab");
    let addresses: Vec<_> = user.addresses.iter().map(Address::as_str).collect();
    assert_eq!(addresses, ["ana@contoso.com", "a.old@contoso.com"]);
    let names: Vec<_> = user.exchange_names.iter().map(Address::as_str).collect();
    assert_eq!(names, ["/o=exchangelabs/cn=ana", "/o=old/cn=ana"]);
    assert!(!user.account_enabled && !user.is_guest);
    assert_eq!(
        user.extension_attributes.into_iter().collect::<Vec<_>>(),
        [("extensionAttribute1".into(), "L-9".into())]
    );
}

#[test]
fn a_sparse_user_is_enabled_and_a_guest_only_by_name() {
    let sparse = user(&json!({"id": "u", "mail": null, "proxyAddresses": null})).unwrap();
    assert!(sparse.account_enabled && !sparse.is_guest && sparse.addresses.is_empty());
    let guest =
        user(&json!({"id": "g", "userPrincipalName": "x_y.com#EXT#@contoso.onmicrosoft.com"})).unwrap();
    assert!(guest.is_guest);
}
