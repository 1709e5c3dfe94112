//! The world without any HTTP: tenants, mailboxes, copies of meetings, and what people do to them.
//!
//! Every act changes exactly the copies that handler/reference/graph-events.md#what-is-told names, and says
//! what a subscriber would be told ([`Change`]) and which response mail is on its way ([`ResponseMail`]).
//! Nothing waits in here: delays are the caller's.

pub mod act;
pub(crate) mod delta;
pub mod details;
pub mod directory;
pub mod draft;
pub mod ids;
pub mod item;
pub mod matrix;
pub mod online_meeting;
pub mod post;
pub mod rooms;
pub mod text;
pub mod write_matrix;

mod answers;
mod calendars;
mod deliver;
mod meeting;
mod occurrences;
mod organizer;
mod revise;
mod spread;
#[cfg(test)]
mod tests;

use act::ActError;
use chrono::{DateTime, Duration, Utc};
use directory::{Tenant, User};
use ids::Mint;
use item::{Item, Party, ShowAs, Slot, Status};
use matrix::Matrix;
pub use meeting::{Meeting, Moved, Unlisted, Way};
use online_meeting::OnlineMeeting;
use post::Post;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::IntoStaticStr;
use uuid::Uuid;
use write_matrix::WriteMatrix;

/// `changeType` of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum ChangeKind {
    Created,
    Updated,
    Deleted,
}

impl ChangeKind {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Something a subscriber of the mailbox would be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub tenant: Uuid,
    pub user: Uuid,
    pub kind: ChangeKind,
    pub immutable: String,
    pub mutable: String,
    pub etag: Option<String>,
}

/// An answer under way to the organizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseMail {
    pub ical_uid: String,
    /// Whose answer it is: the mail's `from`.
    pub learner: String,
    /// Who sent it: the learner, or a delegate.
    pub sender: String,
    pub status: Status,
    pub proposed: Option<Slot>,
    pub occurrence: Option<DateTime<Utc>>,
    /// What was answered ([`Meeting::version`]): an answer to an older one is out of date and changes
    /// nothing.
    pub version: (u32, u32),
    /// Real milliseconds until it arrives; `None`: by chance.
    pub after_ms: Option<u64>,
}

/// What an act set off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    pub changes: Vec<Change>,
    pub mails: Vec<ResponseMail>,
}

/// A distribution list: an address whose mail goes to its members.
#[derive(Debug, Clone, Serialize)]
pub struct MailList {
    pub address: String,
    pub members: Vec<String>,
}

/// One user's default calendar among another's.
#[derive(Debug, Clone)]
pub struct Share {
    pub tenant: Uuid,
    pub owner: Uuid,
    pub with: Uuid,
    /// The id that it has in the mailbox it is shared with.
    pub id: String,
}

#[derive(Debug)]
pub struct Model {
    pub tenants: Vec<Tenant>,
    pub meetings: Vec<Meeting>,
    pub lists: Vec<MailList>,
    pub shares: Vec<Share>,
    /// What Graph was asked to make under which `transactionId`: by mailbox and id, the request and the
    /// meeting.
    pub transactions: BTreeMap<(Uuid, String), (String, String)>,
    /// Online meetings beside the calendar, by user and `externalId`.
    pub online_meetings: BTreeMap<(Uuid, String), OnlineMeeting>,
    /// What Exchange has sent for organizers.
    pub post: Post,
    /// Recipients that a mailbox may write to in 24 hours
    /// (handler/reference/graph-publishing.md#sending-limits).
    pub recipients_a_day: usize,
    pub matrix: Matrix,
    pub writes: WriteMatrix,
    pub mint: Mint,
}

impl Model {
    pub fn new(tenants: Vec<Tenant>, matrix: Matrix, mint: Mint) -> Self {
        let (meetings, lists, shares) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            tenants,
            meetings,
            lists,
            shares,
            transactions: BTreeMap::new(),
            online_meetings: BTreeMap::new(),
            post: Post::default(),
            recipients_a_day: 10_000,
            writes: WriteMatrix::default(),
            matrix,
            mint,
        }
    }

    pub fn tenant(&self, id: Uuid) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| tenant.id == id)
    }

    /// Whose address it is, in whichever tenant.
    pub fn whose(&self, address: &str) -> Option<(&Tenant, &User)> {
        self.tenants.iter().find_map(|tenant| {
            tenant.users.iter().find(|user| user.has_address(address)).map(|user| (tenant, user))
        })
    }

    pub fn whose_mut(&mut self, address: &str) -> Option<&mut User> {
        self.tenants
            .iter_mut()
            .flat_map(|tenant| tenant.users.iter_mut())
            .find(|user| user.has_address(address))
    }

    /// The newest meeting of a session, or the one with this `iCalUId`.
    pub fn meeting(&self, session_or_uid: &str) -> Result<&Meeting, ActError> {
        self.meetings
            .iter()
            .rev()
            .find(|meeting| meeting.session == session_or_uid || meeting.ical_uid == session_or_uid)
            .ok_or_else(|| ActError::NoMeeting(session_or_uid.to_owned()))
    }

    fn meeting_mut(&mut self, ical_uid: &str) -> Option<&mut Meeting> {
        self.meetings.iter_mut().find(|meeting| meeting.ical_uid == ical_uid)
    }

    pub(crate) fn party(&self, address: &str) -> Party {
        let name = self.whose(address).map(|(_, user)| user.display_name.clone());
        Party { name: name.unwrap_or_else(|| address.to_owned()), address: address.to_owned() }
    }

    /// The live copy in the mailbox of this address, with a record of the change made to it. A mailbox that
    /// is disabled takes no change.
    fn edit(
        &mut self,
        address: &str,
        ical_uid: &str,
        kind: ChangeKind,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Item),
    ) -> Option<Change> {
        let etag_on_deleted = self.matrix.etag_on_deleted;
        let tenant = self.whose(address).filter(|(_, user)| user.receives()).map(|(tenant, _)| tenant.id)?;
        let user = self.whose_mut(address)?;
        let id = user.id;
        let item = user.mailbox.copy_mut(ical_uid)?;
        change(item);
        item.touch(now);
        let etag = (kind != ChangeKind::Deleted || etag_on_deleted).then(|| item.etag());
        let (immutable, mutable) = (item.immutable.clone(), item.mutable.clone());
        Some(Change { tenant, user: id, kind, immutable, mutable, etag })
    }

    /// The same for what befalls one occurrence: an `updated` of the master, and (by the matrix) a change of
    /// this kind that names the occurrence itself.
    fn edit_occurrence(
        &mut self,
        address: &str,
        ical_uid: &str,
        (start, kind): (DateTime<Utc>, ChangeKind),
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Item),
    ) -> Vec<Change> {
        let Some(master) = self.edit(address, ical_uid, ChangeKind::Updated, now, change) else {
            return Vec::new();
        };
        let named = self.matrix.occurrence_told_by_own_id.then(|| Change {
            kind,
            immutable: ids::occurrence(&master.immutable, start),
            mutable: ids::occurrence(&master.mutable, start),
            etag: master.etag.clone().filter(|_| kind != ChangeKind::Deleted || self.matrix.etag_on_deleted),
            ..master.clone()
        });
        std::iter::once(master).chain(named).collect()
    }

    /// The copy goes to Deleted Items, and by the matrix takes along what was said.
    fn bin(
        &mut self,
        address: &str,
        ical_uid: &str,
        now: DateTime<Utc>,
        said: Option<item::Answer>,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.matrix.updated_before_deleted {
            changes.extend(self.edit(address, ical_uid, ChangeKind::Updated, now, |_| {}));
        }
        let said = said.filter(|_| self.matrix.binned_copy_is_declined);
        changes.extend(self.edit(address, ical_uid, ChangeKind::Deleted, now, |item| {
            item.live = false;
            if let Some(answer) = said {
                item.status = Status::given(answer, now);
                item.show_as = ShowAs::Free;
            }
        }));
        changes
    }

    /// An attendee's copy as the invitation makes it; nothing where no mailbox receives it.
    fn receive(&mut self, address: &str, meeting: &Meeting, now: DateTime<Utc>) -> Option<Change> {
        // Invited under two addresses: one copy.
        if self.whose(address).is_some_and(|(_, user)| user.mailbox.copy(&meeting.ical_uid).is_some()) {
            return None;
        }
        let status = Status::unanswered(item::Answer::NotResponded);
        self.file(address, meeting, now, status, false)
    }

    /// Puts a new item into a mailbox. On an attendee's copy everybody's answer is `none`
    /// (handler/reference/graph-events.md#two-copies).
    fn file(
        &mut self,
        address: &str,
        meeting: &Meeting,
        now: DateTime<Utc>,
        status: Status,
        is_organizer: bool,
    ) -> Option<Change> {
        let shown = if is_organizer { self.matrix.unanswered } else { item::Answer::None };
        let tenant = self.whose(address).filter(|(_, user)| user.receives()).map(|(tenant, _)| tenant.id)?;
        let Self { tenants, mint, .. } = self;
        let user =
            tenants.iter_mut().flat_map(|t| t.users.iter_mut()).find(|user| user.has_address(address))?;
        let none = Status::unanswered(shown);
        let all = if is_organizer { meeting.invitees(none) } else { meeting.shown_to(address, none) };
        let details = &meeting.details;
        let details = if is_organizer { details.clone() } else { details.travelling() };
        let item = Item {
            immutable: mint.immutable(&mut user.mailbox.twin),
            mutable: mint.mutable(),
            calendar: user.mailbox.default_calendar(),
            live: true,
            ical_uid: meeting.ical_uid.clone(),
            subject: meeting.subject.clone(),
            body: meeting.body.clone(),
            details,
            slot: meeting.slot,
            all_day: meeting.all_day.clone(),
            organizer: meeting.organizer.clone(),
            is_organizer,
            is_cancelled: false,
            invitees: all,
            status,
            show_as: if is_organizer { ShowAs::Busy } else { ShowAs::Tentative },
            response_requested: meeting.response_requested,
            series: meeting.series(),
            extended: BTreeMap::new(),
            created: now,
            modified: now,
            version: 1,
        };
        let change = Change {
            tenant,
            user: user.id,
            kind: ChangeKind::Created,
            immutable: item.immutable.clone(),
            mutable: item.mutable.clone(),
            etag: Some(item.etag()),
        };
        user.mailbox.items.push(item);
        Some(change)
    }
}

impl Slot {
    fn checked(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Self, ActError> {
        if end > start { Ok(Self { start, end }) } else { Err(ActError::Backwards) }
    }

    pub fn length(self) -> Duration {
        self.end - self.start
    }
}
