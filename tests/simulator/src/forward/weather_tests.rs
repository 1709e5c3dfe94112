use super::*;

fn at(hour: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(hour * 3_600, 0).unwrap()
}

#[test]
fn what_was_unreadable_is_counted_for_the_mailbox_and_for_all() {
    let ana = Uuid::from_u128(1);
    let weather = Weather {
        graph_down: vec![Span::lasting(at(10), Duration::hours(6))],
        moving: [(ana, vec![Span::lasting(at(20), Duration::hours(2))])].into(),
        ..Weather::default()
    };
    let day = Span::lasting(at(12), Duration::hours(9));
    assert_eq!(weather.unreadable(ana, &day), Duration::hours(5));
    assert_eq!(weather.unreadable(Uuid::from_u128(2), &day), Duration::hours(4));
    assert!(weather.is_graph_down(at(10)) && !weather.is_graph_down(at(16)));
}

#[test]
fn lots_are_spread_evenly_and_the_same_every_time() {
    let draws: Vec<f64> = (0..10_000).map(|n| draw(7, [1, n, 3])).collect();
    let low = draws.iter().filter(|draw| **draw < 0.3).count();
    assert!((2_800..3_200).contains(&low), "{low}");
    assert_eq!(draw(7, [1, 5, 3]), draws[5]);
}
