use super::*;

const LONGEST: Duration = Duration::from_secs(21_600);

#[test]
fn seconds_and_dates_are_read_and_nothing_else() {
    let now = DateTime::from_timestamp(784_111_777, 0).unwrap(); // Sun, 06 Nov 1994 08:49:37 GMT
    for (text, expected) in [
        ("120", Some(120.0)),
        (" 2.5 ", Some(2.5)),
        ("0.25", Some(0.25)),
        ("2.128", Some(2.128)),
        ("0", Some(0.0)),
        (" 0.0", Some(0.0)),
        ("-5", None),
        ("+5", None),
        ("", None),
        (".", None),
        ("soon", None),
        ("inf", None),
        ("NaN", None),
        ("1e3", None),
        ("1e400", None),
        ("86400", Some(21_600.0)),
        ("99999999999999999999999999", Some(21_600.0)),
        ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60.0)),
        ("Sun, 06 Nov 1994 08:48:37 GMT", Some(0.0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", Some(21_600.0)),
    ] {
        assert_eq!(parse(text, now, LONGEST), expected.map(Duration::from_secs_f64), "{text:?}");
        let positive = expected.filter(|seconds| *seconds > 0.0).map(Duration::from_secs_f64);
        assert_eq!(of(&headers(text, None), now, LONGEST), positive, "{text:?}");
    }
}

#[test]
fn a_date_counts_from_the_answers_own() {
    let now = DateTime::UNIX_EPOCH;
    let headers = headers("Sun, 06 Nov 1994 08:50:37 GMT", Some("Sun, 06 Nov 1994 08:50:27 GMT"));
    assert_eq!(of(&headers, now, LONGEST), Some(Duration::from_secs(10)));
    assert_eq!(of(&HeaderMap::new(), now, LONGEST), None);
}

fn headers(text: &str, date: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
    headers.extend(date.map(|date| (DATE, date.parse().unwrap())));
    headers
}
