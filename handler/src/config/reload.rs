//! A configuration that is read again while the process runs: the last good one stays in force
//! (reference/rules.md#configuration).
//!
//! Guarantees: where a secret of a tenant that works can't be had any more, that tenant goes on as it was;
//! where one can't be had at the start, it is looked for again at every reload.

use super::beside::{Beside, Files};
use super::load::{inspect_text, values_of_local_settings};
use super::location::{Location, Reading};
use super::{Config, ConfigErrors, Env, Inspection, Tenant, Tenants, overlap};
use crate::missing_secret::Missing;
use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A configuration that is looked at again. It runs no thread of its own: whoever holds it calls
/// [`Watched::reload`] when it suits.
///
/// The texts are small, so each reload compares them whole: time stamps may hide a quick second change, and a
/// blob is sent only where its ETag is another. App settings don't change while a process lives, so they are
/// taken once; but for local.settings.json, in which missing secrets are looked for again.
#[derive(Debug)]
pub struct Watched {
    root: PathBuf,
    reading: Reading,
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
    /// The text that was refused last and why; `None` when what was read is in force.
    refused: Option<(String, Files, Arc<ConfigErrors>)>,
}

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
    pub async fn start(root: &Path, env: Env) -> Result<Self, ConfigErrors> {
        let reading = Reading::of(Location::of(root, &env)?, &env)?;
        let text = reading.read().await?;
        let mut beside = reading.beside(&Files::new()).await;
        let Inspection { outcome, read_files, .. } = loop {
            let inspection = inspect_text(root, &beside, &reading.shown(), &text, &env);
            if !reading.fetch(&mut beside, &inspection.read_files).await {
                break inspection;
            }
        };
        let state =
            State { good: Arc::new(outcome?), good_text: text, good_files: read_files, refused: None };
        let from_file = values_of_local_settings(root).unwrap_or_default();
        Ok(Self { root: root.to_owned(), reading, env, from_file, state: Mutex::new(state) })
    }

    /// What is in force.
    pub fn current(&self) -> Arc<Config> {
        Arc::clone(&self.state.lock().good)
    }

    /// Reads it again. A writer should replace a file by renaming: a half-written one that happens to be
    /// valid can't be told from a whole one.
    pub async fn reload(&self) -> Reloaded {
        let text = match self.reading.read().await {
            Ok(text) => text,
            Err(errors) => {
                // No text is remembered: the next reload must look again.
                self.state.lock().refused = None;
                return Reloaded::Refused(Arc::new(errors));
            }
        };
        let mut beside = self.reading.beside(&self.files_of(&text)).await;
        if let Some(reloaded) = self.without_a_look(&text, &beside) {
            return reloaded;
        }
        let inspection = loop {
            let env = self.env_now();
            let inspection = inspect_text(&self.root, &beside, &self.reading.shown(), &text, &env);
            if !self.reading.fetch(&mut beside, &inspection.read_files).await {
                break inspection;
            }
        };
        self.reading.keep_only(&inspection.read_files);
        self.take(text, inspection, &beside)
    }

    /// The files that this text names, where it was looked at before.
    fn files_of(&self, text: &str) -> Files {
        let state = self.state.lock();
        match &state.refused {
            Some((refused, files, _)) if refused == text => files.clone(),
            Some(_) | None if state.good_text == text => state.good_files.clone(),
            Some(_) | None => Files::new(),
        }
    }

    /// What was said of the same before, where it can't be another by now.
    fn without_a_look(&self, text: &str, beside: &Beside) -> Option<Reloaded> {
        let mut state = self.state.lock();
        if state.is_in_force(text, beside) && missing(&state.good).next().is_none() {
            state.refused = None;
            return Some(Reloaded::Same);
        }
        let (refused, files, errors) = state.refused.as_ref()?;
        let is_refused = refused == text && beside.are_as_they_were(files);
        is_refused.then(|| Reloaded::Refused(Arc::clone(errors)))
    }

    fn take(&self, text: String, inspection: Inspection, beside: &Beside) -> Reloaded {
        let Inspection { outcome, read_files, .. } = inspection;
        let mut state = self.state.lock();
        match outcome {
            Ok(config) => {
                let config = kept(config, &state.good.tenants);
                let finds_nothing =
                    state.is_in_force(&text, beside) && missing(&config).eq(missing(&state.good));
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

impl State {
    fn is_in_force(&self, text: &str, beside: &Beside) -> bool {
        text == self.good_text && beside.are_as_they_were(&self.good_files)
    }
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
    // One that is switched off is to stop, whatever it lacks.
    for (name, tenant) in tenants.iter_mut().filter(|(_, tenant)| tenant.active && tenant.is_closed()) {
        if let Some(working) = before.get(name).filter(|before| !before.is_closed()) {
            *tenant = Tenant { missing: tenant.missing.clone(), ..working.clone() };
        }
    }
    for (name, tenant) in tenants.iter_mut() {
        let Some(before) = before.get(name) else { continue };
        if let (Some(publish), Some(before)) = (&mut tenant.publish, &before.publish) {
            publish.source.keep_secrets(&before.source);
        }
        if let (Some(canary), Some(before)) = (&mut tenant.canary, &before.canary) {
            canary.keep_secrets(before);
        }
    }
    // As it was, it may stand in the way of another one as that is now.
    let is_apart = overlap::surely(&tenants).is_empty() && overlap::one_calendar(&tenants).is_empty();
    if is_apart { Config { tenants, ..config } } else { config }
}

#[cfg(test)]
#[path = "reload_tests.rs"]
mod tests;
