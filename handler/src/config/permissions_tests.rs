use super::*;
use crate::config::tests::{env, minimal};

/// What the least file asks for, with other lines in its `watch`.
fn needed(watch: &str) -> Vec<(&'static str, Given, bool)> {
    let text = minimal("").replace("mailboxes = { all = true }", watch);
    let config = crate::config::parse("regrets.toml", &text, &env()).unwrap();
    let tenant = config.tenants.values().next().unwrap();
    let all = tenant.needed_permissions().into_iter();
    all.map(|one| (one.permission.name(), one.given, one.is_optional)).collect()
}

#[test]
fn everybody_may_be_granted_in_entra() {
    assert_eq!(
        needed("mailboxes = { all = true }"),
        [
            ("Calendars.Read", Given::Either, false),
            ("User.Read.All", Given::Entra, false),
            ("MailboxSettings.Read", Given::Either, true),
        ]
    );
}

#[test]
fn one_organizer_needs_two_and_one_of_them_for_one_mailbox() {
    assert_eq!(
        needed("mode = \"organizer\"\norganizers = [\"learning@contoso.com\"]"),
        [("Calendars.Read", Given::Exchange, false), ("User.Read.All", Given::Entra, false)]
    );
}

#[test]
fn a_group_is_read_where_one_is_named() {
    let group = "mailboxes = { group = \"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\" }";
    assert_eq!(
        needed(group),
        [
            ("Calendars.Read", Given::Exchange, false),
            ("User.Read.All", Given::Entra, false),
            ("GroupMember.Read.All", Given::Entra, false),
            ("MailboxSettings.Read", Given::Exchange, true),
        ]
    );
}

/// Two mailboxes are written in; without that right all else works.
#[test]
fn a_canary_needs_one_more_for_two_mailboxes() {
    let watch = "mode = \"organizer\"\norganizers = [\"learning@contoso.com\"]";
    let canary = r#"
[tenant.contoso.canary]
learner = "canary@contoso.com"
session = "9999"
"#;
    let text = minimal("mode = \"act\"").replace("mailboxes = { all = true }", watch);
    let text = crate::config::tests::canary::by_subject(&text) + canary;
    let config = crate::config::parse("regrets.toml", &text, &env()).unwrap();
    let last = config.tenants.values().next().unwrap().needed_permissions().pop().unwrap();
    assert_eq!(
        (last.permission.name(), last.given, last.is_optional),
        ("Calendars.ReadWrite", Given::Exchange, true)
    );
}

/// From one mailbox: consented to in Entra it would be good for all of them.
#[test]
fn who_mails_alerts_needs_one_more_for_one_mailbox() {
    let mail = r#"
[alerts.channel.mail]
graph_mail = { tenant = "contoso", from = "regrets@contoso.com", to = ["it@contoso.com"] }
"#;
    let config = crate::config::parse("regrets.toml", &(minimal("") + mail), &env()).unwrap();
    let tenant = config.tenants.values().next().unwrap();
    let last = tenant.needed_permissions().pop().unwrap();
    assert_eq!((last.permission.name(), last.given, last.is_optional), ("Mail.Send", Given::Exchange, false));
}

/// Who is in the group is asked for a preview already; only what is written needs the right to write.
#[test]
fn who_publishes_needs_one_more_for_the_organizers_mailbox() {
    let group = "only = { group = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee' }";
    let needed = |state: &str| {
        let text = crate::config::tests::publish::pushed(&format!("state = '{state}'\n{group}"));
        let config = crate::config::parse("regrets.toml", &text, &env()).unwrap();
        let tenant = config.tenants.values().next().unwrap();
        let all = tenant.needed_permissions().into_iter();
        all.map(|one| (one.permission.name(), one.given)).collect::<Vec<_>>()
    };
    let (write, read) = (("Calendars.ReadWrite", Given::Exchange), ("GroupMember.Read.All", Given::Entra));
    let has = |state: &str| [needed(state).contains(&write), needed(state).contains(&read)];
    assert_eq!(has("off"), [false, false]);
    assert_eq!(has("preview"), [false, true]);
    assert_eq!(has("on"), [true, true]);
}
