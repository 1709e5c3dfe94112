//! The application permissions of Graph that Regrets has a use for, in the words of whoever grants them.
//!
//! Names and identifiers as Graph's permissions reference lists them; which of them Exchange can give for
//! named mailboxes: reference/graph-directory.md#exchange-scope.

use strum::{EnumIter, IntoEnumIterator as _};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter)]
pub enum Permission {
    CalendarsRead,
    UserReadAll,
    GroupMemberReadAll,
    MailboxSettingsRead,
    MailSend,
    CalendarsReadWrite,
    OnlineMeetingsReadWriteAll,
    PlaceReadAll,
}

impl Permission {
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// As it stands in a token's `roles`, and in Entra's pages.
    pub fn name(self) -> &'static str {
        match self {
            Self::CalendarsRead => "Calendars.Read",
            Self::UserReadAll => "User.Read.All",
            Self::GroupMemberReadAll => "GroupMember.Read.All",
            Self::MailboxSettingsRead => "MailboxSettings.Read",
            Self::MailSend => "Mail.Send",
            Self::CalendarsReadWrite => "Calendars.ReadWrite",
            Self::OnlineMeetingsReadWriteAll => "OnlineMeetings.ReadWrite.All",
            Self::PlaceReadAll => "Place.Read.All",
        }
    }

    /// The identifier of the role of Graph's own service principal.
    pub fn role_id(self) -> &'static str {
        match self {
            Self::CalendarsRead => "798ee544-9d2d-430c-a058-570e29e34338",
            Self::UserReadAll => "df021288-bdef-4463-88db-98f22de89214",
            Self::GroupMemberReadAll => "98830695-27a2-44f7-8c18-0c3ebc9698f6",
            Self::MailboxSettingsRead => "40f97065-369a-49f4-947c-6a255697ae91",
            Self::MailSend => "b633e1c5-b582-4048-a93e-9f11b44c7e96",
            Self::CalendarsReadWrite => "ef54d2bf-783f-4e0f-bca1-3210c0444d99",
            Self::OnlineMeetingsReadWriteAll => "b8bb2037-6e08-44ac-a4ea-4674e010e2a4",
            Self::PlaceReadAll => "913b9306-0ce1-42b8-9137-6a7df690a760",
        }
    }

    /// The role of Exchange's that gives the same on named mailboxes alone.
    pub fn exchange_role(self) -> Option<&'static str> {
        match self {
            Self::CalendarsRead => Some("Application Calendars.Read"),
            Self::MailboxSettingsRead => Some("Application MailboxSettings.Read"),
            Self::MailSend => Some("Application Mail.Send"),
            Self::CalendarsReadWrite => Some("Application Calendars.ReadWrite"),
            Self::UserReadAll
            | Self::GroupMemberReadAll
            | Self::OnlineMeetingsReadWriteAll
            | Self::PlaceReadAll => None,
        }
    }

    /// What it lets the app do, where Entra grants it.
    pub fn allows(self) -> &'static str {
        match self {
            Self::CalendarsRead => "read the events of every calendar in the directory",
            Self::UserReadAll => "read the profile of every user in the directory: names, addresses, ids",
            Self::GroupMemberReadAll => "read who is a member of which group",
            Self::MailboxSettingsRead => {
                "read the settings of every mailbox: automatic replies, time zone, working hours"
            }
            Self::MailSend => "send mail as every mailbox in the directory",
            Self::CalendarsReadWrite => "create, change and delete events in every calendar of the directory",
            Self::OnlineMeetingsReadWriteAll => {
                "make and change online meetings, of those users alone whom a policy of Teams names"
            }
            Self::PlaceReadAll => "read which rooms there are, where, and how many they seat",
        }
    }

    /// What it does not let the app do, though a reader may fear it.
    pub fn does_not_allow(self) -> &'static str {
        match self {
            Self::CalendarsRead => "change or create an event, read a mail, send a mail",
            Self::UserReadAll => "change a user, read a password, a mail or a file",
            Self::GroupMemberReadAll => "change a group, read a group's conversations or files",
            Self::MailboxSettingsRead => "change a setting, read a mail",
            Self::MailSend => "read a mail, or anything else in a mailbox",
            Self::CalendarsReadWrite => "read a mail, change a mailbox's settings",
            Self::OnlineMeetingsReadWriteAll => "join a meeting, read a chat, a recording or a transcript",
            Self::PlaceReadAll => "read a room's calendar, change a room",
        }
    }
}

#[cfg(test)]
#[path = "permissions_tests.rs"]
mod tests;
