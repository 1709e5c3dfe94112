//! The JSON Schema of `regrets.toml`, for editors that complete and check while one types.
//!
//! It says what a file may look like; contradictions and app settings are the parser's. A test holds both to the same keys.

#![allow(dead_code, reason = "the derive reads these types; nothing makes values of them")]

mod values;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use std::collections::BTreeMap;
use values::{Duration, Guid};

/// The schema as a JSON document (draft 7, which the TOML language servers read).
pub fn schema() -> serde_json::Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<File>().to_value();
    drop_null(&mut schema);
    schema
}

/// TOML has no null: a key that may be left out is not required, and that is all.
fn drop_null(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            if let Some(serde_json::Value::Array(types)) = map.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".to_owned(), only);
                }
            }
            if let Some(serde_json::Value::Array(choices)) = map.get_mut("anyOf") {
                choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
                if choices.len() == 1 {
                    let only = choices.pop();
                    map.remove("anyOf");
                    map.insert("allOf".to_owned(), serde_json::Value::Array(only.into_iter().collect()));
                }
            }
            if let Some(serde_json::Value::Array(values)) = map.get_mut("enum") {
                values.retain(|value| !value.is_null());
            }
            map.values_mut().for_each(drop_null);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(drop_null),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

/// Settings of Regrets
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, title = "regrets.toml", extend("$id" = "urn:regrets:configuration"))]
struct File {
    /// Where Graph reaches this deployment. Default: https://$WEBSITE_HOSTNAME
    public_url: Option<String>,
    /// One section for each Entra directory together with one LMS connection, by a name of your own.
    #[schemars(extend("minProperties" = 1, "propertyNames" = { "pattern": "^[a-z][a-z0-9]{0,31}$" }))]
    tenant: BTreeMap<String, Tenant>,
}

/// One Entra directory together with one LMS connection.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Tenant {
    /// Entra tenant id.
    directory: Guid,
    /// The app registration's application (client) id.
    client_id: Guid,
    /// How Regrets signs in; exactly one.
    credential: Credential,
    /// Microsoft's cloud that holds the directory.
    #[schemars(extend("default" = "global"))]
    cloud: Option<Cloud>,
    /// Whose calendars, and how.
    watch: Watch,
    /// An event is a training session when every test given here holds.
    recognise: Recognise,
    /// How the LMS knows a learner.
    learner: Option<Learner>,
    /// What follows from a verdict, and when.
    policy: Option<Policy>,
    /// Where cancellations go.
    lms: Lms,
}

/// How Regrets signs in; exactly one.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
struct Credential {
    /// The app registration's client secret.
    client_secret: Option<Secret>,
    /// PEM with a certificate and its private key.
    certificate: Option<Secret>,
    /// An Azure managed identity signs in by itself.
    managed_identity: Option<Identity>,
    /// A managed identity's token stands in for a secret.
    federated: Option<Identity>,
}

/// A managed identity; {} for the app's own.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Identity {
    /// Of a user-assigned identity; left out for the app's own.
    client_id: Option<Guid>,
}

/// Names the app setting that holds the secret.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Secret {
    /// The app setting's name.
    #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"))]
    env: String,
}

/// A national cloud of Microsoft.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum Cloud {
    Global,
    #[schemars(rename = "usgov")]
    UsGov,
    #[schemars(rename = "usgov-dod")]
    UsGovDod,
    China,
}

/// Whose calendars, and how.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Watch {
    /// attendees: each learner's mailbox, which sees answers that were not sent. organizer: only the mailboxes that send the
    /// invitations, which sees explicit answers of everybody, guests too. both: side by side.
    #[schemars(extend("default" = "attendees"))]
    mode: Option<WatchMode>,
    /// May be left out in mode organizer only.
    mailboxes: Option<Mailboxes>,
    /// Mailboxes that send the invitations, where they may be read.
    organizers: Option<Vec<String>>,
    /// Each mailbox's calendar is compared anew at least this often.
    #[schemars(extend("default" = "24h"))]
    resync: Option<Duration>,
}

/// Whose mailboxes are read.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum WatchMode {
    Attendees,
    Organizer,
    Both,
}

/// Exactly one.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
struct Mailboxes {
    /// Object ids or user principal names.
    #[schemars(length(min = 1))]
    users: Option<Vec<String>>,
    /// A group's object id; its transitive members.
    group: Option<Guid>,
    /// Everybody in the directory; only true may be written.
    #[schemars(extend("const" = true))]
    all: Option<bool>,
}

/// Exactly one.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
struct Only {
    /// Object ids or user principal names.
    #[schemars(length(min = 1))]
    users: Option<Vec<String>>,
    /// A group's object id; its transitive members.
    group: Option<Guid>,
}

/// An event is a training session when every test given here holds.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Recognise {
    /// Sent by one of these; left out: by anybody.
    #[schemars(length(min = 1))]
    organizer: Option<Vec<String>>,
    /// Where the session's id stands; exactly one.
    session: Session,
}

/// Where the session's id stands; exactly one. A pattern has a group (?<session>…).
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1, "maxProperties" = 1))]
struct Session {
    /// A pattern over the event's iCalUId.
    ical_uid: Option<String>,
    /// A pattern over the subject.
    subject: Option<String>,
    /// A pattern over the body's text.
    body: Option<String>,
    /// A property that the LMS put on the event.
    extended_property: Option<ExtendedProperty>,
    /// The connector finds the session by iCalUId.
    #[schemars(extend("const" = true))]
    lookup: Option<bool>,
}

/// A property that the LMS put on the event.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ExtendedProperty {
    /// As Graph writes it: String {66f5a359-4659-4830-9070-00047ec6ac6e} Name LmsSessionId
    id: String,
    /// Left out: the whole value is the session's id.
    pattern: Option<String>,
}

/// How the LMS knows a learner.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Learner {
    /// What the LMS knows a learner by.
    #[schemars(
        regex(pattern = r"^(mail|userPrincipalName|employeeId|id|onPremisesExtensionAttributes\.extensionAttribute([1-9]|1[0-5]))$"),
        extend("default" = "mail")
    )]
    key: Option<String>,
}

/// What follows from a verdict, and when.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Policy {
    /// observe: write down what would be cancelled, and cancel nothing. act: cancel.
    #[schemars(extend("default" = "observe"))]
    mode: Option<PolicyMode>,
    /// Act for these learners and observe for all others.
    only: Option<Only>,
    /// The learner's copy is gone, and the organizer's copy says something else.
    #[schemars(extend("default" = "review"))]
    removed: Option<WeakPolicy>,
    /// The learner's copy is gone, and there is no organizer's copy to ask. With cancel, whoever merely deletes it loses the
    /// place.
    #[schemars(extend("default" = "review"))]
    unseen: Option<WeakPolicy>,
    /// A decline that the mailbox gave by itself while its automatic replies are on. Recognised only where MailboxSettings.Read
    /// is granted.
    #[schemars(extend("default" = "review"))]
    automatic: Option<AutomaticPolicy>,
    /// The time zone of all-day events that name none that is known: an IANA or a Windows name.
    #[schemars(extend("default" = "UTC"))]
    timezone: Option<String>,
    /// Declined with a proposed new time, as far as the organizer's copy can be read just before the LMS is asked.
    #[schemars(extend("default" = "review"))]
    proposed: Option<ProposedPolicy>,
    /// How long doubtful cases are looked at again before they are decided.
    #[schemars(extend("default" = "30m"))]
    settle: Option<Duration>,
    /// From the decision to the LMS.
    #[schemars(extend("default" = "10m"))]
    grace: Option<Duration>,
    /// Patience with an unreadable Graph just before the LMS is called.
    #[schemars(extend("default" = "1h"))]
    recheck: Option<Duration>,
    /// So long before the session's start, nothing is cancelled any more.
    #[schemars(extend("default" = "0s"))]
    deadline: Option<Duration>,
    /// Several calendar items stand for one place.
    #[schemars(extend("default" = "review"))]
    part: Option<PartPolicy>,
    /// Accepted again after the cancellation. reinstate comes later.
    #[schemars(extend("default" = "record"))]
    take_back: Option<TakeBack>,
    /// So long after the cancellation, an acceptance counts as taken back.
    #[schemars(extend("default" = "24h"))]
    take_back_window: Option<Duration>,
    /// More decisions than these stop the tenant, or the learner, until a person has looked.
    brake: Option<Brake>,
    /// A finished cancellation is kept so long.
    #[schemars(extend("default" = "90d"))]
    retention: Option<Duration>,
}

/// Whether anything is cancelled.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum PolicyMode {
    Observe,
    Act,
}

/// cancel: cancel the place. review: ask a person. ignore: keep the place.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum WeakPolicy {
    Cancel,
    Review,
    Ignore,
}

/// cancel: cancel the place. review: ask a person.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum ProposedPolicy {
    Cancel,
    Review,
}

/// cancel: cancel the place. review: ask a person.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum AutomaticPolicy {
    Cancel,
    Review,
}

/// review: ask a person. any: one declined item cancels the place. all: only when all are declined.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum PartPolicy {
    Review,
    Any,
    All,
}

/// record: write it down. reinstate: give the place back (comes later).
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum TakeBack {
    Record,
    Reinstate,
}

/// More decisions than these stop the tenant, or the learner, until a person has looked.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Brake {
    /// So many decisions of the tenant within that time.
    #[schemars(range(min = 1), extend("default" = 50))]
    decisions: Option<u32>,
    /// The time within which decisions are counted.
    #[schemars(extend("default" = "1h"))]
    within: Option<Duration>,
    /// So many decisions about one learner within that time.
    #[schemars(range(min = 1), extend("default" = 8))]
    per_learner: Option<u32>,
}

/// Where cancellations go.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Lms {
    /// How the LMS is called.
    #[schemars(extend("const" = "webhook", "default" = "webhook"))]
    connector: Option<String>,
    /// Where cancellations are posted.
    #[schemars(url)]
    url: String,
    /// What requests are signed with.
    secret: Secrets,
    /// At most `requests` per `per`.
    rate: Option<Rate>,
    /// Waits before a failed request is repeated.
    retry: Option<Retry>,
}

/// A Standard Webhooks secret as the vendor gives it: base64 of 24 to 64 bytes, with or without whsec_; a list signs with each, while a secret is being changed.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Secrets {
    One(Secret),
    More(#[schemars(length(min = 1))] Vec<Secret>),
}

/// At most `requests` per `per`.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Rate {
    /// At most so many requests.
    #[schemars(range(min = 1), extend("default" = 10))]
    requests: Option<u32>,
    /// In each such time.
    #[schemars(extend("default" = "1s"))]
    per: Option<Duration>,
}

/// Waits before a failed request is repeated; doubling, with jitter.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Retry {
    /// The first wait.
    #[schemars(extend("default" = "30s"))]
    first: Option<Duration>,
    /// The longest wait.
    #[schemars(extend("default" = "1h"))]
    most: Option<Duration>,
}
