use super::*;

fn at(minutes: i64) -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + chrono::Duration::minutes(minutes)
}

#[test]
fn a_change_counts_once_however_often_it_is_noted() {
    let first = changed(None, true, at(0)).unwrap();
    assert_eq!((first.opened, first.untold), (1, Some(at(0))));
    assert_eq!(changed(Some(&first), true, at(1)), None, "noted already");
    let ended = changed(Some(&first), false, at(2)).unwrap();
    assert_eq!((ended.opened, ended.changed, ended.untold), (1, at(2), Some(at(0))));
    assert_eq!(changed(Some(&ended), true, at(3)).unwrap().opened, 2);
}
