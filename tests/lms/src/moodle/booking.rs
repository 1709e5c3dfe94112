//! mod_booking as far as it is known: one call that reads options with their people. How it cancels from
//! outside is not confirmed, and so it can't here.

use super::params::Params;
use super::{Moodle, Said};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
pub struct BookingOption {
    pub id: u64,
    pub course: u64,
    pub booked: BTreeSet<u64>,
    /// Nobody is told of them.
    pub waiting: BTreeSet<u64>,
}

#[derive(Debug, Default)]
pub struct Booking {
    pub options: Vec<BookingOption>,
    /// The instances are not switched on for the API.
    pub is_hidden: bool,
}

impl Moodle {
    pub(super) fn bookings(&self, params: &Params) -> Said {
        params.only(&["courseid", "printusers", "days"])?;
        let course = params.number("courseid")?;
        self.entered(course, false)?;
        if self.booking.is_hidden {
            return Ok(json!([]));
        }
        let with_people = params.get("printusers") == Some("1");
        let options: Vec<Value> = self
            .booking
            .options
            .iter()
            .filter(|option| option.course == course)
            .map(|option| {
                let people: Vec<Value> = option
                    .booked
                    .iter()
                    .filter_map(|id| self.users.get(id).map(|user| (id, user)))
                    .map(|(id, user)| json!({ "id": id, "username": user.username, "email": user.email }))
                    .collect();
                let mut row = json!({ "id": option.id, "text": format!("Option {}", option.id),
                                      "maxanswers": 12,
                                      "teachers": [], "sessions": [] });
                if with_people {
                    row["users"] = json!(people);
                }
                row
            })
            .collect();
        Ok(json!([{ "id": 1, "cm": 31, "name": "Booking", "options": options }]))
    }
}
