use super::*;

#[test]
fn one_late_answer_in_ten_is_borne_and_two_are_not() {
    let (url, other) = ("https://h:1/a", "https://h:2/a");
    let (start, window, id) = (Instant::now(), Duration::from_secs(600), Uuid::nil());
    let mut temper = Temper::default();
    for n in 0..9 {
        assert_eq!(temper.note(url, n == 0, start, window), None);
    }
    assert_eq!(temper.note(url, false, start, window), None);
    assert!(!temper.drops(url, id));
    assert_eq!(temper.note(url, true, start, window), Some(window));
    assert!(temper.drops("https://h:1/b", id) && !temper.drops(other, id));
    assert_eq!(temper.forgive(url), BTreeSet::from([id]));
    assert!(!temper.drops(url, id));
}

#[test]
fn what_is_older_than_the_window_is_forgotten() {
    let (url, start, window) = ("https://h/a", Instant::now(), Duration::from_secs(600));
    let mut temper = Temper::default();
    for _ in 0..9 {
        temper.note(url, true, start, window);
    }
    assert_eq!(temper.note(url, true, start + window + Duration::from_secs(1), window), None);
}
