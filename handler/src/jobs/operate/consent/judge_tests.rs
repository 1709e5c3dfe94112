use super::*;
use crate::graph::permissions::Permission;
use ConsentEvent as E;

fn needs(permission: Permission, given: Given, is_optional: bool) -> NeededPermission {
    NeededPermission { permission, given, is_optional, why: "test" }
}

/// A group of learners, whose calendars Exchange lets us read.
fn scoped() -> Vec<NeededPermission> {
    vec![
        needs(Permission::CalendarsRead, Given::Exchange, false),
        needs(Permission::UserReadAll, Given::Entra, false),
        needs(Permission::GroupMemberReadAll, Given::Entra, false),
        needs(Permission::MailboxSettingsRead, Given::Exchange, true),
    ]
}

fn look(roles: &[&str], mailbox: MailboxLook) -> Look {
    Look { token: TokenLook::Roles(roles.iter().map(ToString::to_string).collect()), mailbox }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// Everything was there, with these roles.
fn granted(roles: &[&str]) -> ConsentRow {
    let now = chrono::DateTime::UNIX_EPOCH;
    ConsentRow {
        state: ConsentState::Granted,
        granted_at: Some(now),
        granted: owned(&["Calendars.Read", "User.Read.All", "GroupMember.Read.All"]),
        known_roles: owned(roles),
        ..ConsentRow::new(now)
    }
}

fn new() -> ConsentRow {
    ConsentRow::new(chrono::DateTime::UNIX_EPOCH)
}

const BOTH: &[&str] = &["User.Read.All", "GroupMember.Read.All"];

#[test]
fn a_mailbox_right_is_proved_by_a_mailbox_and_by_nothing_else() {
    for (mailbox, event, missing) in [
        (MailboxLook::Readable, Some(E::Complete), vec![]),
        (MailboxLook::Refused, Some(E::Lacking), vec!["Calendars.Read"]),
        (MailboxLook::Unknown, None, vec![]),
    ] {
        let found = judge(&scoped(), &look(BOTH, mailbox), &new());
        assert_eq!((found.event, found.missing), (event, missing), "{mailbox:?}");
    }
    let found = judge(&scoped(), &look(&["User.Read.All"], MailboxLook::Unknown), &new());
    assert_eq!((found.event, found.missing), (Some(E::Lacking), vec!["GroupMember.Read.All"]));
}

#[test]
fn granted_in_entra_it_needs_no_mailbox() {
    let all = ["User.Read.All", "GroupMember.Read.All", "Calendars.Read"];
    let found = judge(&scoped(), &look(&all, MailboxLook::Unknown), &new());
    assert_eq!(found.event, Some(E::Complete), "whoever has always had it so is left in peace");
}

#[test]
fn what_was_there_is_lost_once_and_missing_from_then_on() {
    let seen = look(&["User.Read.All"], MailboxLook::Readable);
    let found = judge(&scoped(), &seen, &granted(BOTH));
    assert_eq!((found.event, found.lost), (Some(E::Lost), vec!["GroupMember.Read.All"]));
    let known = ConsentRow { lost: owned(&["GroupMember.Read.All"]), ..granted(BOTH) };
    assert_eq!(judge(&scoped(), &seen, &known).event, Some(E::Lacking));
    let more = judge(&scoped(), &look(&[], MailboxLook::Readable), &known);
    assert_eq!(more.event, Some(E::Lost), "another one is gone");
    assert_eq!(judge(&scoped(), &look(BOTH, MailboxLook::Refused), &granted(BOTH)).lost, ["Calendars.Read"]);
}

#[test]
fn a_right_that_the_configuration_needs_since_is_missing_and_not_lost() {
    let before = ConsentRow { granted: owned(&["Calendars.Read", "User.Read.All"]), ..granted(BOTH) };
    let found = judge(&scoped(), &look(&["User.Read.All"], MailboxLook::Readable), &before);
    assert_eq!((found.event, found.lost), (Some(E::Lacking), vec![]));
}

#[test]
fn an_optional_right_is_never_missed() {
    let found = judge(&scoped(), &look(BOTH, MailboxLook::Readable), &new());
    assert_eq!(found.there, ["Calendars.Read", "User.Read.All", "GroupMember.Read.All"]);
    assert!(found.missing.is_empty() && found.unproved.is_empty());
}

#[test]
fn what_comes_on_top_is_drift_and_most_of_all_a_mailbox_right_for_everybody() {
    let more = ["User.Read.All", "GroupMember.Read.All", "Mail.ReadWrite"];
    let found = judge(&scoped(), &look(&more, MailboxLook::Readable), &granted(BOTH));
    assert_eq!((found.event, found.excess), (Some(E::Excess), owned(&["Mail.ReadWrite"])));
    let everybody = ["User.Read.All", "GroupMember.Read.All", "Calendars.Read"];
    let found = judge(&scoped(), &look(&everybody, MailboxLook::Readable), &granted(BOTH));
    assert_eq!(found.excess, owned(&["Calendars.Read"]), "the scope in Exchange counts no more");
    // Known when everything was there for the first time, or just said yes to.
    let found = judge(&scoped(), &look(&more, MailboxLook::Readable), &granted(&more));
    assert_eq!(found.event, Some(E::Complete));
    let pending = ConsentRow { state: ConsentState::Pending, ..granted(BOTH) };
    assert_eq!(judge(&scoped(), &look(&more, MailboxLook::Readable), &pending).event, Some(E::Complete));
    assert_eq!(judge(&scoped(), &look(&more, MailboxLook::Readable), &new()).event, Some(E::Complete));
}

#[test]
fn a_right_that_is_asked_for_since_is_no_drift() {
    let found = judge(&scoped(), &look(BOTH, MailboxLook::Readable), &granted(&["User.Read.All"]));
    assert_eq!((found.event, found.excess), (Some(E::Complete), vec![]));
}

#[test]
fn an_app_that_is_not_let_in_has_nothing() {
    let gone = Look { token: TokenLook::NoApp, mailbox: MailboxLook::Readable };
    let found = judge(&scoped(), &gone, &granted(BOTH));
    assert_eq!(found.event, Some(E::Lost));
    assert_eq!(found.missing, ["Calendars.Read", "User.Read.All", "GroupMember.Read.All"]);
    assert_eq!(judge(&scoped(), &gone, &new()).event, Some(E::Lacking));
}

#[test]
fn of_what_says_nothing_nothing_follows() {
    let nothing = Look { token: TokenLook::Nothing, mailbox: MailboxLook::Refused };
    assert_eq!(judge(&scoped(), &nothing, &granted(BOTH)), Finding::default());
}
