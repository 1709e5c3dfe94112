use super::super::check::{CheckId, Verdict};
use super::super::list::CHECKS;
use super::{Needs, Standings, in_order};
use proptest::prelude::*;
use std::collections::BTreeSet;
use strum::VariantArray as _;

#[derive(Debug)]
struct Thing(CheckId, Vec<CheckId>);

impl Needs for Thing {
    fn id(&self) -> CheckId {
        self.0
    }

    fn needs(&self) -> &[CheckId] {
        &self.1
    }
}

/// Each needs some of those that stand after it in some hidden order, so that there is no circle.
fn things() -> impl Strategy<Value = Vec<Thing>> {
    let all = CheckId::VARIANTS.to_vec();
    let count = all.len();
    (Just(all).prop_shuffle(), prop::collection::vec(prop::collection::vec(0..count, 0..4), count))
        .prop_map(|(hidden, picks)| {
            let of = |place: usize, picks: &[usize]| {
                picks.iter().filter(|pick| **pick < place).map(|pick| hidden[*pick]).collect()
            };
            hidden.iter().enumerate().map(|(n, id)| Thing(*id, of(n, &picks[n]))).collect::<Vec<_>>()
        })
        .prop_shuffle()
}

proptest! {
    #[test]
    fn what_is_needed_comes_before(things in things()) {
        let ordered = in_order(&things);
        prop_assert_eq!(ordered.len(), things.len());
        let mut seen = BTreeSet::new();
        for thing in ordered {
            prop_assert!(thing.1.iter().all(|need| seen.contains(need)), "{:?}", thing.0);
            seen.insert(thing.0);
        }
    }

    /// Whatever fails: what is passed over names a fault that failed itself, and on which it really rests;
    /// what rests on no fault is looked at.
    #[test]
    fn what_is_passed_over_names_a_fault_that_it_rests_on(
        things in things(),
        failing in prop::collection::btree_set(0..CheckId::VARIANTS.len(), 0..4),
    ) {
        let failing: BTreeSet<CheckId> = failing.into_iter().map(|n| CheckId::VARIANTS[n]).collect();
        let mut standings = Standings::default();
        let mut failed = BTreeSet::new();
        for thing in in_order(&things) {
            match standings.behind(&thing.1) {
                Some(fault) => {
                    prop_assert!(failed.contains(&fault));
                    prop_assert!(rests_on(&things, thing.0, fault));
                    standings.note_behind(thing.0, fault);
                }
                None => {
                    let rests = failed.iter().any(|fault| rests_on(&things, thing.0, *fault));
                    prop_assert!(!rests, "{:?} is looked at", thing.0);
                    let fails = failing.contains(&thing.0);
                    standings.note(thing.0, if fails { Verdict::Failed } else { Verdict::Ok });
                    if fails {
                        failed.insert(thing.0);
                    }
                }
            }
        }
    }
}

fn rests_on(things: &[Thing], id: CheckId, fault: CheckId) -> bool {
    let thing = things.iter().find(|thing| thing.0 == id).unwrap();
    thing.1.iter().any(|need| *need == fault || rests_on(things, *need, fault))
}

#[test]
fn a_circle_ends() {
    let needs = |id, need| Thing(id, vec![need]);
    let things = [needs(CheckId::Token, CheckId::Lms), needs(CheckId::Lms, CheckId::Token)];
    let ids: Vec<_> = in_order(&things).iter().map(|thing| thing.0).collect();
    assert_eq!(ids, [CheckId::Token, CheckId::Lms]);
}

#[test]
fn warnings_and_what_can_not_be_told_hold_up_nothing() {
    let mut standings = Standings::default();
    standings.note(CheckId::Token, Verdict::Warning);
    standings.note(CheckId::Scope, Verdict::Skipped);
    assert_eq!(standings.behind(&[CheckId::Token, CheckId::Scope, CheckId::Lms]), None);
    standings.note(CheckId::Token, Verdict::Failed);
    assert_eq!(standings.behind(&[CheckId::Scope, CheckId::Token]), Some(CheckId::Token));
}

/// The list is written in the order in which it is looked at, each check is there once, and none needs what
/// comes after it or is nowhere.
#[test]
fn the_list_is_written_in_its_own_order() {
    let listed: Vec<CheckId> = CHECKS.iter().map(|check| check.id).collect();
    let ordered: Vec<CheckId> = in_order(CHECKS).iter().map(|check| check.id).collect();
    assert_eq!(listed, ordered);
    let all: BTreeSet<CheckId> = listed.iter().copied().collect();
    assert_eq!(all.len(), listed.len());
    let known = CheckId::VARIANTS.iter().copied().filter(|id| *id != CheckId::SwitchedOff);
    assert_eq!(all, known.collect(), "that line stands alone");
}
