//! A user report of sign-ups: columns as an administrator chose them, cells in their order, states as words,
//! pages by their numbers.

use super::Totara;
use crate::call::Answer;
use serde_json::{Value, json};

/// Keys of its columns.
pub const COLUMNS: [&str; 6] = [
    "facetoface_session_custom_field_7",
    "user_fullname",
    "user_emailunobscured",
    "user_username",
    "user_idnumber",
    "status_statuscode",
];

/// English, as the client's user reads it.
fn word(state: &str) -> &str {
    match state {
        "BOOKED" => "Booked",
        "WAITLISTED" => "Wait-listed",
        "REQUESTED" => "Requested",
        "USER_CANCELLED" => "User Cancelled",
        "FULLY_ATTENDED" => "Fully attended",
        other => other,
    }
}

impl Totara {
    pub(super) fn report(&self, input: &Value) -> Answer {
        let Some(columns) = self.report.as_ref().filter(|_| input["report_id"] == "17") else {
            return self.error("totara_reportbuilder", "Cannot find report with ID");
        };
        // A number, and no text that holds one.
        let Some(page) = input["page"].as_u64().filter(|page| *page > 0) else {
            return self.error("graphql", "Int cannot represent this value");
        };
        let page = usize::try_from(page).unwrap_or(1);
        let rows = self.bookings.iter().filter_map(|((event, id), state)| {
            let user = self.users.get(id)?;
            let cells = [
                event.to_string(),
                user.username.to_uppercase(),
                user.email.clone(),
                user.username.clone(),
                user.idnumber.clone(),
                word(state).to_owned(),
            ];
            Some(json!({ "data": cells }))
        });
        let rows: Vec<Value> = rows.collect();
        let shown: Vec<&Value> = rows.iter().skip((page - 1) * self.page).take(self.page).collect();
        let pages = rows.len().div_ceil(self.page.max(1));
        let columns: Vec<Value> = columns.iter().map(|key| json!({ "key": key })).collect();
        let next = if page < pages { json!(page + 1) } else { Value::Null };
        let said = json!({ "columns": columns, "rows": shown, "report_pagination": { "next_cursor": next } });
        Answer::json(200, &json!({ "data": { "totara_reportbuilder_get_report": said } }))
    }
}
