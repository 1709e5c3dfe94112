//! Groups: the one place like a session that Moodle's core can take away.

use super::params::Params;
use super::{Moodle, Said, no_record, no_right, refuse};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Group {
    pub course: u64,
    pub idnumber: String,
    /// With whether a cohort put them there.
    pub members: BTreeMap<u64, bool>,
}

impl Moodle {
    pub fn group(&mut self, id: u64, course: u64, idnumber: &str) {
        self.groups.insert(id, Group { course, idnumber: idnumber.to_owned(), members: BTreeMap::new() });
    }

    pub fn join(&mut self, user: u64, group: u64) {
        if let Some(group) = self.groups.get_mut(&group) {
            group.members.insert(user, false);
        }
    }

    pub(super) fn course_groups(&self, params: &Params) -> Said {
        params.only(&["courseid"])?;
        let course = params.number("courseid")?;
        self.entered(course, false)?;
        if self.lacks("moodle/course:managegroups") {
            return Err(no_right("Manage groups"));
        }
        let groups = self.groups.iter().filter(|(_, group)| group.course == course);
        let rows: Vec<Value> = groups
            .map(|(id, group)| {
                json!({ "id": id, "courseid": course, "name": format!("Group {id}"), "description": "",
                        "idnumber": group.idnumber })
            })
            .collect();
        Ok(json!(rows))
    }

    pub(super) fn group_members(&self, params: &Params) -> Said {
        params.only(&["groupids[*]"])?;
        let mut rows = Vec::new();
        for index in params.indexes("groupids") {
            let id = params.number(&format!("groupids[{index}]"))?;
            let group = self.groups.get(&id).ok_or_else(|| no_record("groups"))?;
            if self.lacks("moodle/course:managegroups") {
                return Err(no_right("Manage groups"));
            }
            rows.push(json!({ "groupid": id, "userids": group.members.keys().collect::<Vec<_>>() }));
        }
        Ok(json!(rows))
    }

    pub(super) fn remove_members(&mut self, params: &Params, effects: &mut Vec<String>) -> Said {
        for (group, user) in self.named_members(params)? {
            let Some(found) = self.groups.get_mut(&group) else { continue };
            match found.members.get(&user) {
                None => {}
                Some(true) => {
                    let message = "Sorry, you do not have permission to remove this member from the group";
                    return Err(refuse("moodle_exception", "errorremovenotpermitted", message));
                }
                Some(false) => {
                    found.members.remove(&user);
                    effects.push(format!("remove {user} from group {group}"));
                }
            }
        }
        Ok(Value::Null)
    }

    pub(super) fn add_members(&mut self, params: &Params, effects: &mut Vec<String>) -> Said {
        for (group, user) in self.named_members(params)? {
            let course = self.groups.get(&group).map_or(0, |group| group.course);
            if !self.is_member(user, course) {
                let message = "The user is not enrolled in the course";
                return Err(refuse("moodle_exception", "usernotincourse", message));
            }
            let Some(found) = self.groups.get_mut(&group) else { continue };
            if found.members.insert(user, false).is_none() {
                effects.push(format!("add {user} to group {group}"));
            }
        }
        Ok(Value::Null)
    }

    fn named_members(&self, params: &Params) -> Result<Vec<(u64, u64)>, super::Refusal> {
        params.only(&["members[*][groupid]", "members[*][userid]"])?;
        let mut named = Vec::new();
        for index in params.indexes("members") {
            let group = params.number(&format!("members[{index}][groupid]"))?;
            let user = params.number(&format!("members[{index}][userid]"))?;
            if !self.groups.contains_key(&group) {
                return Err(no_record("groups"));
            }
            if self.lacks("moodle/course:managegroups") {
                return Err(no_right("Manage groups"));
            }
            self.known_user(user).map_err(|_| refuse("moodle_exception", "invaliduser", "Invalid user"))?;
            named.push((group, user));
        }
        Ok(named)
    }
}
