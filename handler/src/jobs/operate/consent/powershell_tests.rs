use super::*;
use crate::config::WatchMode;
use crate::jobs::testing::tenant;

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
    });
    insta::assert_snapshot!("a_canary_beside_everybody", script(&tenant).unwrap());
    tenant.watch.mode = WatchMode::Organizer;
    tenant.watch.mailboxes = Mailboxes::None;
    let script = script(&tenant).unwrap();
    let writes: Vec<&str> = script.lines().filter(|line| line.contains("ReadWrite")).collect();
    assert_eq!(writes.len(), 1, "{script}");
    assert!(writes[0].ends_with("-CustomResourceScope \"Regrets canary\""), "{script}");
}
