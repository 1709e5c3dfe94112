//! Which names a placeholder may say where it stands, so that none is asked that nobody can have set.

use super::file_reader::FileReader;
use super::scope::{Pages, Scope, StepNames, only_if};
use super::texts::is_name;
use crate::config::nearest::{listed, nearest};
use crate::config::source::Place;
use crate::config::tree::{Node, Value};
use crate::lms::recipe::connector::RecipeKind;

const OF_A_PLACE: [&str; 2] = ["learner", "session"];

const OF_AN_ORDER: [&str; 7] = [
    "order.id",
    "order.generation",
    "order.decision",
    "order.attempt",
    "order.declined_at",
    "order.decided_at",
    "order.session_start",
];

const OF_AN_EVENT: [&str; 4] = ["event.ical_uid", "event.title", "event.start", "event.end"];

const TOKEN: &str = "auth.token";
const REFRESH_TOKEN: &str = "auth.refresh_token";
const CURSOR: &str = "page.cursor";
const OF_A_COUNT: [&str; 2] = ["page.number", "page.offset"];
/// Of a list: when its reading began, and since when it is asked for what changed.
const OF_A_LIST: [&str; 2] = ["now", "since"];

/// No step may be called so: its values would be taken for something else.
const NOT_FOR_STEPS: [&str; 8] =
    ["learner", "session", "tenant", "order", "settings", "event", "page", "auth"];

/// No reading of a list, either.
const NOT_FOR_READINGS: [&str; 3] = ["record", "parent", "answer"];

impl FileReader<'_> {
    /// All steps of the file, before any is read.
    pub(super) fn name_steps(&mut self, root: &Node) {
        for recipe in RecipeKind::ALL {
            let Some(Value::List(steps)) = root.child(recipe.word()).map(|node| &node.value) else {
                continue;
            };
            for (index, step) in steps.iter().enumerate() {
                let Some(Value::Text(name)) = step.child("name").map(|name| &name.value) else { continue };
                let values = match step.child("take").map(|take| &take.value) {
                    Some(Value::Table(values)) => values.iter().map(|value| value.key.clone()).collect(),
                    _ => Vec::new(),
                };
                let (name, only_if) = (name.trim().to_owned(), only_if(step));
                let each = match step.child("each").map(|each| &each.value) {
                    Some(Value::Text(each)) => Some(each.trim().to_owned()),
                    _ => None,
                };
                let is_batched = step.child("batch").is_some();
                let recipe = *recipe;
                self.steps.push(StepNames { recipe, index, name, values, each, is_batched, only_if });
            }
        }
    }

    /// A step's own name.
    pub(super) fn step_name(&mut self, node: &Node, name: &str, recipe: RecipeKind, index: usize) {
        const EXPECTED: &str = "a name of a-z, 0-9 and _ that begins with a letter";
        if !is_name(name) {
            self.bad_value(node, EXPECTED, "not a name", None);
        } else if NOT_FOR_STEPS.contains(&name) || (recipe.reads_lists() && NOT_FOR_READINGS.contains(&name))
        {
            let why = format!("`{name}` means something else in placeholders");
            self.wrong(node, why, "call the step otherwise", None);
        }
        let this = self.steps.iter().find(|step| step.recipe == recipe && step.index == index);
        let is_before = |step: &&StepNames| {
            let is_found = step.recipe == RecipeKind::Find && step.is_seen(recipe, index);
            let is_earlier = step.recipe == recipe && step.index < index;
            let stands_for = this.is_some_and(|this| this.stands_for(step));
            step.name == name && (is_found || is_earlier) && !stands_for
        };
        if let Some(other) = self.steps.iter().find(is_before) {
            let why = format!("there is a step `{name}` in `{}` already", other.recipe.word());
            let hint = "two of one name exclude each other by `when` (the same value, another `is`) and take \
                        the same values";
            let hint = (other.recipe == recipe).then(|| hint.to_owned());
            self.wrong(node, why, "the second of this name", hint);
        }
    }

    /// Notes who is asked for, or says why nobody is called so.
    pub(super) fn placeholder(&mut self, node: &Node, place: &Place, name: &str) {
        if let Some(setting) = name.strip_prefix("settings.") {
            self.used_settings.insert(setting.to_owned());
        }
        let known = self.known();
        if known.iter().any(|known| known == name) {
            self.roster_of_a_session |= name == "session" && self.scope.recipe() == Some(RecipeKind::Roster);
            self.names_page |= OF_A_COUNT.contains(&name);
            if name == "since" {
                self.asks_since.extend(self.scope.recipe());
            }
            return;
        }
        if self.is_of_an_entry(name) {
            return;
        }
        let (why, hint) = match self.known_elsewhere(name) {
            Some(why) => (format!("`{name}` is not known here: {why}"), None),
            None => {
                let near = nearest(name, known.iter().map(String::as_str));
                let (head, tail) = name.split_once('.').unwrap_or((name, ""));
                let of_entry = nearest(head, NOT_FOR_READINGS).filter(|_| self.levels() > 0);
                let of_entry = of_entry.map(|head| format!("{head}.{tail}"));
                let hint = match of_entry.as_deref().or(near) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known here: {}", listed(known.iter().map(String::as_str))),
                };
                (format!("nothing is called `{name}`"), Some(hint))
            }
        };
        self.wrong_at(node, place, why, "not known here", hint);
    }

    fn known(&self) -> Vec<String> {
        let settings = self.settings.iter().map(|setting| format!("settings.{}", setting.name));
        let plain = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut known: Vec<String> = match &self.scope {
            Scope::Base => Vec::new(),
            Scope::Everywhere => plain(&["tenant"]),
            Scope::TokenRequest { may_refresh: true } => plain(&["tenant", REFRESH_TOKEN]),
            Scope::TokenRequest { may_refresh: false } => plain(&["tenant"]),
            Scope::TokenSent => plain(&["tenant", TOKEN]),
            Scope::Step { recipe, index, pages, levels } => {
                let mut names = plain(&["tenant"]);
                if recipe.is_of_a_place() {
                    names.extend(plain(&OF_A_PLACE));
                }
                if matches!(recipe, RecipeKind::Roster | RecipeKind::Session) {
                    names.extend(plain(&["session"]));
                }
                if has_an_order(*recipe) {
                    names.extend(plain(&OF_AN_ORDER));
                }
                if *recipe == RecipeKind::Lookup {
                    names.extend(plain(&OF_AN_EVENT));
                }
                if recipe.reads_lists() {
                    names.extend(plain(&OF_A_LIST));
                }
                match pages {
                    Pages::ByCursor => names.extend(plain(&[CURSOR])),
                    Pages::Counted => names.extend(plain(&OF_A_COUNT)),
                    Pages::Otherwise => {}
                }
                let is_seen = |step: &&StepNames| {
                    step.is_seen(*recipe, *index)
                        && (!recipe.reads_lists() || self.is_around(step, *recipe, *index))
                        && !(*levels > 0 && self.is_in_a_batch(step, *recipe, *index))
                };
                names.extend(self.steps.iter().filter(is_seen).flat_map(values));
                names
            }
        };
        known.extend(settings);
        known
    }

    /// Lists around an entry, and itself; 0 where no entry is looked at.
    pub(super) fn levels(&self) -> usize {
        match &self.scope {
            Scope::Step { levels, .. } => *levels,
            Scope::Base | Scope::Everywhere | Scope::TokenRequest { .. } | Scope::TokenSent => 0,
        }
    }

    /// One list further in, or out again.
    pub(super) fn deeper(&mut self, by: isize) {
        if let Scope::Step { levels, .. } = &mut self.scope {
            *levels = levels.saturating_add_signed(by);
        }
    }

    /// `record.name`, `parent.name`, `parent.parent.name`, as far as there are lists around an entry.
    fn is_of_an_entry(&self, name: &str) -> bool {
        let (mut rest, mut up) = (name, 0);
        while let Some(inner) = rest.strip_prefix("parent.") {
            (rest, up) = (inner, up + 1);
        }
        let is_own = up == 0 && (rest.starts_with("record.") || rest.starts_with("answer."));
        (is_own || up > 0) && up < self.levels()
    }

    /// Whether the reading of that index is made once for each entry of the other, or of one made so.
    fn is_around(&self, other: &StepNames, recipe: RecipeKind, index: usize) -> bool {
        let mut at = self.steps.iter().find(|step| step.recipe == recipe && step.index == index);
        while let Some(each) = at.and_then(|step| step.each.as_deref().map(|each| (each, step.index))) {
            let before =
                |step: &&StepNames| step.recipe == recipe && step.index < each.1 && step.name == each.0;
            at = self.steps.iter().rev().find(before);
            if at.is_some_and(|step| step.index == other.index) {
                return true;
            }
        }
        false
    }

    /// Whether the reading of that index is made for several of the other's entries together: of one of them
    /// nothing is known where its own entries are looked at.
    fn is_in_a_batch(&self, other: &StepNames, recipe: RecipeKind, index: usize) -> bool {
        let this = self.steps.iter().find(|step| step.recipe == recipe && step.index == index);
        this.is_some_and(|this| this.is_batched && this.each.as_deref() == Some(other.name.as_str()))
    }

    fn known_elsewhere(&self, name: &str) -> Option<String> {
        let (head, tail) = name.split_once('.').unwrap_or((name, ""));
        if OF_A_PLACE.contains(&name) {
            return Some("no place is meant here".to_owned());
        }
        if OF_AN_ORDER.contains(&name) {
            return Some("`find` and `read` run without a cancellation, too".to_owned())
                .filter(|_| self.scope.recipe().is_some_and(RecipeKind::is_of_a_place))
                .or_else(|| Some("it belongs to a cancellation".to_owned()));
        }
        if OF_AN_EVENT.contains(&name) {
            return Some("only `lookup` looks at an event".to_owned());
        }
        if name == TOKEN {
            return Some("it is for `value` in [auth], where a token is sent".to_owned());
        }
        if name == REFRESH_TOKEN {
            return Some("it is for `fields` in [auth], where grant = \"refresh_token\"".to_owned());
        }
        if OF_A_LIST.contains(&name) {
            return Some("it is of `sessions` and `roster`".to_owned());
        }
        if OF_A_COUNT.contains(&name) {
            return Some("it is for paging of the kinds page and offset".to_owned());
        }
        if name == CURSOR {
            return Some("it is for a step with paging = { kind = \"cursor\" }".to_owned());
        }
        if NOT_FOR_READINGS.contains(&head) && !self.steps.iter().any(|step| step.name == head) {
            return Some(match self.levels() {
                0 => "it is of an entry, and none is looked at here".to_owned(),
                levels => format!("around an entry there are so many: {}", levels - 1),
            });
        }
        let Scope::Step { recipe, index, .. } = &self.scope else {
            let step = self.steps.iter().find(|step| step.name == head)?;
            return Some(format!("`{head}` is a step of `{}`, and this holds for all", step.recipe.word()));
        };
        let of_this = self.steps.iter().find(|step| step.name == head && step.recipe == *recipe);
        if let Some(step) = of_this.or_else(|| self.steps.iter().find(|step| step.name == head)) {
            let has = step.values.iter().any(|value| value == tail);
            if recipe.reads_lists() && has && step.index < *index && step.recipe == *recipe {
                return Some(format!("say each = \"{head}\": this is made once for each of its entries"));
            }
            if step.is_seen(*recipe, *index) {
                let takes = listed(step.values.iter().map(String::as_str));
                let takes = if takes.is_empty() { "nothing".to_owned() } else { takes };
                let near = nearest(tail, step.values.iter().map(String::as_str));
                let near = near.map(|near| format!("; did you mean `{head}.{near}`?")).unwrap_or_default();
                return Some(format!("the step `{head}` takes {takes}{near}"));
            }
            if step.recipe == *recipe && has {
                let when = if step.index == *index { "is this very one" } else { "comes later" };
                return Some(format!("the step `{head}` {when}"));
            }
            return has.then(|| {
                format!(
                    "`{head}` is a step of `{}`; only those of this recipe, of `find`, and, when a place is \
                     cancelled, of `read` can be asked",
                    step.recipe.word()
                )
            });
        }
        None
    }
}

fn has_an_order(recipe: RecipeKind) -> bool {
    match recipe {
        RecipeKind::Write | RecipeKind::Verify | RecipeKind::Restore | RecipeKind::Tidy => true,
        RecipeKind::Find
        | RecipeKind::Read
        | RecipeKind::Probe
        | RecipeKind::Lookup
        | RecipeKind::Sessions
        | RecipeKind::Roster
        | RecipeKind::Session => false,
    }
}

fn values(step: &StepNames) -> impl Iterator<Item = String> + '_ {
    step.values.iter().map(|value| format!("{}.{value}", step.name))
}
