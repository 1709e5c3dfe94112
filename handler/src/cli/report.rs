//! What can be said of a configuration offline: to whom asks ([`super::check`]), and before `regrets local`
//! starts anything.

use super::{environment, executable};
use crate::config::needed::Needed;
use crate::config::{self, ConfigErrors, Env, Meaning, warnings};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(crate) struct Report {
    /// `None` where not even its name is known.
    pub(super) file: Option<PathBuf>,
    /// Of the file, and of the app settings that all tenants need.
    pub(super) refused: Option<ConfigErrors>,
    /// Secrets of tenants that can't be had: each closes its own.
    pub(super) missing: Option<ConfigErrors>,
    /// Of everything else, each in a sentence.
    pub(super) others: Vec<String>,
    pub(super) warnings: Vec<String>,
    pub(super) meaning: Option<Meaning>,
    /// App settings that are asked for.
    pub(super) needed: Vec<Needed>,
    /// App settings that override the file.
    pub(super) overriding: Vec<String>,
}

impl Report {
    /// `file`: another than the one that the app settings name. `made`: a folder that is made before the
    /// ledger is opened.
    pub(crate) fn of(root: &Path, file: Option<&Path>, env: &Env, made: Option<&Path>) -> Self {
        let (file, inspection) =
            match file.map_or_else(|| config::path_of(root, env), |file| Ok(file.to_owned())) {
                Ok(path) => {
                    let inspection = config::inspect_file(root, &path, env);
                    (Some(path), inspection)
                }
                Err(unnamed) => (None, config::inspect_settings(&unnamed, env)),
            };
        let mut others = environment::problems(env, root);
        let store = inspection.meaning.as_ref().and_then(|meaning| meaning.store.as_ref());
        others.extend(store.and_then(|store| environment::ledger(store, made)));
        others.extend(executable::problem(root));
        let warnings = inspection.meaning.as_ref().map(|meaning| {
            let mut all = warnings::warnings(&meaning.tenants);
            all.extend(warnings::of_alerts(&meaning.alerts));
            all
        });
        Self {
            file,
            refused: inspection.outcome.err(),
            missing: inspection.missing,
            others,
            warnings: warnings.unwrap_or_default(),
            meaning: inspection.meaning,
            needed: inspection.needed,
            overriding: config::overriding(env).into_iter().map(str::to_owned).collect(),
        }
    }

    pub(super) fn count(&self) -> usize {
        let of = |errors: &Option<ConfigErrors>| errors.as_ref().map_or(0, |errors| errors.problems().len());
        of(&self.refused) + of(&self.missing) + self.others.len()
    }

    /// What keeps everybody from working, a line each; nothing where at most single tenants are closed.
    #[cfg(feature = "local")]
    pub(crate) fn refusal(&self) -> Vec<String> {
        let refused = self.refused.iter().flat_map(ConfigErrors::lines);
        refused.chain(self.others.iter().cloned()).collect()
    }

    /// What a person should know before it is served, a line each.
    #[cfg(feature = "local")]
    pub(crate) fn notes(&self) -> Vec<String> {
        let tenants = self.meaning.iter().flat_map(|meaning| meaning.tenants.values());
        let closed = tenants
            .filter_map(|tenant| Some(format!("tenant {} is closed: {}", tenant.name, tenant.why_closed()?)));
        closed.chain(self.warnings.iter().cloned()).collect()
    }

    pub(super) fn as_json(&self) -> Value {
        let placed = self.refused.iter().chain(&self.missing).flat_map(ConfigErrors::placed);
        let errors: Vec<Value> = placed
            .map(|(message, key, at)| {
                let (line, column) = at.unzip();
                json!({ "message": message, "key": key, "line": line, "column": column })
            })
            .chain(
                self.others
                    .iter()
                    .map(|message| json!({ "message": message, "key": null, "line": null, "column": null })),
            )
            .collect();
        let settings: Vec<Value> = self
            .needed
            .iter()
            .map(
                |Needed { name, purpose, is_set }| json!({ "name": name, "purpose": purpose, "set": is_set }),
            )
            .collect();
        json!({
            "file": self.file.as_ref().map(|file| file.display().to_string()),
            "good": self.count() == 0,
            "errors": errors,
            "warnings": self.warnings,
            "meaning": self.meaning.as_ref().map(config::describe),
            "settings": settings,
            "missing": self.needed.iter().filter(|needed| !needed.is_set).map(|needed|
                &needed.name).collect::<Vec<_>>(),
            "overriding": self.overriding,
        })
    }
}
