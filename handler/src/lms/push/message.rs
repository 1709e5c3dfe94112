//! The bodies of `POST /api/lms/{tenant}/events`, word for word. The JSON Schema is made of these types;
//! fields that are not known are passed over, so that a sender may add some.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One message. `data.id` is the header `webhook-id`: the same for every attempt to tell this, and for
/// nothing else
#[derive(Debug, JsonSchema)]
#[serde(tag = "type")]
#[schemars(title = "Regrets: what an LMS tells", extend("$id" = "urn:regrets:lms:events"))]
pub enum Message {
    /// A session is new, or something about it changed
    #[serde(rename = "session.upserted")]
    SessionUpserted { timestamp: String, data: SessionData },
    /// A session does not take place, or is gone
    #[serde(rename = "session.cancelled")]
    SessionCancelled { timestamp: String, data: CancelledData },
    /// A place was given, or it is another one now
    #[serde(rename = "enrolment.upserted")]
    EnrolmentUpserted { timestamp: String, data: EnrolmentData },
    /// A place is gone
    #[serde(rename = "enrolment.removed")]
    EnrolmentRemoved { timestamp: String, data: EnrolmentData },
    /// All there is, in as many messages as it takes: what none of them names is not there
    #[serde(rename = "snapshot")]
    Snapshot { timestamp: String, data: SnapshotData },
}

/// A session
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub struct SessionData {
    /// The LMS's id of the session: the one that a cancellation names
    #[schemars(length(min = 1))]
    pub session: String,
    /// As learners know it
    #[schemars(length(min = 1))]
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    /// False: nobody is invited to it
    #[serde(default = "yes")]
    pub visible: bool,
    /// False: no date is known yet
    #[serde(default = "yes")]
    pub dated: bool,
    /// True: it does not take place
    #[serde(default)]
    pub cancelled: bool,
    /// Why it does not take place, for learners
    #[serde(default)]
    pub reason: Option<String>,
    /// Where its clock is read, by IANA's name or Windows': `Europe/Berlin`
    #[serde(default)]
    pub timezone: Option<String>,
    /// Each dated span, in any order
    #[serde(default)]
    pub parts: Vec<PartData>,
    /// Where it takes place, if all parts do
    #[serde(default)]
    pub place: Option<String>,
    /// Where attendees join, if all parts do; never a host's link
    #[serde(default)]
    pub link: Option<String>,
    /// How many places there are; null: unlimited, or unknown
    #[serde(default)]
    pub capacity: Option<u32>,
    #[serde(default)]
    pub instructors: Vec<InstructorData>,
}

fn yes() -> bool {
    true
}

/// One dated span
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub struct PartData {
    /// The LMS's id of the part; left out, it is known by its place in the list
    #[serde(default)]
    pub id: Option<String>,
    #[serde(default)]
    pub title: Option<String>,
    /// RFC 3339 with an offset: 2027-03-01T09:00:00+01:00; a date alone is a whole day
    pub start: String,
    /// RFC 3339 with an offset; of whole days the last one
    pub end: String,
    #[serde(default)]
    pub place: Option<String>,
    #[serde(default)]
    pub link: Option<String>,
}

/// Who teaches
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub struct InstructorData {
    /// None: shown, and not invited
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub primary: bool,
}

/// A session that does not take place
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub struct CancelledData {
    #[schemars(length(min = 1))]
    pub session: String,
    /// For learners
    #[serde(default)]
    pub reason: Option<String>,
}

/// A place
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub struct EnrolmentData {
    /// The LMS's own id of the place; left out, a learner has one in a session
    #[serde(default)]
    pub enrolment: Option<String>,
    #[schemars(length(min = 1))]
    pub session: String,
    pub learner: LearnerData,
    /// `held`, `requested`, `waitlisted`, `invited`, `declined`, `cancelled`, `attended`, `no_show`; any
    /// other word neither gives a place nor takes one
    pub state: String,
    /// When it came to that, RFC 3339
    #[serde(default)]
    pub since: Option<String>,
    /// The key of the request by which Regrets itself brought it there, else null
    #[serde(default)]
    pub caused_by: Option<String>,
}

/// Who holds it
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub struct LearnerData {
    /// The LMS's id of the person
    #[schemars(length(min = 1))]
    pub id: String,
    /// Without one nobody is invited
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub username: Option<String>,
    #[serde(default)]
    pub idnumber: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    /// `de`, `en-GB`
    #[serde(default)]
    pub language: Option<String>,
    /// A test account or a test order: never a learner
    #[serde(default)]
    pub test: bool,
}

/// A message of those that tell all there is
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub struct SnapshotData {
    /// The same in all messages of one snapshot
    #[schemars(length(min = 1))]
    pub snapshot: String,
    /// Which message this is, from 1
    #[schemars(range(min = 1))]
    pub number: u32,
    /// How many there are
    #[schemars(range(min = 1))]
    pub of: u32,
    /// Read one by one, so that a bad one keeps the others from nothing
    #[serde(default)]
    #[schemars(with = "Vec<SessionData>")]
    pub sessions: Vec<serde_json::Value>,
    #[serde(default)]
    #[schemars(with = "Vec<EnrolmentData>")]
    pub enrolments: Vec<serde_json::Value>,
}

/// Its JSON Schema.
pub fn schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Message>()
        .to_value()
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
