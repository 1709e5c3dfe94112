//! From text and app settings to a checked [`Config`], or to everything that is wrong with them.

use super::problem::ConfigErrors;
use super::reader::Reader;
use super::source::Source;
use super::tree::Node;
use super::{Config, Env, keys, overrides, tree};

/// An app setting that the configuration asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    pub name: String,
    /// The setting that refers to it, or what it is for.
    pub purpose: String,
    /// Set, not empty, and not an unresolved Key Vault reference.
    pub is_set: bool,
}

/// What one reading of the configuration found.
#[derive(Debug)]
pub struct Inspection {
    pub outcome: Result<Config, ConfigErrors>,
    /// In the order of the file, also where the outcome is an error.
    pub needed: Vec<Needed>,
}

/// Reads `text`, lays the overrides of `env` over it, and checks the whole. `source_name` is what errors call the text.
///
/// A relative path of a SQLite store stays as it is: [`super::load`] ties it to the root.
pub fn parse(source_name: &str, text: &str, env: &Env) -> Result<Config, ConfigErrors> {
    inspect(source_name, text, env).outcome
}

/// As [`parse`], and tells which app settings are asked for.
pub fn inspect(source_name: &str, text: &str, env: &Env) -> Inspection {
    let mut sources = vec![Source::file(source_name, text)];
    let (mut root, syntax) = tree::document(text);
    if !syntax.is_empty() {
        // What a broken text seems to lack may be there: only its syntax can be judged.
        return Inspection { outcome: Err(ConfigErrors::new(sources, syntax, &[])), needed: Vec::new() };
    }
    let mut problems = overrides::apply(&mut root, env, &mut sources);
    let mut reader = Reader::new(env);
    let config = config(&mut reader, &root);
    problems.append(&mut reader.problems);
    let outcome = match config {
        Some(config) if problems.is_empty() => Ok(config),
        Some(_) | None => Err(ConfigErrors::new(sources, problems, &reader.masks)),
    };
    Inspection { outcome, needed: reader.needed }
}

fn config(reader: &mut Reader<'_>, root: &Node) -> Option<Config> {
    let root = reader.table(root, keys::ROOT)?;
    let public_url = reader.public_url(root);
    let tenants = reader.tenants(root);
    let state_keys = reader.state_keys();
    let store = reader.store();
    let authority_host = reader.endpoint("AZURE_AUTHORITY_HOST");
    let graph_endpoint = reader.graph_endpoint();
    Some(Config {
        public_url: public_url?,
        tenants: tenants?,
        store: store?,
        state_keys: state_keys?,
        authority_host: authority_host?,
        graph_endpoint: graph_endpoint?,
    })
}
