//! `[tenant.<name>.policy]`: what follows from a verdict, and when.

use super::duration::show;
use super::nearest::nearest;
use super::raw;
use super::reader::Reader;
use super::table::May;
use crate::calendar::zone::Zone;
use crate::enrolment::policy::{
    AutomaticPolicy, Brake, PartPolicy, Policy, PolicyMode, ProposedPolicy, TakeBack, WeakPolicy,
};
use chrono::Duration;

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
    pub(super) fn policy(&mut self, policy: May<'_, raw::Policy<'_>>) -> Option<Policy> {
        let defaults = Policy::default();
        let Some(policy) = policy else { return Some(defaults) };
        let given = self.table(policy)?;
        let mode = self.choice(given.mode, defaults.mode);
        let only = match given.only {
            Some(only) => self.only(only).map(Some),
            None => Some(defaults.only),
        };
        // `only` beside mode = "observe" is let through: who stops acting in a hurry must not have to edit
        // two settings.
        let removed = self.choice(given.removed, defaults.removed);
        let unseen = self.choice(given.unseen, defaults.unseen);
        let automatic = self.choice(given.automatic, defaults.automatic);
        let timezone = self.timezone(given.timezone);
        let proposed = self.choice(given.proposed, defaults.proposed);
        // Zero would decide a weak verdict at first sight, which reference/judging.md#weak-verdicts rules
        // out.
        let settle = self.duration_above_zero(given.settle, defaults.settle);
        let grace = self.duration(given.grace, defaults.grace);
        let recheck = self.duration(given.recheck, defaults.recheck);
        let deadline = self.duration(given.deadline, defaults.deadline);
        let part = self.choice(given.part, defaults.part);
        let take_back = self.choice(given.take_back, defaults.take_back);
        let take_back_window = self.duration(given.take_back_window, defaults.take_back_window);
        let brake = self.brake(given.brake);
        let retention = self.duration_above_zero(given.retention, defaults.retention);
        if let (Some(window), Some(retention)) = (take_back_window, retention)
            && window > retention
        {
            let at = given.retention.or(given.take_back_window).map_or(policy.node, |given| given.node);
            self.contradiction(
                at,
                format!(
                    "a cancellation is forgotten after {} (retention), before the {} of take_back_window are \
                     over",
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

    pub(super) fn timezone(&mut self, given: May<'_, String>) -> Option<Zone> {
        const EXPECTED: &str = "a time zone by its IANA or Windows name, such as \"Europe/Berlin\"";
        let Some(given) = given else { return Some(Zone::default()) };
        let text = self.text(&given, EXPECTED)?;
        let zone = Zone::named(text);
        if zone.is_none() {
            let hint = nearest(text, Zone::names()).map(|near| format!("did you mean \"{near}\"?"));
            self.bad_value(&given, EXPECTED, "no zone that is known", hint);
        }
        zone
    }

    fn brake(&mut self, given: May<'_, raw::Brake<'_>>) -> Option<Brake> {
        let defaults = Brake::default();
        let Some(given) = given else { return Some(defaults) };
        let given = self.table(given)?;
        let decisions = self.count(given.decisions, defaults.decisions);
        let within = self.duration_above_zero(given.within, defaults.within);
        let per_learner = self.count(given.per_learner, defaults.per_learner);
        Some(Brake { decisions: decisions?, within: within?, per_learner: per_learner? })
    }
}
