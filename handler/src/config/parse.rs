//! From text and app settings to a checked [`Config`], or to everything that is wrong with them.

use super::beside::{Beside, Files};
use super::consent::Consent;
use super::problem::{ConfigErrors, Problem};
use super::reader::Reader;
use super::source::Source;
use super::table::At;
use super::tree::Node;
use super::{Config, Env, StoreConfig, Tenants, overrides, raw, tree};
use crate::config::needed::Needed;
use crate::graph::client_state::StateKeys;
use std::path::PathBuf;
use url::Url;

/// What one reading of the configuration found.
#[derive(Debug)]
pub struct Inspection {
    /// A tenant whose secrets can't be had is in it, closed.
    pub outcome: Result<Config, ConfigErrors>,
    /// In the order of the file, also where the outcome is an error.
    pub needed: Vec<Needed>,
    /// The secrets of tenants that can't be had now.
    pub missing: Option<ConfigErrors>,
    /// What the file means, where the file is good: app settings may be missing all the same.
    pub meaning: Option<Meaning>,
    /// The connector files that were read beside it; `None` where one can't be read.
    pub(super) read_files: Files,
}

/// A configuration as far as its file goes.
#[derive(Debug, Clone)]
pub struct Meaning {
    /// `None` where neither the file nor the platform says it.
    pub public_url: Option<Url>,
    pub consent: Consent,
    pub tenants: Tenants,
    /// `None` where the app settings name none that is good.
    pub store: Option<StoreConfig>,
    pub authority_host: Option<Url>,
    pub graph_endpoint: Option<Url>,
}

/// Reads `text`, lays the overrides of `env` over it, and checks the whole. `source_name` is what errors call
/// the text.
///
/// A relative path of a SQLite store stays as it is: [`super::load`] ties it to the root.
pub fn parse(source_name: &str, text: &str, env: &Env) -> Result<Config, ConfigErrors> {
    inspect(source_name, text, env).outcome
}

/// As [`parse`], and tells which app settings are asked for.
pub fn inspect(source_name: &str, text: &str, env: &Env) -> Inspection {
    inspect_in(&Beside::Folder(PathBuf::new()), source_name, text, env)
}

/// As [`inspect`]: connector files may stand beside it.
pub(super) fn inspect_in(beside: &Beside, source_name: &str, text: &str, env: &Env) -> Inspection {
    let mut sources = vec![Source::file(source_name, text)];
    let (mut root, syntax) = tree::document(0, text);
    if !syntax.is_empty() {
        // What a broken text seems to lack may be there: only its syntax can be judged.
        return without_a_file(sources, syntax, env);
    }
    let mut problems = overrides::apply(&mut root, env, &mut sources);
    let mut reader = Reader::of(env, beside, sources);
    let (meaning, state_keys) = reader.whole(&root);
    problems.append(&mut reader.problems);
    let told: Vec<Problem> = reader.missing.drain(..).map(|(_, problem)| problem).collect();
    let missing = (!told.is_empty()).then(|| ConfigErrors::new(reader.sources.clone(), told, &reader.masks));
    let config = meaning.clone().and_then(|meaning| meaning.with_keys(state_keys?));
    let meaning = meaning.filter(|_| problems.iter().all(|problem| problem.kind.is_of_a_setting()));
    let outcome = match config {
        Some(config) if problems.is_empty() => Ok(config),
        Some(_) | None => Err(ConfigErrors::new(reader.sources.clone(), problems, &reader.masks)),
    };
    Inspection { outcome, needed: reader.needed, missing, meaning, read_files: reader.read_files }
}

/// What can be said where there is no file that could be read: these problems, and those of the app settings.
pub(super) fn without_a_file(sources: Vec<Source>, mut problems: Vec<Problem>, env: &Env) -> Inspection {
    let mut reader = Reader::new(env);
    reader.settings();
    problems.append(&mut reader.problems);
    let outcome = Err(ConfigErrors::new(sources, problems, &[]));
    Inspection { outcome, needed: reader.needed, missing: None, meaning: None, read_files: Files::new() }
}

/// What app settings alone say.
struct Settings {
    state_keys: Option<StateKeys>,
    store: Option<StoreConfig>,
    /// The outer is `None` after a problem.
    authority_host: Option<Option<Url>>,
    graph_endpoint: Option<Option<Url>>,
}

impl Reader<'_> {
    fn settings(&mut self) -> Settings {
        Settings {
            state_keys: self.state_keys(),
            store: self.store(),
            authority_host: self.endpoint("AZURE_AUTHORITY_HOST"),
            graph_endpoint: self.graph_endpoint(),
        }
    }

    fn whole(&mut self, root: &Node) -> (Option<Meaning>, Option<StateKeys>) {
        let Some(raw::File { public_url, consent, tenant }) = self.table(At::new(root)) else {
            return (None, None);
        };
        let public_url = self.public_url(public_url);
        let consent = self.consent(consent);
        let tenants = self.tenants(tenant.given);
        let Settings { state_keys, store, authority_host, graph_endpoint } = self.settings();
        let meaning = |(tenants, consent)| Meaning {
            public_url,
            consent,
            tenants,
            store,
            authority_host: authority_host.flatten(),
            graph_endpoint: graph_endpoint.flatten(),
        };
        (tenants.zip(consent).map(meaning), state_keys)
    }
}

impl Meaning {
    fn with_keys(self, state_keys: StateKeys) -> Option<Config> {
        let Self { public_url, consent, tenants, store, authority_host, graph_endpoint } = self;
        Some(Config {
            public_url: public_url?,
            consent,
            tenants,
            store: store?,
            state_keys,
            authority_host,
            graph_endpoint,
        })
    }
}
