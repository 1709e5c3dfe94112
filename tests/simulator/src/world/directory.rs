//! Tenants, their app registration, users, groups and mailboxes.

use super::ids::Twin;
use super::item::Item;
use super::rooms::RoomRules;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The app as registered and consented in one tenant.
#[derive(Debug, Clone)]
pub struct App {
    pub client_id: Uuid,
    /// The enterprise application's object id: `creatorId` of its subscriptions.
    pub object_id: Uuid,
    pub secrets: Vec<String>,
    pub certificates: Vec<Certificate>,
    /// Issuers of federated credentials; their assertions are taken by issuer, unsigned or not.
    pub federated_issuers: Vec<String>,
    /// Consented application permissions: the token's `roles`.
    pub roles: BTreeSet<String>,
    /// What the registration asks for: all of it is granted together.
    pub requested: BTreeSet<String>,
    /// Where consent may send a browser back to.
    pub redirect_uris: Vec<String>,
    /// How long it takes from a grant to the first token that holds it.
    pub propagation: Duration,
    /// Granted, and not in tokens before then.
    pub(crate) on_its_way: Vec<(DateTime<Utc>, String)>,
    /// Calendars may also be read by RBAC for Applications, which no token shows
    /// (handler/reference/graph-directory.md#exchange-scope).
    pub rbac_calendars: bool,
    /// Addresses of mailboxes whose calendars may be written in, by the same.
    pub rbac_writes: BTreeSet<String>,
}

impl App {
    /// By consent, or by a click in the portal.
    pub fn grant(&mut self, permissions: &[String], now: DateTime<Utc>) {
        let at = now + self.propagation;
        self.on_its_way.extend(permissions.iter().map(|name| (at, name.clone())));
        self.arrive(now);
    }

    /// Tokens that were given before keep it until they end.
    pub fn withdraw(&mut self, permissions: &[String]) {
        self.roles.retain(|name| !permissions.contains(name));
        self.on_its_way.retain(|(_, name)| !permissions.contains(name));
    }

    /// What has reached everybody by now is in tokens.
    pub(crate) fn arrive(&mut self, now: DateTime<Utc>) {
        let (there, late) = self.on_its_way.drain(..).partition(|(at, _)| *at <= now);
        let there: Vec<(DateTime<Utc>, String)> = there;
        self.on_its_way = late;
        self.roles.extend(there.into_iter().map(|(_, name)| name));
    }
}

/// A certificate registered on the app.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// Base64url SHA-256 of the DER: `x5t#S256`.
    pub thumbprint: String,
    /// `-----BEGIN PUBLIC KEY-----`, RSA or P-256.
    pub public_key_pem: String,
}

impl Certificate {
    pub fn new(der: &[u8], public_key_pem: &str) -> Self {
        use base64::Engine as _;
        use sha2::Digest as _;
        let thumbprint = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(der));
        Self { thumbprint, public_key_pem: public_key_pem.to_owned() }
    }
}

#[derive(Debug)]
pub struct Tenant {
    pub id: Uuid,
    pub domain: String,
    pub app: App,
    pub users: Vec<User>,
    pub groups: Vec<Group>,
}

/// What the app finds when it asks for the mailbox
/// (handler/reference/graph-directory.md#guests-and-mailboxes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MailboxState {
    Active,
    /// Unlicensed, on premises or soft-deleted: 404 `MailboxNotEnabledForRESTAPI`.
    NoMailbox,
    /// Outside the app's RBAC scope: 403 `ErrorAccessDenied`.
    OutOfScope,
    /// Blocked by an application access policy: 403 `ErrorAccessDenied` with another text.
    Policy,
}

#[derive(Debug, Clone)]
pub struct User {
    pub id: Uuid,
    pub display_name: String,
    pub upn: String,
    pub mail: Option<String>,
    /// `SMTP:` primary, `smtp:` alias, `X500:` a name of Exchange's own.
    pub proxy_addresses: Vec<String>,
    pub employee_id: Option<String>,
    pub account_enabled: bool,
    pub is_guest: bool,
    pub extension_attributes: BTreeMap<String, String>,
    pub mailbox_state: MailboxState,
    /// Automatic replies are on, until this moment where they are scheduled.
    pub automatic_replies: Option<Option<DateTime<Utc>>>,
    /// "Save declined events": new clients keep a declined meeting in the calendar.
    pub keeps_declined: bool,
    /// `mailboxSettings.timeZone`, whatever stands there.
    pub time_zone: String,
    /// `mailboxSettings.userPurpose`.
    pub purpose: &'static str,
    /// A room that answers invitations by itself.
    pub room: Option<RoomRules>,
    /// The calendar allows meetings in Teams.
    pub has_teams: bool,
    pub mailbox: Mailbox,
}

impl User {
    /// UPN, `mail` or any proxy address, a name of Exchange's own too, without case.
    pub fn has_address(&self, address: &str) -> bool {
        self.upn.eq_ignore_ascii_case(address)
            || self.mail.as_deref().is_some_and(|mail| mail.eq_ignore_ascii_case(address))
            || self.proxy_addresses.iter().filter_map(|proxy| proxy.split_once(':')).any(|(scheme, proxy)| {
                let is_mail = ["smtp", "x500"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
                is_mail && proxy.eq_ignore_ascii_case(address)
            })
    }

    /// How others see the user in a meeting.
    pub fn address(&self) -> &str {
        self.mail.as_deref().unwrap_or(&self.upn)
    }

    /// Invitations land in a mailbox here, whether or not the app may look into it.
    pub fn receives(&self) -> bool {
        !self.is_guest
            && match self.mailbox_state {
                MailboxState::Active | MailboxState::OutOfScope | MailboxState::Policy => true,
                MailboxState::NoMailbox => false,
            }
    }
}

#[derive(Debug, Clone, Default)]
pub struct Mailbox {
    pub calendars: Vec<Calendar>,
    pub items: Vec<Item>,
    pub twin: Twin,
}

impl Mailbox {
    pub fn default_calendar(&self) -> String {
        self.calendars.first().map(|calendar| calendar.id.clone()).unwrap_or_default()
    }

    /// The live copy of a meeting.
    pub fn copy(&self, ical_uid: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.live && item.ical_uid == ical_uid)
    }

    pub fn copy_mut(&mut self, ical_uid: &str) -> Option<&mut Item> {
        self.items.iter_mut().find(|item| item.live && item.ical_uid == ical_uid)
    }
}

/// The first calendar of a mailbox is its default one.
#[derive(Debug, Clone)]
pub struct Calendar {
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone)]
pub struct Group {
    pub id: Uuid,
    pub name: String,
    /// Users and groups of the same tenant.
    pub members: Vec<Uuid>,
}

impl Tenant {
    pub fn user(&self, id: Uuid) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub fn user_mut(&mut self, id: Uuid) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.id == id)
    }

    /// All users in the group and the groups in it; a group that contains itself is no trap. `None`: no such
    /// group.
    pub fn transitive_users(&self, group: Uuid) -> Option<Vec<&User>> {
        self.groups.iter().find(|known| known.id == group)?;
        let (mut seen, mut todo) = (BTreeSet::new(), vec![group]);
        while let Some(id) = todo.pop() {
            if seen.insert(id) {
                let inner = self.groups.iter().find(|known| known.id == id);
                todo.extend(inner.into_iter().flat_map(|known| known.members.iter().copied()));
            }
        }
        Some(self.users.iter().filter(|user| seen.contains(&user.id)).collect())
    }
}
