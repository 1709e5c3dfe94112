//! Accounts, and how they are looked up.

use super::params::Params;
use super::{Database, Moodle, Said, bad_parameter, refuse};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub username: String,
    pub email: String,
    /// Empty: none, and the key is missing in answers.
    pub idnumber: String,
    pub is_suspended: bool,
    pub is_deleted: bool,
}

impl Moodle {
    /// An account `name@contoso.com`.
    pub fn user(&mut self, id: u64, name: &str) {
        let user = User {
            username: name.to_lowercase(),
            email: format!("{name}@contoso.com"),
            idnumber: format!("E-{name}"),
            is_suspended: false,
            is_deleted: false,
        };
        self.users.insert(id, user);
    }

    /// What is left of a deleted account: a row without an address.
    pub fn delete_user(&mut self, id: u64) {
        if let Some(user) = self.users.get_mut(&id) {
            user.is_deleted = true;
            user.username = format!("{}.1795291637", user.email);
            user.email = "0123456789abcdef0123456789abcdef".to_owned();
        }
        self.enrolments.retain(|enrolment| enrolment.user != id);
    }

    pub(super) fn users_by_field(&self, params: &Params) -> Said {
        params.only(&["field", "values[*]"])?;
        let field = params.text("field")?;
        if !["id", "idnumber", "username", "email"].contains(&field) {
            return Err(refuse("coding_exception", "codingerror", "Coding error detected"));
        }
        let values: Vec<String> = params
            .indexes("values")
            .iter()
            .filter_map(|index| params.get(&format!("values[{index}]")).map(str::to_owned))
            .collect();
        // A value must equal its cleaned form.
        if values.iter().any(|value| value.trim() != value)
            || (field == "username" && values.iter().any(|value| value.to_lowercase() != *value))
        {
            return Err(bad_parameter());
        }
        let hides_addresses = self.lacks("moodle/site:viewuseridentity");
        let is_hidden = self.lacks("moodle/user:viewdetails")
            || (field == "email" && hides_addresses)
            || (["idnumber", "username"].contains(&field) && self.lacks("moodle/user:viewalldetails"));
        if is_hidden {
            return Ok(json!([]));
        }
        let found = self.users.iter().filter(|(id, user)| {
            let stored = match field {
                "id" => id.to_string(),
                "idnumber" => user.idnumber.clone(),
                "username" => user.username.clone(),
                _ => user.email.clone(),
            };
            let is_there = !user.is_deleted || field == "id";
            is_there && values.iter().any(|value| self.is_same(&stored, value))
        });
        let rows: Vec<Value> = found.map(|(id, user)| row(*id, user, hides_addresses)).collect();
        Ok(json!(rows))
    }

    /// As the site's database compares.
    pub(super) fn is_same(&self, stored: &str, asked: &str) -> bool {
        match self.database {
            Database::Postgres => stored == asked,
            Database::MariaDb => folded(stored) == folded(asked),
        }
    }
}

fn folded(text: &str) -> String {
    text.to_lowercase().replace(['é', 'è', 'ê'], "e").replace('ü', "u").replace(['á', 'à'], "a")
}

fn row(id: u64, user: &User, hides_addresses: bool) -> Value {
    let mut row = json!({
        "id": id, "username": user.username, "fullname": format!("Learner {id}"), "department": "",
        "suspended": user.is_suspended, "confirmed": true,
    });
    if !hides_addresses {
        row["email"] = json!(user.email);
    }
    if !user.idnumber.is_empty() {
        row["idnumber"] = json!(user.idnumber);
    }
    row
}
