//! What a learner's invitation says in a tenant's own words: a template.
//!
//! Guarantees: what the LMS says is text in it, and never markup; a template that could leave out when the
//! session is, where it is joined, or that declining gives the place back is refused when it is read; what is
//! made of it has an end, however it is written.

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Steps that one text may take.
const STEPS: u64 = 50_000;
/// Characters of one text.
const LONGEST: usize = 32_000;
const NAME: &str = "text";

/// What a template may say, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Says<'a> {
    /// Whom it is for, as the LMS calls them.
    pub name: &'a str,
    /// The session's title, not cut.
    pub title: &'a str,
    /// When it is, with the zone.
    pub when: &'a str,
    /// HTML, of the LMS's text.
    pub description: &'a str,
    pub place: &'a str,
    /// HTML of the address to join by.
    pub link: &'a str,
    /// What the page behind the link is.
    pub of_link: &'a str,
    /// That declining gives the place back, and until when.
    pub giving_back: &'a str,
}

/// One that was tried out.
pub struct LearnerText {
    source: String,
    environment: Environment<'static>,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// From one; `None`: it is missing.
    pub line: Option<usize>,
    pub why: String,
}

const NAMES: [&str; 8] = ["name", "title", "when", "description", "place", "link", "of_link", "giving_back"];
/// No session is without these.
const ALWAYS: [&str; 2] = ["title", "when"];
/// What must be said wherever it is known.
const MUST: [&str; 3] = ["when", "link", "giving_back"];

impl LearnerText {
    /// # Errors
    /// It is no template, or leaves out what must be said.
    pub fn new(source: &str) -> Result<Self, Wrong> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_fuel(Some(STEPS));
        environment.add_template_owned(NAME, source.to_owned()).map_err(|error| wrong(&error))?;
        let text = Self { source: source.to_owned(), environment };
        // Each is there or not, as sessions are.
        text.tried(|_| true)?;
        for left_out in NAMES.into_iter().filter(|name| !ALWAYS.contains(name)) {
            text.tried(|name| name != left_out)?;
        }
        text.tried(|name| ALWAYS.contains(&name))?;
        Ok(text)
    }

    /// Whether all that must be said is, where so much is known.
    fn tried(&self, is_known: impl Fn(&str) -> bool) -> Result<(), Wrong> {
        let said = |name: &str| match is_known(name) {
            true => format!("said-{}", name.replace('_', "-")),
            false => String::new(),
        };
        let all: BTreeMap<&str, String> = NAMES.into_iter().map(|name| (name, said(name))).collect();
        let made = self.made(&all).map_err(|error| wrong(&error))?;
        match MUST.into_iter().find(|name| !made.contains(&said(name))) {
            Some(name) => {
                let why = format!("it must say {{{{ {name} }}}} wherever there is one");
                Err(Wrong { line: None, why })
            }
            None => Ok(()),
        }
    }

    /// HTML. `None`: it takes too long, or is.
    pub fn render(&self, says: &Says<'_>) -> Option<String> {
        let safe = |html: &str| Value::from_safe_string(html.to_owned());
        let all: BTreeMap<&str, Value> = [
            ("name", says.name.into()),
            ("title", says.title.into()),
            ("when", says.when.into()),
            ("description", safe(says.description)),
            ("place", says.place.into()),
            ("link", safe(says.link)),
            ("of_link", says.of_link.into()),
            ("giving_back", says.giving_back.into()),
        ]
        .into();
        self.made(&all).ok().filter(|made| made.chars().count() <= LONGEST)
    }

    fn made(&self, all: &impl Serialize) -> Result<String, minijinja::Error> {
        self.environment.get_template(NAME)?.render(all)
    }
}

fn wrong(error: &minijinja::Error) -> Wrong {
    let kind = error.kind();
    let why = if kind == ErrorKind::UndefinedError {
        format!("it says what is not known; there are {}", NAMES.join(", "))
    } else if kind == ErrorKind::OutOfFuel {
        "it comes to no end in time".to_owned()
    } else {
        error.detail().map_or_else(|| kind.to_string(), |detail| format!("{kind}: {detail}"))
    };
    Wrong { line: error.line(), why }
}

impl PartialEq for LearnerText {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for LearnerText {}

impl fmt::Debug for LearnerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LearnerText({} bytes)", self.source.len())
    }
}

#[cfg(test)]
#[path = "learner_text_tests.rs"]
mod tests;
