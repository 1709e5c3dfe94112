use super::*;

#[test]
fn ids_of_events_are_told_apart_by_case() {
    let (tenant, mailbox) = (TenantName::new("contoso"), UserId::new("ana"));
    let row = |id: &str| LinkRef::of_event(&tenant, &mailbox, &EventId::new(id)).row;
    assert_ne!(row("AAMkAGI"), row("AAMkAGi"));
    assert_ne!(row("AAMk-A"), row("AAMk_A"));
}
