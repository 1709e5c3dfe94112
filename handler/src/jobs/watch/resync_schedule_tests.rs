use super::*;

const DAY: Duration = Duration::hours(24);

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// Watched, and compared as a whole this many minutes ago, as near this many; the next session starts in so
/// many.
fn compared(whole: i64, upcoming: Option<i64>, start: Option<i64>) -> MailboxRow {
    let ago = |minutes| now() - Duration::minutes(minutes);
    MailboxRow {
        subscription: Some("sub-1".into()),
        resynced_at: Some(ago(whole)),
        upcoming_resynced_at: upcoming.map(ago),
        next_start: start.map(|minutes| now() + Duration::minutes(minutes)),
        ..MailboxRow::wanted(&"contoso".into(), &"a".into(), now())
    }
}

#[test]
fn what_starts_within_a_day_is_compared_every_hour_and_all_of_it_as_often_as_configured() {
    let quarter = Duration::minutes(15);
    let table = [
        (compared(24 * 60, None, None), DAY, Some(ResyncScope::Whole)),
        (compared(24 * 60 - 1, None, None), DAY, None),
        (compared(60, None, Some(24 * 60)), DAY, Some(ResyncScope::Upcoming)),
        (compared(59, None, Some(24 * 60)), DAY, None),
        (compared(60, None, Some(24 * 60 + 1)), DAY, None),
        (compared(300, Some(60), Some(30)), DAY, Some(ResyncScope::Upcoming)),
        (compared(300, Some(59), Some(30)), DAY, None),
        (compared(300, Some(60), Some(-30)), DAY, Some(ResyncScope::Upcoming)),
        (compared(24 * 60, Some(60), Some(30)), DAY, Some(ResyncScope::Whole)),
        (compared(15, None, Some(30)), quarter, Some(ResyncScope::Whole)),
        (compared(14, None, Some(30)), quarter, None),
    ];
    for (n, (row, often, expected)) in table.into_iter().enumerate() {
        assert_eq!(due(&row, often, now()), expected, "line {n}");
    }
    let missed = MailboxRow { resync_wanted: Some(now()), ..compared(1, Some(1), Some(30)) };
    assert_eq!(due(&missed, DAY, now()), Some(ResyncScope::Whole));
    let later =
        MailboxRow { resync_wanted: Some(now() + Duration::minutes(1)), ..compared(1, Some(1), Some(30)) };
    assert_eq!(due(&later, DAY, now()), None);
    let unwatched = MailboxRow { subscription: None, ..missed };
    assert_eq!(due(&unwatched, DAY, now()), None);
    let never = MailboxRow { state: SubscriptionState::Failing, failures: FIRST - 1, ..unwatched.clone() };
    assert_eq!(due(&never, DAY, now()), None);
    let joining = MailboxRow { failures: FIRST, resynced_at: None, resync_wanted: None, ..never.clone() };
    assert_eq!(due(&joining, DAY, now()), Some(ResyncScope::Whole));
    let stuck = MailboxRow { last_success: Some(now()), failures: 1, ..never };
    assert_eq!(due(&stuck, DAY, now()), Some(ResyncScope::Whole));
    let refused = MailboxRow { state: SubscriptionState::Refused, ..stuck };
    assert_eq!(due(&refused, DAY, now()), None);
}
