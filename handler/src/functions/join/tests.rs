//! The page as a browser gets it, and as a program does.

use super::*;
use crate::config::{Publish, PublishSource};
use crate::ids::{LearnerKey, SessionId};
use crate::jobs::testing::join::join_links;
use crate::jobs::testing::tables::Count;
use crate::jobs::testing::{ORGANIZER, World, address, contoso};
use crate::ledger::source_places::{self, SourcePlace};
use crate::ledger::source_sessions::{self, SourceSession};
use crate::publishing::policy::{Join, JoinWho, PublishState, Publisher, Publishing};
use crate::publishing::testing::{at, record, session};
use crate::sessions::place_record::RecordState;
use crate::sessions::session::{Session, SessionState};
use crate::sessions::vanish_brake::VanishLimits;
use axum::body::Body;
use chrono::TimeDelta;
use tower::ServiceExt as _;

fn publish(state: PublishState, who: Option<JoinWho>) -> Publish {
    Publish {
        publisher: Publisher {
            policy: Publishing { state, ..Publishing::default() },
            join: who.map(|who| Join { who, opens: TimeDelta::minutes(10) }),
            ..Publisher::new(address(ORGANIZER))
        },
        source: PublishSource::Lms,
        only: None,
        vanish: VanishLimits::default(),
        every: TimeDelta::hours(1),
    }
}

struct Site {
    world: World,
    router: Router,
}

struct Got {
    status: u16,
    headers: HeaderMap,
    text: String,
}

const PRESSED: [(&str, &str); 3] =
    [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-user", "?1")];

impl Site {
    /// Ana holds a place in a session from ten to eleven; it is five past ten.
    async fn new() -> Self {
        let publish = publish(PublishState::On, Some(JoinWho::Everyone));
        let world = World::with(|tenant| tenant.publish = Some(publish)).await;
        let router = router(Arc::new(world.instance().await));
        let site = Self { world, router };
        site.shows(&session(10)).await;
        site.holds(RecordState::Held).await;
        site.world.clock.set(at(10, 5));
        site
    }

    async fn shows(&self, session: &Session) {
        let row = SourceSession::new(session.clone(), at(7, 0));
        let ledger = &self.world.app.ledger;
        source_sessions::update(ledger, &contoso(), &session.id, |_| Some(row.clone())).await.unwrap();
    }

    async fn holds(&self, state: RecordState) {
        let (session, learner) = (SessionId::new("4711"), LearnerKey::new("ana@contoso.com"));
        let mut row = SourcePlace::new(session.clone(), learner.clone(), at(7, 0));
        row.place.learn(record("r1", "ana", state));
        let ledger = &self.world.app.ledger;
        source_places::update_read(ledger, &contoso(), (&session, &learner), None, |_| Some(row.clone()))
            .await
            .unwrap();
    }

    /// Another instance, of this configuration and these keys.
    async fn becomes(&mut self, publish: Option<Publish>, keys: &str) {
        self.world.tenant.publish = publish;
        let mut app = self.world.instance().await;
        app.join = Some(Arc::new(join_links(keys)));
        self.router = router(Arc::new(app));
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Got {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Got { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn get(&self, path: &str) -> Got {
        self.ask("GET", path, &[]).await
    }

    /// The button.
    async fn press(&self) -> Got {
        self.ask("GET", &format!("{}?go", path("k1", "contoso", "ana@contoso.com")), &PRESSED).await
    }
}

fn path(keys: &str, tenant: &str, learner: &str) -> String {
    let part = &session(10).parts[0].id;
    let link = join_links(keys).link(&tenant.into(), &"4711".into(), part, &learner.into());
    link.address.path().strip_prefix("/api/join").unwrap().to_owned()
}

fn ana() -> String {
    path("k1", "contoso", "ana@contoso.com")
}

const MEETING: &str = "https://example.com/join";

#[tokio::test(start_paused = true)]
async fn one_click_on_the_page_leads_on_and_tells_the_meeting_nothing() {
    let site = Site::new().await;
    let page = site.get(&ana()).await;
    assert_eq!(page.status, 200);
    for shown in ["First aid", "1 March 2027, 10:00 to 11:00", "Europe/London (UTC+00:00)", "example.com"] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    assert!(page.text.contains("href=\"?go\"") && !page.text.contains(MEETING), "{}", page.text);
    for hidden in ["<script", "ana@", "4711", "<form", "http-equiv"] {
        assert!(!page.text.contains(hidden), "{hidden}");
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let led = site.press().await;
    assert_eq!((led.status, led.text.as_str()), (302, ""));
    assert_eq!(led.headers["location"], MEETING);
    for headers in [&page.headers, &led.headers] {
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["x-robots-tag"], "noindex, nofollow");
    }
}

/// Whatever a mail filter, a chat or a browser fetches by itself learns no meeting's address.
#[tokio::test(start_paused = true)]
async fn a_program_that_looks_at_the_address_is_not_led_on() {
    let site = Site::new().await;
    let go = format!("{}?go", ana());
    for (method, path, headers) in [
        ("GET", ana(), vec![]),
        ("GET", ana(), PRESSED.to_vec()),
        ("HEAD", ana(), vec![]),
        ("HEAD", go.clone(), vec![]),
        ("HEAD", go.clone(), PRESSED.to_vec()),
        ("GET", format!("{}?gone&x=go", ana()), PRESSED.to_vec()),
        ("GET", go.clone(), vec![("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")]),
        ("GET", go.clone(), vec![("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]),
        ("GET", go.clone(), vec![("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "no-cors")]),
        ("GET", go.clone(), [PRESSED.to_vec(), vec![("sec-purpose", "prefetch;prerender")]].concat()),
        ("GET", go.clone(), vec![("purpose", "prefetch")]),
        ("GET", go.clone(), vec![("x-moz", "prefetch")]),
    ] {
        let got = site.ask(method, &path, &headers).await;
        assert_eq!((got.status, got.headers.get("location")), (200, None), "{method} {path} {headers:?}");
        assert!(!got.text.contains(MEETING));
    }
    // An old browser says nothing of where it comes from.
    assert_eq!(site.get(&format!("{}?go=1", ana())).await.status, 302);
}

#[tokio::test(start_paused = true)]
async fn before_after_and_without_a_place_it_says_so_and_leads_nowhere() {
    let site = Site::new().await;
    site.world.clock.set(at(9, 49));
    let early = site.press().await;
    assert!(early.text.contains("opens on Monday, 1 March 2027, 09:50 (Europe/London)"), "{}", early.text);
    assert!(early.text.contains("<dt>Opens</dt><dd>Monday, 1 March 2027, 09:50</dd>"), "{}", early.text);
    site.world.clock.set(at(11, 0));
    let late = site.press().await;
    site.world.clock.set(at(10, 0));
    site.holds(RecordState::Cancelled).await;
    let lost = site.press().await;
    site.holds(RecordState::Held).await;
    site.shows(&Session { state: SessionState::Cancelled, ..session(10) }).await;
    let cancelled = site.press().await;
    let mut without = session(10);
    without.parts[0].link = None;
    site.shows(&without).await;
    let no_link = site.press().await;
    // What was kept of it is gone.
    source_sessions::forget(&site.world.app.ledger, &contoso(), &"4711".into()).await.unwrap();
    let forgotten = site.press().await;
    for (got, heading) in [
        (early, "It is not open yet"),
        (late, "It is over"),
        (lost, "You don&#39;t hold a place"),
        (cancelled, "It is cancelled"),
        (no_link, "There is no link"),
        (forgotten, "Nothing is known of this appointment any more"),
    ] {
        assert_eq!((got.status, got.headers.get("location")), (200, None), "{heading}");
        assert!(got.text.contains(heading) && !got.text.contains("?go"), "{heading}: {}", got.text);
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_is_no_way_in_has_one_answer_and_no_table_is_read_for_it() {
    let mut site = Site::new().await;
    let expected = site.get("/nothing").await;
    assert_eq!(expected.status, 404);
    let unsigned = ana().replace("/k1.", "/");
    let strangers = [
        "/".to_owned(),
        "/%FF".to_owned(),
        "/a/b".to_owned(),
        unsigned,
        format!("{}A", ana()),
        ana().replace("contoso", "fabrikam"),
        path("k2", "contoso", "ana@contoso.com"),
        // Signed, and no tenant of ours.
        path("k1", "fabrikam", "ana@contoso.com"),
    ];
    let off = [
        None,
        Some(publish(PublishState::Off, Some(JoinWho::Everyone))),
        Some(publish(PublishState::On, None)),
        Some(publish(PublishState::On, Some(JoinWho::Instructors))),
        Some(publish(PublishState::On, Some(JoinWho::Primary))),
    ];
    let nothing = Count { gets: 0, scans: 0, writes: 0 };
    let on = Some(publish(PublishState::On, Some(JoinWho::Everyone)));
    for (publish, paths) in off
        .into_iter()
        .map(|publish| (publish, [&strangers[..], &[ana()]].concat()))
        .chain([(on.clone(), strangers.to_vec())])
    {
        site.becomes(publish, "k1").await;
        site.world.tables.count();
        for path in paths {
            let got = site.ask("GET", &format!("{path}?go"), &PRESSED).await;
            assert_eq!((got.status, &got.text), (404, &expected.text), "{path}");
        }
        assert_eq!(site.world.tables.count(), nothing);
    }
    assert_eq!(site.press().await.status, 302);
    assert_eq!(site.world.tables.count(), Count { gets: 3, ..nothing });
    site.world.tenant.active = false;
    site.becomes(on, "k1").await;
    assert_eq!(site.press().await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn what_an_older_key_signed_still_opens() {
    let mut site = Site::new().await;
    let publish = site.world.tenant.publish.clone();
    site.becomes(publish.clone(), "k2,k1").await;
    assert_eq!(site.press().await.status, 302);
    site.becomes(publish, "k2").await;
    assert_eq!(site.press().await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn it_speaks_the_readers_language_and_says_which() {
    let site = Site::new().await;
    for (accepts, language, shown) in [
        ("de-AT,de;q=0.9,en;q=0.5", "de", "Montag, 1. März 2027, 10:00 bis 11:00 Uhr"),
        ("fr,en;q=0.1", "en", "Monday, 1 March 2027, 10:00 to 11:00"),
    ] {
        let got = site.ask("GET", &ana(), &[("accept-language", accepts)]).await;
        assert!(got.text.contains(&format!("<html lang=\"{language}\">")) && got.text.contains(shown));
        assert_eq!(got.headers["content-language"], language);
        assert_eq!(got.headers["vary"], "accept-language");
    }
    let got = site.ask("GET", "/nothing", &[("accept-language", "de")]).await;
    assert!(got.status == 404 && got.text.contains("Diese Seite gibt es nicht"));
}

#[tokio::test(start_paused = true)]
async fn whatever_a_session_is_called_is_text() {
    let site = Site::new().await;
    let title = "<script>alert('x')</script>\" onload=\"x".to_owned();
    site.shows(&Session { title, ..session(10) }).await;
    let got = site.get(&ana()).await;
    assert!(!got.text.contains("<script") && got.text.contains("&#60;script&#62;"), "{}", got.text);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_forged_tokens_takes_nobody_else_s_turn() {
    let site = Site::new().await;
    let mut statuses = Vec::new();
    for _ in 0..usize::from(STRANGERS.0) + 5 {
        statuses.push(site.get("/guess").await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), usize::from(STRANGERS.0));
    let busy = site.get("/guess").await;
    assert_eq!((busy.status, busy.headers["retry-after"].to_str().unwrap()), (429, "60"));
    assert_eq!(site.press().await.status, 302);
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    assert_eq!(site.get("/guess").await.status, 404);
}
