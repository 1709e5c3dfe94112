//! `[tenant.<name>.policy]`: what follows from a verdict, and when.

use super::duration::show;
use super::keys;
use super::nearest::nearest;
use super::problem::{Problem, ProblemKind};
use super::reader::Reader;
use super::tree::Node;
use crate::calendar::zone::Zone;
use crate::enrolment::policy::{
    AutomaticPolicy, Brake, PartPolicy, Policy, PolicyMode, ProposedPolicy, TakeBack, WeakPolicy,
};
use chrono::Duration;

const MODES: [(&str, PolicyMode); 2] = [("observe", PolicyMode::Observe), ("act", PolicyMode::Act)];
const WEAK: [(&str, WeakPolicy); 3] =
    [("cancel", WeakPolicy::Cancel), ("review", WeakPolicy::Review), ("ignore", WeakPolicy::Ignore)];
const AUTOMATIC: [(&str, AutomaticPolicy); 2] =
    [("cancel", AutomaticPolicy::Cancel), ("review", AutomaticPolicy::Review)];
const PROPOSED: [(&str, ProposedPolicy); 2] = [("cancel", ProposedPolicy::Cancel), ("review", ProposedPolicy::Review)];
const PARTS: [(&str, PartPolicy); 3] =
    [("review", PartPolicy::Review), ("any", PartPolicy::Any), ("all", PartPolicy::All)];
const TAKE_BACK: [(&str, TakeBack); 2] = [("record", TakeBack::Record), ("reinstate", TakeBack::Reinstate)];

impl Default for Policy {
    /// Safe: nobody loses a place until somebody wrote that they shall.
    fn default() -> Self {
        Self {
            mode: PolicyMode::Observe,
            only: None,
            removed: WeakPolicy::Review,
            unseen: WeakPolicy::Review,
            automatic: AutomaticPolicy::Review,
            timezone: Zone::default(),
            proposed: ProposedPolicy::Review,
            settle: Duration::minutes(30),
            grace: Duration::minutes(10),
            recheck: Duration::hours(1),
            deadline: Duration::zero(),
            part: PartPolicy::Review,
            take_back: TakeBack::Record,
            take_back_window: Duration::hours(24),
            brake: Brake::default(),
            retention: Duration::days(90),
        }
    }
}

impl Default for Brake {
    fn default() -> Self {
        Self { decisions: 50, within: Duration::hours(1), per_learner: 8 }
    }
}

impl Reader<'_> {
    pub(super) fn policy(&mut self, node: Option<&Node>) -> Option<Policy> {
        let defaults = Policy::default();
        let Some(node) = node else { return Some(defaults) };
        let table = self.table(node, keys::POLICY)?;
        let mode = self.choice(table.child("mode"), &MODES, defaults.mode);
        let only = match table.child("only") {
            Some(node) => self.mailboxes(node, keys::ONLY).map(Some),
            None => Some(defaults.only),
        };
        // `only` beside mode = "observe" is let through: who stops acting in a hurry must not have to edit two settings.
        let removed = self.choice(table.child("removed"), &WEAK, defaults.removed);
        let unseen = self.choice(table.child("unseen"), &WEAK, defaults.unseen);
        let automatic = self.choice(table.child("automatic"), &AUTOMATIC, defaults.automatic);
        let timezone = self.timezone(table.child("timezone"));
        let proposed = self.choice(table.child("proposed"), &PROPOSED, defaults.proposed);
        // Zero would decide a weak verdict at first sight, which reference/judging.md#weak-verdicts rules
        // out.
        let settle = self.duration_above_zero(table.child("settle"), defaults.settle);
        let grace = self.duration(table.child("grace"), defaults.grace);
        let recheck = self.duration(table.child("recheck"), defaults.recheck);
        let deadline = self.duration(table.child("deadline"), defaults.deadline);
        let part = self.choice(table.child("part"), &PARTS, defaults.part);
        let take_back = self.take_back(table.child("take_back"));
        let take_back_window = self.duration(table.child("take_back_window"), defaults.take_back_window);
        let brake = self.brake(table.child("brake"));
        let retention = self.duration_above_zero(table.child("retention"), defaults.retention);
        if let (Some(window), Some(retention)) = (take_back_window, retention)
            && window > retention
        {
            let at = table.child("retention").or(table.child("take_back_window")).unwrap_or(table);
            self.contradiction(
                at,
                format!(
                    "a cancellation is forgotten after {} (retention), before the {} of take_back_window are over",
                    show(retention),
                    show(window)
                ),
            );
        }
        Some(Policy {
            mode: mode?,
            only: only?,
            removed: removed?,
            unseen: unseen?,
            automatic: automatic?,
            timezone: timezone?,
            proposed: proposed?,
            settle: settle?,
            grace: grace?,
            recheck: recheck?,
            deadline: deadline?,
            part: part?,
            take_back: take_back?,
            take_back_window: take_back_window?,
            brake: brake?,
            retention: retention?,
        })
    }

    fn take_back(&mut self, node: Option<&Node>) -> Option<TakeBack> {
        let take_back = self.choice(node, &TAKE_BACK, TakeBack::Record)?;
        if let Some(node) = node.filter(|_| take_back == TakeBack::Reinstate) {
            let trouble = ProblemKind::Later {
                path: node.path.clone(),
                what: node.found(),
                instead: "no connector of this build can enrol".to_owned(),
            };
            self.report(Problem::new(trouble).at(&node.at, "not yet").hint("write take_back = \"record\""));
        }
        Some(take_back)
    }

    fn timezone(&mut self, node: Option<&Node>) -> Option<Zone> {
        const EXPECTED: &str = "a time zone by its IANA or Windows name, such as \"Europe/Berlin\"";
        let Some(node) = node else { return Some(Zone::default()) };
        let text = self.text(node, EXPECTED)?;
        let zone = Zone::named(text);
        if zone.is_none() {
            let hint = nearest(text, Zone::names()).map(|near| format!("did you mean \"{near}\"?"));
            self.bad_value(node, EXPECTED, "no zone that is known", hint);
        }
        zone
    }

    fn brake(&mut self, node: Option<&Node>) -> Option<Brake> {
        let defaults = Brake::default();
        let Some(node) = node else { return Some(defaults) };
        let table = self.table(node, keys::BRAKE)?;
        let decisions = self.count(table.child("decisions"), defaults.decisions);
        let within = self.duration_above_zero(table.child("within"), defaults.within);
        let per_learner = self.count(table.child("per_learner"), defaults.per_learner);
        Some(Brake { decisions: decisions?, within: within?, per_learner: per_learner? })
    }
}
