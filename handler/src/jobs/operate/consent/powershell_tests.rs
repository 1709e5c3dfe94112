use super::*;
use crate::config::{Publish, PublishSource, WatchMode};
use crate::jobs::testing::tenant;
use crate::publishing::policy::{PublishState, Publisher, Publishing};
use crate::sessions::vanish_brake::VanishLimits;

#[test]
fn one_organizer_is_named_and_nobody_else() {
    let mut tenant = tenant();
    tenant.watch.mode = WatchMode::Organizer;
    tenant.watch.mailboxes = Mailboxes::None;
    insta::assert_snapshot!("one_organizer", script(&tenant).unwrap());
}

#[test]
fn a_group_is_named_by_its_id_in_the_tenants_cloud() {
    let mut tenant = tenant();
    tenant.watch.mailboxes = Mailboxes::Group("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee".into());
    tenant.watch.organizers.clear();
    tenant.cloud = Cloud::UsGov;
    insta::assert_snapshot!("a_group", script(&tenant).unwrap());
}

#[test]
fn learners_are_never_named() {
    let mut tenant = tenant();
    tenant.watch.mailboxes = Mailboxes::Users(vec!["ana@contoso.com".into()]);
    assert!(!script(&tenant).unwrap().contains("ana@"));
}

#[test]
fn whoever_reads_everybody_needs_no_scope() {
    assert_eq!(script(&tenant()), None);
}

#[test]
fn a_name_can_t_leave_its_quotes() {
    assert_eq!(
        quoted("o'neill@contoso.com\"; Remove-Mailbox $x `"),
        "o''neill@contoso.com; Remove-Mailbox x "
    );
}

/// What is written in is two mailboxes, by a scope of their own.
#[test]
fn a_canary_has_a_scope_of_its_own() {
    let mut tenant = tenant();
    tenant.canary = Some(crate::config::Canary {
        learner: Address::new("canary@contoso.com"),
        session: crate::ids::SessionId::new("9999"),
        organizer: Address::new("learning@contoso.com"),
        text: "9999".into(),
        within: chrono::Duration::minutes(30),
        at: chrono::NaiveTime::MIN,
        kit: None,
    });
    insta::assert_snapshot!("a_canary_beside_everybody", script(&tenant).unwrap());
    tenant.watch.mode = WatchMode::Organizer;
    tenant.watch.mailboxes = Mailboxes::None;
    let script = script(&tenant).unwrap();
    let writes: Vec<&str> = script.lines().filter(|line| line.contains("ReadWrite")).collect();
    assert_eq!(writes.len(), 1, "{script}");
    assert!(writes[0].ends_with("-CustomResourceScope \"Regrets canary\""), "{script}");
}

/// What is published is written in one mailbox; with everybody read, nothing else is asked of Exchange.
#[test]
fn who_publishes_has_a_scope_of_the_organizer_alone() {
    let with = |state: PublishState, calendar: Option<Address>| {
        let mut tenant = tenant();
        tenant.watch.mode = WatchMode::Attendees;
        tenant.watch.mailboxes = Mailboxes::All;
        tenant.publish = Some(Publish {
            publisher: Publisher {
                policy: Publishing { state, ..Publishing::default() },
                calendar,
                ..Publisher::new(Address::new("learning@contoso.com"))
            },
            source: PublishSource::Lms,
            only: None,
            vanish: VanishLimits::default(),
            every: chrono::Duration::hours(1),
        });
        tenant
    };
    assert_eq!(script(&with(PublishState::Preview, None)), None, "a preview writes nothing");
    let calendar = script(&with(PublishState::On, Some(Address::new("calendar@contoso.com")))).unwrap();
    let both = "-eq 'learning@contoso.com' -or PrimarySmtpAddress -eq 'calendar@contoso.com'\"";
    assert!(calendar.contains(both), "{calendar}");
    let script = script(&with(PublishState::On, None)).unwrap();
    let ours: Vec<&str> = script.lines().filter(|line| line.contains("publishing")).collect();
    assert_eq!(
        ours,
        [
            "New-ManagementScope -Name \"Regrets publishing\" -RecipientRestrictionFilter \
             \"PrimarySmtpAddress -eq 'learning@contoso.com'\"",
            "New-ManagementRoleAssignment -App $app.Id -Role \"Application Calendars.ReadWrite\" \
             -CustomResourceScope \"Regrets publishing\"",
        ]
    );
}
