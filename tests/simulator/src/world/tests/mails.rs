//! Every act of an organizer has its mails, with one cause each.

use super::*;
use post::{Mail, MailKind};
use rooms::RoomRules;

/// `who kind` of all mails, and forgets them.
fn mailed(model: &mut Model) -> String {
    let mails = model.post.all();
    model.post.clear();
    let causes: std::collections::BTreeSet<u64> = mails.iter().map(|mail| mail.cause).collect();
    assert!(causes.len() <= 1, "{mails:#?}");
    let word = |mail: &Mail| {
        let kind = match mail.kind {
            MailKind::Invitation => "invited",
            MailKind::Update => "updated",
            MailKind::Cancellation => "cancelled",
        };
        format!("{} {kind}", mail.recipient.split('@').next().unwrap())
    };
    mails.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_is_done_by_hand_is_mailed_too() {
    let mut model = invited(Matrix::default());
    assert_eq!(mailed(&mut model), "ana invited, bo invited");
    model.retime(&later(), now()).unwrap();
    assert_eq!(mailed(&mut model), "ana updated, bo updated");
    model.drop_learner(&who(), now()).unwrap();
    assert_eq!(mailed(&mut model), "ana cancelled");
    let again = Reinvite { learner: ANA.to_owned(), session: "1".to_owned(), enrol: false };
    model.reinvite(&again, now()).unwrap();
    assert_eq!(mailed(&mut model), "ana invited");
    let on = Forward {
        learner: ANA.to_owned(),
        to: "cy@contoso.com".to_owned(),
        session: "1".to_owned(),
        enrol: false,
    };
    model.forward(&on, now()).unwrap();
    assert_eq!(mailed(&mut model), "cy invited");
    model.decline(&ana(), now()).unwrap();
    model.touch(&Who { learner: BO.to_owned(), session: "1".to_owned() }, now()).unwrap();
    assert_eq!(mailed(&mut model), "", "answers are no mails of the organizer's");
    model.cancel(&cancel(), now()).unwrap();
    assert_eq!(mailed(&mut model), "bo cancelled, ana cancelled, cy cancelled");
}

#[test]
fn recipients_are_counted_for_a_day_and_by_organizer() {
    let mut model = invited(Matrix::default());
    let hour = Duration::hours(1);
    model.retime(&later(), now() + hour).unwrap();
    let recent = |at: DateTime<Utc>| model.post.recent(LEARNING, at);
    assert_eq!(recent(now() + hour), 4);
    assert_eq!(recent(now() + Duration::hours(24)), 2, "the invitations are a day old");
    assert_eq!(recent(now() + Duration::hours(25)), 0);
    assert_eq!(model.post.recent(ANA, now() + hour), 0);
    model.recipients_a_day = 5;
    assert!(model.may_send(LEARNING, 1, now() + hour) && !model.may_send(LEARNING, 2, now() + hour));
    model.recipients_a_day = 0;
    assert!(model.may_send(LEARNING, 0, now()), "nobody is always affordable");
}

#[test]
fn more_than_thirty_messages_a_minute_are_queued() {
    let mut model = invited(Matrix::default());
    let text = |n: i64| draft::EventEdit { subject: Some(n.to_string()), ..Default::default() };
    for n in 0..64 {
        model.revise("lms-1@contoso.com", &text(n), now() + Duration::seconds(n / 10)).unwrap();
    }
    let waits: Vec<i64> = model.post.all().iter().map(|mail| (mail.leaves - mail.at).num_seconds()).collect();
    // Of one message both recipients' leave together; the invitation was the first.
    assert_eq!((waits[0], waits[58], waits[59]), (0, 0, 0));
    assert_eq!((waits[60], waits[61]), (58, 58), "sent in the third second, and the first one left at once");
    assert!(waits.iter().all(|wait| *wait <= 120) && waits[120] > 110, "{waits:?}");
    model.revise("lms-1@contoso.com", &text(99), now() + Duration::minutes(5)).unwrap();
    let last = model.post.all().pop().unwrap();
    assert_eq!(last.leaves, last.at);
}

#[test]
fn a_room_answers_no_organizer_from_outside() {
    for (organizer, answers) in [(LEARNING, 1), ("eve@elsewhere.org", 0)] {
        let mut model = world();
        let room = "cy@contoso.com".to_owned();
        model.whose_mut(&room).unwrap().room = Some(RoomRules::default());
        let from_outside = organizer != LEARNING;
        let act = Invite { organizer: organizer.to_owned(), rooms: vec![room], from_outside, ..invitation() };
        let effects = model.invite(&act, now()).unwrap();
        assert_eq!(effects.mails.len(), answers, "{organizer}");
    }
}
