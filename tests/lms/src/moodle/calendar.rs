//! Courses, and entries of the calendar by their ids. Nobody is told why something is left out.

use super::params::Params;
use super::{Moodle, Said};
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub struct Entry {
    /// 1 is the site itself.
    pub course: u64,
    /// Seconds since 1970.
    pub starts: i64,
}

impl Moodle {
    /// All that the caller may enter, in one answer.
    pub(super) fn all_courses(&self, params: &Params) -> Said {
        params.only(&[])?;
        let open = self.courses.iter().filter(|(_, course)| !course.is_closed);
        let rows = open.map(|(id, course)| {
            json!({ "id": id, "shortname": format!("C{id}"), "categoryid": 1, "fullname": course.name,
                    "displayname": course.name, "summary": "", "summaryformat": 0, "format": "topics",
                    "startdate": course.starts, "enddate": 0 })
        });
        Ok(rows.collect())
    }

    pub(super) fn calendar_events(&self, params: &Params) -> Said {
        params.only(&["events[eventids][*]", "options[siteevents]", "options[userevents]"])?;
        let wanted = params.get("events[eventids][0]").and_then(|text| text.parse::<u64>().ok());
        let found = wanted.and_then(|id| Some((id, self.calendar.get(&id)?)));
        let events: Vec<Value> = found
            .map(|(id, entry)| {
                json!({ "id": id, "name": "An entry", "description": "", "courseid": entry.course,
                        "categoryid": 0, "groupid": 0, "userid": 2, "modulename": null, "instance": null,
                        "eventtype": "course", "timestart": entry.starts, "timeduration": 10_800,
                        "visible": 1, "sequence": 1, "subscriptionid": null })
            })
            .into_iter()
            .collect();
        Ok(json!({ "events": events, "warnings": [] }))
    }
}
