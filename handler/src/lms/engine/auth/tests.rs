use super::testing::{RotatingLms, header, place, signing_in, token_request};
use super::token_store::MemoryTokenStore;
use super::*;
use crate::enrolment::lms_answer::{LmsOutcome, Place as Shown, Reach};
use crate::lms::Connector as _;
use crate::lms::engine::testing::{Answer, Lms, Seen, Server, budget, engine, file, order, path, rule, text};
use crate::lms::engine::trace::{SeenAnswer, SeenRequest, Trace};
use crate::lms::recipe::auth::TokenKind;
use crate::lms::recipe::rule::{RuleTest, Test};
use crate::lms::recipe::step::{Body, JsonBody};
use crate::lms::recipe::words::{StepOutcome, Verdict};
use futures::future::join_all;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Gives out `t0`, `t1`, …, and takes only the last one.
struct Issuer {
    issued: AtomicUsize,
    lms: Arc<Lms>,
}

impl Issuer {
    fn new() -> Arc<Self> {
        Arc::new(Self { issued: AtomicUsize::new(0), lms: Lms::showing("held") })
    }

    fn issued(&self) -> usize {
        self.issued.load(Ordering::SeqCst)
    }

    fn answer(&self, seen: &Seen) -> Answer {
        if seen.target == "/token" {
            let number = self.issued.fetch_add(1, Ordering::SeqCst);
            return Answer::json(200, format!(r#"{{"access_token": "t{number}", "expires_in": "3600"}}"#));
        }
        let wanted = format!("Bearer t{}", self.issued().saturating_sub(1));
        match seen.headers.get("authorization") == Some(&wanted) {
            true => self.lms.answer(seen),
            false => Answer::json(401, "{}"),
        }
    }
}

#[tokio::test]
async fn one_token_serves_all_and_is_fetched_once() {
    let issuer = Issuer::new();
    let knows = Arc::clone(&issuer);
    let server = Server::start(move |seen| knows.answer(seen)).await;
    let fields = [("grant_type", "client_credentials"), ("client_secret", "{{ settings.token }}")];
    let engine = engine(signing_in(token_request(TokenKind::ClientCredentials, &fields)), &server);
    let order = order();
    let places = join_all((0..20).map(|_| engine.place(&order.session, &order.learner, budget()))).await;
    assert!(places.iter().all(|place| *place == crate::enrolment::lms_answer::Place::Given));
    assert_eq!(issuer.issued(), 1);
    let asked = server.seen().into_iter().find(|seen| seen.target == "/token").unwrap();
    assert_eq!(asked.body, "grant_type=client_credentials&client_secret=s3cret-token");
}

#[tokio::test]
async fn a_token_that_is_refused_is_fetched_anew_once() {
    // Revoked after the place was read: the write is refused, and sent again with another token.
    let issuer = Issuer::new();
    let knows = Arc::clone(&issuer);
    let revoked = AtomicUsize::new(0);
    let server = Server::start(move |seen: &Seen| {
        if seen.target == "/cancel" && revoked.fetch_add(1, Ordering::SeqCst) == 0 {
            return Answer::json(401, "{}");
        }
        knows.answer(seen)
    })
    .await;
    let engine = engine(signing_in(token_request(TokenKind::ClientCredentials, &[])), &server);
    let reply = engine.cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, issuer.issued(), issuer.lms.writes()), (LmsOutcome::Done, 2, 1), "{reply:?}");
}

#[tokio::test]
async fn a_credential_that_is_refused_again_is_broken() {
    let issuer = Issuer::new();
    let knows = Arc::clone(&issuer);
    let server = Server::start(move |seen: &Seen| match seen.target.as_str() {
        "/token" => knows.answer(seen),
        _ => Answer::json(401, r#"{"message": "token s3cret-token is bad"}"#),
    })
    .await;
    let engine = engine(signing_in(token_request(TokenKind::ClientCredentials, &[])), &server);
    for _ in 0..3 {
        let reply = engine.cancel(&order(), budget()).await;
        assert_eq!(
            (reply.outcome, reply.reach),
            (LmsOutcome::CredentialBroken, Reach::NotReached),
            "{reply:?}"
        );
        assert!(!reply.message.unwrap().contains("s3cret"));
    }
    assert_eq!(issuer.issued(), 2, "a refusal is no storm on whoever gives out tokens");
}

#[tokio::test]
async fn what_a_token_request_is_answered_decides() {
    let grant = |then| {
        let error = Test::Is { value: text("locked"), ignore_case: false };
        vec![rule(&[400], vec![RuleTest::At(path("$.error"), error)], Verdict::Outcome(then))]
    };
    for (answer, expected) in [
        (Answer::json(400, r#"{"error": "invalid_client"}"#), LmsOutcome::CredentialBroken),
        (Answer::json(401, "{}"), LmsOutcome::CredentialBroken),
        (Answer::json(400, r#"{"error": "locked"}"#), LmsOutcome::Outage),
        (Answer::json(500, "{}"), LmsOutcome::Outage),
        (Answer::json(429, "{}"), LmsOutcome::Outage),
        (Answer::page(200), LmsOutcome::Outage),
        (Answer::json(404, "{}"), LmsOutcome::Unexpected),
        (Answer::json(200, "{}"), LmsOutcome::Unexpected),
        (Answer::empty(302).with("location", "https://evil.example/"), LmsOutcome::Unexpected),
        (Answer::empty(200).cut(0), LmsOutcome::Outage),
    ] {
        let said = answer.clone();
        let server = Server::start(move |_| said.clone()).await;
        let mut token = token_request(TokenKind::ClientCredentials, &[]);
        token.rules = grant(StepOutcome::Retry);
        let reply = engine(signing_in(token), &server).cancel(&order(), budget()).await;
        assert_eq!((reply.outcome, reply.reach), (expected, Reach::NotReached), "{answer:?} {reply:?}");
    }
}

#[tokio::test]
async fn fixed_credentials_stand_in_each_request() {
    for (auth, name, expected) in [
        (Auth::Fixed(header("Token {{ settings.token }}")), "authorization", "Token s3cret-token"),
        (
            Auth::Basic { user: text("api"), password: text("{{ settings.token }}") },
            "authorization",
            "Basic YXBpOnMzY3JldC10b2tlbg==",
        ),
    ] {
        let lms = Lms::showing("held");
        let server = Server::start(move |seen| lms.answer(seen)).await;
        let mut file = file();
        file.auth = auth;
        let reply = engine(file, &server).cancel(&order(), budget()).await;
        assert_eq!(reply.outcome, LmsOutcome::Done);
        assert!(server.seen().iter().all(|seen| seen.headers[name] == expected));
    }
}

#[tokio::test]
async fn a_login_gives_a_token_a_header_or_a_cookie() {
    let login = |token, placement| {
        let body = Body::Json(JsonBody::Object(vec![
            ("user".to_owned(), JsonBody::Text(text("api"))),
            ("password".to_owned(), JsonBody::Text(text("{{ settings.token }}"))),
        ]));
        TokenRequest { token, placement, body, lifetime: None, ..token_request(TokenKind::Login, &[]) }
    };
    for (token, placement, name, expected) in [
        (TokenAt::Json(path("$")), header("{{ auth.token }}"), "authorization", "abc"),
        (TokenAt::Header("x-token".to_owned()), header("{{ auth.token }}"), "authorization", "h1"),
        (
            TokenAt::Cookie("JSESSIONID".to_owned()),
            Placement::Cookie { name: "JSESSIONID".to_owned() },
            "cookie",
            "JSESSIONID=c1",
        ),
    ] {
        let lms = Lms::showing("held");
        let server = Server::start(move |seen: &Seen| match seen.target.as_str() {
            "/token" => Answer::json(200, "\"abc\"")
                .with("x-token", "h1")
                .with("set-cookie", "JSESSIONID=c0; Path=/old")
                .with("set-cookie", "JSESSIONID=c1; Path=/; HttpOnly"),
            _ => lms.answer(seen),
        })
        .await;
        let reply = engine(signing_in(login(token, placement)), &server).cancel(&order(), budget()).await;
        assert_eq!(reply.outcome, LmsOutcome::Done, "{reply:?}");
        let seen = server.seen();
        assert_eq!(seen[0].body, r#"{"user":"api","password":"s3cret-token"}"#);
        assert_eq!(seen.last().unwrap().headers[name], expected);
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_replaced_is_what_the_next_instance_sends() {
    let lms = RotatingLms::start().await;
    let store: Arc<dyn TokenStore> = Arc::new(MemoryTokenStore::default());
    for _ in 0..3 {
        assert_eq!(place(&lms.connection("contoso", "r0", store.clone())).await, Shown::Given);
    }
    assert_eq!(lms.sent(), ["r0", "r1", "r2"]);
    // Another one is configured: what descends from the old one counts no more.
    assert_eq!(place(&lms.connection("contoso", "r3", store.clone())).await, Shown::Given);
    assert_eq!(place(&lms.connection("contoso", "r3", store)).await, Shown::Given);
    assert_eq!(lms.sent()[3..], ["r3", "r4"]);
}

#[tokio::test]
async fn a_refused_refresh_token_breaks_the_credential_and_is_not_sent_again_at_once() {
    let lms = RotatingLms::start().await;
    let engine = lms.connection("contoso", "somebody else's", Arc::new(MemoryTokenStore::default()));
    for _ in 0..2 {
        let reply = engine.cancel(&order(), budget()).await;
        assert_eq!(reply.outcome, LmsOutcome::CredentialBroken, "{reply:?}");
    }
    assert_eq!(lms.sent().len(), 1);
}

/// Keeps what it is told.
#[derive(Default)]
struct Kept(Mutex<Vec<String>>);

impl Trace for Kept {
    fn request(&self, seen: &SeenRequest) {
        let (recipe, step) = (seen.recipe, &seen.step);
        self.0.lock().unwrap().push(format!("{recipe}.{step} {} {} {:?}", seen.url, seen.body, seen.headers));
    }

    fn answer(&self, seen: &SeenAnswer) {
        self.0
            .lock()
            .unwrap()
            .push(format!("{:?} {} {} {:?}", seen.status, seen.note, seen.body, seen.headers));
    }
}

#[tokio::test]
async fn requests_for_tokens_are_shown_without_any_token() {
    let lms = RotatingLms::start().await;
    let store: Arc<dyn TokenStore> = Arc::new(MemoryTokenStore::default());
    for _ in 0..2 {
        let kept = Arc::new(Kept::default());
        let engine = lms.connection("contoso", "r0", store.clone()).with_trace(kept.clone());
        assert_eq!(place(&engine).await, Shown::Given);
        let told = kept.0.lock().unwrap().clone();
        assert!(told[0].starts_with("auth.token http://127.0.0.1") && told[0].contains("/token"), "{told:?}");
        let answer = r#"ok {"access_token":"***","expires_in":600,"refresh_token":"***"} []"#;
        assert_eq!(told[1], format!("Some(200) {answer}"));
    }
    // Too short to be blotted out of the request; of this length it is.
    let long = "somebody-else's-token";
    let kept = Arc::new(Kept::default());
    let engine = lms.connection("contoso", long, Arc::new(MemoryTokenStore::default()));
    let engine = engine.with_trace(kept.clone());
    assert_eq!(place(&engine).await, Shown::Unknown);
    let told = kept.0.lock().unwrap().join("\n");
    assert!(told.contains(r#"{"error":"invalid_grant"}"#) && told.contains("refresh_token=***"), "{told}");
    assert!(!told.contains("somebody"), "{told}");
}

#[tokio::test]
async fn a_request_for_a_token_counts_in_the_rate() {
    let issuer = Issuer::new();
    let knows = Arc::clone(&issuer);
    let server = Server::start(move |seen| knows.answer(seen)).await;
    let engine = engine(signing_in(token_request(TokenKind::ClientCredentials, &[])), &server);
    let all = crate::lms::rate_limit::Share { requests: 0, until: tokio::time::Instant::now() };
    engine.keep_to(all);
    let order = order();
    assert_eq!(engine.place(&order.session, &order.learner, budget()).await, Shown::Unknown);
    assert_eq!((issuer.issued(), server.lines().len()), (0, 0), "nothing is asked beyond the share");
}
