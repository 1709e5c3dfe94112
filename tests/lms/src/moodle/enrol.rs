//! Enrolments: who is on the roster, and what the manual method can and can't take away.

use super::params::Params;
use super::{Instance, Moodle, Refusal, Said, bad_parameter, no_record, no_right, refuse};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How a learner came into a course. No answer ever tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Manual,
    SelfEnrolment,
    Cohort,
    /// From another course.
    Meta,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    pub user: u64,
    pub course: u64,
    pub method: Method,
    /// Or it has ended.
    pub is_suspended: bool,
}

impl Moodle {
    pub fn enrol(&mut self, user: u64, course: u64, method: Method) {
        self.enrolments.push(Enrolment { user, course, method, is_suspended: false });
    }

    pub fn suspend(&mut self, user: u64, course: u64) {
        for enrolment in &mut self.enrolments {
            if enrolment.user == user && enrolment.course == course {
                enrolment.is_suspended = true;
            }
        }
    }

    pub fn is_member(&self, user: u64, course: u64) -> bool {
        self.enrolments.iter().any(|enrolment| enrolment.user == user && enrolment.course == course)
    }

    pub fn is_active(&self, user: u64, course: u64) -> bool {
        self.enrolments
            .iter()
            .any(|enrolment| enrolment.user == user && enrolment.course == course && !enrolment.is_suspended)
    }

    pub(super) fn roster(&self, params: &Params) -> Said {
        params.only(&["courseid", "options[*][name]", "options[*][value]"])?;
        let course = params.number("courseid")?;
        self.entered(course, false)?;
        if self.lacks("moodle/course:viewparticipants") {
            return Err(no_right("View participants"));
        }
        let options = params.options();
        let is_on = |name: &str| options.get(name) == Some(&"1");
        let (only_active, only_suspended) = (is_on("onlyactive"), is_on("onlysuspended"));
        if (only_active || only_suspended) && self.lacks("moodle/course:enrolreview") {
            return Err(no_right("Review course enrolments"));
        }
        if only_active && only_suspended {
            return Err(refuse("coding_exception", "codingerror", "Coding error detected"));
        }
        if self.lacks("moodle/user:viewdetails") || self.lacks("moodle/site:accessallgroups") {
            return Ok(json!([]));
        }
        let wanted: BTreeSet<u64> = self
            .enrolments
            .iter()
            .filter(|enrolment| enrolment.course == course)
            .filter(|enrolment| !only_active || !enrolment.is_suspended)
            .filter(|enrolment| !only_suspended || !self.is_active(enrolment.user, course))
            .map(|enrolment| enrolment.user)
            .collect();
        let number = |name: &str| options.get(name).and_then(|text| text.parse::<usize>().ok());
        let limit = number("limitnumber").filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let is_short = options.get("userfields") == Some(&"id");
        let rows: Vec<Value> = wanted
            .into_iter()
            .skip(number("limitfrom").unwrap_or(0))
            .take(limit)
            .map(|id| match is_short {
                true => json!({ "id": id, "fullname": format!("Learner {id}") }),
                false => {
                    let user = self.users.get(&id);
                    let role = if id > 1000 { 3 } else { 5 };
                    json!({ "id": id, "fullname": format!("Learner {id}"), "roles": [{ "roleid": role }],
                            "email": user.map(|user| &user.email),
                            "idnumber": user.map(|user| &user.idnumber),
                            "username": user.map(|user| &user.username) })
                }
            })
            .collect();
        Ok(json!(rows))
    }

    fn manual(&self, course: u64, needs_enabled: bool) -> Result<(), Refusal> {
        let instance = self.courses.get(&course).map_or(Instance::None, |course| course.manual);
        let is_usable = match instance {
            Instance::Enabled => true,
            Instance::Disabled => !needs_enabled,
            Instance::None => false,
        };
        if is_usable {
            return Ok(());
        }
        let message = "Manual enrolment plugin instance doesn't exist or is disabled for the course \
                       (id = {$a->courseid})";
        Err(Refusal::Broken { exception: "moodle_exception", code: "wsnoinstance", message })
    }

    /// All entries or none; but what is no manual place passes in silence.
    pub(super) fn unenrol_users(&mut self, params: &Params, effects: &mut Vec<String>) -> Said {
        params.only(&["enrolments[*][userid]", "enrolments[*][courseid]", "enrolments[*][roleid]"])?;
        let mut entries = Vec::new();
        for index in params.indexes("enrolments") {
            let user = params.number(&format!("enrolments[{index}][userid]"))?;
            let course = params.number(&format!("enrolments[{index}][courseid]"))?;
            self.entered(course, true)?;
            if self.lacks("enrol/manual:unenrol") {
                return Err(no_right("Unenrol users from the course"));
            }
            self.manual(course, false)?;
            if !self.users.contains_key(&user) {
                return Err(bad_parameter());
            }
            entries.push((user, course));
        }
        if entries.is_empty() {
            return Err(bad_parameter());
        }
        for (user, course) in entries {
            let before = self.enrolments.len();
            self.enrolments.retain(|enrolment| {
                !(enrolment.user == user && enrolment.course == course && enrolment.method == Method::Manual)
            });
            if self.enrolments.len() < before {
                effects.push(format!("unenrol {user} from {course}"));
                self.forget_in(user, course);
            }
        }
        Ok(Value::Null)
    }

    /// What goes with the last enrolment; linked courses are left suspended.
    fn forget_in(&mut self, user: u64, course: u64) {
        if self.is_member(user, course) {
            return;
        }
        for group in self.groups.values_mut().filter(|group| group.course == course) {
            group.members.remove(&user);
        }
        let children = self.courses.get(&course).map(|course| course.children.clone()).unwrap_or_default();
        for enrolment in &mut self.enrolments {
            if enrolment.user == user
                && enrolment.method == Method::Meta
                && children.contains(&enrolment.course)
            {
                enrolment.is_suspended = true;
            }
        }
    }

    /// Enrols, suspends and revives: one call for all three.
    pub(super) fn enrol_users(&mut self, params: &Params, effects: &mut Vec<String>) -> Said {
        params.only(&[
            "enrolments[*][roleid]",
            "enrolments[*][userid]",
            "enrolments[*][courseid]",
            "enrolments[*][suspend]",
            "enrolments[*][timestart]",
            "enrolments[*][timeend]",
        ])?;
        let indexes = params.indexes("enrolments");
        if indexes.is_empty() {
            return Err(bad_parameter());
        }
        for index in indexes {
            let role = params.number(&format!("enrolments[{index}][roleid]"))?;
            let user = params.number(&format!("enrolments[{index}][userid]"))?;
            let course = params.number(&format!("enrolments[{index}][courseid]"))?;
            let suspends = params.get(&format!("enrolments[{index}][suspend]")) == Some("1");
            if !self.courses.contains_key(&course) {
                return Err(bad_parameter());
            }
            self.entered(course, true)?;
            if self.lacks("enrol/manual:enrol") {
                return Err(no_right("Enrol users"));
            }
            if role != 5 {
                let message = "You don't have the permission to assign this role";
                return Err(refuse("moodle_exception", "wsusercannotassign", message));
            }
            self.manual(course, true)?;
            if self.users.get(&user).is_none_or(|user| user.is_deleted) {
                return Err(refuse("coding_exception", "codingerror", "Coding error detected"));
            }
            self.set_manual(user, course, suspends, effects);
        }
        Ok(Value::Null)
    }

    fn set_manual(&mut self, user: u64, course: u64, is_suspended: bool, effects: &mut Vec<String>) {
        let found = self.enrolments.iter_mut().find(|enrolment| {
            enrolment.user == user && enrolment.course == course && enrolment.method == Method::Manual
        });
        match found {
            Some(found) if found.is_suspended == is_suspended => {}
            Some(found) => {
                found.is_suspended = is_suspended;
                let deed = if is_suspended { "suspend" } else { "revive" };
                effects.push(format!("{deed} {user} in {course}"));
            }
            None => {
                self.enrolments.push(Enrolment { user, course, method: Method::Manual, is_suspended });
                effects.push(format!("CREATE an enrolment of {user} in {course}"));
            }
        }
    }

    pub(super) fn known_user(&self, user: u64) -> Result<(), Refusal> {
        match self.users.get(&user) {
            Some(found) if !found.is_deleted => Ok(()),
            Some(_) | None => Err(no_record("user")),
        }
    }
}
