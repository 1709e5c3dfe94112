use super::*;
use crate::jobs::testing::tenant;

fn assumed(mailboxes: f64) -> Assumed {
    Assumed {
        size: Size::of(mailboxes, 1.0),
        peak: Peak::default(),
        instances: Instances::default(),
        prices: Prices::default(),
    }
}

#[test]
fn the_first_limit_is_where_one_is_full() {
    let tenant = tenant();
    let first = forecast(&tenant, &assumed(1_000.0)).first.unwrap();
    let at = |mailboxes: f64| {
        let load = assumed(1_000.0).size.times(mailboxes / 1_000.0).load(&tenant);
        let all = limits::of(&tenant, &load, &requests::of(&tenant, &load), Peak::default());
        limits::nearest(&all).unwrap().clone()
    };
    let (there, before) = (at(first.mailboxes), at(first.mailboxes * 0.98));
    assert_eq!((there.name, there.whose), (first.limit, first.whose));
    assert!(there.percent() >= 100.0 && before.percent() < 100.0, "{there:?} {before:?}");
}

#[test]
fn more_mailboxes_ask_more() {
    let (few, many) = (forecast(&tenant(), &assumed(100.0)), forecast(&tenant(), &assumed(10_000.0)));
    assert!(many.requests.all().mean() > 10.0 * few.requests.all().mean());
    assert!(many.storage.all() > few.storage.all() && many.cost.all() > few.cost.all());
}

#[test]
fn without_anybody_nothing_is_reached() {
    assert_eq!(forecast(&tenant(), &assumed(0.0)).first, None);
}
