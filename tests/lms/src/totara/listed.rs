//! The list of seminar events, whose cursor says nothing to anybody else.

use super::Totara;
use crate::call::Answer;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub struct Seminar {
    pub name: &'static str,
    /// Starts of its dates, seconds since 1970.
    pub dates: Vec<i64>,
}

impl Totara {
    /// Times are texts.
    pub(super) fn listed(&self, variables: &Value) -> Answer {
        if self.sees_nothing {
            return self.no_record();
        }
        let cursor = variables["cursor"].as_str().unwrap_or_default();
        let from: usize = match cursor.strip_prefix("after-") {
            Some(count) => count.parse().unwrap_or_default(),
            None if cursor.is_empty() => 0,
            None => return self.error("graphql", "The cursor is not known"),
        };
        let page = self.seminars.iter().skip(from).take(self.page);
        let items: Vec<Value> = page
            .map(|(id, seminar)| {
                let dates = seminar.dates.iter().map(|starts| json!({ "timestart": starts.to_string() }));
                json!({ "id": id.to_string(), "seminar": { "name": seminar.name },
                        "sessions": dates.collect::<Vec<_>>() })
            })
            .collect();
        let seen = from + items.len();
        let next = if seen < self.seminars.len() { format!("after-{seen}") } else { String::new() };
        let said = json!({ "items": items, "next_cursor": next });
        Answer::json(200, &json!({ "data": { "mod_facetoface_events": said } }))
    }
}
