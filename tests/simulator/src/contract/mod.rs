//! Holds what was asked of Graph, and what was answered, against Graph's OpenAPI description and sample
//! bodies.
//!
//! The reference folder is not part of the repository: [`Contract::at_hand`] finds it by `REGRETS_REFERENCE`,
//! or beside one of the directories that the package lies in. Checks are stricter than the description's
//! `additionalProperties`: a property that it does not name is a finding, so that neither side invents
//! anything.

mod schema;
mod shape;

use crate::graph::record::Recorded;
use schema::Schemas;
use serde_json::Value;
pub use shape::{Strictness, same_shape};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Of reading, and of what is written only now and then.
const DESCRIPTION: &str = "graph-openapi-subset.yaml";
/// Of writing; it is consulted where the first one says nothing.
const OF_WRITING: &str = "graph-write-openapi-subset.yaml";

/// Where samples lie.
const SAMPLES: [&str; 2] = ["graph-samples", "graph-write-samples"];

/// Requests that Graph has and the descriptions' subsets leave out.
const BEYOND: [(&str, &str); 5] = [
    ("POST", "/$batch"),
    ("POST", "/users/{user-id}/events/{event-id}/decline"),
    ("POST", "/users/{user-id}/calendar/events"),
    ("GET", "/users/{user-id}/calendars/{calendar-id}/events"),
    ("GET", "/users/{user-id}/calendars/{calendar-id}/calendarView"),
];

#[derive(Debug, Error)]
pub enum ContractError {
    /// Named, but not there: in CI that is a broken set-up and no reason to skip.
    #[error("REGRETS_REFERENCE names {0}, which holds no {DESCRIPTION}")]
    Missing(PathBuf),
    #[error("{path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path} can't be understood: {why}")]
    Parse { path: PathBuf, why: String },
}

/// The reference folder, read.
#[derive(Debug)]
pub struct Contract {
    folder: PathBuf,
    /// The first one that describes a request counts.
    descriptions: Vec<Description>,
}

#[derive(Debug)]
struct Description {
    paths: Vec<(String, Value)>,
    schemas: Schemas,
}

/// What a description says of a request.
struct Described<'c> {
    item: &'c Value,
    operation: &'c Value,
    schemas: &'c Schemas,
}

impl Contract {
    /// `None`: the folder is not at hand, and whoever asks should say so and skip.
    ///
    /// # Errors
    /// The folder is named but missing in CI, or can't be read.
    pub fn at_hand() -> Result<Option<Self>, ContractError> {
        let has_it = |folder: &Path| folder.join(DESCRIPTION).is_file();
        if let Some(named) = std::env::var_os("REGRETS_REFERENCE").map(PathBuf::from) {
            let in_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            return match has_it(&named) {
                true => Self::read(named).map(Some),
                false if in_ci => Err(ContractError::Missing(named)),
                false => Ok(None),
            };
        }
        let beside = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .map(|above| above.join("shared").join("reference"));
        beside.into_iter().find(|folder| has_it(folder)).map(Self::read).transpose()
    }

    fn read(folder: PathBuf) -> Result<Self, ContractError> {
        let mut descriptions = vec![Description::read(folder.join(DESCRIPTION))?];
        let of_writing = folder.join(OF_WRITING);
        if of_writing.is_file() {
            descriptions.push(Description::read(of_writing)?);
        }
        Ok(Self { folder, descriptions })
    }

    /// A sample body by its file name.
    ///
    /// # Errors
    /// There is no such file, or it is not JSON.
    pub fn sample(&self, name: &str) -> Result<Value, ContractError> {
        let places = SAMPLES.map(|samples| self.folder.join(samples).join(name));
        let [first, second] = places;
        let path = if first.is_file() { first } else { second };
        let text = std::fs::read_to_string(&path)
            .map_err(|source| ContractError::Read { path: path.clone(), source })?;
        serde_json::from_str(&text).map_err(|error| ContractError::Parse { path, why: error.to_string() })
    }

    /// What is wrong with a request and its answer; nothing is good. A request that was refused with 4xx is
    /// not held against the description (its refusal is): whether it should have been sent is for the caller
    /// to say.
    pub fn check(&self, recorded: &Recorded) -> Vec<String> {
        let call = format!("{} /{}", recorded.method, recorded.path.join("/"));
        let is_beyond =
            |(method, template): &(&str, &str)| *method == recorded.method && fits(template, &recorded.path);
        if BEYOND.iter().any(is_beyond) {
            return Vec::new();
        }
        let Some(described) = self.describe(recorded) else {
            let is_path = self.descriptions.iter().any(|one| one.path_item(&recorded.path).is_some());
            let what = if is_path { "method" } else { "path" };
            return if recorded.status < 400 { vec![format!("{call}: no such {what}")] } else { Vec::new() };
        };
        let Described { item, operation, schemas } = described;
        let mut findings = Vec::new();
        if recorded.status < 400 {
            check_query(recorded, item, operation, schemas, &mut findings);
            let schema = operation.pointer("/requestBody/content/application~1json/schema");
            match (&recorded.body, schema) {
                (Some(body), Some(schema)) => schemas.check(body, schema, "request", &mut findings),
                (Some(_), None) => findings.push("a body where none is taken".to_owned()),
                (None, _) => {}
            }
        }
        check_answer(recorded, operation, schemas, &mut findings);
        findings.into_iter().map(|finding| format!("{call} ({}): {finding}", recorded.status)).collect()
    }

    /// A body against a named schema, e.g. `microsoft.graph.changeNotificationCollection`.
    pub fn check_body(&self, body: &Value, schema: &str) -> Vec<String> {
        let mut findings = Vec::new();
        let reference = serde_json::json!({ "$ref": format!("#/components/schemas/{schema}") });
        let knows = |one: &&Description| !one.schemas.resolve(&reference).is_null();
        match self.descriptions.iter().find(knows) {
            Some(one) => one.schemas.check(body, &reference, schema, &mut findings),
            None => findings.push(format!("{schema} is described nowhere")),
        }
        findings
    }

    fn describe(&self, recorded: &Recorded) -> Option<Described<'_>> {
        self.descriptions.iter().find_map(|one| {
            let item = one.path_item(&recorded.path)?;
            let operation = item.get(recorded.method.to_lowercase())?;
            Some(Described { item, operation, schemas: &one.schemas })
        })
    }
}

impl Description {
    fn read(path: PathBuf) -> Result<Self, ContractError> {
        let text = std::fs::read_to_string(&path)
            .map_err(|source| ContractError::Read { path: path.clone(), source })?;
        let mut root: Value = serde_norway::from_str(&text)
            .map_err(|error| ContractError::Parse { path, why: error.to_string() })?;
        let paths = root.get_mut("paths").map(Value::take);
        let paths = paths.and_then(|paths| paths.as_object().cloned()).unwrap_or_default();
        Ok(Self { paths: paths.into_iter().collect(), schemas: Schemas::new(root) })
    }

    /// The template with the most literal segments wins.
    fn path_item(&self, path: &[String]) -> Option<&Value> {
        let fitting = self.paths.iter().filter(|(template, _)| fits(template, path));
        fitting.min_by_key(|(template, _)| template.matches('{').count()).map(|(_, item)| item)
    }
}

fn check_query(
    recorded: &Recorded,
    item: &Value,
    operation: &Value,
    schemas: &Schemas,
    findings: &mut Vec<String>,
) {
    let listed =
        [item, operation].into_iter().filter_map(|holder| holder.get("parameters")?.as_array()).flatten();
    let parameters: Vec<&Value> = listed.map(|parameter| schemas.resolve(parameter)).collect();
    let of_query =
        parameters.into_iter().filter(|parameter| parameter.get("in") == Some(&Value::from("query")));
    let known: Vec<(&str, bool)> = of_query
        .filter_map(|p| Some((p.get("name")?.as_str()?, p.get("required") == Some(&Value::from(true)))))
        .collect();
    for (name, _) in &recorded.query {
        // Next links are opaque and bring this of their own.
        if name != "$skiptoken" && !known.iter().any(|(known, _)| known == name) {
            findings.push(format!("query parameter '{name}' is not known"));
        }
    }
    for (name, _) in known.iter().filter(|(_, required)| *required) {
        if !recorded.query.iter().any(|(given, _)| given == name) {
            findings.push(format!("query parameter '{name}' is missing"));
        }
    }
}

fn check_answer(recorded: &Recorded, operation: &Value, schemas: &Schemas, findings: &mut Vec<String>) {
    let (exact, class) = (recorded.status.to_string(), format!("{}XX", recorded.status / 100));
    let responses = operation.get("responses");
    let Some(response) = responses.and_then(|all| all.get(&exact).or_else(|| all.get(&class))) else {
        findings.push("this status is not described".to_owned());
        return;
    };
    let schema = schemas.resolve(response).pointer("/content/application~1json/schema");
    match (&recorded.answer, schema) {
        (Some(body), Some(schema)) => schemas.check(body, schema, "answer", findings),
        (Some(_), None) => findings.push("an answer with a body where none is described".to_owned()),
        (None, Some(_)) => findings.push("an answer without the described body".to_owned()),
        (None, None) => {}
    }
}

/// Whether the segments fit a template such as `/users/{user-id}/events`.
fn fits(template: &str, path: &[String]) -> bool {
    let parts: Vec<&str> = template.trim_start_matches('/').split('/').collect();
    parts.len() == path.len()
        && parts.iter().zip(path).all(|(part, given)| part.starts_with('{') || part == given)
}
