use super::*;
use crate::jobs::operate::forecast::size::Size;
use crate::jobs::testing::tenant;

#[test]
fn head_room_is_what_is_left() {
    let limit = Limit { name: "x", limit: 1_000.0, used: 250.0, unit: "", whose: "Graph" };
    assert!((limit.percent() - 25.0).abs() < 1e-9 && (limit.factor() - 4.0).abs() < 1e-9);
    assert!(Limit { used: 0.0, ..limit }.factor().is_infinite());
}

#[test]
fn what_people_do_has_a_busiest_hour_and_comparisons_have_none() {
    let tenant = tenant();
    let load = Size::of(1_000.0, 1.0).load(&tenant);
    let even = Peak { busiest_hour: 1.0 / 24.0, ..Peak::default() };
    let all = requests::of(&tenant, &load).all().mean();
    assert!((busiest_hour(&tenant, &load, even) - all / 24.0).abs() < 1e-6);
    let quiet = load.without_people();
    let (once, often) = (busiest_hour(&tenant, &quiet, even), busiest_hour(&tenant, &quiet, Peak::default()));
    assert!((once - often).abs() < 1e-9);
    assert!(busiest_hour(&tenant, &load, Peak::default()) > all / 24.0);
}

#[test]
fn the_lms_keeps_its_rate() {
    let mut tenant = tenant();
    tenant.lms.rate = crate::enrolment::policy::Rate { requests: 2, per: chrono::Duration::minutes(1) };
    let load = Load { declines: 300.0, ..Load::default() };
    let all = of(&tenant, &load, &requests::of(&tenant, &load), Peak::default());
    let lms = all.iter().find(|limit| limit.whose == LMS).unwrap();
    // 120 an hour; a fifth of 300 in the busiest.
    assert!((lms.limit - 120.0).abs() < 1e-9 && (lms.used - 60.0).abs() < 1e-9, "{lms:?}");
    assert_eq!(nearest(&all), Some(lms));
}

#[test]
fn the_limits_are_those_of_the_reference() {
    let page = include_str!("../../../../reference/graph-limits.md");
    let load = Load::default();
    let all = of(&tenant(), &load, &requests::of(&tenant(), &load), Peak::default());
    for (limit, words) in [
        ("requests to one mailbox", "10,000 requests in ten minutes"),
        ("requests to one mailbox at once", "Four requests at once"),
        ("writes of subscriptions", "1,000 in 20 seconds"),
        ("directory", "3,500 to 8,000 in ten seconds"),
        ("all requests of the app", "2,000 requests a second"),
    ] {
        assert!(page.contains(words), "{words}");
        let found = all.iter().find(|one| one.name == limit).unwrap();
        let number: String = words.chars().filter(char::is_ascii_digit).collect();
        let said = if number.is_empty() { "4".to_owned() } else { number };
        assert!(said.starts_with(&format!("{:.0}", found.limit)), "{limit}: {said}");
    }
    assert!(page.contains("listing 40 pages"));
    assert!((pages_a_day() / 86_400.0 * 20.0 - 40.0).abs() < 1e-9);
}
