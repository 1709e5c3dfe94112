//! `[tenant.<name>.watch]`: whose calendars, and how.

use super::reader::Reader;
use super::table::{At, May};
use super::tree::Value;
use super::values::{Guid, is_guid};
use super::{Doctor, Watch, WatchMode, raw, same};
use crate::enrolment::policy::Mailboxes;
use crate::ids::Address;
use chrono::Duration;
use std::collections::BTreeSet;

impl Reader<'_> {
    pub(super) fn watch(&mut self, watch: At<'_, raw::Watch<'_>>) -> Option<Watch> {
        let given = self.table(watch)?;
        let mode = self.choice(given.mode, WatchMode::Attendees);
        let mailboxes = match given.mailboxes {
            Some(mailboxes) => self.mailboxes(mailboxes),
            None if mode == Some(WatchMode::Organizer) => Some(Mailboxes::None),
            None => {
                let hint = "whose calendars: { group = \"<object id>\" }, { users = […] } or { all = true }";
                self.missing(&watch, "mailboxes", hint);
                None
            }
        };
        let organizers = match given.organizers {
            Some(organizers) => self.addresses(organizers),
            None => Some(Vec::new()),
        };
        if let (Some(WatchMode::Organizer | WatchMode::Both), Some([])) = (mode, organizers.as_deref()) {
            let at = given.mode.map_or(watch.node, |mode| mode.node);
            self.contradiction(at, "`organizers` must name the mailboxes that send the invitations");
        }
        let resync = self.duration_above_zero(given.resync, Duration::hours(24));
        Some(Watch { mode: mode?, mailboxes: mailboxes?, organizers: organizers?, resync: resync? })
    }

    fn mailboxes(&mut self, mailboxes: At<'_, raw::Mailboxes<'_>>) -> Option<Mailboxes> {
        let raw::Mailboxes { users, group, all } = self.only_one(mailboxes)?;
        match all {
            Some(all) if matches!(all.value, Value::Boolean(true)) => Some(Mailboxes::All),
            Some(all) => {
                let hint = "or name them: { group = … } or { users = … }".to_owned();
                self.bad_value(&all, "`true`", "", Some(hint));
                None
            }
            None => self.named(users, group),
        }
    }

    pub(super) fn only(&mut self, only: At<'_, raw::Only<'_>>) -> Option<Mailboxes> {
        let raw::Only { users, group } = self.only_one(only)?;
        self.named(users, group)
    }

    /// One of the two is given.
    fn named(&mut self, users: May<'_, Vec<String>>, group: May<'_, Guid>) -> Option<Mailboxes> {
        match group {
            Some(group) => {
                let hint = "it stands on the group's overview page in Entra";
                self.guid(group, "a group's object id", hint).map(Mailboxes::Group)
            }
            None => self.users(users?).map(Mailboxes::Users),
        }
    }

    fn users(&mut self, given: At<'_, Vec<String>>) -> Option<Vec<String>> {
        const EXPECTED: &str = "a user's object id or user principal name";
        let texts = self.texts(given, EXPECTED)?;
        if texts.is_empty() {
            self.contradiction(&given, "the list is empty, so nobody is meant");
            return None;
        }
        let before = self.problems.len();
        let (mut users, mut once) = (Vec::new(), BTreeSet::new());
        for (node, text) in texts {
            if !is_guid(text) && !is_address(text) {
                self.bad_value(node, EXPECTED, "neither a GUID nor name@domain", None);
            }
            let user = text.to_lowercase();
            if once.insert(same::user(&user)) {
                users.push(user);
            }
        }
        (self.problems.len() == before).then_some(users)
    }

    pub(super) fn addresses(&mut self, given: At<'_, Vec<String>>) -> Option<Vec<Address>> {
        const EXPECTED: &str = "an address such as learning@contoso.com";
        let texts = self.texts(given, EXPECTED)?;
        let before = self.problems.len();
        let (mut addresses, mut once) = (Vec::new(), BTreeSet::new());
        for (node, text) in texts {
            if !is_address(text) {
                self.bad_value(node, EXPECTED, "not an address", None);
            }
            let address = Address::new(text);
            if once.insert(same::user(address.as_str())) {
                addresses.push(address);
            }
        }
        (self.problems.len() == before).then_some(addresses)
    }
}

impl Reader<'_> {
    pub(super) fn doctor(&mut self, doctor: At<'_, raw::Doctor<'_>>) -> Option<Doctor> {
        const EXPECTED: &str = "an address such as ceo@contoso.com";
        let Some(outside) = self.table(doctor)?.outside else { return Some(Doctor::default()) };
        let text = self.text(&outside, EXPECTED)?;
        if !is_address(text) {
            self.bad_value(outside.node, EXPECTED, "not an address", None);
            return None;
        }
        Some(Doctor { outside: Some(Address::new(text)) })
    }
}

/// `name@domain`, no more: what really is an address, only the mail system knows.
pub(super) fn is_address(text: &str) -> bool {
    let is_plain =
        |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';' | '"');
    text.chars().all(is_plain)
        && matches!(text.rsplit_once('@'), Some((name,
        domain)) if !name.is_empty() && !name.contains('@') && !domain.is_empty())
}
