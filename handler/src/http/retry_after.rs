//! `Retry-After` (RFC 9110, 10.2.3): seconds or an HTTP date; decimals are seen in practice and honoured.

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use std::time::Duration;

/// The longest wait that is obeyed. To ask a little early costs an LMS one request; to obey a mistaken header (milliseconds,
/// a wrong year) would cost every deadline of the day.
pub const LONGEST: Duration = Duration::from_secs(6 * 60 * 60);

/// How long the answer asks us to stay away; `None` when it does not say, or says nothing usable or nothing positive.
///
/// A date counts from the answer's own `Date`, so that the LMS's clock is compared with itself; from `now` without one.
pub fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = seconds(text).or_else(|| {
        let until = date(text)?;
        let from = headers.get(DATE).and_then(|text| date(text.to_str().ok()?)).unwrap_or(now);
        (until - from).to_std().ok()
    })?;
    (!wait.is_zero()).then(|| wait.min(LONGEST))
}

fn seconds(text: &str) -> Option<Duration> {
    // `f64` also reads "inf", "nan", "1e9" and signs.
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let seconds: f64 = text.parse().ok()?;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST))
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    httpdate::parse_http_date(text.trim()).ok().map(DateTime::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_usable_and_positive_wait_counts() {
        let now = DateTime::from_timestamp(784_111_777, 0).unwrap(); // Sun, 06 Nov 1994 08:49:37 GMT
        let cases: [(&str, Option<&str>, Option<f64>); 18] = [
            ("120", None, Some(120.0)),
            (" 2.5 ", None, Some(2.5)),
            ("0.25", None, Some(0.25)),
            ("0", None, None),
            ("0.0", None, None),
            ("-5", None, None),
            ("+5", None, None),
            ("", None, None),
            (".", None, None),
            ("soon", None, None),
            ("inf", None, None),
            ("NaN", None, None),
            ("1e3", None, None),
            ("86400", None, Some(21_600.0)),
            ("99999999999999999999999999", None, Some(21_600.0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", None, Some(60.0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some("Sun, 06 Nov 1994 08:50:27 GMT"), Some(10.0)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", None, None),
        ];
        for (text, date, expected) in cases {
            let mut headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            if let Some(date) = date {
                headers.insert(DATE, date.parse().unwrap());
            }
            assert_eq!(retry_after(&headers, now), expected.map(Duration::from_secs_f64), "{text:?} {date:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
