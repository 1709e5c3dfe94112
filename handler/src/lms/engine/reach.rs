//! How far a connector file reads with what one tenant gives: a step that a setting leaves out is none.
//!
//! Guarantee: what no setting asks for is not read, and so proves no absence.

use super::conditions::all_hold;
use super::settings::Settings;
use crate::lms::RosterReach;
use crate::lms::recipe::connector::{ConnectorFile, RecipeKind};
use crate::lms::recipe::reading::Gives;
use crate::lms::recipe::step::Condition;
use crate::lms::recipe::template::Variables;
use std::borrow::Cow;
use std::slice;

pub fn roster_reach(file: &ConnectorFile, settings: &Settings) -> RosterReach {
    let readings = file.recipes.readings(RecipeKind::Roster).iter();
    let mut places = readings.filter(|reading| matches!(reading.gives, Gives::Place(_)));
    match (places.any(|reading| is_asked_for(&reading.step.when, settings)), file.recipes.roster_of_a_session)
    {
        (false, _) => RosterReach::Nothing,
        (true, true) => RosterReach::Session,
        (true, false) => RosterReach::All,
    }
}

pub fn has_single_read(file: &ConnectorFile, settings: &Settings) -> bool {
    file.recipes.session.iter().any(|step| is_asked_for(&step.when, settings))
}

/// Settings that would have a roster read; for people.
pub fn settings_of_the_roster(file: &ConnectorFile) -> Vec<&str> {
    let readings = file.recipes.readings(RecipeKind::Roster).iter();
    let when = readings.flat_map(|reading| &reading.step.when);
    let mut named: Vec<&str> = when.flat_map(settings_of).collect();
    named.sort_unstable();
    named.dedup();
    named
}

/// Conditions on anything else are not known before something is read.
fn is_asked_for(when: &[Condition], settings: &Settings) -> bool {
    let known = |condition: &&Condition| {
        condition.value.placeholders().all(|(name, _)| name.starts_with("settings."))
    };
    let given = Given(settings);
    when.iter()
        .filter(known)
        .all(|condition| !matches!(all_hold(slice::from_ref(condition), &given), Ok(false)))
}

fn settings_of(condition: &Condition) -> impl Iterator<Item = &str> {
    condition.value.placeholders().filter_map(|(name, _)| name.strip_prefix("settings."))
}

struct Given<'a>(&'a Settings);

impl Variables for Given<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.0.exposed(name.strip_prefix("settings.")?).map(Cow::Borrowed)
    }
}

#[cfg(test)]
#[path = "reach_tests.rs"]
mod tests;
