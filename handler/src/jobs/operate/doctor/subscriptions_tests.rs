use super::super::check::{Fix, Verdict};
use super::{against, judge};
use crate::graph::port::Subscription;
use crate::ids::{SubscriptionId, TenantName, UserId};
use crate::jobs::testing::noon;
use crate::ledger::mailboxes::{MailboxRow, SubscriptionState};
use chrono::Duration;

fn row(name: &str, state: SubscriptionState) -> MailboxRow {
    MailboxRow { state, ..MailboxRow::wanted(&TenantName::from("contoso"), &UserId::new(name), noon()) }
}

fn watched(name: &str, hours: i64) -> MailboxRow {
    MailboxRow {
        subscription: Some(SubscriptionId::new(format!("of-{name}"))),
        expires: Some(noon() + Duration::hours(hours)),
        renewed_at: Some(noon() - Duration::hours(3)),
        ..row(name, SubscriptionState::Watched)
    }
}

#[test]
fn what_is_in_force_is_told_with_the_age_of_the_oldest() {
    let found = judge(&[watched("ana", 60), row("guest", SubscriptionState::NoMailbox)], noon());
    assert_eq!(found.verdict, Verdict::Ok);
    assert_eq!(found.seen, "1 in force, the oldest renewed 3 h ago, 1 without a mailbox in Exchange Online");
    assert_eq!(judge(&[], noon()).verdict, Verdict::Skipped);
}

#[test]
fn what_has_lapsed_counts_before_what_fails_and_what_is_refused() {
    let refused = row("eve", SubscriptionState::Refused);
    let mut failing = row("dora", SubscriptionState::Failing);
    failing.last_error = Some("Graph is not available: 503 x (request-id 1)".to_owned());
    let found = judge(&[watched("ana", -1), failing.clone(), refused.clone()], noon());
    assert_eq!((found.verdict, found.fix), (Verdict::Failed, Some(Fix::Subscribe)));
    assert_eq!(found.seen, "1 of 3 have lapsed");
    let found = judge(&[watched("ana", 9), failing, refused.clone()], noon());
    assert_eq!(found.seen, "1 of 3 can't be made: Graph is not available: 503 x");
    let found = judge(&[watched("ana", 9), refused], noon());
    assert_eq!((found.verdict, found.seen.as_str()), (Verdict::Warning, "1 of 2 mailboxes are refused"));
}

#[test]
fn what_graph_does_not_list_is_lost_unless_it_is_young() {
    let (ana, mut ben) = (watched("ana", 9), watched("ben", 9));
    let listed = |name: &str| Subscription {
        id: SubscriptionId::new(format!("of-{name}")),
        resource: String::new(),
        notification_url: None,
        expires: noon(),
    };
    let all = [listed("ana"), listed("ben"), listed("stranger")];
    assert_eq!(against(&[&ana, &ben], &all, noon()), None);
    let found = against(&[&ana, &ben], &all[..1], noon()).unwrap();
    assert_eq!(found.seen, "Graph does not know 1 of the 2 that the ledger holds for good");
    ben.renewed_at = Some(noon());
    assert_eq!(against(&[&ana, &ben], &all[..1], noon()), None);
}
