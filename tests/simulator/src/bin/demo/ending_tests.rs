use super::*;
use crate::cast::Part;

fn learner(part: Part) -> Learner {
    let text = || "ana".to_owned();
    Learner { name: text(), address: text(), session: text(), event: None, part, at: 0 }
}

fn seen(state: &str, outcome: Option<&str>, has_place: bool, asked: usize) -> Seen {
    let outcome = outcome.map(str::to_owned);
    let effects = usize::from(!has_place);
    Seen {
        id: String::new(),
        state: Some(state.to_owned()),
        outcome,
        has_place,
        effects,
        asked,
        lies: Vec::new(),
        mails: None,
    }
}

#[test]
fn only_what_the_lms_has_told_is_excused_by_its_lie() {
    let declines = learner(Part::Declines);
    let mut stays = seen("done", Some("done"), true, 1);
    assert!(!is_right(&declines, &stays) && !is_lied_about(&declines, &stays), "nobody has lied");
    stays.lies.push("refused".to_owned());
    assert!(!is_lied_about(&declines, &stays), "that was another lie");
    stays.lies.push("done".to_owned());
    assert!(is_lied_about(&declines, &stays));
    let twice = Seen { effects: 2, ..stays.clone() };
    assert!(!is_lied_about(&declines, &twice), "no lie makes a second effect");
    assert!(!is_lied_about(&learner(Part::Accepts), &stays), "nor does it take a place from who attends");
}

#[test]
fn whoever_was_mailed_too_much_or_nothing_is_not_as_it_must_be() {
    let declines = learner(Part::Declines);
    let mailed = |invitations, updates| {
        let mails = Some(Mails { invitations, updates, cancellations: 0 });
        Seen { mails, ..seen("done", Some("done"), false, 1) }
    };
    assert!(is_right(&declines, &mailed(1, 0)));
    for (invitations, updates) in [(0, 0), (2, 0), (1, 1)] {
        assert!(!is_right(&declines, &mailed(invitations, updates)), "{invitations} {updates}");
    }
}

#[test]
fn whoever_lost_the_place_in_the_lms_itself_is_no_matter_of_an_order() {
    let withdrawn = learner(Part::IsWithdrawn);
    let gone = Seen { effects: 0, ..seen("watched", None, false, 0) };
    assert!(is_right(&withdrawn, &gone));
    assert!(!is_right(&withdrawn, &Seen { asked: 1, ..gone.clone() }));
    assert!(!is_right(&withdrawn, &Seen { has_place: true, ..gone }));
}

#[test]
fn whoever_attends_keeps_the_place_and_the_lms_is_not_asked() {
    let accepts = learner(Part::Accepts);
    assert!(is_right(&accepts, &seen("watched", None, true, 0)));
    assert!(!is_right(&accepts, &seen("watched", None, true, 1)));
    assert!(!is_right(&accepts, &seen("watched", None, false, 0)));
    assert!(!is_right(&learner(Part::Declines), &seen("watched", None, true, 0)));
    assert!(is_right(&learner(Part::Declines), &seen("done", Some("done"), false, 1)));
}
