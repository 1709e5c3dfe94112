//! Reads a connector file: from its text to a checked
//! [`ConnectorFile`](crate::lms::recipe::connector::ConnectorFile), or to everything that is wrong with it,
//! each with line, column and what would be right.
//!
//! Guarantees: no text makes it panic; what it takes can't ask for a value that nobody has set, can't write
//! where it only reads, and calls a place cancelled for the reason alone that it declares; no problem shows
//! what may be a secret. A file is at most 256 KiB, a recipe has at most 40 steps.
//!
//! - [`shape`], [`step_shape`], [`values`]: tables and keys; [`words`]: closed lists of words; [`schema`]:
//!   all of it for editors.
//! - [`reading_shape`], [`readings`], [`reading_fields`], [`reading_values`]: lists, and what becomes of
//!   their entries.
//! - [`settings`], [`service`], [`auth`] with [`token`], [`rules`], [`steps`] with [`bodies`] and [`picks`]:
//!   one part of the file each.
//! - [`texts`]: templates, paths, patterns; [`placeholders`] by their [`scope`]: which are known where.
//! - [`secrets`]: none stands in it. [`whole`]: what the parts say together.

mod auth;
mod bodies;
mod file_reader;
mod picks;
mod placeholders;
mod reading_fields;
mod reading_shape;
mod reading_values;
mod readings;
mod rules;
mod schema;
mod scope;
mod secrets;
mod service;
pub(super) mod settings;
mod shape;
mod step_head;
mod step_shape;
mod steps;
#[cfg(test)]
mod tests;
mod texts;
mod token;
mod values;
mod whole;
mod words;

use super::Env;
use super::problem::{ConfigErrors, Problem, ProblemKind};
use super::reader::Reader;
use super::source::{Place, Source};
use super::table::{At, Must};
use super::tree::{self, Node, Value};
use crate::lms::recipe::connector::{
    About, Cancels, ConnectorFile, LmsSendsInvites, RecipeKind, Recipes, Status, VERSION, Verified,
};
use crate::lms::recipe::reading::{Gives, Reading};
use file_reader::FileReader;
pub use schema::schema;
use scope::Scope;
use sha2::{Digest as _, Sha256};
#[cfg(test)]
pub(super) use tests::LARKSPUR;

/// Of a file.
pub(super) const MOST_BYTES: usize = 256 * 1024;

/// `source_name` is what errors call the text.
///
/// # Errors
/// All that is wrong with it, at once.
pub fn read(source_name: &str, text: &str) -> Result<ConnectorFile, ConfigErrors> {
    let found = read_source(0, text);
    match found.file {
        Some(file) if found.problems.is_empty() => Ok(file),
        Some(_) | None => {
            let sources = vec![Source::connector(source_name, text)];
            Err(ConfigErrors::new(sources, found.problems, &found.masks))
        }
    }
}

/// What one reading found; the file is good only where there are no problems.
pub(super) struct Found {
    pub(super) file: Option<ConnectorFile>,
    pub(super) problems: Vec<Problem>,
    pub(super) masks: Vec<Place>,
}

/// As [`read`], of the source with this index.
pub(super) fn read_source(source: usize, text: &str) -> Found {
    let whole = Place::new(source, 0..0);
    let refused = |why: String| Found {
        file: None,
        problems: vec![
            Problem::new(ProblemKind::Contradiction { path: "connector file".to_owned(), why })
                .at(&whole, ""),
        ],
        masks: vec![Place::new(source, 0..text.len())],
    };
    if text.len() > MOST_BYTES {
        return refused(format!("it is longer than {} KiB", MOST_BYTES / 1024));
    }
    let (root, syntax) = tree::document(source, text);
    if !syntax.is_empty() {
        return Found { file: None, problems: syntax, masks: Vec::new() };
    }
    let env = Env::new();
    let mut reader = FileReader::new(&env, text);
    reader.masks.extend(secrets::masks(&root));
    let file = reader.whole(&root);
    let Reader { problems, masks, .. } = reader.base;
    Found { file, problems, masks }
}

impl FileReader<'_> {
    fn whole(&mut self, root: &Node) -> Option<ConnectorFile> {
        if !self.is_of_this_version(root) {
            return None;
        }
        self.name_steps(root);
        let shape::File {
            version,
            name,
            title,
            about,
            settings,
            service,
            auth,
            rules,
            find,
            read,
            write,
            verify,
            restore,
            tidy,
            probe,
            lookup,
            sessions,
            roster,
            session,
            after_write,
        } = self.table(At::new(root))?;
        self.required(version, "write version = 1 at the top");
        let name =
            self.required(name, "a short name of a-z, 0-9 and hyphens").and_then(|name| self.name(name));
        let title = self.plain(title, "what people call it");
        let about =
            self.required(about, "what it does, and how sure that is").and_then(|about| self.about(about));
        self.read_settings(settings);
        self.scope = Scope::Everywhere;
        self.read_rule_sets(rules);
        let service = self
            .required(service, "a section [service] says where the LMS is")
            .and_then(|service| self.service(service));
        let auth = self
            .required(
                auth,
                "a section [auth] says how requests are signed in; kind = \"none\" for not at all",
            )
            .and_then(|auth| self.auth(auth));
        let write = self.required(write, "steps [[write]] cancel the place");
        let recipes = [
            (RecipeKind::Find, find),
            (RecipeKind::Read, read),
            (RecipeKind::Write, write),
            (RecipeKind::Verify, verify),
            (RecipeKind::Restore, restore),
            (RecipeKind::Tidy, tidy),
            (RecipeKind::Probe, probe),
            (RecipeKind::Lookup, lookup),
            (RecipeKind::Session, session),
        ]
        .map(|(kind, given)| self.recipe(kind, given));
        let after_write = self.after_write(after_write, about.as_ref());
        let sessions = self.readings(RecipeKind::Sessions, sessions);
        let roster = self.readings(RecipeKind::Roster, roster);
        let [find, read, write, verify, restore, tidy, probe, lookup, session] = recipes;
        let is_part = |reading: &Reading| matches!(reading.gives, Gives::Part(_));
        let has_parts = sessions.as_ref().is_some_and(|sessions| sessions.iter().any(is_part));
        let recipes = Recipes {
            find: find?,
            read: read?,
            write: write?,
            verify: verify?,
            restore: restore?,
            tidy: tidy?,
            probe: probe?,
            lookup: lookup?,
            sessions: sessions?,
            roster: roster?,
            roster_of_a_session: self.roster_of_a_session,
            session: session?,
            sessions_since: self.asks_since.contains(&RecipeKind::Sessions) && !has_parts,
            roster_since: self.asks_since.contains(&RecipeKind::Roster),
        };
        let about = about?;
        self.recipes_fit(root, &about, &recipes);
        // What asks for them may be what is wrong.
        if self.problems.is_empty() {
            self.nothing_is_idle(root);
        }
        Some(ConnectorFile {
            name: name?,
            title: title?,
            about,
            settings: std::mem::take(&mut self.settings),
            service: service?,
            auth: auth?,
            recipes,
            after_write: after_write?,
            hash: hash(self.source_text),
        })
    }

    /// Of another version nothing else can be judged.
    fn is_of_this_version(&mut self, root: &Node) -> bool {
        let Some(version) = root.child("version") else { return true };
        if matches!(version.value, Value::Integer(Some(number)) if number == VERSION) {
            return true;
        }
        let why = format!("{} is not known: this build reads version {VERSION}", version.found());
        let hint = "a newer build may know it".to_owned();
        self.wrong(version, why, "not this build's", Some(hint));
        false
    }

    fn name(&mut self, given: At<'_, String>) -> Option<String> {
        const EXPECTED: &str = "a name of a-z, 0-9 and hyphens that begins with a letter";
        let text = self.text(&given, EXPECTED)?;
        let is_good = text.len() <= 41
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !is_good {
            self.bad_value(&given, EXPECTED, "not a name", None);
        } else if text == "webhook" {
            self.wrong(given.node, "`webhook` is the connector that this build holds", "taken", None);
        }
        Some(text.to_owned())
    }

    fn plain(&mut self, given: Must<'_, String>, what: &str) -> Option<String> {
        self.required(given, what).and_then(|given| self.text(&given, what).map(str::to_owned))
    }

    fn about(&mut self, given: At<'_, shape::About<'_>>) -> Option<About> {
        let shape::About { cancels, destructive, verified, status, lms_sends_invites, notes } =
            self.table(given)?;
        let cancels = self
            .required(cancels, "\"place\", or \"course\" where membership of a course is all it can take")
            .and_then(|cancels| self.choice(Some(cancels), Cancels::Place));
        let destructive = self
            .required(destructive, "true where the place can't be given back as it was")
            .and_then(|destructive| self.flag(Some(destructive), false));
        let verified = self
            .required(verified, "\"read-back\", or \"answer\" where this LMS can't be read")
            .and_then(|verified| self.choice(Some(verified), Verified::ReadBack));
        let status = self.choice(status, Status::Draft);
        let lms_sends_invites = self.choice(lms_sends_invites, LmsSendsInvites::Unknown);
        let notes = match notes {
            Some(notes) => self.text(&notes, "Markdown").map(str::to_owned),
            None => Some(String::new()),
        };
        self.reads_back = verified == Some(Verified::ReadBack);
        self.cancels_courses = cancels == Some(Cancels::Course);
        Some(About {
            cancels: cancels?,
            is_destructive: destructive?,
            verified: verified?,
            status: status?,
            lms_sends_invites: lms_sends_invites?,
            notes: notes?,
        })
    }
}

/// SHA-256, its first 16 hexadecimal digits.
fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
