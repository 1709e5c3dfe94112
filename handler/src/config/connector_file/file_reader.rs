//! What is known while a connector file is read.

use super::scope::{Scope, StepNames};
use crate::config::Env;
use crate::config::reader::Reader;
use crate::lms::recipe::connector::{RecipeKind, Setting};
use crate::lms::recipe::rule::Rule;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};

/// A [`Reader`] that knows what of the file was read so far.
pub(super) struct FileReader<'a> {
    pub(super) base: Reader<'a>,
    pub(super) source_text: &'a str,
    pub(super) settings: Vec<Setting>,
    pub(super) used_settings: BTreeSet<String>,
    pub(super) rule_sets: BTreeMap<String, Vec<Rule>>,
    pub(super) used_sets: BTreeSet<String>,
    pub(super) service_rules: Vec<Rule>,
    pub(super) steps: Vec<StepNames>,
    pub(super) scope: Scope,
    /// `about.verified`
    pub(super) reads_back: bool,
    /// `about.cancels`
    pub(super) cancels_courses: bool,
    /// A reading of `roster` asks for one session.
    pub(super) roster_of_a_session: bool,
    /// The request that is read says {{ page.number }} or {{ page.offset }}.
    pub(super) names_page: bool,
    /// Recipes with a reading that asks for what changed alone.
    pub(super) asks_since: Vec<RecipeKind>,
}

impl<'a> Deref for FileReader<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.base
    }
}

impl DerefMut for FileReader<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.base
    }
}

impl<'a> FileReader<'a> {
    pub(super) fn new(env: &'a Env, source_text: &'a str) -> Self {
        Self {
            base: Reader::new(env),
            source_text,
            settings: Vec::new(),
            used_settings: BTreeSet::new(),
            rule_sets: BTreeMap::new(),
            used_sets: BTreeSet::new(),
            service_rules: Vec::new(),
            steps: Vec::new(),
            scope: Scope::default(),
            reads_back: false,
            cancels_courses: false,
            roster_of_a_session: false,
            names_page: false,
            asks_since: Vec::new(),
        }
    }
}
