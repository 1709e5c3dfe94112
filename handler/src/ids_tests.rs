use super::*;

#[test]
fn personal_data_is_not_shown() {
    let learner = LearnerKey::new("ana@contoso.com");
    assert!(!format!("{learner:?}").contains("ana"));
    assert!(!format!("{:?}", Address::new("Ana@Contoso.com")).contains("ana"));
}

#[test]
fn addresses_are_compared_without_case() {
    assert_eq!(Address::new(" Ana@Contoso.COM "), Address::new("ana@contoso.com"));
}

#[test]
fn hashes_fit_any_table_key() {
    let hashed = hash("a/b\\c#d?e\u{7f}");
    assert_eq!(hashed.len(), 22);
    assert!(hashed.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
}
