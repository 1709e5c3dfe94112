//! Courses by a part of their name, and the calendar: the dates of sections hang below a hidden entry of
//! their course, and without a window only today is shown.

use super::Canvas;
use crate::call::Call;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub struct Date {
    pub section: u64,
    pub start: &'static str,
    /// active, deleted
    pub state: &'static str,
}

impl Canvas {
    pub(super) fn courses_found(&self, call: &Call) -> Vec<Value> {
        let term = call.query("search_term").unwrap_or_default().to_lowercase();
        let found = self.courses.iter().filter(|(_, name)| name.to_lowercase().contains(&term));
        found.map(|(id, name)| json!({ "id": id, "name": name, "workflow_state": "available" })).collect()
    }

    /// Of ten courses at most, those behind them are left out: an entry for each, with those of its sections.
    pub(super) fn calendar(&self, call: &Call) -> Vec<Value> {
        if call.query("all_events") != Some("true") {
            return Vec::new();
        }
        let codes = call.query_all("context_codes[]").into_iter().take(10);
        let courses = codes.filter_map(|code| code.strip_prefix("course_")?.parse::<u64>().ok());
        let entry = |course: u64| {
            let of_course = |date: &Date| self.sections.get(&date.section) == Some(&course);
            let shown = self.dates.iter().filter(|(_, date)| of_course(date) && date.state != "deleted");
            let children: Vec<Value> = shown.filter_map(|(id, _)| self.entry(*id)).collect();
            json!({ "id": course, "title": "Dates", "start_at": null, "hidden": true,
                    "workflow_state": "active", "context_code": format!("course_{course}"),
                    "child_events": children })
        };
        courses.map(entry).collect()
    }

    pub(super) fn entry(&self, id: u64) -> Option<Value> {
        let date = self.dates.get(&id)?;
        let starts: DateTime<Utc> = date.start.parse().ok()?;
        Some(
            json!({ "id": id, "title": "Dates", "start_at": date.start, "end_at": starts + Duration::hours(3),
                     "all_day": false, "all_day_date": null, "location_name": "Hall 1",
                     "workflow_state": date.state, "parent_event_id": 1,
                     "context_code": format!("course_section_{}", date.section),
                     "web_conference": { "url": "https://host.example/start?password=secret" },
                     "child_events": [] }),
        )
    }

    /// Of a course.
    pub(super) fn sections_of(&self, course: u64) -> Vec<Value> {
        let found = self.sections.iter().filter(|(_, of)| **of == course);
        found
            .map(|(id, _)| {
                json!({ "id": id, "name": format!("Section {id}"), "course_id": course,
                        "sis_section_id": format!("S-{id}") })
            })
            .collect()
    }
}
