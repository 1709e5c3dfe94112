//! The companion plugin `local_regrets`: sign-ups of Face-to-face and answers to options of Booking, read,
//! cancelled and given back, once for a key.

use super::params::Params;
use super::{Moodle, Said, bad_parameter, no_right, refuse};
use chrono::Utc;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Session {
    /// Of its activity.
    pub name: String,
    /// Seconds since 1970; `None`: undated.
    pub starts: Option<i64>,
    /// Further dates of it.
    pub later: Vec<i64>,
    pub capacity: usize,
    pub is_cancellable: bool,
    /// The time in which learners may cancel is over.
    pub is_late: bool,
    /// Learners see the course and the activity.
    pub is_visible: bool,
    /// The caller may not see it: it is left out of lists.
    pub is_closed: bool,
    pub place: &'static str,
    pub instructor: Option<u64>,
    /// Seconds since 1970.
    pub changed: i64,
}

#[derive(Debug, Clone)]
pub struct Signup {
    /// held, waitlisted, requested, cancelled, attended, unknown
    pub state: &'static str,
    pub given: Option<i64>,
}

impl Session {
    pub(super) fn dates(&self) -> Vec<i64> {
        self.starts.into_iter().chain(self.later.iter().copied()).collect()
    }
}

/// One activity's sessions.
#[derive(Debug)]
pub struct Facetoface {
    pub sessions: BTreeMap<u64, Session>,
    pub signups: BTreeMap<(u64, u64), Signup>,
    /// Another request holds the session's lock: so many are told.
    pub busy: u32,
    /// Sessions of one page, at most.
    pub page: usize,
    requests: BTreeMap<String, (String, Value)>,
}

impl Default for Facetoface {
    fn default() -> Self {
        let (sessions, signups, requests) = Default::default();
        Self { sessions, signups, busy: 0, page: 200, requests }
    }
}

impl Facetoface {
    /// A session in a week.
    pub fn session(&mut self, id: u64, capacity: usize) {
        let starts = Some(Utc::now().timestamp() + 7 * 86_400);
        let (name, later) = (format!("Activity {id}"), Vec::new());
        let session = Session {
            name,
            starts,
            later,
            capacity,
            is_cancellable: true,
            is_late: false,
            is_visible: true,
            is_closed: false,
            place: "",
            instructor: None,
            changed: 0,
        };
        self.sessions.insert(id, session);
    }

    pub fn sign_up(&mut self, session: u64, user: u64, state: &'static str) {
        let given = Some(Utc::now().timestamp() - 30 * 86_400);
        self.signups.insert((session, user), Signup { state, given });
    }

    pub fn state(&self, session: u64, user: u64) -> &'static str {
        self.signups.get(&(session, user)).map_or("absent", |signup| signup.state)
    }

    fn held(&self, session: u64) -> usize {
        self.signups.iter().filter(|((of, _), signup)| *of == session && signup.state == "held").count()
    }

    /// What the activity itself calls it.
    pub(super) fn word(state: &str) -> &str {
        match state {
            "held" => "booked",
            "cancelled" => "user_cancelled",
            "attended" => "no_show",
            other => other,
        }
    }

    fn waiting(&self, session: u64) -> Option<(u64, u64)> {
        let mut waiting =
            self.signups.iter().filter(|((of, _), signup)| *of == session && signup.state == "waitlisted");
        waiting.next().map(|(place, _)| *place)
    }
}

/// Whom a request is about.
enum Who {
    Session,
    Nobody,
    Several,
    One(u64, u64),
}

/// The activity that a request names.
pub(super) fn named(params: &Params) -> &str {
    params.get("provider").unwrap_or("facetoface")
}

impl Moodle {
    pub(super) fn activity(&self, params: &Params) -> Result<&Facetoface, super::Refusal> {
        match named(params) {
            "facetoface" => Ok(&self.facetoface),
            "booking" if self.has_booking => Ok(&self.booking),
            _ => Err(refuse("moodle_exception", "unknownprovider", "There is no such activity on this site")),
        }
    }

    fn who(&self, params: &Params) -> Result<Who, super::Refusal> {
        let field = Self::known_field(params.text("field")?, &["id", "username", "email", "idnumber"])?;
        let value = params.text("value")?.trim().to_lowercase();
        let session = params.text("session")?.trim().parse::<u64>().ok();
        let activity = self.activity(params)?;
        let Some(session) = session.filter(|id| activity.sessions.contains_key(id)) else {
            return Ok(Who::Session);
        };
        let found: Vec<u64> = self
            .users
            .iter()
            .filter(|(_, user)| !user.is_deleted)
            .filter(|(id, user)| match field {
                "id" => id.to_string() == value,
                "username" => user.username == value,
                "email" => user.email.to_lowercase() == value,
                _ => user.idnumber.to_lowercase() == value,
            })
            .map(|(id, _)| *id)
            .collect();
        Ok(match found.as_slice() {
            [] => Who::Nobody,
            [one] => Who::One(session, *one),
            [..] => Who::Several,
        })
    }

    pub(super) fn get_signup(&self, params: &Params) -> Said {
        params.only(&["session", "field", "value", "provider"])?;
        if self.lacks("local/regrets:read") {
            return Err(no_right("Read sign-ups"));
        }
        let now = Utc::now().timestamp();
        let answer = |outcome: &str, state: &str, given: Option<i64>, starts: Option<i64>| {
            let method = if state == "held" { "signup" } else { "" };
            json!({ "outcome": outcome, "state": state, "status": "", "method": method,
                    "given": given, "timemodified": given, "userid": null, "starts": starts,
                    "started": starts.is_some_and(|starts| starts <= now), "now": now })
        };
        Ok(match self.who(params)? {
            Who::Session => answer("unknown_session", "", None, None),
            Who::Nobody => answer("unknown_learner", "", None, None),
            Who::Several => answer("ambiguous_learner", "", None, None),
            Who::One(session, user) => {
                let activity = self.activity(params)?;
                let starts = activity.sessions.get(&session).and_then(|session| session.starts);
                let given = activity.signups.get(&(session, user)).and_then(|signup| signup.given);
                let state = activity.state(session, user);
                answer(
                    "found",
                    state,
                    given.filter(|_| ["held", "waitlisted", "requested"].contains(&state)),
                    starts,
                )
            }
        })
    }

    pub(super) fn cancel_signup(&mut self, params: &Params, effects: &mut Vec<String>) -> Said {
        params.only(&["session", "field", "value", "reason", "key", "provider"])?;
        if self.lacks("local/regrets:cancel") {
            return Err(no_right("Cancel sign-ups"));
        }
        self.once("cancel", params, |activity, session, user| {
            let now = Utc::now().timestamp();
            let found = activity.sessions.get(&session).cloned();
            let has_begun = found.as_ref().and_then(|found| found.starts).is_some_and(|starts| starts <= now);
            let is_late = found.as_ref().is_some_and(|found| found.is_late);
            let before = activity.state(session, user);
            match before {
                "cancelled" => return said("already_cancelled", "", before, before),
                "absent" => return said("not_enrolled", "", before, before),
                "attended" => return said("too_late", "attendancetaken", before, before),
                "held" | "waitlisted" | "requested" => {}
                _ => return said("refused", "unknownstate", before, before),
            }
            if has_begun {
                return said("too_late", "sessionstarted", before, before);
            }
            if found.is_some_and(|found| !found.is_cancellable) {
                return said("refused", "cancellationsoff", before, before);
            }
            if is_late {
                return said("too_late", "cutoff", before, before);
            }
            activity.signups.insert((session, user), Signup { state: "cancelled", given: None });
            effects.push(format!("cancel {user} in session {session}"));
            // Whoever waits moves up.
            if before == "held"
                && let Some(next) = activity.waiting(session)
            {
                activity.signups.insert(next, Signup { state: "held", given: Some(now) });
            }
            said("done", "", before, "cancelled")
        })
    }

    pub(super) fn restore_signup(&mut self, params: &Params, effects: &mut Vec<String>) -> Said {
        params.only(&["session", "field", "value", "key", "provider"])?;
        if self.lacks("local/regrets:restore") {
            return Err(no_right("Give sign-ups back"));
        }
        self.once("restore", params, |activity, session, user| {
            let now = Utc::now().timestamp();
            let before = activity.state(session, user);
            let Some(found) = activity.sessions.get(&session).cloned() else {
                return said("unknown_session", "", "", "");
            };
            if ["held", "waitlisted", "requested"].contains(&before) {
                return said(before, "stillheld", before, before);
            }
            if before == "attended" || found.starts.is_some_and(|starts| starts <= now) {
                return said("closed", "sessionstarted", before, before);
            }
            if before != "cancelled" {
                return said("refused", "nevercancelled", before, before);
            }
            if activity.held(session) >= found.capacity || activity.waiting(session).is_some() {
                return said("full", "", before, before);
            }
            activity.signups.insert((session, user), Signup { state: "held", given: Some(now) });
            effects.push(format!("restore {user} in session {session}"));
            said("held", "", before, "held")
        })
    }

    /// A key that comes again gets the answer that it had.
    fn once(
        &mut self,
        action: &str,
        params: &Params,
        decide: impl FnOnce(&mut Facetoface, u64, u64) -> Value,
    ) -> Said {
        let key = params.text("key")?.to_owned();
        if key.is_empty() || key.len() > 128 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refuse("moodle_exception", "invalidkey", "Not a key"));
        }
        if self.facetoface.busy > 0 {
            self.facetoface.busy -= 1;
            return Err(refuse("moodle_exception", "busy", "Another request for this session is on its way"));
        }
        let of = |name: &str| params.text(name).unwrap_or_default().trim().to_lowercase();
        let asked = format!("{action} {} {} {} {}", named(params), of("session"), of("field"), of("value"));
        if let Some((before, answer)) = self.facetoface.requests.get(&key) {
            if *before != asked {
                return Err(refuse("moodle_exception", "keyreused", "The key was used for something else"));
            }
            let mut answer = answer.clone();
            answer["replayed"] = json!(true);
            return Ok(answer);
        }
        let answer = match self.who(params)? {
            Who::Session => said("unknown_session", "", "", ""),
            Who::Nobody => said("unknown_learner", "", "", ""),
            Who::Several => said("refused", "ambiguouslearner", "", ""),
            Who::One(session, user) => match named(params) {
                "booking" => decide(&mut self.booking, session, user),
                _ => decide(&mut self.facetoface, session, user),
            },
        };
        if answer.is_null() {
            return Err(bad_parameter());
        }
        self.facetoface.requests.insert(key, (asked, answer.clone()));
        Ok(answer)
    }
}

fn said(outcome: &str, reason: &str, before: &str, after: &str) -> Value {
    let message = if reason.is_empty() { outcome } else { reason };
    json!({ "outcome": outcome, "reason": reason, "message": format!("({message})"), "before": before,
            "after": after, "replayed": false })
}
