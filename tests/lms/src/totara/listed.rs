//! The list of seminar events, whose cursor says nothing to anybody else.

use super::Totara;
use crate::call::Answer;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub struct Seminar {
    pub name: &'static str,
    /// Starts of its dates, seconds since 1970.
    pub dates: Vec<i64>,
    pub is_cancelled: bool,
}

impl Totara {
    /// Times are texts.
    pub(super) fn listed(&self, query: &str, variables: &Value) -> Answer {
        if self.sees_nothing {
            return self.no_record();
        }
        let cursor = variables["cursor"].as_str().unwrap_or_default();
        let from: usize = match cursor.strip_prefix("after-") {
            Some(count) => count.parse().unwrap_or_default(),
            None if cursor.is_empty() => 0,
            None => return self.error("graphql", "The cursor is not known"),
        };
        let is_asked = |seminar: &Seminar| match seminar.is_cancelled {
            true => query.contains("CANCELLED"),
            false => query.contains("ACTIVE"),
        };
        let listed: Vec<_> = self.seminars.iter().filter(|(_, seminar)| is_asked(seminar)).collect();
        let page = listed.iter().skip(from).take(self.page);
        let items: Vec<Value> = page
            .map(|(id, seminar)| {
                let dates = seminar.dates.iter().enumerate().map(|(index, starts)| {
                    json!({ "id": format!("{id}-{index}"), "timestart": starts.to_string(),
                            "timefinish": (starts + 10_800).to_string(), "rooms": [{ "name": "Hall 1" }] })
                });
                json!({ "id": id.to_string(), "seminar": { "name": seminar.name },
                        "seats_total": self.events.get(*id), "sessions": dates.collect::<Vec<_>>() })
            })
            .collect();
        let seen = from + items.len();
        let next = if seen < listed.len() { format!("after-{seen}") } else { String::new() };
        let total = listed.len() + self.hidden;
        let said = json!({ "items": items, "total": total, "next_cursor": next });
        Answer::json(200, &json!({ "data": { "mod_facetoface_events": said } }))
    }
}
