use super::*;

fn at(seconds: i64) -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + Duration::seconds(seconds)
}

/// Something new in every minute of a day.
#[test]
fn some_at_once_and_then_one_in_ten_minutes() {
    let (mut pace, mut sent) = (None, Vec::new());
    for minute in 0..24 * 60 {
        if let Some(spent) = spend(pace, at(minute * 60)) {
            pace = Some(spent);
            sent.push(minute);
        }
    }
    let in_first_hour = sent.iter().filter(|minute| **minute < 60).count();
    println!("news in every minute: {in_first_hour} messages in the first hour, {} in a day", sent.len());
    assert_eq!(sent[..6], [0, 1, 2, 3, 4, 5]);
    assert!(in_first_hour <= 12 && sent.len() <= 6 + 144, "{in_first_hour}, {}", sent.len());
    assert!(sent.windows(2).skip(6).all(|pair| pair[1] - pair[0] == 10), "{sent:?}");
}

#[test]
fn a_clock_that_goes_back_gives_nothing_and_takes_nothing() {
    let spent = spend(None, at(0)).unwrap();
    assert_eq!(spend(Some(spent), at(-3600)).unwrap().left, spent.left - 1000);
}
