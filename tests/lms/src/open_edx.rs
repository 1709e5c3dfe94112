//! Open edX's enrolment API, with its traps: to deactivate what is not there adds it, who may not act for
//! others finds nothing, a mode that differs is refused, and a name that nobody has is an empty list.

use crate::call::{Answer, Call};
use crate::server::Product;
use crate::token::Tokens;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone)]
pub struct Enrolment {
    pub mode: &'static str,
    pub is_active: bool,
    pub created: String,
}

#[derive(Debug)]
pub struct OpenEdx {
    pub tokens: Tokens,
    /// Names with their addresses.
    pub users: BTreeMap<String, String>,
    pub courses: BTreeSet<String>,
    pub enrolments: BTreeMap<(String, String), Enrolment>,
    /// The client's user may not act for others: what it asks about does not exist.
    pub hides_others: bool,
    /// Rows of one page.
    pub page: usize,
    /// Not confirmed: giving back without a mode sets the course's own.
    pub resets_mode: bool,
}

impl Default for OpenEdx {
    fn default() -> Self {
        Self {
            tokens: Tokens::sent_as("JWT"),
            users: BTreeMap::new(),
            courses: BTreeSet::new(),
            enrolments: BTreeMap::new(),
            hides_others: false,
            page: 100,
            resets_mode: false,
        }
    }
}

impl OpenEdx {
    pub fn enrol(&mut self, user: &str, course: &str, mode: &'static str, is_active: bool) {
        let created = "2026-01-05T08:00:00Z".to_owned();
        self.users.entry(user.to_owned()).or_insert_with(|| format!("{user}@contoso.com"));
        self.courses.insert(course.to_owned());
        self.enrolments.insert((user.to_owned(), course.to_owned()), Enrolment { mode, is_active, created });
    }

    fn accounts(&self, call: &Call) -> Answer {
        let (name, email) = (call.query("username"), call.query("email"));
        let found: Vec<Value> = self
            .users
            .iter()
            .filter(|(known, address)| {
                name.is_some_and(|names| names.split(',').any(|name| name == *known))
                    || email.is_some_and(|email| email.to_lowercase() == address.to_lowercase())
            })
            .map(|(known, address)| json!({ "username": known, "email": address, "is_active": true }))
            .collect();
        match found.is_empty() {
            true => nothing(),
            false => Answer::json(200, &json!(found)),
        }
    }

    fn list(&self, call: &Call) -> Answer {
        let course = call.query("course_id").unwrap_or_default();
        if !course.starts_with("course-v1:") {
            let body = json!({ "developer_message": "course_id is not a valid course key" });
            return Answer::json(400, &body);
        }
        let names: Vec<&str> = call.query("username").unwrap_or_default().split(',').collect();
        let rows: Vec<Value> = self
            .enrolments
            .iter()
            .filter(|((user, of), _)| of == course && names.contains(&user.as_str()))
            .map(|((user, of), row)| row_of(user, of, row))
            .collect();
        let from: usize =
            call.query("cursor").and_then(|cursor| cursor.strip_prefix("c")?.parse().ok()).unwrap_or(0);
        let page: Vec<Value> = rows.iter().skip(from).take(self.page).cloned().collect();
        let next = (from + self.page < rows.len())
            .then(|| format!("http://{}{}?cursor=c{}", call.header("host"), call.path, from + self.page));
        Answer::json(200, &json!({ "next": next, "previous": null, "results": page }))
    }

    fn change(&mut self, call: &Call, effects: &mut Vec<String>) -> Answer {
        let body = call.json();
        let message = |status, text: &str| Answer::json(status, &json!({ "message": text }));
        let user = body["user"].as_str().unwrap_or_default().to_owned();
        let course = body["course_details"]["course_id"].as_str().unwrap_or_default().to_owned();
        if self.hides_others {
            return nothing();
        }
        if !course.starts_with("course-v1:") || !self.courses.contains(&course) {
            return message(400, &format!("No course '{course}' found for enrollment"));
        }
        let Some(is_active) = body["is_active"].as_bool() else {
            return message(400, "'is_active' must be a boolean");
        };
        if !self.users.contains_key(&user) {
            return message(406, &format!("The user {user} does not exist."));
        }
        let key = (user.clone(), course.clone());
        if let Some(found) = self.enrolments.get_mut(&key) {
            if let Some(mode) = body["mode"].as_str()
                && mode != found.mode
            {
                return message(
                    400,
                    &format!(
                        "Enrollment mode mismatch: active mode={}, requested mode={mode}. Won't deactivate.",
                        found.mode
                    ),
                );
            }
            if found.is_active != is_active {
                found.is_active = is_active;
                if is_active && self.resets_mode {
                    found.mode = "audit";
                }
                let deed = if is_active { "activate" } else { "deactivate" };
                effects.push(format!("{deed} {user} in {course}"));
                return Answer::json(200, &row_of(&user, &course, found));
            }
        }
        // Nothing to change: it is added.
        let created = "2026-11-29T12:00:00Z".to_owned();
        let row = Enrolment { mode: "audit", is_active: true, created };
        let answer = Answer::json(200, &row_of(&user, &course, &row));
        self.enrolments.insert(key, row);
        effects.push(format!("ADD {user} to {course}"));
        answer
    }
}

/// 404 without a word.
fn nothing() -> Answer {
    Answer { status: 404, headers: Vec::new(), body: String::new() }
}

fn row_of(user: &str, course: &str, row: &Enrolment) -> Value {
    json!({ "user": user, "course_id": course, "mode": row.mode, "is_active": row.is_active,
            "created": row.created })
}

impl Product for OpenEdx {
    fn answer(&mut self, call: &Call, effects: &mut Vec<String>) -> Answer {
        if call.path == "/oauth2/access_token" {
            return self.tokens.issue(call);
        }
        if !self.tokens.are_taken(call) {
            return Answer::json(401, &json!({ "detail": "Token has expired." }));
        }
        match (call.method.as_str(), call.path.as_str()) {
            ("GET", "/api/user/v1/me") => Answer::json(200, &json!({ "username": "regrets" })),
            ("GET", "/api/user/v1/accounts") => self.accounts(call),
            ("GET", "/api/enrollment/v1/enrollments") => self.list(call),
            ("POST", "/api/enrollment/v1/enrollment") => self.change(call, effects),
            _ => Answer::text(404, "text/html", "<html><body>Page not found</body></html>"),
        }
    }

    fn writes(&self, call: &Call) -> bool {
        call.method == "POST" && call.path.starts_with("/api/")
    }
}
