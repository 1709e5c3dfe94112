//! Moodle 4.3's web services, as they were recorded: 200 for nearly everything, `null` for what was done,
//! what was done before and what was never possible, and one error for a dozen mistakes.
//!
//! - [`site`]: tokens, the service's account, and when the site is off.
//! - [`people`], [`enrol`], [`groups`]: the functions of the core.
//! - [`calendar`]: courses and entries of the calendar, for who looks a session up.
//! - [`facetoface`]: the companion plugin, for Face-to-face and for Booking; [`sessions`]: its list.

pub mod calendar;
mod enrol;
pub mod facetoface;
mod groups;
mod params;
mod people;
mod sessions;
pub mod site;

use crate::call::{Answer, Call};
use crate::server::Product;
use calendar::Entry;
pub use enrol::{Enrolment, Method};
use facetoface::Facetoface;
pub use groups::Group;
use params::Params;
pub use people::User;
use serde_json::{Value, json};
use site::{Site, TokenState};
use std::collections::{BTreeMap, BTreeSet};

pub const TOKEN: &str = "fake-moodle-token";

/// How texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// Without regard to letter case and accents.
    MariaDb,
    /// As they are spelled.
    Postgres,
}

/// How a course takes manual enrolments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instance {
    Enabled,
    /// Unenrolling still works.
    Disabled,
    None,
}

#[derive(Debug, Clone)]
pub struct Course {
    pub manual: Instance,
    /// The caller can't enter it.
    pub is_closed: bool,
    /// Learners do not see it.
    pub is_hidden: bool,
    /// Courses that are filled from this one.
    pub children: Vec<u64>,
    pub name: String,
    /// Seconds since 1970; 0: not said.
    pub starts: i64,
}

#[derive(Debug)]
pub struct Moodle {
    pub site: Site,
    pub database: Database,
    pub debugging: bool,
    pub token: TokenState,
    /// Capabilities that the service's user lacks.
    pub missing: BTreeSet<&'static str>,
    /// Functions that the site or the service does not have.
    pub without: BTreeSet<&'static str>,
    /// So many writes meet another one.
    pub conflicts: u32,
    pub users: BTreeMap<u64, User>,
    pub courses: BTreeMap<u64, Course>,
    pub enrolments: Vec<Enrolment>,
    pub groups: BTreeMap<u64, Group>,
    pub calendar: BTreeMap<u64, Entry>,
    pub facetoface: Facetoface,
    /// Options of mod_booking, where the site has it.
    pub booking: Facetoface,
    pub has_booking: bool,
}

/// What a function answers; an error is an object, with 200.
type Said = Result<Value, Refusal>;

#[derive(Debug)]
enum Refusal {
    Error {
        exception: &'static str,
        code: String,
        message: String,
    },
    /// An error whose message can't be made: with debugging the whole answer is lost.
    Broken {
        exception: &'static str,
        code: &'static str,
        message: &'static str,
    },
}

fn refuse(exception: &'static str, code: &str, message: &str) -> Refusal {
    Refusal::Error { exception, code: code.to_owned(), message: message.to_owned() }
}

fn bad_parameter() -> Refusal {
    refuse("invalid_parameter_exception", "invalidparameter", "Invalid parameter value detected")
}

fn no_record(table: &str) -> Refusal {
    let message = format!("Can't find data record in database table {table}.");
    refuse("dml_missing_record_exception", "invalidrecord", &message)
}

fn no_right(what: &str) -> Refusal {
    let message = format!("Sorry, but you do not currently have permissions to do that ({what}).");
    refuse("required_capability_exception", "nopermissions", &message)
}

const FUNCTIONS: [&str; 15] = [
    "core_calendar_get_calendar_events",
    "core_course_get_courses",
    "local_regrets_list_sessions",
    "core_webservice_get_site_info",
    "core_user_get_users_by_field",
    "core_enrol_get_enrolled_users",
    "core_group_get_course_groups",
    "core_group_get_group_members",
    "core_group_delete_group_members",
    "core_group_add_group_members",
    "enrol_manual_enrol_users",
    "enrol_manual_unenrol_users",
    "local_regrets_get_signup",
    "local_regrets_cancel_signup",
    "local_regrets_restore_signup",
];

const WRITES: [&str; 6] = [
    "core_group_delete_group_members",
    "core_group_add_group_members",
    "enrol_manual_enrol_users",
    "enrol_manual_unenrol_users",
    "local_regrets_cancel_signup",
    "local_regrets_restore_signup",
];

impl Default for Moodle {
    fn default() -> Self {
        Self {
            site: Site::Up,
            database: Database::MariaDb,
            debugging: false,
            token: TokenState::Good,
            missing: BTreeSet::new(),
            without: BTreeSet::new(),
            conflicts: 0,
            users: BTreeMap::new(),
            courses: BTreeMap::new(),
            enrolments: Vec::new(),
            groups: BTreeMap::new(),
            calendar: BTreeMap::new(),
            facetoface: Facetoface::default(),
            booking: Facetoface::default(),
            has_booking: true,
        }
    }
}

impl Moodle {
    /// A course with a teacher, and nobody else.
    pub fn course(&mut self, id: u64) {
        let course = Course {
            manual: Instance::Enabled,
            is_closed: false,
            is_hidden: false,
            children: Vec::new(),
            name: format!("Course {id}"),
            starts: 0,
        };
        self.courses.insert(id, course);
        let teacher = 1000 + id;
        self.user(teacher, &format!("teacher{id}"));
        self.enrol(teacher, id, Method::Manual);
    }

    fn lacks(&self, capability: &str) -> bool {
        self.missing.contains(capability)
    }

    fn function(&mut self, name: &str, params: &Params, effects: &mut Vec<String>) -> Said {
        if !FUNCTIONS.contains(&name) || self.without.contains(name) {
            return Err(no_record("external_functions"));
        }
        if WRITES.contains(&name) && self.conflicts > 0 {
            self.conflicts -= 1;
            return Err(refuse("dml_write_exception", "dmlwriteexception", "Error writing to database"));
        }
        match name {
            "core_user_get_users_by_field" => self.users_by_field(params),
            "core_enrol_get_enrolled_users" => self.roster(params),
            "core_group_get_course_groups" => self.course_groups(params),
            "core_group_get_group_members" => self.group_members(params),
            "core_group_delete_group_members" => self.remove_members(params, effects),
            "core_group_add_group_members" => self.add_members(params, effects),
            "enrol_manual_enrol_users" => self.enrol_users(params, effects),
            "enrol_manual_unenrol_users" => self.unenrol_users(params, effects),
            "core_calendar_get_calendar_events" => self.calendar_events(params),
            "core_course_get_courses" => self.all_courses(params),
            "local_regrets_list_sessions" => self.list_sessions(params),
            "local_regrets_get_signup" => self.get_signup(params),
            "local_regrets_cancel_signup" => self.cancel_signup(params, effects),
            "local_regrets_restore_signup" => self.restore_signup(params, effects),
            _ => Ok(self.site_info()),
        }
    }

    fn site_info(&self) -> Value {
        let known = FUNCTIONS.iter().filter(|name| !self.without.contains(*name));
        let functions: Vec<Value> =
            known.map(|name| json!({ "name": name, "version": "2023100900" })).collect();
        json!({ "sitename": "Contoso", "username": "regrets", "userid": 2, "release": "4.3 (Build: 20231009)",
                "functions": functions, "userprivateaccesskey": "not-to-be-logged" })
    }

    fn said(&self, said: Said) -> Answer {
        let (exception, code, message) = match said {
            Ok(value) => return Answer::json(200, &value),
            Err(Refusal::Broken { .. }) if self.debugging => return Answer::text(500, "text/html", ""),
            Err(Refusal::Broken { exception, code, message }) => {
                (exception, code.to_owned(), message.to_owned())
            }
            Err(Refusal::Error { exception, code, message }) => (exception, code, message),
        };
        let mut body = json!({ "exception": exception, "errorcode": code, "message": message });
        if self.debugging {
            body["debuginfo"] = json!("shown to developers");
        }
        Answer::json(200, &body)
    }
}

impl Product for Moodle {
    fn answer(&mut self, call: &Call, effects: &mut Vec<String>) -> Answer {
        if let Some(answer) = self.not_reached(call) {
            return answer;
        }
        let params = Params::of(call);
        if call.method == "PUT" || params.get("moodlewsrestformat") != Some("json") {
            return site::xml_error("invalidtoken");
        }
        if let Err(refusal) = self.let_in(&params) {
            return self.said(Err(refusal));
        }
        let Some(name) = params.get("wsfunction").map(str::to_owned) else {
            return self.said(Err(bad_parameter()));
        };
        let said = self.function(&name, &params, effects);
        self.said(said)
    }

    fn writes(&self, call: &Call) -> bool {
        Params::of(call).get("wsfunction").is_some_and(|name| WRITES.contains(&name))
    }
}
