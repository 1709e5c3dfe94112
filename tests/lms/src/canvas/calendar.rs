//! Courses by a part of their name, and the calendar: the dates of sections hang below a hidden entry of
//! their course, and without a window only today is shown.

use super::Canvas;
use crate::call::Call;
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

    /// Of one course: an entry for all of it, with those of its sections.
    pub(super) fn calendar(&self, call: &Call) -> Vec<Value> {
        let course = call.query("context_codes[]").and_then(|code| code.strip_prefix("course_"));
        let course = course.and_then(|id| id.parse::<u64>().ok()).unwrap_or_default();
        if call.query("all_events") != Some("true") {
            return Vec::new();
        }
        let of_course = |date: &Date| self.sections.get(&date.section) == Some(&course);
        let children: Vec<Value> = self
            .dates
            .iter()
            .filter(|(_, date)| of_course(date) && date.state != "deleted")
            .filter_map(|(id, _)| self.entry(*id))
            .collect();
        vec![json!({ "id": 1, "title": "Dates", "start_at": null, "hidden": true, "workflow_state": "active",
                     "context_code": format!("course_{course}"), "child_events": children })]
    }

    pub(super) fn entry(&self, id: u64) -> Option<Value> {
        let date = self.dates.get(&id)?;
        Some(json!({ "id": id, "title": "Dates", "start_at": date.start, "end_at": date.start,
                     "workflow_state": date.state, "parent_event_id": 1,
                     "context_code": format!("course_section_{}", date.section),
                     "child_events": [] }))
    }
}
