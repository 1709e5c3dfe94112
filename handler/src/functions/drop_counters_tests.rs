use super::*;

#[test]
fn drained_counts_that_could_not_be_stored_come_back() {
    let counters = DropCounters::default();
    let contoso = TenantName::new("contoso");
    counters.count(Some(&contoso), DropCause::NoEventId);
    let drained = counters.drain();
    assert_eq!(counters.snapshot(), Drops::new());
    counters.count(Some(&contoso), DropCause::NoEventId);
    counters.count(None, DropCause::NotJson);
    counters.restore(drained);
    let expected = [((Some(contoso), DropCause::NoEventId), 2), ((None, DropCause::NotJson), 1)];
    assert_eq!(counters.snapshot(), expected.into());
}

#[test]
fn what_was_heard_is_counted_for_each_tenant_until_it_is_taken() {
    let counters = DropCounters::default();
    for (tenant, count) in [("contoso", 2), ("fabrikam", 1), ("contoso", 3)] {
        counters.heard(&TenantName::new(tenant), count);
    }
    assert_eq!(counters.drain_heard(), [("contoso".into(), 5), ("fabrikam".into(), 1)].into());
    assert!(counters.drain_heard().is_empty());
}
