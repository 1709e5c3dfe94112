//! A whole connector file.

use super::auth::Auth;
use super::reading::Reading;
use super::step::Step;
use super::template::Template;
use super::words::Verdict;
use crate::enrolment::policy::Rate;
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The version of the format that this build reads.
pub const VERSION: i64 = 1;

#[derive(Debug, Clone)]
pub struct ConnectorFile {
    pub name: String,
    pub title: String,
    pub about: About,
    pub settings: Vec<Setting>,
    pub service: Service,
    pub auth: Auth,
    pub recipes: Recipes,
    pub after_write: AfterWrite,
    /// SHA-256 of the file's text, its first 16 hexadecimal digits: kept with each cancellation.
    pub hash: String,
}

#[derive(Debug, Clone)]
pub struct About {
    pub cancels: Cancels,
    pub is_destructive: bool,
    pub verified: Verified,
    pub status: Status,
    pub lms_sends_invites: LmsSendsInvites,
    /// Markdown.
    pub notes: String,
}

/// What the connector takes away
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Cancels {
    /// The place in one dated session
    Place,
    /// Membership of a course: only where the tenant allows it
    Course,
}

/// How it is known that a place is gone
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Verified {
    /// The LMS is read again
    ReadBack,
    /// By the write's own answer
    Answer,
}

/// Whether it was seen to work
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Status {
    /// Every situation is tested
    Full,
    /// Written from public descriptions: a tenant must accept it
    Draft,
}

/// Whether the LMS mails invitations of its own
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum LmsSendsInvites {
    Never,
    BySetting,
    Always,
    Unknown,
}

impl ConnectorFile {
    /// It refuses to cancel anything, and tells of sessions.
    pub fn only_reads(&self) -> bool {
        self.recipes.write.iter().all(|step| step.exit.is_some()) && !self.recipes.sessions.is_empty()
    }

    /// All that it can do is to end membership of a course.
    pub fn takes_membership(&self) -> bool {
        self.about.cancels == Cancels::Course && !self.recipes.write.iter().any(|step| step.keeps_course)
    }
}

/// What a tenant gives.
#[derive(Debug, Clone)]
pub struct Setting {
    pub name: String,
    pub kind: SettingKind,
    pub about: String,
    pub example: Option<String>,
    /// Without one it must be given.
    pub default: Option<String>,
}

#[derive(Debug, Clone)]
pub enum SettingKind {
    Url,
    Secret,
    Text { pattern: Option<Regex> },
    Choice { of: Vec<String> },
    Flag,
}

#[derive(Debug, Clone)]
pub struct Service {
    pub base: Template,
    pub headers: Vec<(String, Template)>,
    /// Requests at once on one instance.
    pub concurrency: usize,
    /// A header that counts down to a pause.
    pub remaining: Option<String>,
    /// When it counts anew: seconds, or seconds since 1970.
    pub reset: Option<String>,
    /// Of one answer to a read, bytes.
    pub read_limit: usize,
    /// Where the tenant says nothing else.
    pub rate: Option<Rate>,
}

#[derive(Debug, Clone, Default)]
pub struct Recipes {
    /// Runs before all others but `probe` and `lookup`.
    pub find: Vec<Step>,
    pub read: Vec<Step>,
    pub write: Vec<Step>,
    /// Empty: `read` again.
    pub verify: Vec<Step>,
    pub restore: Vec<Step>,
    /// After the place is seen to be gone.
    pub tidy: Vec<Step>,
    pub probe: Vec<Step>,
    pub lookup: Vec<Step>,
    /// All sessions.
    pub sessions: Vec<Reading>,
    /// Who holds a place.
    pub roster: Vec<Reading>,
    /// `roster` is read for one session at a time.
    pub roster_of_a_session: bool,
    /// Is one session there?
    pub session: Vec<Step>,
    /// `sessions` can be asked for what changed alone.
    pub sessions_since: bool,
    /// So can `roster`.
    pub roster_since: bool,
}

/// What the steps of a file are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum RecipeKind {
    Find,
    Read,
    Write,
    Verify,
    Restore,
    Tidy,
    Probe,
    Lookup,
    Sessions,
    Roster,
    Session,
}

impl RecipeKind {
    pub const ALL: &[Self] = Self::VARIANTS;

    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Changes nothing at the LMS.
    pub fn only_reads(self) -> bool {
        match self {
            Self::Find
            | Self::Read
            | Self::Verify
            | Self::Probe
            | Self::Lookup
            | Self::Sessions
            | Self::Roster
            | Self::Session => true,
            Self::Write | Self::Restore | Self::Tidy => false,
        }
    }

    /// Knows a learner and a session, and what `find` has found.
    pub fn is_of_a_place(self) -> bool {
        match self {
            Self::Find | Self::Read | Self::Write | Self::Verify | Self::Restore | Self::Tidy => true,
            Self::Probe | Self::Lookup | Self::Sessions | Self::Roster | Self::Session => false,
        }
    }

    /// Consists of readings, and not of steps.
    pub fn reads_lists(self) -> bool {
        match self {
            Self::Sessions | Self::Roster => true,
            Self::Find
            | Self::Read
            | Self::Write
            | Self::Verify
            | Self::Restore
            | Self::Tidy
            | Self::Probe
            | Self::Lookup
            | Self::Session => false,
        }
    }
}

impl Recipes {
    /// Of what reads lists there are none: [`Recipes::readings`].
    pub fn of(&self, kind: RecipeKind) -> &[Step] {
        match kind {
            RecipeKind::Find => &self.find,
            RecipeKind::Read => &self.read,
            RecipeKind::Write => &self.write,
            RecipeKind::Verify => &self.verify,
            RecipeKind::Restore => &self.restore,
            RecipeKind::Tidy => &self.tidy,
            RecipeKind::Probe => &self.probe,
            RecipeKind::Lookup => &self.lookup,
            RecipeKind::Session => &self.session,
            RecipeKind::Sessions | RecipeKind::Roster => &[],
        }
    }

    pub fn readings(&self, kind: RecipeKind) -> &[Reading] {
        match kind {
            RecipeKind::Sessions => &self.sessions,
            RecipeKind::Roster => &self.roster,
            RecipeKind::Find
            | RecipeKind::Read
            | RecipeKind::Write
            | RecipeKind::Verify
            | RecipeKind::Restore
            | RecipeKind::Tidy
            | RecipeKind::Probe
            | RecipeKind::Lookup
            | RecipeKind::Session => &[],
        }
    }
}

#[derive(Debug, Clone)]
pub struct AfterWrite {
    /// The write was answered well, and the place is still there.
    pub still_held: Verdict,
    pub reads: u32,
    pub wait: Duration,
}
