//! `POST …/cancel` and `DELETE`: who is told, with which words, and what stays in calendars.

use super::{BO, CY, answers, copy, made, mailed, patched, path, people, training, writer};
use crate::client::{ANA, Answer, Caller, IMMUTABLE, LEARNING, tomorrow};
use chrono::Duration;
use serde_json::{Value, json};
use simulator::world::act::{Invite, Reply};
use simulator::world::ids;
use simulator::world::matrix::Matrix;
use simulator::world::write_matrix::WriteMatrix;

async fn cancel(caller: &Caller, event: &Value, body: Value) -> Answer {
    caller.post(&format!("{}/cancel", path(caller, event)), body).await
}

async fn delete(caller: &Caller, event: &Value) -> Answer {
    caller.send("DELETE", &path(caller, event), &[IMMUTABLE], None).await
}

#[tokio::test]
async fn a_cancellation_tells_each_once_with_its_words_and_is_done_once() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[ANA, BO], json!({}))).await;
    caller.world().clear_mails();
    let done = cancel(&caller, &event, json!({ "comment": "The trainer is ill." })).await;
    assert_eq!((done.status, &done.body), (202, &Value::Null));
    let mails = caller.world().mails();
    assert!(mails.iter().all(|mail| mail.comment.as_deref() == Some("The trainer is ill.")), "{mails:?}");
    assert_eq!(mailed(&caller), "ana cancellation, bo cancellation");
    for address in [ANA, BO] {
        let theirs = copy(&caller, address, &event).await.unwrap();
        assert_eq!((&theirs["isCancelled"], &theirs["showAs"]), (&json!(true), &json!("free")));
        assert_eq!(theirs["subject"], "Canceled: First aid");
    }
    assert_eq!(caller.get(&path(&caller, &event)).await.error(), (404, "ErrorItemNotFound"));
    assert_eq!(cancel(&caller, &event, json!({})).await.error(), (404, "ErrorItemNotFound"), "it is gone");
    assert_eq!(delete(&caller, &event).await.error(), (404, "ErrorItemNotFound"));
    assert_eq!(mailed(&caller), "");
}

#[tokio::test]
async fn where_the_cancelled_event_stays_it_is_cancelled_once_and_can_be_deleted() {
    let caller = writer(WriteMatrix::default()).await;
    caller.world().edit_matrix(|matrix| *matrix = Matrix::flipped(&["cancelledOriginalGoes"]));
    let event = made(&caller, training(&[ANA], json!({}))).await;
    assert_eq!(cancel(&caller, &event, json!({})).await.status, 202);
    assert_eq!(mailed_since(&caller), "ana cancellation");
    assert_eq!(caller.get(&path(&caller, &event)).await.body["isCancelled"], true);
    assert_eq!(cancel(&caller, &event, json!({})).await.error(), (400, "ErrorInvalidRequest"));
    assert_eq!(delete(&caller, &event).await.status, 204);
    assert_eq!(caller.get(&path(&caller, &event)).await.status, 404);
    assert_eq!(mailed(&caller), "", "neither told anybody");
}

/// Without the invitation.
fn mailed_since(caller: &Caller) -> String {
    let mut mails = caller.world().mails();
    caller.world().clear_mails();
    mails.retain(|mail| mail.kind != simulator::world::post::MailKind::Invitation);
    let words = mails.iter().map(|mail| {
        let kind = serde_json::to_value(mail.kind).unwrap();
        format!("{} {}", mail.recipient.split('@').next().unwrap(), kind.as_str().unwrap())
    });
    words.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn what_nobody_is_invited_to_is_deleted_and_not_called_off() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[], json!({}))).await;
    assert_eq!(cancel(&caller, &event, json!({})).await.error(), (400, "ErrorInvalidRequest"));
    assert_eq!(delete(&caller, &event).await.status, 204);
    assert_eq!(mailed(&caller), "");
    let event = made(&caller, training(&[ANA], json!({}))).await;
    patched(&caller, &event, json!({ "attendees": [] })).await;
    assert_eq!(mailed_since(&caller), "ana cancellation");
    assert_eq!(cancel(&caller, &event, json!({})).await.status, 400, "all have left");
    caller.world().edit_writes(|writes| writes.empty_cancel_is_refused = false);
    assert_eq!(cancel(&caller, &event, json!({})).await.status, 202);
    assert_eq!(caller.get(&path(&caller, &event)).await.status, 404);
    assert_eq!(mailed(&caller), "");
}

#[tokio::test]
async fn a_delete_by_the_organizer_calls_off_without_words() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[ANA, BO], json!({}))).await;
    caller.world().clear_mails();
    assert_eq!(delete(&caller, &event).await.status, 204);
    assert!(caller.world().mails().iter().all(|mail| mail.comment.is_none()));
    assert_eq!(mailed(&caller), "ana cancellation, bo cancellation");
    assert_eq!(copy(&caller, ANA, &event).await.unwrap()["isCancelled"], true);
    assert!(caller.world().events_of(LEARNING).is_empty());
}

#[tokio::test]
async fn attendees_call_off_nothing_and_their_delete_tells_nobody() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[ANA, BO], json!({}))).await;
    caller.world().clear_mails();
    let uid = event["iCalUId"].as_str().unwrap();
    let theirs = caller.world().copy(ANA, uid).unwrap().immutable.replace('=', "%3D");
    let theirs = format!("users/{}/events/{theirs}", caller.id(ANA));
    let refused = caller.post(&format!("{theirs}/cancel"), json!({})).await;
    assert_eq!(refused.error(), (400, "ErrorInvalidRequest"));
    assert_eq!(caller.send("DELETE", &theirs, &[IMMUTABLE], None).await.status, 204);
    caller.world().quiet().await;
    assert_eq!(mailed(&caller), "");
    assert_eq!(answers(&caller.get(&path(&caller, &event)).await.body), "ana notResponded, bo notResponded");
    let unknown = caller.post(&format!("{}/cancel", path(&caller, &event)), json!({ "words": "x" })).await;
    assert_eq!(unknown.status, 400);
}

/// Who declined and removed the copy gets the cancellation by mail, and no copy.
#[tokio::test]
async fn whoever_has_no_copy_any_more_gets_none_by_a_cancellation() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[ANA, CY], json!({}))).await;
    caller.world().decline(&Reply::new(ANA, event["iCalUId"].as_str().unwrap())).unwrap();
    caller.world().quiet().await;
    caller.world().clear_mails();
    cancel(&caller, &event, json!({})).await;
    assert_eq!(mailed(&caller), "ana cancellation, cy cancellation");
    assert!(copy(&caller, ANA, &event).await.is_none());
}

/// One of a series that somebody made by hand: the others stay.
#[tokio::test]
async fn an_occurrence_is_called_off_moved_and_deleted_by_its_own_id() {
    let caller = writer(WriteMatrix::default()).await;
    let day =
        |n: i64| chrono::DateTime::from_timestamp((tomorrow() + Duration::days(n)).timestamp(), 0).unwrap();
    let starts: Vec<_> = (0..4).map(|n| day(7 * n)).collect();
    let series = Invite {
        occurrences: starts.clone(),
        start: day(0),
        end: day(0) + Duration::hours(2),
        ..crate::client::training()
    };
    caller.world().invite(&series).unwrap();
    caller.world().clear_mails();
    let master = caller.world().copy(LEARNING, "4711").unwrap().immutable;
    let occurrence = |n: usize| json!({ "id": ids::occurrence(&master, starts[n]) });
    assert_eq!(cancel(&caller, &occurrence(0), json!({})).await.status, 202);
    assert_eq!(mailed(&caller), "ana cancellation");
    assert_eq!(delete(&caller, &occurrence(1)).await.status, 204);
    assert_eq!(mailed(&caller), "ana cancellation");
    let utc =
        |n: i64| json!({ "dateTime": day(n).format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": "UTC" });
    patched(&caller, &occurrence(2), json!({ "start": utc(20), "end": utc(21) })).await;
    assert_eq!(mailed(&caller), "ana update");
    let refused = caller
        .send("PATCH", &path(&caller, &occurrence(3)), &[IMMUTABLE], Some(json!({ "subject": "x" })))
        .await;
    assert_eq!(refused.status, 400);
    let item = caller.world().copy(LEARNING, "4711").unwrap();
    assert!(item.live && !item.is_cancelled);
    // One mail for the series, and one for its exception.
    patched(&caller, &json!({ "id": master }), json!({ "subject": "Other" })).await;
    assert_eq!(mailed(&caller), "ana update, ana update");
    patched(&caller, &json!({ "id": master }), json!({ "attendees": people(&[ANA, BO]) })).await;
    assert_eq!(mailed(&caller), "bo invitation");
}
