//! reference/graph-notifications.md#subscription-errors: every row leads to its named reaction.

use super::maintaining::{alerts, ana, live, row, watched};
use crate::enrolment::policy::Mailboxes as Wanted;
use crate::graph::testing::refused;
use crate::jobs::testing::{World, minutes, user};
use crate::jobs::watch::lifetime;
use crate::ledger::alerts::AlertKind;
use crate::ledger::mailboxes::SubscriptionState;
use chrono::Duration;
use std::time::Duration as Wait;

/// What Graph answers, and what must follow for a mailbox without a subscription: its state, seconds until
/// it is tried again (before its own share of more), and which alerts are open.
struct Line {
    status: u16,
    code: &'static str,
    message: &'static str,
    retry_after: Option<u64>,
    state: SubscriptionState,
    wait: i64,
    alerts: &'static [&'static str],
}

const DAY: i64 = 24 * 60 * 60;

fn line(status: u16, code: &'static str, message: &'static str, state: SubscriptionState, wait: i64) -> Line {
    Line { status, code, message, retry_after: None, state, wait, alerts: &[] }
}

fn table() -> Vec<Line> {
    use SubscriptionState::{Failing, NoMailbox, Refused};
    let url: &[&str] = &["notification-url"];
    vec![
        Line {
            alerts: url,
            ..line(
                400,
                "ValidationError",
                "Notification endpoint must respond with 200 OK to validation request.",
                Failing,
                30,
            )
        },
        Line {
            alerts: url,
            ..line(
                400,
                "InvalidRequest",
                "Response must exactly match validationToken query parameter.",
                Failing,
                30,
            )
        },
        Line {
            alerts: url,
            ..line(400, "InvalidRequest", "Subscription validation request timed out.", Failing, 30)
        },
        Line {
            alerts: &["graph-invalid"],
            ..line(400, "InvalidRequest", "clientState is too long", Failing, 30)
        },
        Line {
            alerts: &["graph-unauthorized"],
            ..line(401, "InvalidAuthenticationToken", "expired", Failing, 30)
        },
        line(403, "ExtensionError", "Exception: [Status Code: Forbidden; Reason: no]", Refused, DAY),
        line(403, "ErrorAccessDenied", "Access is denied.", Refused, DAY),
        Line {
            alerts: &["subscription-quota"],
            ..line(
                403,
                "ExtensionError",
                "[Status Code: Forbidden; Reason: Maximum number of subscriptions]",
                Failing,
                DAY,
            )
        },
        line(
            404,
            "ExtensionError",
            "[Status Code: NotFound; Reason: REST API is not yet supported]",
            NoMailbox,
            DAY,
        ),
        line(404, "MailboxNotEnabledForRESTAPI", "", NoMailbox, DAY),
        line(404, "ResourceNotFound", "", NoMailbox, DAY),
        line(409, "ExtensionError", "[Status Code: Conflict; Reason: duplicate]", Failing, 30),
        line(423, "ErrorMailboxMoveInProgress", "", Failing, 30),
        line(500, "InternalServerError", "", Failing, 30),
        line(503, "ServiceNotAvailable", "", Failing, 30),
        line(504, "UnknownError", "", Failing, 30),
        line(400, "ExtensionError", "[Status Code: InternalServerError; Reason: x]", Failing, 30),
        line(400, "ExtensionError", "A task was canceled.", Failing, 30),
        line(429, "TooManyRequests", "", Failing, 30),
        Line { retry_after: Some(7), ..line(429, "TooManyRequests", "", Failing, 30) },
        Line { retry_after: Some(600), ..line(429, "TooManyRequests", "", Failing, 600) },
    ]
}

fn with_share(wait: i64) -> Duration {
    let more = if wait == DAY { wait / 24 } else { wait / 5 };
    let share =
        if wait == 600 { Duration::zero() } else { lifetime::jitter(&user("ana"), Duration::seconds(more)) };
    Duration::seconds(wait) + share
}

fn refusal(line: &Line, creating: bool) -> crate::graph::GraphError {
    refused(creating, line.status, line.code, line.message, line.retry_after.map(Wait::from_secs))
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_can_not_be_subscribed_stands_waits_and_is_told_as_the_table_says() {
    for line in table() {
        let what = format!("{} {} {}", line.status, line.code, line.message);
        let world = World::with(|tenant| {
            tenant.watch.mailboxes = Wanted::Users(vec!["ana@contoso.com".into(), "ben@contoso.com".into()])
        })
        .await;
        world.graph.set_failure("ana", Some(refusal(&line, true)));
        world.watch().await;
        let ana = ana(&world).await;
        assert_eq!((ana.state, ana.subscription, ana.failures), (line.state, None, 1), "{what}");
        assert_eq!(ana.due - world.now(), with_share(line.wait), "{what}");
        assert_eq!(alerts(&world).await, line.alerts, "{what}");
        assert_eq!(
            row(&world, "ben").await.unwrap().state,
            SubscriptionState::Watched,
            "{what}: holds up no other"
        );

        world.graph.set_failure("ana", None);
        live(&world, Duration::seconds(line.wait) + Duration::hours(2)).await;
        let mended = super::maintaining::ana(&world).await;
        assert_eq!(
            (mended.state, mended.failures, mended.last_error),
            (SubscriptionState::Watched, 0, None),
            "{what}"
        );
        let open = alerts(&world).await;
        assert!(
            !open
                .iter()
                .any(|kind| matches!(kind, AlertKind::NotificationUrl | AlertKind::SubscriptionQuota)),
            "{what}: {open:?}"
        );
    }
}

/// A subscription in force stays what it is while its renewal fails: there is half of its life left to try
/// again.
#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_leaves_the_subscription_in_force_and_waits_as_the_table_says() {
    for line in table().into_iter().filter(|line| line.status != 404) {
        let what = format!("{} {} {}", line.status, line.code, line.message);
        let world = watched(false).await;
        let before = ana(&world).await;
        world.clock.set(before.due);
        world.graph.state.lock().unwrap().renewing.push_back(refusal(&line, false));
        world.watch().await;
        let after = ana(&world).await;
        assert_eq!(
            (after.state, after.subscription, after.failures),
            (SubscriptionState::Watched, before.subscription, 1),
            "{what}"
        );
        assert_eq!(after.due - world.now(), with_share(line.wait), "{what}");
        live(&world, Duration::seconds(line.wait) + Duration::hours(2)).await;
        assert_eq!((ana(&world).await.failures, world.graph.subscribed().len()), (0, 1), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_gone_at_its_renewal_is_made_anew_and_the_calendar_compared() {
    for (code, message) in
        [("ResourceNotFound", ""), ("ExtensionError", "[Status Code: NotFound; Reason: gone]")]
    {
        let world = watched(true).await;
        let before = ana(&world).await;
        world.clock.set(before.due);
        world.graph.forget(&before.subscription.clone().unwrap());
        world.graph.state.lock().unwrap().renewing.push_back(refused(false, 404, code, message, None));
        world.watch().await;
        let after = ana(&world).await;
        assert!(after.subscription.is_some() && after.subscription != before.subscription, "{code}");
        assert!(after.resynced_at > before.resynced_at, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn failures_in_a_row_are_tried_less_and_less_often() {
    let world =
        World::with(|tenant| tenant.watch.mailboxes = Wanted::Users(vec!["ana@contoso.com".into()])).await;
    world.graph.set_failure("ana", Some(refused(true, 503, "", "", None)));
    live(&world, Duration::hours(24)).await;
    let tries = world.graph.calls("create_subscription");
    assert!((22..=32).contains(&tries), "{tries} in a day");
    let row = ana(&world).await;
    assert!(row.due - world.now() <= minutes(72), "{}", row.due - world.now());
}
