//! The closed lists of words in a connector file, for the schema and for the reader.

use super::file_reader::FileReader;
use crate::config::nearest::{listed, nearest};
use crate::config::table::At;
use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::words::{PlaceState, StepOutcome, Verdict};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use std::borrow::Cow;

/// What may stand in a tenant's setting
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum SettingWord {
    Url,
    Secret,
    Text,
    Choice,
    Flag,
}

/// How requests are signed in
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum AuthWord {
    None,
    Bearer,
    Header,
    Query,
    Form,
    Basic,
    Oauth2,
    Login,
}

/// A grant of OAuth 2.0
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum GrantWord {
    ClientCredentials,
    RefreshToken,
}

/// How fields are sent
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum FieldsWord {
    Form,
    Json,
}

/// Where the client names itself
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ClientWord {
    Body,
    Basic,
}

/// How further pages are had
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum PagingWord {
    Link,
    Next,
    Page,
    Offset,
    Cursor,
}

/// What an empty answer is
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum EmptyWord {
    Ok,
}

/// What is left of a place after a write that was answered well
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum StillHeldWord {
    HeldElsewhere,
    Unclear,
    Retry,
}

/// A state of a place.
pub(super) struct StateWord;

/// Of a rule: `ok`, a state or an outcome.
pub(super) struct RuleWord;

/// Of a choice without a candidate: `continue`, a state or an outcome.
pub(super) struct PickWord;

/// A state or an outcome.
pub(super) struct EndWord;

/// Words that end a recipe, and one that goes on.
pub(super) trait Words {
    /// The word that goes on.
    const ON: Option<&'static str>;
}

impl Words for RuleWord {
    const ON: Option<&'static str> = Some("ok");
}

impl Words for PickWord {
    const ON: Option<&'static str> = Some("continue");
}

impl Words for EndWord {
    const ON: Option<&'static str> = None;
}

fn states() -> Vec<&'static str> {
    PlaceState::ALL.iter().map(|state| state.word()).collect()
}

fn ends() -> Vec<&'static str> {
    let outcomes = StepOutcome::ALL.iter().map(|outcome| outcome.word());
    let mut all = states();
    all.extend(outcomes.filter(|word| !PlaceState::ALL.iter().any(|state| state.word() == *word)));
    all
}

fn all<W: Words>() -> Vec<&'static str> {
    W::ON.into_iter().chain(ends()).collect()
}

macro_rules! schema_of_words {
    ($($kind:ident: $name:literal, $words:expr;)*) => {$(
        impl JsonSchema for $kind {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "enum": $words })
            }
        }
    )*};
}
schema_of_words! {
    StateWord: "StateWord", states();
    RuleWord: "RuleWord", all::<RuleWord>();
    PickWord: "PickWord", all::<PickWord>();
    EndWord: "EndWord", all::<EndWord>();
}

impl FileReader<'_> {
    pub(super) fn place_state(&mut self, given: At<'_, StateWord>) -> Option<PlaceState> {
        let words = states();
        let text = self.text(&given, &listed(words.iter().copied()))?;
        let found = PlaceState::ALL.iter().find(|state| state.word() == text).copied();
        if found.is_none() {
            self.not_a_word(&given, text, &words);
        }
        found
    }

    /// What ends a recipe, or goes on with it.
    pub(super) fn verdict<W: Words>(&mut self, given: At<'_, W>) -> Option<Verdict> {
        let words = all::<W>();
        let text = self.text(&given, &listed(words.iter().copied()))?;
        if W::ON == Some(text) {
            return Some(Verdict::Ok);
        }
        let state = PlaceState::ALL.iter().find(|state| state.word() == text);
        let outcome = StepOutcome::ALL.iter().find(|outcome| outcome.word() == text);
        let verdict = match (state, outcome) {
            (Some(state), _) => Verdict::State(*state),
            (None, Some(outcome)) => Verdict::Outcome(*outcome),
            (None, None) => {
                self.not_a_word(&given, text, &words);
                return None;
            }
        };
        self.verdict_fits(&given, verdict);
        Some(verdict)
    }

    fn not_a_word(&mut self, node: &crate::config::tree::Node, text: &str, words: &[&str]) {
        let hint = nearest(text, words.iter().copied()).map(|near| format!("did you mean \"{near}\"?"));
        self.bad_value(node, &listed(words.iter().copied()), "not one of them", hint);
    }

    /// Whether it may be said here.
    fn verdict_fits(&mut self, node: &crate::config::tree::Node, verdict: Verdict) {
        let recipe = self.scope.recipe();
        match verdict {
            Verdict::Outcome(StepOutcome::Done) if self.reads_back => self.wrong(
                node,
                "`done` is seen by reading, because about.verified = \"read-back\"",
                "said by an answer",
                Some("say ok: the place is read again, and that ends it".to_owned()),
            ),
            Verdict::Outcome(StepOutcome::Done) if recipe.is_some_and(RecipeKind::only_reads) => {
                let why = "`done` is what a write comes to: this recipe only reads";
                self.wrong(node, why, "nothing is done here", None);
            }
            Verdict::Outcome(outcome @ (StepOutcome::Full | StepOutcome::Closed))
                if recipe.is_some_and(|recipe| recipe != RecipeKind::Restore) =>
            {
                let why = format!("`{}` is an outcome of `restore` alone", outcome.word());
                self.wrong(node, why, "not here", None);
            }
            Verdict::State(state) if recipe.is_some_and(|recipe| !recipe.is_of_a_place()) => {
                let why = format!("`{}` is the state of a place, and no place is read here", state.word());
                self.wrong(node, why, "not here", Some("say an outcome, such as unclear".to_owned()));
            }
            Verdict::Ok | Verdict::State(_) | Verdict::Outcome(_) => {}
        }
    }
}
