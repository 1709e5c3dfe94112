//! The companion plugin's list of sessions, page by page.

use super::params::Params;
use super::{Moodle, Said, bad_parameter, no_right};
use serde_json::{Value, json};

impl Moodle {
    pub(super) fn list_sessions(&self, params: &Params) -> Said {
        params.only(&["since", "cursor", "limit", "endsafter", "provider"])?;
        if self.lacks("local/regrets:read") {
            return Err(no_right("Read sign-ups"));
        }
        let number = |name: &str, otherwise: u64| match params.get(name) {
            None | Some("") => Ok(otherwise),
            Some(text) => text.parse::<u64>().map_err(|_| bad_parameter()),
        };
        let (limit, cursor, ends_after) =
            (number("limit", 50)?, number("cursor", 0)?, number("endsafter", 0)?);
        if !(1..=200).contains(&limit) {
            return Err(bad_parameter());
        }
        let limit = usize::try_from(limit).unwrap_or(1).min(self.facetoface.page);
        let ends_after = i64::try_from(ends_after).unwrap_or_default();
        let listed = self.facetoface.sessions.iter().filter(|(id, session)| {
            let ends = session.dates().into_iter().max().map(|starts| starts + LASTS);
            **id > cursor && ends.is_none_or(|ends| ends >= ends_after)
        });
        let mut page: Vec<(u64, Value)> = listed
            .take(limit + 1)
            .map(|(id, session)| {
                let part = |starts: &i64| json!({ "start": starts, "end": starts + LASTS });
                let parts: Vec<Value> = session.dates().iter().map(part).collect();
                let status = if parts.is_empty() { "undated" } else { "scheduled" };
                let row = json!({ "id": id.to_string(), "provider": "facetoface", "courseid": 6, "cmid": 1,
                                  "name": session.name, "status": status, "visible": true, "parts": parts,
                                  "place": "", "details": "", "capacity": session.capacity, "taken": 0,
                                  "waiting": 0, "waitlist": false, "cancellable": session.is_cancellable,
                                  "timemodified": 0, "signups": [], "instructors": [] });
                (*id, row)
            })
            .collect();
        let has_more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().filter(|_| has_more).map(|(id, _)| id.to_string()).unwrap_or_default();
        let sessions: Vec<Value> = page.into_iter().map(|(_, row)| row).collect();
        Ok(json!({ "now": 0, "timezone": "Europe/Berlin", "sessions": sessions, "nextcursor": next,
                   "warnings": [] }))
    }
}

/// Of each date, seconds.
const LASTS: i64 = 10_800;
