//! The companion plugin's list of sessions, page by page.

use super::facetoface::{Facetoface, named};
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
        let activity = self.activity(params)?;
        let since = i64::try_from(number("since", 0)?).unwrap_or_default();
        let limit = usize::try_from(limit).unwrap_or(1).min(activity.page);
        let ends_after = i64::try_from(ends_after).unwrap_or_default();
        let listed = activity.sessions.iter().filter(|(id, session)| {
            let ends = session.dates().into_iter().max().map(|starts| starts + LASTS);
            **id > cursor && ends.is_none_or(|ends| ends >= ends_after) && session.changed >= since
        });
        let mut page: Vec<(u64, Option<Value>)> = listed
            .take(limit + 1)
            .map(|(id, session)| {
                let part = |starts: &i64| json!({ "start": starts, "end": starts + LASTS });
                let parts: Vec<Value> = session.dates().iter().map(part).collect();
                let status = if parts.is_empty() { "undated" } else { "scheduled" };
                let instructors: Vec<Value> =
                    session.instructor.iter().filter_map(|user| self.person(*user)).collect();
                let row = json!({ "id": id.to_string(), "provider": named(params), "courseid": 6, "cmid": 1,
                                  "name": session.name, "status": status, "visible": session.is_visible,
                                  "parts": parts, "place": session.place, "details": "",
                                  "capacity": session.capacity, "taken": 0, "waiting": 0, "waitlist": false,
                                  "cancellable": session.is_cancellable, "timemodified": session.changed,
                                  "signups": self.signups(activity, *id), "instructors": instructors });
                (*id, (!session.is_closed).then_some(row))
            })
            .collect();
        let has_more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().filter(|_| has_more).map(|(id, _)| id.to_string()).unwrap_or_default();
        let warnings: Vec<Value> = page
            .iter()
            .filter(|(_, row)| row.is_none())
            .map(|(id, _)| {
                json!({ "item": "session", "itemid": id, "warningcode": "hidden", "message": "It is hidden" })
            })
            .collect();
        let sessions: Vec<Value> = page.into_iter().filter_map(|(_, row)| row).collect();
        Ok(json!({ "now": 0, "timezone": "Europe/Berlin", "sessions": sessions, "nextcursor": next,
                   "warnings": warnings }))
    }

    fn signups(&self, activity: &Facetoface, session: u64) -> Vec<Value> {
        let of_session = activity.signups.iter().filter(|((of, _), _)| *of == session);
        let rows = of_session.filter_map(|((_, user), signup)| {
            let mut row = self.person(*user)?;
            row["state"] = json!(signup.state);
            row["status"] = json!(Facetoface::word(signup.state));
            row["given"] = json!(signup.given.filter(|_| signup.state != "cancelled"));
            row["timecreated"] = json!(signup.given);
            row["timemodified"] = json!(signup.given);
            Some(row)
        });
        rows.collect()
    }

    fn person(&self, id: u64) -> Option<Value> {
        let user = self.users.get(&id).filter(|user| !user.is_deleted)?;
        Some(json!({ "userid": id, "fullname": format!("Learner {id}"), "email": user.email,
                     "username": user.username, "idnumber": user.idnumber,
                     "suspended": user.is_suspended }))
    }
}

/// Of each date, seconds.
const LASTS: i64 = 10_800;
