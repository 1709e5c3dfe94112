//! What was written in calendars, for tests: the mails that Exchange sent for it, and the events as they are.

use crate::handle::World;
use crate::world::act::{ActError, Cancel};
use crate::world::item::{Item, Slot};
use crate::world::post::Mail;
use crate::world::rooms::RoomRules;
use crate::world::write_matrix::WriteMatrix;
use chrono::{DateTime, Utc};

impl World {
    /// Every message that Exchange sent for an organizer, once for each recipient, oldest first. One cause is
    /// one request or act.
    pub fn mails(&self) -> Vec<Mail> {
        self.0.model.lock().post.all()
    }

    pub fn edit_writes(&self, change: impl FnOnce(&mut WriteMatrix)) {
        change(&mut self.0.model.lock().writes);
    }

    /// Forgets them: a test begins to count anew. The limit of a day does, too.
    pub fn clear_mails(&self) {
        self.0.model.lock().post.clear();
    }

    /// Recipients that a mailbox may write to in 24 hours; beyond that Graph refuses to mail anybody.
    pub fn limit_recipients(&self, a_day: usize) {
        self.0.model.lock().recipients_a_day = a_day;
    }

    /// The events that lie in somebody's calendars; none of an address that nobody has.
    pub fn events_of(&self, address: &str) -> Vec<Item> {
        let model = self.0.model.lock();
        let items = model.whose(address).map(|(_, user)| user.mailbox.items.clone()).unwrap_or_default();
        items.into_iter().filter(|item| item.live).collect()
    }

    /// Automatic replies until then, by which Outlook calls off whatever this person organizes before that.
    pub fn be_away(&self, address: &str, until: DateTime<Utc>) -> Result<(), ActError> {
        let replies = self.edit_user(address, |user| user.automatic_replies = Some(Some(until)));
        replies.ok_or_else(|| ActError::Nobody(address.to_owned()))?;
        for item in self.events_of(address) {
            if item.is_organizer && !item.is_cancelled && item.slot.start < until {
                self.cancel(&Cancel { session: item.ical_uid })?;
            }
        }
        Ok(())
    }

    /// Those whose extended property of this id begins so: a publisher's own, by the key that it gave them.
    pub fn events_marked(&self, address: &str, property: &str, begins: &str) -> Vec<Item> {
        let is_marked =
            |item: &Item| item.extended.get(property).is_some_and(|value| value.starts_with(begins));
        self.events_of(address).into_iter().filter(is_marked).collect()
    }

    /// The LMS has a session to which nobody was invited yet; one that it has already stays.
    pub fn hold_session(&self, id: &str, title: &str, slot: Slot) {
        self.0.lms.lock().add_session(id, title, slot);
    }

    /// The mailbox is that of a room, which answers by these rules. `None`: nobody has the address.
    pub fn make_room(&self, address: &str, rules: RoomRules) -> Option<()> {
        self.edit_user(address, |user| {
            user.purpose = "room";
            user.room = Some(rules);
        })
    }
}
