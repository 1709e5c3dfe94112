//! Canvas: enrolments in sections; a list is paged by opaque links, what is deleted is not found, a throttle
//! looks like a matter of rights, and ids are texts for whoever asks so.

mod calendar;

use crate::call::{Answer, Call};
use crate::server::Product;
pub use calendar::Date;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use url::form_urlencoded;

pub const TOKEN: &str = "fake-canvas-token";

#[derive(Debug, Clone)]
pub struct User {
    pub login: String,
    pub email: String,
    pub sis: String,
}

#[derive(Debug, Clone)]
pub struct Enrolment {
    pub user: u64,
    pub section: u64,
    pub kind: &'static str,
    /// active, invited, creation_pending, inactive, completed, deleted
    pub state: &'static str,
    pub created_at: String,
}

#[derive(Debug)]
pub struct Canvas {
    pub users: BTreeMap<u64, User>,
    /// Sections and their courses.
    pub sections: BTreeMap<u64, u64>,
    /// Names of courses.
    pub courses: BTreeMap<u64, &'static str>,
    /// Entries of sections' calendars.
    pub dates: BTreeMap<u64, Date>,
    pub enrolments: BTreeMap<u64, Enrolment>,
    pub token_is_good: bool,
    /// So many calls meet the throttle.
    pub throttled: u32,
    /// The role may not change enrolments.
    pub may_not_manage: bool,
    /// Deactivating or deleting fails with errors.
    pub refuses: bool,
    /// Not confirmed: lists without a `state` show the active and the invited ones, or everything alive.
    pub lists_all_by_default: bool,
    /// Not confirmed: the filter by user is obeyed.
    pub ignores_user_filter: bool,
    /// Not confirmed: enrolments show the address of the account.
    pub shows_addresses: bool,
    /// Entries of one page, at most.
    pub page: usize,
    next_id: u64,
}

impl Default for Canvas {
    fn default() -> Self {
        Self {
            users: BTreeMap::new(),
            sections: BTreeMap::new(),
            courses: BTreeMap::new(),
            dates: BTreeMap::new(),
            enrolments: BTreeMap::new(),
            token_is_good: true,
            throttled: 0,
            may_not_manage: false,
            refuses: false,
            lists_all_by_default: false,
            ignores_user_filter: false,
            shows_addresses: true,
            page: 100,
            // More digits than a double keeps.
            next_id: 10_000_000_000_000_001,
        }
    }
}

impl Canvas {
    pub fn user(&mut self, id: u64, name: &str) {
        let user =
            User { login: name.to_owned(), email: format!("{name}@contoso.com"), sis: format!("E-{name}") };
        self.users.insert(id, user);
    }

    pub fn enrol(&mut self, user: u64, section: u64, kind: &'static str, state: &'static str) -> u64 {
        self.next_id += 1;
        let created_at = "2026-01-05T08:00:00Z".to_owned();
        self.enrolments.insert(self.next_id, Enrolment { user, section, kind, state, created_at });
        self.next_id
    }

    fn find_section(&self, named: &str) -> Option<u64> {
        let id = named.strip_prefix("sis_section_id:S-").unwrap_or(named);
        id.parse().ok().filter(|id| self.sections.contains_key(id))
    }

    fn users_found(&self, call: &Call) -> Vec<Value> {
        let term = call.query("search_term").unwrap_or_default().to_lowercase();
        let with_address = call.query_all("include[]").contains(&"email");
        let fits = |user: &&User| {
            [&user.login, &user.email, &user.sis].iter().any(|text| text.to_lowercase().contains(&term))
        };
        let found = self.users.iter().filter(|(_, user)| fits(user));
        found
            .map(|(id, user)| {
                let mut row = json!({ "id": id, "name": format!("Learner {id}"), "login_id": user.login,
                                      "sis_user_id": user.sis });
                if with_address {
                    row["email"] = json!(user.email);
                }
                row
            })
            .collect()
    }

    fn listed(&self, section: u64, call: &Call) -> Vec<u64> {
        let (kinds, states) = (call.query_all("type[]"), call.query_all("state[]"));
        let user = call.query("user_id").filter(|_| !self.ignores_user_filter);
        let is_shown = |enrolment: &&Enrolment| match states.as_slice() {
            [] if self.lists_all_by_default => enrolment.state != "deleted",
            [] => ["active", "invited"].contains(&enrolment.state),
            states => states.contains(&enrolment.state),
        };
        let found = self.enrolments.iter().filter(|(_, enrolment)| {
            enrolment.section == section
                && (kinds.is_empty() || kinds.contains(&enrolment.kind))
                && user.is_none_or(|user| enrolment.user.to_string() == user)
                && is_shown(enrolment)
        });
        found.map(|(id, _)| *id).collect()
    }

    fn row(&self, id: u64, enrolment: &Enrolment) -> Value {
        json!({ "id": id, "user_id": enrolment.user, "course_section_id": enrolment.section,
                "course_id": self.sections.get(&enrolment.section), "type": enrolment.kind,
                "role": enrolment.kind, "enrollment_state": enrolment.state,
                "created_at": enrolment.created_at,
                "updated_at": enrolment.created_at, "user": self.shown(enrolment.user) })
    }

    fn shown(&self, id: u64) -> Value {
        let Some(user) = self.users.get(&id) else { return Value::Null };
        let mut row = json!({ "id": id, "name": format!("Learner {id}"), "login_id": user.login,
                              "sis_user_id": user.sis });
        if self.shows_addresses {
            row["email"] = json!(user.email);
        }
        row
    }

    /// A page of a list; the next one is an address that says nothing.
    fn paged<T>(call: &Call, most: usize, rows: &[T], row: impl Fn(&T) -> Value) -> Answer {
        let wanted: usize = call.query("per_page").and_then(|text| text.parse().ok()).unwrap_or(10);
        let size = wanted.min(most).max(1);
        let from: usize = call
            .query("page")
            .and_then(|page| page.strip_prefix("bookmark:"))
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        let page: Vec<Value> = rows.iter().skip(from).take(size).map(row).collect();
        let answer = Answer::json(200, &json!(page));
        if from + size >= rows.len() {
            return answer;
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in call.query.iter().filter(|(name, _)| name != "page") {
            query.append_pair(name, value);
        }
        query.append_pair("page", &format!("bookmark:{}", from + size));
        // Written by the address under which it was called.
        let next = format!("http://{}{}?{}", call.header("host"), call.path, query.finish());
        answer.with("link", &format!("<{next}>; rel=\"next\", <{next}>; rel=\"current\""))
    }

    fn end(&mut self, course: u64, id: u64, call: &Call, effects: &mut Vec<String>) -> Answer {
        let state = match call.query("task") {
            Some("delete") => "deleted",
            Some("deactivate" | "inactivate") => "inactive",
            // The default, too.
            Some("conclude") | None => "completed",
            Some(_) => return errors(400, "The task is not known"),
        };
        let sections = &self.sections;
        let is_live = |enrolment: &Enrolment| {
            sections.get(&enrolment.section) == Some(&course) && enrolment.state != "deleted"
        };
        let Some(enrolment) = self.enrolments.get_mut(&id).filter(|enrolment| is_live(enrolment)) else {
            return not_found();
        };
        if self.may_not_manage {
            return unauthorized();
        }
        if self.refuses {
            return errors(400, "The enrollment can't be changed");
        }
        if enrolment.state != state {
            enrolment.state = state;
            effects.push(format!("{state} {} in section {}", enrolment.user, enrolment.section));
        }
        let enrolment = enrolment.clone();
        Answer::json(200, &self.row(id, &enrolment))
    }

    fn reactivate(&mut self, id: u64, effects: &mut Vec<String>) -> Answer {
        let Some(enrolment) = self.enrolments.get_mut(&id).filter(|found| found.state == "inactive") else {
            return not_found();
        };
        enrolment.state = "active";
        effects.push(format!("reactivate {} in section {}", enrolment.user, enrolment.section));
        let enrolment = enrolment.clone();
        Answer::json(200, &self.row(id, &enrolment))
    }

    fn create(&mut self, section: u64, call: &Call, effects: &mut Vec<String>) -> Answer {
        let form = call.form();
        let field =
            |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let user = field("enrollment[user_id]").and_then(|text| text.parse::<u64>().ok());
        let Some(user) = user.filter(|user| self.users.contains_key(user)) else { return not_found() };
        // Without a state the learner is only asked.
        let state =
            if field("enrollment[enrollment_state]") == Some("active") { "active" } else { "invited" };
        let id = self.enrol(user, section, "StudentEnrollment", state);
        effects.push(format!("{state} {user} in section {section}"));
        match self.enrolments.get(&id) {
            Some(enrolment) => Answer::json(200, &self.row(id, enrolment)),
            None => not_found(),
        }
    }

    fn route(&mut self, call: &Call, effects: &mut Vec<String>) -> Answer {
        let segments = call.segments();
        let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
        let number = |text: &str| text.parse::<u64>().unwrap_or(0);
        match (call.method.as_str(), parts.as_slice()) {
            ("GET", ["api", "v1", "users", "self"]) => {
                Answer::json(200, &json!({ "id": 1, "name": "Regrets" }))
            }
            ("GET", ["api", "v1", "accounts", _, "users"]) => {
                Self::paged(call, self.page, &self.users_found(call), Clone::clone)
            }
            ("GET", ["api", "v1", "accounts", _, "courses"]) => {
                Self::paged(call, self.page, &self.courses_found(call), Clone::clone)
            }
            ("GET", ["api", "v1", "courses", course, "sections"]) => {
                Self::paged(call, self.page, &self.sections_of(number(course)), Clone::clone)
            }
            ("GET", ["api", "v1", "calendar_events"]) => {
                Self::paged(call, self.page, &self.calendar(call), Clone::clone)
            }
            ("GET", ["api", "v1", "calendar_events", id]) => match self.entry(number(id)) {
                Some(entry) => Answer::json(200, &entry),
                None => not_found(),
            },
            ("GET", ["api", "v1", "sections", section]) => match self.find_section(section) {
                Some(id) => {
                    Answer::json(200, &json!({ "id": id, "course_id": self.sections.get(&id), "name": "S" }))
                }
                None => not_found(),
            },
            ("GET", ["api", "v1", "sections", section, "enrollments"]) => match self.find_section(section) {
                Some(id) => Self::paged(call, self.page, &self.listed(id, call), |id| {
                    self.enrolments.get(id).map_or(Value::Null, |enrolment| self.row(*id, enrolment))
                }),
                None => not_found(),
            },
            ("POST", ["api", "v1", "sections", section, "enrollments"]) => match self.find_section(section) {
                Some(id) => self.create(id, call, effects),
                None => not_found(),
            },
            ("DELETE", ["api", "v1", "courses", course, "enrollments", id]) => {
                self.end(number(course), number(id), call, effects)
            }
            ("PUT", ["api", "v1", "courses", _, "enrollments", id, "reactivate"]) => {
                self.reactivate(number(id), effects)
            }
            _ => not_found(),
        }
    }
}

impl Product for Canvas {
    fn answer(&mut self, call: &Call, effects: &mut Vec<String>) -> Answer {
        if !self.token_is_good || call.header("authorization") != format!("Bearer {TOKEN}") {
            let body = json!({ "errors": [{ "message": "Invalid access token." }] });
            return Answer::json(401, &body).with("www-authenticate", "Bearer realm=\"canvas-lms\"");
        }
        if self.throttled > 0 {
            self.throttled -= 1;
            return Answer::text(403, "text/plain", "403 Forbidden (Rate Limit Exceeded)")
                .with("x-rate-limit-remaining", "0.0");
        }
        let answer = self.route(call, effects).with("x-rate-limit-remaining", "599.2");
        if call.header("accept").contains("string-ids") { as_texts(answer) } else { answer }
    }

    fn writes(&self, call: &Call) -> bool {
        call.method != "GET"
    }
}

fn not_found() -> Answer {
    Answer::json(404, &json!({ "errors": [{ "message": "The specified resource does not exist." }] }))
}

fn unauthorized() -> Answer {
    let message = "user not authorized to perform that action";
    Answer::json(401, &json!({ "status": "unauthorized", "errors": [{ "message": message }] }))
}

fn errors(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({ "errors": [{ "message": message }] }))
}

/// Every `id` and `…_id` as a text.
fn as_texts(mut answer: Answer) -> Answer {
    fn walk(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(walk),
            Value::Object(fields) => {
                for (name, value) in fields {
                    if (name == "id" || name.ends_with("_id"))
                        && let Value::Number(number) = value
                    {
                        *value = Value::String(number.to_string());
                    }
                    walk(value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    if let Ok(mut body) = serde_json::from_str::<Value>(&answer.body) {
        walk(&mut body);
        answer.body = body.to_string();
    }
    answer
}
