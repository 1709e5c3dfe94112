//! Totara's external GraphQL API for seminars, 19.1 and newer: `booked` is true for who has no seat, a
//! refusal is a success without success, and what is not there is an error without a word of its own.

mod listed;
mod report;

use crate::call::{Answer, Call};
use crate::server::Product;
use crate::token::Tokens;
pub use listed::Seminar;
pub use report::COLUMNS;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct User {
    pub username: String,
    pub email: String,
    pub idnumber: String,
}

#[derive(Debug)]
pub struct Totara {
    pub tokens: Tokens,
    pub users: BTreeMap<u64, User>,
    /// Events, each with its seats.
    pub events: BTreeMap<u64, usize>,
    /// Of events: their seminar, and when they are.
    pub seminars: BTreeMap<u64, Seminar>,
    /// Events of one page, at most.
    pub page: usize,
    /// By event and user: the state's key.
    pub bookings: BTreeMap<(u64, u64), &'static str>,
    /// The event's rules let nobody cancel.
    pub refuses: bool,
    /// The client's user sees no events.
    pub sees_nothing: bool,
    /// So many events are counted and not shown.
    pub hidden: usize,
    /// The columns of the report of sign-ups, number 17, where there is one.
    pub report: Option<Vec<&'static str>>,
    /// Not confirmed: with which status errors come.
    pub error_status: u16,
}

impl Default for Totara {
    fn default() -> Self {
        Self {
            tokens: Tokens::sent_as("Bearer"),
            users: BTreeMap::new(),
            events: BTreeMap::new(),
            seminars: BTreeMap::new(),
            page: 100,
            bookings: BTreeMap::new(),
            refuses: false,
            sees_nothing: false,
            hidden: 0,
            report: None,
            error_status: 200,
        }
    }
}

const NO_SEAT: [&str; 3] = ["DECLINED", "USER_CANCELLED", "EVENT_CANCELLED"];

impl Totara {
    pub fn user(&mut self, id: u64, name: &str) {
        let user = User {
            username: name.to_owned(),
            email: format!("{name}@contoso.com"),
            idnumber: format!("E-{name}"),
        };
        self.users.insert(id, user);
    }

    fn error(&self, category: &str, message: &str) -> Answer {
        let error = json!({ "message": message, "extensions": { "category": category } });
        Answer::json(self.error_status, &json!({ "errors": [error], "data": null }))
    }

    /// One sentence for what is not there and for what one may not see.
    fn no_record(&self) -> Answer {
        self.error("mod_facetoface", "The record was not found, or you may not see it")
    }

    fn user_of(&self, reference: &Value) -> Option<u64> {
        let text = |name: &str| reference[name].as_str().map(str::to_lowercase);
        let found = self.users.iter().find(|(id, user)| {
            text("id").is_some_and(|wanted| wanted == id.to_string())
                || text("email").is_some_and(|wanted| wanted == user.email.to_lowercase())
                || text("username").is_some_and(|wanted| wanted == user.username.to_lowercase())
                || text("idnumber").is_some_and(|wanted| wanted == user.idnumber.to_lowercase())
        });
        found.map(|(id, _)| *id)
    }

    fn event_of(&self, reference: &Value) -> Option<u64> {
        let id = reference["id"].as_str()?.parse().ok()?;
        (!self.sees_nothing && self.events.contains_key(&id)).then_some(id)
    }

    fn booking(state: &str) -> Value {
        json!({ "booked": !NO_SEAT.contains(&state), "state": { "key": state } })
    }

    fn read(&self, variables: &Value) -> Answer {
        let place = self.event_of(&variables["event"]).zip(self.user_of(&variables["user"]));
        let Some(place) = place else { return self.no_record() };
        let said = match self.bookings.get(&place) {
            Some(state) => json!({ "found": true, "booking": Self::booking(state) }),
            None => json!({ "found": false, "booking": null }),
        };
        Answer::json(200, &json!({ "data": { "mod_facetoface_event_user_booking": said } }))
    }

    fn cancel(&mut self, input: &Value, effects: &mut Vec<String>) -> Answer {
        let place = self.event_of(&input["event"]).zip(self.user_of(&input["user"]));
        let Some(place) = place else { return self.no_record() };
        let Some(state) = self.bookings.get(&place).copied() else { return self.no_record() };
        let may_cancel =
            ["BOOKED", "WAITLISTED", "REQUESTED", "REQUESTED_ADMIN", "REQUESTED_ROLE"].contains(&state);
        let said = if self.refuses || !may_cancel {
            let message = "The booking can't be cancelled";
            let error = json!({ "code": "state_transition", "message": message, "state": state });
            json!({ "success": false, "cancellation_errors": [error], "booking": Self::booking(state) })
        } else {
            self.bookings.insert(place, "USER_CANCELLED");
            effects.push(format!("cancel {} in event {}", place.1, place.0));
            json!({ "success": true, "cancellation_errors": [], "booking": Self::booking("USER_CANCELLED") })
        };
        Answer::json(200, &json!({ "data": { "mod_facetoface_event_cancel_user_booking": said } }))
    }

    fn book(&mut self, input: &Value, effects: &mut Vec<String>) -> Answer {
        let place = self.event_of(&input["event"]).zip(self.user_of(&input["user"]));
        let Some((event, user)) = place else { return self.no_record() };
        let seats = self.events.get(&event).copied().unwrap_or(0);
        let taken =
            self.bookings.iter().filter(|((of, _), state)| *of == event && **state == "BOOKED").count();
        let state = if taken < seats { "BOOKED" } else { "WAITLISTED" };
        self.bookings.insert((event, user), state);
        effects.push(format!("book {user} in event {event}: {state}"));
        let said = json!({ "created": true, "booking_errors": [], "booking": Self::booking(state) });
        Answer::json(200, &json!({ "data": { "mod_facetoface_event_create_user_booking": said } }))
    }

    fn person(&self, variables: &Value) -> Answer {
        let user = self.user_of(&variables["reference"]).and_then(|id| Some((id, self.users.get(&id)?)));
        let user = user.map(|(id, user)| {
            json!({ "id": id.to_string(), "username": user.username, "email": user.email,
                    "idnumber": user.idnumber })
        });
        Answer::json(200, &json!({ "data": { "core_user_user": { "user": user } } }))
    }
}

impl Product for Totara {
    fn answer(&mut self, call: &Call, effects: &mut Vec<String>) -> Answer {
        if call.path == "/totara/oauth2/token.php" {
            return self.tokens.issue(call);
        }
        if call.path != "/api/graphql.php" {
            return Answer::text(404, "text/html", "<html><body>Not found</body></html>");
        }
        if !self.tokens.are_taken(call) {
            return Answer::json(401, &json!({ "errors": [{ "message": "Access token is invalid" }] }));
        }
        let body = call.json();
        let query = body["query"].as_str().unwrap_or_default();
        let variables = &body["variables"];
        let asks =
            |field: &str| query.contains(&format!("{field}(")) || query.contains(&format!("{field} {{"));
        if asks("mod_facetoface_event_cancel_user_booking") {
            self.cancel(&variables["input"], effects)
        } else if asks("mod_facetoface_event_create_user_booking") {
            self.book(&variables["input"], effects)
        } else if asks("mod_facetoface_event_user_booking") {
            self.read(variables)
        } else if asks("mod_facetoface_events") {
            self.listed(query, variables)
        } else if asks("totara_reportbuilder_get_report") {
            self.report(&variables["input"])
        } else if asks("core_user_user") {
            self.person(variables)
        } else if asks("totara_webapi_status") {
            Answer::json(200, &json!({ "data": { "totara_webapi_status": { "status": "ok" } } }))
        } else {
            self.error("graphql", "Cannot query field")
        }
    }

    fn writes(&self, call: &Call) -> bool {
        call.body.contains("\"query\":\"mutation")
    }
}
