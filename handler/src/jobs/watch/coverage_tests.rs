use super::*;

#[test]
fn only_what_should_be_watched_and_is_not_is_told() {
    let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
    let ago = |minutes| Some(now - Duration::minutes(minutes));
    let fresh = MailboxRow::wanted(&"contoso".into(), &"a".into(), now);
    let watched = MailboxRow {
        state: SubscriptionState::Watched,
        subscription: Some("sub-1".into()),
        expires: Some(now + Duration::days(1)),
        last_success: ago(2_000),
        ..fresh.clone()
    };
    let lost = MailboxRow { subscription: None, expires: None, resync_wanted: ago(60), ..watched.clone() };
    let table = [
        (fresh.clone(), false),
        (MailboxRow { state: SubscriptionState::Failing, failures: 8, ..fresh.clone() }, false),
        (MailboxRow { state: SubscriptionState::Failing, failures: 9, ..fresh.clone() }, true),
        (watched.clone(), false),
        (MailboxRow { expires: ago(59), ..watched.clone() }, false),
        (MailboxRow { expires: ago(60), ..watched.clone() }, true),
        (MailboxRow { last_success: ago(4_260), ..watched.clone() }, true),
        (MailboxRow { resync_wanted: ago(59), ..lost.clone() }, false),
        (lost.clone(), true),
        (MailboxRow { failures: 6, resync_wanted: None, ..lost.clone() }, false),
        (MailboxRow { failures: 7, resync_wanted: None, ..lost.clone() }, true),
        (MailboxRow { state: SubscriptionState::Refused, ..lost.clone() }, false),
        (MailboxRow { state: SubscriptionState::NoMailbox, ..lost }, false),
    ];
    for (n, (row, expected)) in table.into_iter().enumerate() {
        assert_eq!(is_unwatched(&row, now), expected, "line {n}");
    }
}
