use super::*;
use crate::ids::TenantName;

/// What the LMS or Graph has said stands in the alert's own step, and does not leave.
#[test]
fn every_kind_has_words_of_our_own() {
    for kind in AlertKind::ALL {
        let item = Item {
            tenant: TenantName::new("contoso"),
            kind: kind.as_str().to_owned(),
            news: News::Opened,
            is_open: true,
            opened: 1,
            count: 3,
            since: None,
            note: Some("ana@contoso.com".into()),
        };
        let told = line(&item).told();
        assert_eq!(told, format!("contoso: {kind} (3) has opened. {}", kind.step()));
    }
}
