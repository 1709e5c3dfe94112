//! Courses, and entries of the calendar by their ids. Nobody is told why something is left out.

use super::params::Params;
use super::{Moodle, Said};
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub struct Entry {
    /// 1 is the site itself.
    pub course: u64,
    /// Of a group of it, else of the whole course.
    pub group: Option<u64>,
    /// Seconds since 1970.
    pub starts: i64,
    pub lasts: i64,
}

impl Moodle {
    /// All that the caller may enter, in one answer.
    pub(super) fn all_courses(&self, params: &Params) -> Said {
        params.only(&[])?;
        let open = self.courses.iter().filter(|(_, course)| !course.is_closed);
        let rows = open.map(|(id, course)| {
            json!({ "id": id, "shortname": format!("C{id}"), "categoryid": 1, "fullname": course.name,
                    "displayname": course.name, "summary": "", "summaryformat": 0, "format": "topics",
                    "startdate": course.starts, "enddate": 0, "visible": u8::from(!course.is_hidden) })
        });
        Ok(rows.collect())
    }

    /// By ids, or of courses and groups within a window; warnings tell which are not open to the caller.
    pub(super) fn calendar_events(&self, params: &Params) -> Said {
        params.only(&[
            "events[eventids][*]",
            "events[courseids][*]",
            "events[groupids][*]",
            "options[siteevents]",
            "options[userevents]",
            "options[timestart]",
            "options[timeend]",
        ])?;
        let ids = |list: &str| -> Vec<u64> {
            let name = |index: usize| format!("events[{list}][{index}]");
            let named = (0..).map_while(|index| params.get(&name(index)));
            named.filter_map(|text| text.parse().ok()).collect()
        };
        let (wanted, courses, groups) = (ids("eventids"), ids("courseids"), ids("groupids"));
        let mut warnings = Vec::new();
        let mut warn = |item: &str, id: u64| {
            warnings.push(json!({ "item": item, "itemid": id, "warningcode": "nopermissions",
                                  "message": "No access rights in course context" }));
        };
        for course in &courses {
            if self.courses.get(course).is_none_or(|course| course.is_closed) {
                warn("course", *course);
            }
        }
        if self.lacks("moodle/calendar:manageentries") {
            groups.iter().for_each(|group| warn("group", *group));
        }
        let second = |name: &str| params.get(name).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
        let (from, until) = (second("options[timestart]"), second("options[timeend]"));
        let until = if until == 0 { i64::MAX } else { until };
        let is_shown = |id: u64, entry: &Entry| {
            let is_open = self.courses.get(&entry.course).is_none_or(|course| !course.is_closed);
            let is_within = entry.starts + entry.lasts >= from && entry.starts <= until;
            let is_of = match entry.group {
                None => courses.contains(&entry.course) && is_open,
                Some(group) => groups.contains(&group) && !self.lacks("moodle/calendar:manageentries"),
            };
            wanted.contains(&id) || (is_of && is_within)
        };
        let shown = self.calendar.iter().filter(|(id, entry)| is_shown(**id, entry));
        let events: Vec<Value> = shown
            .map(|(id, entry)| {
                let kind = if entry.group.is_some() { "group" } else { "course" };
                json!({ "id": id, "name": "An entry", "description": "", "courseid": entry.course,
                        "categoryid": 0, "groupid": entry.group.unwrap_or_default(), "userid": 2,
                        "modulename": null, "instance": null, "eventtype": kind, "timestart": entry.starts,
                        "timeduration": entry.lasts, "visible": 1, "sequence": 1, "subscriptionid": null })
            })
            .collect();
        Ok(json!({ "events": events, "warnings": warnings }))
    }
}
