//! A configuration that is read again while the process runs: the last good one stays in force
//! (reference/rules.md#configuration).
//!
//! Guarantees: where a secret of a tenant that works can't be had any more, that tenant goes on as it was;
//! where one can't be had at the start, it is looked for again at every reload.

use super::load::{inspect_text, path_of, read, values_of_local_settings};
use super::{Config, ConfigErrors, Env, Inspection, Tenant, Tenants, overlap};
use crate::missing_secret::Missing;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file form. It runs no thread of its own: whoever holds it calls [`Watched::reload`] when it suits.
///
/// The file is small, so each reload reads it whole and compares the text: time stamps may hide a quick
/// second change. App settings don't change while a process lives, so they are taken once; but for
/// local.settings.json, in which missing secrets are looked for again.
#[derive(Debug)]
pub struct Watched {
    root: PathBuf,
    path: PathBuf,
    env: Env,
    /// What local.settings.json gave at the start.
    from_file: Env,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    good: Arc<Config>,
    good_text: String,
    /// The connector files beside it, as they were read.
    good_files: Files,
    /// The text that was refused last and why; `None` when the file holds what is in force.
    refused: Option<(String, Files, Arc<ConfigErrors>)>,
}

type Files = BTreeMap<PathBuf, Option<String>>;

/// What a reload did.
#[derive(Debug, Clone)]
pub enum Reloaded {
    /// The file says what is in force.
    Same,
    /// This is in force now.
    Changed(Arc<Config>),
    /// The file can't be used; what was in force stays so. Said at every reload until the file is mended.
    Refused(Arc<ConfigErrors>),
}

impl Watched {
    /// # Errors
    /// There is nothing to fall back on at start, so whatever is wrong for all ends it.
    pub fn start(root: &Path, env: Env) -> Result<Self, ConfigErrors> {
        let path = path_of(root, &env)?;
        let text = read(&path)?;
        let Inspection { outcome, read_files, .. } = inspect_text(root, &path, &text, &env);
        let state =
            State { good: Arc::new(outcome?), good_text: text, good_files: read_files, refused: None };
        let from_file = values_of_local_settings(root).unwrap_or_default();
        Ok(Self { root: root.to_owned(), path, env, from_file, state: Mutex::new(state) })
    }

    /// What is in force.
    pub fn current(&self) -> Arc<Config> {
        Arc::clone(&self.state.lock().good)
    }

    /// Reads the file again. A writer should replace it by renaming: a half-written file that happens to be
    /// valid can't be told from a whole one.
    pub fn reload(&self) -> Reloaded {
        let read = read(&self.path);
        let mut state = self.state.lock();
        let text = match read {
            Ok(text) => text,
            Err(errors) => {
                // No text is remembered: the next reload must look again.
                state.refused = None;
                return Reloaded::Refused(Arc::new(errors));
            }
        };
        let is_same = text == state.good_text && are_as_they_were(&state.good_files);
        if is_same && missing(&state.good).next().is_none() {
            state.refused = None;
            return Reloaded::Same;
        }
        let is_refused = |(refused, files, _): &&(String, Files, Arc<ConfigErrors>)| {
            *refused == text && are_as_they_were(files)
        };
        if let Some((.., errors)) = state.refused.as_ref().filter(is_refused) {
            return Reloaded::Refused(Arc::clone(errors));
        }
        let Inspection { outcome, read_files, .. } =
            inspect_text(&self.root, &self.path, &text, &self.env_now());
        match outcome {
            Ok(config) => {
                let config = kept(config, &state.good.tenants);
                let finds_nothing = is_same && missing(&config).eq(missing(&state.good));
                state.refused = None;
                if finds_nothing {
                    return Reloaded::Same;
                }
                let config = Arc::new(config);
                *state = State {
                    good: Arc::clone(&config),
                    good_text: text,
                    good_files: read_files,
                    refused: None,
                };
                Reloaded::Changed(config)
            }
            Err(errors) => {
                let errors = Arc::new(errors);
                state.refused = Some((text, read_files, Arc::clone(&errors)));
                Reloaded::Refused(errors)
            }
        }
    }

    /// The app settings, with what local.settings.json says by now: where the environment itself says
    /// nothing.
    fn env_now(&self) -> Env {
        let mut env = self.env.clone();
        for (name, value) in values_of_local_settings(&self.root).unwrap_or_default() {
            let is_of_the_file =
                self.env.get(&name).is_none_or(|held| self.from_file.get(&name) == Some(held));
            if is_of_the_file && is_of_a_secret(&name) {
                env.insert(name, value);
            }
        }
        env
    }
}

/// A file that can't be read counts as one that is as it was only where it could not be read before.
fn are_as_they_were(files: &Files) -> bool {
    files.iter().all(|(path, text)| read(path).ok() == *text)
}

/// What else is an app setting is taken once: the keys, the store, and what overrides the file.
fn is_of_a_secret(name: &str) -> bool {
    let begins = |with: &str| name.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    !begins("REGRETS_") && !begins("AzureWebJobs")
}

fn missing(config: &Config) -> impl Iterator<Item = &Missing> {
    config.tenants.values().flat_map(|tenant| &tenant.missing).chain(&config.alerts.missing)
}

/// A tenant that works is not closed by a change that can't be carried out: as it was, it stays in force.
fn kept(config: Config, before: &Tenants) -> Config {
    let mut tenants = config.tenants.clone();
    for (name, tenant) in tenants.iter_mut().filter(|(_, tenant)| tenant.is_closed()) {
        if let Some(working) = before.get(name).filter(|before| !before.is_closed()) {
            *tenant = Tenant { missing: tenant.missing.clone(), ..working.clone() };
        }
    }
    // As it was, it may stand in the way of another one as that is now.
    if overlap::surely(&tenants).is_empty() { Config { tenants, ..config } } else { config }
}

#[cfg(test)]
#[path = "reload_tests.rs"]
mod tests;
