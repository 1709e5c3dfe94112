//! Rooms that may be invited, as the directory tells of them.

use crate::ids::Address;

/// A room of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    pub address: Address,
    pub name: String,
    /// Another name that people use.
    pub nickname: Option<String>,
    pub building: Option<String>,
    /// `None`: nobody has said.
    pub capacity: Option<u32>,
    /// It takes bookings at all.
    pub is_bookable: bool,
}
