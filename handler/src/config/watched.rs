//! A configuration that is read again while the process runs: the last good one stays in force (design section 3).

use super::load::{inspect_text, path_of, read};
use super::{Config, ConfigErrors, Env};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The file form. It runs no thread of its own: whoever holds it calls [`Watched::reload`] when it suits.
///
/// The file is small, so each reload reads it whole and compares the text: time stamps may hide a quick second change.
/// App settings don't change while a process lives, so they are taken once.
#[derive(Debug)]
pub struct Watched {
    root: PathBuf,
    path: PathBuf,
    env: Env,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    good: Arc<Config>,
    good_text: String,
    /// The text that was refused last and why; `None` when the file holds what is in force.
    refused: Option<(String, Arc<ConfigErrors>)>,
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
    /// There is nothing to fall back on at start, so whatever is wrong ends it.
    pub fn start(root: &Path, env: Env) -> Result<Self, ConfigErrors> {
        let path = path_of(root, &env)?;
        let text = read(&path)?;
        let config = Arc::new(inspect_text(root, &path, &text, &env).outcome?);
        let state = State { good: config, good_text: text, refused: None };
        Ok(Self { root: root.to_owned(), path, env, state: Mutex::new(state) })
    }

    /// What is in force.
    pub fn current(&self) -> Arc<Config> {
        Arc::clone(&self.state.lock().unwrap_or_else(PoisonError::into_inner).good)
    }

    /// Reads the file again. A writer should replace it by renaming: a half-written file that happens to be valid can't be
    /// told from a whole one.
    pub fn reload(&self) -> Reloaded {
        let read = read(&self.path);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let text = match read {
            Ok(text) => text,
            Err(errors) => {
                // No text is remembered: the next reload must look again.
                state.refused = None;
                return Reloaded::Refused(Arc::new(errors));
            }
        };
        if text == state.good_text {
            state.refused = None;
            return Reloaded::Same;
        }
        if let Some((_, errors)) = state.refused.as_ref().filter(|(refused, _)| *refused == text) {
            return Reloaded::Refused(Arc::clone(errors));
        }
        match inspect_text(&self.root, &self.path, &text, &self.env).outcome {
            Ok(config) => {
                let config = Arc::new(config);
                *state = State { good: Arc::clone(&config), good_text: text, refused: None };
                Reloaded::Changed(config)
            }
            Err(errors) => {
                let errors = Arc::new(errors);
                state.refused = Some((text, Arc::clone(&errors)));
                Reloaded::Refused(errors)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{env, minimal};
    use super::*;

    #[test]
    fn the_last_good_configuration_stays_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("regrets.toml");
        std::fs::write(&file, minimal("")).unwrap();
        let watched = Watched::start(folder.path(), env()).unwrap();
        assert!(matches!(watched.reload(), Reloaded::Same));

        std::fs::write(&file, minimal("grace = 'soon'")).unwrap();
        for _ in 0..2 {
            let Reloaded::Refused(errors) = watched.reload() else { panic!("a bad file was taken") };
            assert_eq!(errors.problems().len(), 1);
        }
        assert_eq!(grace(&watched), 600);

        std::fs::remove_file(&file).unwrap();
        assert!(matches!(watched.reload(), Reloaded::Refused(_)));
        assert_eq!(grace(&watched), 600);

        std::fs::write(&file, minimal("grace = '1m'")).unwrap();
        assert!(matches!(watched.reload(), Reloaded::Changed(_)));
        assert_eq!(grace(&watched), 60);

        std::fs::write(&file, minimal("grace = 'soon'")).unwrap();
        assert!(matches!(watched.reload(), Reloaded::Refused(_)));
        std::fs::write(&file, minimal("grace = '1m'")).unwrap();
        assert!(matches!(watched.reload(), Reloaded::Same));
    }

    fn grace(watched: &Watched) -> i64 {
        watched.current().tenants.values().next().unwrap().policy.grace.num_seconds()
    }
}
