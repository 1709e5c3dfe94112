use super::super::check::{Outcome, Verdict};
use super::judge;
use crate::config::WatchMode;
use crate::enrolment::policy::Mailboxes;
use crate::jobs::testing::tenant;

fn found(mailboxes: Mailboxes, mode: WatchMode, granted: &[&str], is_tried: bool) -> Outcome {
    let mut tenant = tenant();
    tenant.watch.mode = mode;
    tenant.watch.mailboxes = mailboxes;
    let granted: Vec<String> = granted.iter().map(|role| (*role).to_owned()).collect();
    judge(&tenant.needed_permissions(), &granted, is_tried)
}

const ALL: Mailboxes = Mailboxes::All;

#[test]
fn what_only_entra_can_give_is_missed() {
    let found = found(ALL, WatchMode::Attendees, &["Calendars.Read"], false);
    assert_eq!((found.verdict, found.seen.as_str()), (Verdict::Failed, "not granted: User.Read.All"));
}

/// RBAC for Applications stands in no token.
#[test]
fn a_calendar_permission_may_be_missing_from_the_token() {
    assert_eq!(found(ALL, WatchMode::Attendees, &["User.Read.All"], false).verdict, Verdict::Ok);
}

#[test]
fn everybodys_calendars_are_too_many_for_one_mailbox() {
    let one = Mailboxes::Users(vec!["ana@contoso.com".to_owned()]);
    let granted = ["Calendars.Read", "User.Read.All"];
    let too_wide = found(one.clone(), WatchMode::Attendees, &granted, false);
    assert_eq!(too_wide.verdict, Verdict::Warning);
    assert!(too_wide.step.unwrap().contains("`Application Calendars.Read`"));
    assert_eq!(found(one, WatchMode::Attendees, &granted, true).verdict, Verdict::Ok);
    assert_eq!(found(Mailboxes::None, WatchMode::Organizer, &granted, false).verdict, Verdict::Warning);
    assert_eq!(found(ALL, WatchMode::Attendees, &granted, false).verdict, Verdict::Ok);
}

#[test]
fn what_nobody_needs_is_too_many() {
    let granted = ["Calendars.Read", "User.Read.All", "Mail.Read"];
    let found = found(ALL, WatchMode::Attendees, &granted, false);
    assert_eq!(
        (found.verdict, found.seen.as_str()),
        (Verdict::Warning, "granted, and not needed: Mail.Read")
    );
}
