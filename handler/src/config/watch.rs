//! `[tenant.<name>.watch]`: whose calendars, and how.

use super::reader::{Reader, is_guid};
use super::tree::{Node, Value};
use super::{Watch, WatchMode, keys, same};
use crate::enrolment::policy::Mailboxes;
use crate::ids::Address;
use chrono::Duration;
use std::collections::BTreeSet;

const MODES: [(&str, WatchMode); 3] =
    [("attendees", WatchMode::Attendees), ("organizer", WatchMode::Organizer), ("both", WatchMode::Both)];

impl Reader<'_> {
    pub(super) fn watch(&mut self, tenant: &Node) -> Option<Watch> {
        let node =
            self.required(tenant, "watch", "a section [tenant.<name>.watch] says whose calendars are watched")?;
        let table = self.table(node, keys::WATCH)?;
        let mode = self.choice(table.child("mode"), &MODES, WatchMode::Attendees);
        let mailboxes = match table.child("mailboxes") {
            Some(node) => self.mailboxes(node, keys::MAILBOXES),
            None if mode == Some(WatchMode::Organizer) => Some(Mailboxes::None),
            None => {
                self.required(
                    table,
                    "mailboxes",
                    "whose calendars: { group = \"<object id>\" }, { users = […] } or { all = true }",
                );
                None
            }
        };
        let organizers = match table.child("organizers") {
            Some(node) => self.addresses(node),
            None => Some(Vec::new()),
        };
        if let (Some(WatchMode::Organizer | WatchMode::Both), Some([])) = (mode, organizers.as_deref()) {
            let at = table.child("mode").unwrap_or(table);
            self.contradiction(at, "`organizers` must name the mailboxes that send the invitations");
        }
        let resync = self.duration_above_zero(table.child("resync"), Duration::hours(24));
        Some(Watch { mode: mode?, mailboxes: mailboxes?, organizers: organizers?, resync: resync? })
    }

    /// `{ users = […] }`, `{ group = "…" }` or, where it is among the known keys, `{ all = true }`.
    pub(super) fn mailboxes(&mut self, node: &Node, known: &[&str]) -> Option<Mailboxes> {
        let given = self.only_one(node, known)?;
        match given.key.as_str() {
            "users" => self.users(given).map(Mailboxes::Users),
            "group" => self
                .guid(given, "a group's object id", "it stands on the group's overview page in Entra")
                .map(Mailboxes::Group),
            _ if matches!(given.value, Value::Boolean(true)) => Some(Mailboxes::All),
            _ => {
                self.bad_value(given, "`true`", "", Some("or name them: { group = … } or { users = … }".to_owned()));
                None
            }
        }
    }

    fn users(&mut self, node: &Node) -> Option<Vec<String>> {
        const EXPECTED: &str = "a user's object id or user principal name";
        let texts = self.texts(node, EXPECTED)?;
        if texts.is_empty() {
            self.contradiction(node, "the list is empty, so nobody is meant");
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

    pub(super) fn addresses(&mut self, node: &Node) -> Option<Vec<Address>> {
        const EXPECTED: &str = "an address such as learning@contoso.com";
        let texts = self.texts(node, EXPECTED)?;
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

/// `name@domain`, no more: what really is an address, only the mail system knows.
fn is_address(text: &str) -> bool {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';' | '"');
    text.chars().all(is_plain)
        && matches!(text.rsplit_once('@'), Some((name, domain)) if !name.is_empty() && !name.contains('@') && !domain.is_empty())
}
