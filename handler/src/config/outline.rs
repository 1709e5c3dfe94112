//! The little of a configuration that who tidies up must know, without the secrets of all its tenants.

use super::problem::ConfigErrors;
use super::read_file::read;
use super::reader::Reader;
use super::source::Source;
use super::tree::Value;
use super::{Env, StoreConfig, overrides, tree};
use std::collections::BTreeSet;
use std::path::Path;

#[derive(Debug)]
pub struct Outline {
    /// Every tenant that the file or an override names, whether it is good or not.
    pub tenants: BTreeSet<String>,
    pub store: StoreConfig,
}

/// # Errors
/// The file can't be read or is no TOML, an override has no place in it, or the settings name no store: then
/// nobody may say that a tenant is not there.
pub fn outline(root: &Path, path: &Path, env: &Env) -> Result<Outline, ConfigErrors> {
    let (name, text) = (path.display().to_string(), read(path)?);
    let mut sources = vec![Source::file(&name, &text)];
    let (mut document, mut problems) = tree::document(0, &text);
    problems.append(&mut overrides::apply(&mut document, env, &mut sources));
    let mut reader = Reader::new(env);
    let store = reader.store();
    problems.append(&mut reader.problems);
    let (Some(mut store), true) = (store, problems.is_empty()) else {
        return Err(ConfigErrors::new(sources, problems, &reader.masks));
    };
    if let StoreConfig::Sqlite(path) = &mut store {
        *path = root.join(&*path);
    }
    let tenants = match document.child("tenant").map(|node| &node.value) {
        Some(Value::Table(tenants)) => tenants.iter().map(|tenant| tenant.key.to_lowercase()).collect(),
        Some(
            Value::Text(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Date(_)
            | Value::List(_),
        )
        | None => BTreeSet::new(),
    };
    Ok(Outline { tenants, store })
}
