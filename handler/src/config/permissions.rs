//! Which permissions of Graph a tenant's configuration has a use for, and how each is best given.
//!
//! The least that works: a mailbox permission is asked of Exchange for named mailboxes, unless everybody's
//! calendars are to be read.

use super::{Canary, LearnerKeySource, Publish, Tenant};
use crate::enrolment::policy::Mailboxes;
use crate::graph::permissions::Permission;
use crate::publishing::policy::Online;

/// How a permission is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// By admin consent in Entra: there is no narrower way.
    Entra,
    /// By a role assignment in Exchange on the mailboxes that are read. Granted in Entra it works as well,
    /// and is too much: it is good for every mailbox.
    Exchange,
    /// By either: every mailbox is to be read.
    Either,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededPermission {
    pub permission: Permission,
    pub given: Given,
    /// Without it less is recognised, and all else works.
    pub is_optional: bool,
    /// What this configuration does with it, as the end of "It is used to …".
    pub why: &'static str,
}

impl Tenant {
    /// Names of those that Entra alone can give and that nothing works without.
    pub fn needed_of_entra(&self) -> Vec<&'static str> {
        let needed = self.needed_permissions().into_iter();
        let of_entra = needed.filter(|one| one.given == Given::Entra && !one.is_optional);
        of_entra.map(|one| one.permission.name()).collect()
    }

    /// In the order in which they are explained to whoever grants them.
    pub fn needed_permissions(&self) -> Vec<NeededPermission> {
        let reads_all = self.watch.mode.reads_learners() && self.watch.mailboxes == Mailboxes::All;
        let of_mailboxes = if reads_all { Given::Either } else { Given::Exchange };
        let mut needed = vec![
            NeededPermission {
                permission: Permission::CalendarsRead,
                given: of_mailboxes,
                is_optional: false,
                why: if self.watch.mode.reads_learners() {
                    "see who declined a training appointment, and to be told when an appointment changes"
                } else {
                    "see in the organizer's calendar who declined a training appointment"
                },
            },
            NeededPermission {
                permission: Permission::UserReadAll,
                given: Given::Entra,
                is_optional: false,
                why: match self.learner {
                    LearnerKeySource::Mail => "tell whose an address is, aliases and old addresses included",
                    LearnerKeySource::UserPrincipalName
                    | LearnerKeySource::EmployeeId
                    | LearnerKeySource::Id
                    | LearnerKeySource::ExtensionAttribute(_) => {
                        "find the key by which the LMS knows a learner, and whose an address is"
                    }
                },
            },
        ];
        let names_group = |mailboxes: &Mailboxes| matches!(mailboxes, Mailboxes::Group(_));
        let publish = self.publish.as_ref().filter(|publish| publish.is_wanted());
        let writes_to_group = publish.and_then(|publish| publish.only.as_ref()?.group.as_ref()).is_some();
        let acts_for_group = self.policy.only.as_ref().is_some_and(names_group);
        if names_group(&self.watch.mailboxes) || acts_for_group || writes_to_group {
            needed.push(NeededPermission {
                permission: Permission::GroupMemberReadAll,
                given: Given::Entra,
                is_optional: false,
                why: "see who is in the group that the configuration names",
            });
        }
        if self.watch.mode.reads_learners() {
            needed.push(NeededPermission {
                permission: Permission::MailboxSettingsRead,
                given: of_mailboxes,
                is_optional: true,
                why: "tell a decline that automatic replies gave from the learner's own",
            });
        }
        if self.mails_alerts {
            needed.push(NeededPermission {
                permission: Permission::MailSend,
                given: Given::Exchange,
                is_optional: false,
                why: "tell people of alerts, from the one mailbox that the configuration names",
            });
        }
        // Declines are seen and carried out without it.
        needed.extend(self.why_calendars_are_written().map(|why| NeededPermission {
            permission: Permission::CalendarsReadWrite,
            given: Given::Exchange,
            is_optional: true,
            why,
        }));
        let online = self.publish.as_ref().filter(|publish| publish.writes());
        if online.is_some_and(|publish| publish.publisher.online == Online::Meeting) {
            needed.push(NeededPermission {
                permission: Permission::OnlineMeetingsReadWriteAll,
                given: Given::Entra,
                is_optional: true,
                why: "make the online meeting of a session of which the LMS shows no link",
            });
        }
        if online.is_some_and(|publish| publish.publisher.rooms.is_some()) {
            needed.push(NeededPermission {
                permission: Permission::PlaceReadAll,
                given: Given::Entra,
                is_optional: true,
                why: "find the room of a session's venue, and others that seat as many",
            });
        }
        needed
    }

    /// The canary that Regrets acts itself, in two mailboxes.
    pub fn canary_written(&self) -> Option<&Canary> {
        self.canary.as_ref().filter(|canary| canary.kit.is_none())
    }

    fn why_calendars_are_written(&self) -> Option<&'static str> {
        match (self.canary_written().is_some(), self.publish.as_ref().is_some_and(Publish::writes)) {
            (false, false) => None,
            (true, false) => Some(
                "invite a test learner and decline in their name each day, in two mailboxes of yours that \
                 are there for it",
            ),
            (false, true) => Some(
                "invite those who hold a place to their training, from the organizer's mailbox, and to tell \
                 them of changes",
            ),
            (true, true) => Some(
                "invite those who hold a place to their training, from the organizer's mailbox, and to tell \
                 them of changes; and to have a test learner decline each day, in mailboxes that are there \
                 for it",
            ),
        }
    }
}

#[cfg(test)]
#[path = "permissions_tests.rs"]
mod tests;
