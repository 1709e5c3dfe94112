//! What a kit is asked, and what is made of what it says.

use super::*;
use crate::clock::ManualClock;
use crate::graph::port::{EventFields, Invited, WallTime};
use crate::http::client::{HttpOptions, client};
use crate::ids::UserId;
use crate::lms::engine::testing::{Answer, Seen, Server};
use std::collections::BTreeMap;

const SECRET: &str = "whsec_bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn kit(url: &str) -> OverHttp {
    OverHttp {
        url: url.parse().unwrap(),
        secrets: vec![WebhookSecret::parse(SECRET).unwrap()],
        organizer: Address::new("learning@contoso.com"),
        learner: Address::new("canary@contoso.com"),
        http: client(&HttpOptions { redirects: 0, ..HttpOptions::default() }).unwrap(),
        clock: Arc::new(ManualClock::at(at("2026-11-21T12:00:00Z"))),
    }
}

fn invitation() -> NewEvent {
    let when = When::Timed {
        start: WallTime::utc(at("2026-11-23T12:00:00Z")),
        end: WallTime::utc(at("2026-11-23T12:15:00Z")),
    };
    NewEvent {
        transaction: "contoso-1".to_owned(),
        says: EventFields {
            subject: Some("Training 999".to_owned()),
            body: Some(EventText::Plain("A test".to_owned())),
            when: Some(when),
            properties: BTreeMap::from([("Mark".to_owned(), "contoso-1".to_owned())]),
            ..EventFields::default()
        },
        attendees: vec![Invited {
            address: Address::new("canary@contoso.com"),
            name: None,
            is_resource: false,
        }],
        is_quiet: true,
        hides_attendees: false,
    }
}

struct People(UserId, UserId);

impl People {
    fn new() -> Self {
        Self(UserId::new("o"), UserId::new("l"))
    }

    fn test(&self) -> Test<'_> {
        Test { id: "contoso-1", organizer: &self.0, learner: &self.1 }
    }
}

#[tokio::test]
async fn each_act_is_one_signed_post() {
    let server = Server::start(|seen: &Seen| {
        let asked: Value = serde_json::from_str(&seen.body).unwrap();
        let event = json!({ "id": "e", "iCalUId": "uid" });
        let copy = |declined: bool| json!({ "id": "c", "declined": declined });
        Answer::json(
            200,
            match asked["act"].as_str().unwrap() {
                "look" | "invite" => json!({ "event": event, "copy": copy(false) }),
                "decline" => json!({ "event": event, "copy": copy(true) }),
                _ => json!({ "event": null, "copy": null }),
            },
        )
    })
    .await;
    let (kit, people) = (kit(&format!("{}/kit", server.url())), People::new());
    let (test, uid) = (people.test(), ICalUid::new("uid".to_owned()));
    let made = Made { event: EventId::new("e".to_owned()), ical_uid: Some(uid.clone()) };
    assert_eq!(kit.made(test).await, Ok(Some(made.clone())));
    assert_eq!(kit.invite(test, &invitation()).await, Ok(made));
    let copy = kit.copy(test, &uid).await.unwrap().unwrap();
    assert_eq!((copy.event.as_str(), copy.is_declined), ("c", false));
    assert_eq!(kit.decline(test, &copy.event).await, Ok(true));
    assert_eq!(kit.call_off(test, &EventId::new("e".to_owned())).await, Ok(()));

    let seen = server.seen();
    let acts: Vec<&str> = seen.iter().map(|one| one.headers["webhook-id"].as_str()).collect();
    let wanted = ["look", "invite", "look", "decline", "take_away"].map(|act| format!("contoso-1.{act}"));
    assert_eq!(acts, wanted);
    let signer = Signer::new(&kit.secrets);
    for one in &seen {
        let (id, timestamp) = (&one.headers["webhook-id"], &one.headers["webhook-timestamp"]);
        assert_eq!(one.headers["webhook-signature"], signer.sign(id, timestamp.parse().unwrap(), &one.body));
    }
    let asked: Value = serde_json::from_str(&seen[1].body).unwrap();
    let wanted = json!({
        "act": "invite", "test": "contoso-1", "organizer": "learning@contoso.com",
        "learner": "canary@contoso.com", "subject": "Training 999", "body": "A test",
        "start": "2026-11-23T12:00:00Z", "end": "2026-11-23T12:15:00Z",
        "properties": { "Mark": "contoso-1" }
    });
    assert_eq!(asked, wanted);
}

/// What lies, what breaks off and what answers for somebody else is told apart by what helps: waiting, or a
/// person.
#[tokio::test]
async fn what_is_no_answer_is_told_and_not_believed() {
    let long = "x".repeat(MOST);
    let cases = [
        (Answer::json(401, "{}"), true, "compare the secret"),
        (Answer::page(404), true, "not at that address"),
        (Answer::empty(302).with("location", "https://elsewhere.example/"), true, "is not asked there"),
        (Answer::json(500, "{}"), false, "HTTP 500"),
        (Answer::json(204, ""), false, "HTTP 204"),
        (Answer::json(429, "{}"), false, "HTTP 429"),
        (Answer::page(200), false, "it is not JSON"),
        (Answer::json(200, "[]"), false, "none of its answers"),
        (Answer::json(200, r#"{"event": {"id": "e"}, "copy": null}"#), false, "the shape is another"),
        (Answer::json(200, r#"{"event": null, "copy": null, "ana@contoso.com": 1}"#), false, "the shape"),
        (Answer::json(200, r#"{"event": {"id": " ", "iCalUId": "u"}, "copy": null}"#), false, "an id"),
        (
            Answer::json(200, format!(r#"{{"event": null, "copy": null, "more": "{long}"}}"#)),
            false,
            "more than",
        ),
        (Answer::json(200, r#"{"event": null, "copy": null}"#).cut(70), false, "answer"),
        (Answer::empty(200).cut(0), false, "no answer"),
        (Answer::json(200, r#"{"event": null, "copy": null}"#), false, "shows no event"),
    ];
    let people = People::new();
    for (answer, is_final, said) in cases {
        let server = Server::start(move |_| answer.clone()).await;
        let failure = kit(&server.url()).invite(people.test(), &invitation()).await.unwrap_err();
        let told = failure.to_string();
        assert!(told.contains(said) && !told.contains('@'), "{said}: {told}");
        assert_eq!(failure.is_final(), is_final, "{told}");
        assert_eq!(server.seen().len(), 1, "{told}");
    }
    // A port at which nobody listens.
    let away = kit("http://127.0.0.1:1/kit").made(people.test()).await.unwrap_err();
    assert!(!away.is_final() && away.to_string().contains("is not reached"), "{away}");
    let unsigned = OverHttp { secrets: Vec::new(), ..kit("http://127.0.0.1:1/kit") };
    let unasked = unsigned.made(people.test()).await.unwrap_err();
    assert!(unasked.is_final() && unasked.to_string().contains("secret is missing"), "{unasked}");
}

#[tokio::test]
async fn an_act_that_was_not_done_is_none() {
    let shown = json!({ "event": { "id": "e", "iCalUId": "u" }, "copy": { "id": "c", "declined": false } });
    let server = Server::start(move |_| Answer::json(200, &shown)).await;
    let (kit, people) = (kit(&server.url()), People::new());
    let event = EventId::new("e".to_owned());
    let told = kit.decline(people.test(), &event).await.unwrap_err().to_string();
    assert!(told.contains("not declined"), "{told}");
    let told = kit.call_off(people.test(), &event).await.unwrap_err().to_string();
    assert!(told.contains("shows it still"), "{told}");
    assert!(kit.tidy(people.test(), &event).await.is_err());
}
