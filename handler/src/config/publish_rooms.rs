//! `[tenant.<name>.publish] rooms`: which mailbox is booked for a venue.

use super::raw_publish as raw;
use super::reader::Reader;
use super::table::{At, May};
use super::tree::Value;
use crate::ids::Address;
use crate::publishing::booking::spelled;
use crate::publishing::policy::{Rooms, RoomsBy};
use std::collections::BTreeMap;

impl Reader<'_> {
    /// `organizer`: what sends the invitations can't be a room.
    pub(super) fn rooms(
        &mut self,
        given: May<'_, raw::Rooms<'_>>,
        organizer: Option<&Address>,
    ) -> Option<Option<Rooms>> {
        let Some(given) = given else { return Some(None) };
        let raw::Rooms { map, first } = self.table(given)?;
        let first = self.flag(first, false);
        let map = self.required(map, "\"address\", \"name\", or a table of mailboxes by venue");
        let by = map.and_then(|map| self.rooms_by(map, organizer));
        Some(Some(Rooms { by: by?, first: first? }))
    }

    fn rooms_by(&mut self, map: At<'_, raw::RoomMap>, organizer: Option<&Address>) -> Option<RoomsBy> {
        let Value::Table(entries) = &map.node.value else {
            return Some(match self.choice(Some(At::new(map.node)), raw::RoomWord::Name)? {
                raw::RoomWord::Address => RoomsBy::Address,
                raw::RoomWord::Name => RoomsBy::Name,
            });
        };
        if entries.is_empty() {
            self.contradiction(map.node, "the table is empty, so no venue is a room".to_owned());
            return None;
        }
        let mut table = BTreeMap::new();
        for entry in entries {
            let address = self.smtp_address(At::new(entry))?;
            if organizer == Some(&address) {
                let why = "is the organizer: a room's mailbox can't send invitations to itself".to_owned();
                self.contradiction(entry, why);
                return None;
            }
            table.insert(spelled(&entry.key), address);
        }
        Some(RoomsBy::Table(table))
    }
}
