use super::*;

#[test]
fn names_fit_the_interface() {
    for (name, fits) in [
        ("a", true),
        ("contoso2", true),
        (&"a".repeat(32), true),
        (&"a".repeat(33), false),
        ("2contoso", false),
        ("Contoso", false),
        ("con_toso", false),
        ("", false),
    ] {
        assert_eq!(is_name(name), fits, "{name}");
    }
}

#[test]
fn extension_attributes_go_from_1_to_15() {
    for (text, fits) in [
        ("onPremisesExtensionAttributes.extensionAttribute1", true),
        ("onPremisesExtensionAttributes.extensionAttribute15", true),
        ("onPremisesExtensionAttributes.extensionAttribute16", false),
        ("onPremisesExtensionAttributes.extensionAttribute0", false),
        ("onPremisesExtensionAttributes.extensionAttribute01", false),
        ("onPremisesExtensionAttributes.employeeId", false),
        ("extensionAttribute1", false),
    ] {
        assert_eq!(extension_attribute(text).is_some(), fits, "{text}");
    }
}
