//! What the parts of a connector file say together.

use super::file_reader::FileReader;
use super::words::StillHeldWord;
use super::{shape, step_head};
use crate::config::table::May;
use crate::config::tree::{Node, Value};
use crate::lms::recipe::connector::{About, AfterWrite, RecipeKind, Recipes, Verified};
use crate::lms::recipe::step::Step;
use crate::lms::recipe::words::{StepOutcome, Verdict};
use chrono::TimeDelta;

/// Reading again must end within one attempt.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(10);

impl FileReader<'_> {
    pub(super) fn after_write(
        &mut self,
        given: May<'_, shape::AfterWrite<'_>>,
        about: Option<&About>,
    ) -> Option<AfterWrite> {
        let Some(given) = given else {
            return Some(AfterWrite {
                still_held: Verdict::Outcome(StepOutcome::Unclear),
                reads: 1,
                wait: std::time::Duration::from_secs(2),
            });
        };
        let shape::AfterWrite { still_held, reads, wait } = self.table(given)?;
        if about.is_some_and(|about| about.verified == Verified::Answer) {
            let why = "nothing is read after a write, because about.verified = \"answer\"";
            self.wrong_key(given.node, why, "without effect", None);
        }
        let still_held = self.choice(still_held, StillHeldWord::Unclear)?;
        let still_held = Verdict::Outcome(match still_held {
            StillHeldWord::HeldElsewhere => StepOutcome::HeldElsewhere,
            StillHeldWord::Unclear => StepOutcome::Unclear,
            StillHeldWord::Retry => StepOutcome::Retry,
        });
        let reads = self.number(reads, 1..=10, 1);
        let waits = self.duration_above_zero(wait, TimeDelta::seconds(2));
        if let (Some(wait), Some(true)) = (wait, waits.map(|waits| waits > LONGEST_WAIT)) {
            self.bad_value(wait.node, "at most 10s", "too long", None);
        }
        Some(AfterWrite { still_held, reads: reads?, wait: waits?.to_std().ok()? })
    }

    /// What recipes must be there, and how each must end.
    pub(super) fn recipes_fit(&mut self, root: &Node, about: &About, recipes: &Recipes) {
        for kind in RecipeKind::ALL {
            self.ends_are_reached(root, *kind, recipes.of(*kind));
        }
        if let Some(write) = root.child(RecipeKind::Write.word()) {
            let writes = |step: &Step| step.request.as_ref().is_some_and(|request| !request.reads);
            // One that only refuses says so, and why.
            let refuses = recipes.write.iter().all(|step| step.exit.is_some());
            if !refuses && !recipes.write.iter().any(writes) {
                let hint = "say reads = false in the step that cancels the place".to_owned();
                self.wrong_key(write, "no step of `write` writes", "all of them only read", Some(hint));
            }
            if about.verified == Verified::ReadBack && recipes.read.is_empty() {
                let why = "about.verified = \"read-back\" needs `read`: it says whether the place is gone";
                let hint = "add [[read]], or say verified = \"answer\" if this LMS can't be read".to_owned();
                self.wrong_key(write, why, "and nobody sees what became of it", Some(hint));
            }
        }
        for (kind, steps) in [(RecipeKind::Read, &recipes.read), (RecipeKind::Verify, &recipes.verify)] {
            let Some(last) = steps.last() else { continue };
            let is_end = last.when.is_empty() && (last.state.is_some() || last.exit.is_some());
            if let Some(node) = step_node(root, kind, steps.len() - 1).filter(|_| !is_end) {
                let why = format!("`{}` can end without a state of the place", kind.word());
                let hint = "let its last step say `state`, without `when`; or end it with a step that says \
                            exit = \"unclear\"";
                self.wrong_key(node, why, "the last step", Some(hint.to_owned()));
            }
        }
        let always_ends = |step: &Step| step.when.is_empty() && step.exit.is_some();
        if let Some(at) = recipes.find.iter().position(always_ends)
            && let Some(node) = step_node(root, RecipeKind::Find, at)
        {
            let why = "`find` always ends here, and nothing else would ever run";
            self.wrong_key(node, why, "always", Some("say `when`".to_owned()));
        }
        let takes_session = |step: &Step| step.take.iter().any(|take| take.name == "session");
        if let Some(lookup) = root.child(RecipeKind::Lookup.word())
            && !recipes.lookup.is_empty()
            && !recipes.lookup.iter().any(takes_session)
        {
            let hint = "take.session = \"$.id\" in the step that finds it".to_owned();
            self.wrong_key(
                lookup,
                "no step of `lookup` takes the session's id",
                "what is found?",
                Some(hint),
            );
        }
    }

    /// Steps behind one that always ends the recipe never run.
    fn ends_are_reached(&mut self, root: &Node, kind: RecipeKind, steps: &[Step]) {
        let ends = |step: &Step| step.when.is_empty() && (step.state.is_some() || step.exit.is_some());
        let Some(end) = steps.iter().position(ends) else { return };
        if let Some(node) = step_node(root, kind, end + 1) {
            let why = format!("this step never runs: `{}` ends with the step before it", kind.word());
            self.wrong_key(node, why, "never reached", None);
        }
    }

    /// What is declared, and nobody asks for.
    pub(super) fn nothing_is_idle(&mut self, root: &Node) {
        for (table, what) in [("settings", "this setting"), ("rules", "this set of rules")] {
            let Some(Value::Table(entries)) = root.child(table).map(|node| &node.value) else { continue };
            let idle: Vec<&Node> = entries
                .iter()
                .filter(|entry| match table {
                    "settings" => !self.used_settings.contains(&entry.key),
                    _ => !self.used_sets.contains(&entry.key),
                })
                .collect();
            for entry in idle {
                let hint = match table {
                    "settings" => format!("ask for it as {{{{ settings.{} }}}}, or leave it out", entry.key),
                    _ => format!("name it in rules = [\"{}\"], or leave it out", entry.key),
                };
                self.wrong_key(entry, format!("nothing uses {what}"), "without effect", Some(hint));
            }
        }
    }
}

fn step_node(root: &Node, kind: RecipeKind, index: usize) -> Option<&Node> {
    let Value::List(items) = &root.child(kind.word())?.value else { return None };
    items.get(index).filter(|_| index < step_head::MOST)
}
