use super::*;

fn learner(part: Part) -> Learner {
    let text = || "ana".to_owned();
    Learner { name: text(), address: text(), session: text(), event: None, part, at: 0 }
}

fn mails(invitations: usize, updates: usize, cancellations: usize) -> Mails {
    Mails { invitations, updates, cancellations }
}

#[test]
fn a_second_mail_and_one_without_a_reason_are_told_apart() {
    let (moved, declined) = (learner(Part::SessionIsMoved), learner(Part::DeclinesBeforeTheMove));
    let good = Post::of([(&moved, mails(1, 1, 0)), (&declined, mails(1, 0, 0))].into_iter());
    assert_eq!((good.twice, good.wrong), (0, 0));
    let bad = Post::of([(&moved, mails(2, 1, 0)), (&declined, mails(1, 1, 1))].into_iter());
    assert_eq!((bad.twice, bad.wrong), (1, 2));
    let missing = Post::of([(&moved, mails(1, 0, 0))].into_iter());
    assert_eq!((missing.twice, missing.wrong, missing.sent.updates), (0, 0, 0));
}

#[test]
fn what_somebody_was_mailed_is_said_in_a_few_words() {
    assert_eq!(mails(1, 0, 0).words(), "invitation");
    assert_eq!(mails(1, 2, 1).words(), "invitation, 2 updates, cancellation");
    assert_eq!(mails(0, 0, 0).words(), "");
}
