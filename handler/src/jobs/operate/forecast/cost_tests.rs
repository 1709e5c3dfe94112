use super::*;

#[test]
fn a_month_by_hand() {
    let executions = Executions { dispatch_due: 10_000.0, ..Executions::default() };
    let storage = Storage { timers: 100_000.0, polls: 100_000.0, ..Storage::default() };
    let instances = Instances { memory_mb: 512.0, always_ready: 2.0 };
    // 10,000 calls fall into 86,400 × (1 - e^-0.11574) = 9,443.0 seconds.
    let seconds = gigabyte_seconds(&executions, &instances) * 2.0;
    assert!((seconds - 9_443.0).abs() < 1.0, "{seconds}");
    let cost = of(&executions, &storage, &instances, &Prices::default());
    let is = |seen: f64, expected: f64| assert!((seen - expected).abs() < 0.001, "{seen}, not {expected}");
    // 2 × 0.5 GB × 2,626,560 s × 0.000004.
    is(cost.always_ready, 10.506);
    // 9,443.0 × 0.5 GB × 30.4 × 0.000026, and 0.304 million × 0.40.
    is(cost.executions, 3.732 + 0.1216);
    // 3.04 million of each: 304 × 0.004, and 304 × 0.00036.
    is(cost.storage, 1.216 + 0.109);
    // 304,000 × 600 bytes × 2.50 a GB.
    is(cost.log, 0.456);
}

#[test]
fn the_prices_are_those_of_the_operators_page() {
    let page = include_str!("../../../../../infra/OPERATIONS.md");
    let prices = Prices::default();
    for (what, price) in [
        ("baseline", prices.always_ready_gigabyte_second),
        ("executions (", prices.gigabyte_second),
        ("at least 1 s each;", prices.million_executions),
    ] {
        let after = page.split_once(what).unwrap().1.trim_start();
        assert!(after.starts_with(&format!("{price:.2}")) || after.starts_with(&price.to_string()), "{what}");
    }
    assert!(page.contains(&format!("as they were known in {}", prices.as_of)));
}
