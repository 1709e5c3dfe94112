//! The pages as a browser gets them.

use super::*;
use crate::jobs::operate::consent::ask;
use crate::jobs::operate::operator::Attribution;
use crate::jobs::testing::consent::links;
use crate::jobs::testing::{World, contoso};
use crate::ledger::consents::{self, ConsentRequest};
use axum::body::Body;
use axum::http::HeaderMap;
use tower::ServiceExt as _;

struct Site {
    router: Router,
    links: Arc<ConsentLinks>,
    request: ConsentRequest,
    app: Arc<AppContext>,
    world: World,
}

struct Got {
    status: u16,
    headers: HeaderMap,
    text: String,
}

/// A link is out, by somebody of this name.
async fn site(by: &str) -> Site {
    let world = World::new().await;
    world.graph.grant(&["Calendars.Read"]);
    let (links, app) = (links(), Arc::new(world.instance().await));
    let signed = Attribution { by: by.into(), reason: "a new customer".into() };
    let request = ask::ask(&app, &links, world.context(), &signed, false).await.unwrap();
    Site { router: router(Arc::clone(&app), Arc::clone(&links)), links, request, app, world }
}

impl Site {
    async fn get(&self, path: &str) -> Got {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Got { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    fn token(&self) -> String {
        self.links.token(&self.request)
    }

    fn page(&self) -> String {
        format!("/contoso?request={}", self.token())
    }

    fn back(&self, more: &str) -> String {
        format!("/{RETURN}?state={}&{more}", self.token())
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_link_of_ours_there_is_one_answer_whatever_tenants_there_are() {
    let site = site("olga").await;
    let other = ConsentRequest { tenant: "fabrikam".into(), ..site.request.clone() };
    let unknown = ConsentRequest { id: ConsentLinks::chance(), ..site.request.clone() };
    let (other, unknown) = (site.links.token(&other), site.links.token(&unknown));
    let expected = site.get("/nothing").await;
    assert_eq!(expected.status, 404);
    for path in [
        "/contoso".to_owned(),
        "/fabrikam".to_owned(),
        "/CONTOSO".to_owned(),
        "/contoso?request=".to_owned(),
        "/contoso?request=guess".to_owned(),
        format!("/fabrikam?request={}", site.token()),
        format!("/fabrikam?request={other}"),
        format!("/contoso?request={other}"),
        format!("/contoso?request={unknown}"),
        "/a/b/c".to_owned(),
    ] {
        let got = site.get(&path).await;
        assert_eq!((got.status, got.text), (404, expected.text.clone()), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_page_says_what_is_asked_for_and_shows_nothing_else() {
    let site = site("olga").await;
    let got = site.get(&site.page()).await;
    assert_eq!(got.status, 200);
    for shown in [
        "Calendars.Read",
        "User.Read.All",
        "MailboxSettings.Read",
        "olga",
        "lms.contoso.com",
        "11111111-2222-3333-4444-555555555555",
        "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0/adminconsent?",
        "Nobody has answered yet.",
        "mailto:?subject=",
    ] {
        assert!(got.text.contains(shown), "{shown}");
    }
    // A learner, an organizer that is not needed, the LMS's path, a script.
    for hidden in ["ana@", "id-ana", "/hooks/regrets", "<script", "javascript:", "whsec"] {
        assert!(!got.text.contains(hidden), "{hidden}");
    }
    let policy = got.headers["content-security-policy"].to_str().unwrap();
    for part in ["default-src 'none'", "style-src 'sha256-", "form-action 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"));
    assert_eq!(got.headers["referrer-policy"], "no-referrer");
    assert_eq!(got.headers["cache-control"], "no-store");
    assert_eq!(got.headers["content-type"], "text/html; charset=utf-8");
    let style = got.text.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    use base64::Engine as _;
    use sha2::Digest as _;
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style));
    assert!(
        policy.contains(&format!("'sha256-{hash}'")),
        "the style that is served is the one that is let in"
    );
}

#[tokio::test(start_paused = true)]
async fn whatever_an_operator_is_called_is_text() {
    let site = site("<script>alert('x')</script>\" onload=\"x").await;
    let got = site.get(&site.page()).await;
    assert!(!got.text.contains("<script") && !got.text.contains("\" onload=\""), "{}", got.text);
    assert!(got.text.contains("&#60;script&#62;"));
}

#[tokio::test(start_paused = true)]
async fn each_way_back_has_its_page_its_status_and_its_next_step() {
    let directory = "11111111-2222-3333-4444-555555555555";
    for (query, status, heading) in [
        (
            "error=access_denied&error_description=AADSTS90094%3a+x".to_owned(),
            200,
            "This takes an administrator",
        ),
        ("error=server_error&error_description=x".to_owned(), 200, "Microsoft could not ask you"),
        (
            "admin_consent=True&error=consent_required&error_description=AADSTS65004%3a+x".to_owned(),
            200,
            "You said no",
        ),
        (
            "admin_consent=True&tenant=00000000-0000-0000-0000-0000000000aa".to_owned(),
            403,
            "another directory",
        ),
        (format!("admin_consent=True&tenant={directory}"), 200, "now the rights have to arrive"),
        (
            format!("admin_consent=True&tenant={directory}&scope=x%2f.default"),
            200,
            "now the rights have to arrive",
        ),
    ] {
        let site = site("olga").await;
        let got = site.get(&site.back(&query)).await;
        assert_eq!(got.status, status, "{query}");
        assert!(got.text.contains(heading), "{query}: {}", got.text);
        assert!(got.text.contains("To the page of this request"), "{query}");
        assert!(got.headers.contains_key("content-security-policy"));
    }
    let site = site("olga").await;
    for (path, heading) in [
        (format!("/{RETURN}?admin_consent=True"), "This was not begun here"),
        (format!("/{RETURN}?admin_consent=True&state=guess"), "none that we asked for"),
        (site.back("").replace("contoso", "fabrikam"), "none that we asked for"),
    ] {
        let got = site.get(&path).await;
        assert_eq!(got.status, 400, "{path}");
        assert!(got.text.contains(heading), "{path}");
    }
    let yes = site.back(&format!("admin_consent=True&tenant={directory}"));
    site.get(&yes).await;
    let again = site.get(&yes).await;
    assert!(again.status == 409 && again.text.contains("answered before"));
    site.world.clock.advance(chrono::Duration::days(2));
    let signed = Attribution { by: "olga".into(), reason: "again".into() };
    let request = ask::ask(&site.app, &site.links, site.world.context(), &signed, false).await.unwrap();
    site.world.clock.advance(chrono::Duration::days(2));
    let late = site.get(&format!("/{RETURN}?admin_consent=True&state={}", site.links.token(&request))).await;
    assert!(late.status == 410 && late.text.contains("has run out"));
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_looks_again_has_the_rights_looked_for_but_not_without_end() {
    let site = site("olga").await;
    let look = format!("{}&look=1", site.page());
    site.world.graph.all_calls();
    for _ in 0..5 {
        site.get(&look).await;
    }
    assert_eq!(site.world.graph.calls("granted_permissions"), 1);
    site.world.graph.grant(&["Calendars.Read", "User.Read.All"]);
    site.world.clock.advance(answer::LOOK_AGAIN);
    let got = site.get(&look).await;
    assert!(got.text.contains("There is nothing to do: everything is granted."), "{}", got.text);
    assert!(!got.text.contains("/adminconsent?"), "no link that nobody needs");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_forged_links_takes_nobody_else_s_turn() {
    let site = site("olga").await;
    let mut statuses = Vec::new();
    for _ in 0..usize::from(STRANGERS.0) + 5 {
        statuses.push(site.get("/contoso?request=guess").await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), usize::from(STRANGERS.0));
    let busy = site.get(&format!("/{RETURN}?state=guess")).await;
    assert_eq!((busy.status, &busy.headers["retry-after"]), (429, &HeaderValue::from_static("60")));
    assert_eq!(site.get(&site.page()).await.status, 200);
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    assert_eq!(site.get("/contoso?request=guess").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_was_used_or_ran_out_still_says_how_things_stand() {
    let site = site("olga").await;
    site.get(&site.back("error=permission_denied")).await;
    let got = site.get(&site.page()).await;
    assert_eq!(got.status, 200);
    assert!(got.text.contains("Refused") && got.text.contains("This link is good no more."), "{}", got.text);
    assert!(!got.text.contains("/adminconsent?"));
    let row = consents::read(&site.app.ledger, &contoso()).await.unwrap().unwrap();
    assert_eq!(row.state, ConsentState::Refused);
}

#[tokio::test(start_paused = true)]
async fn the_pages_of_a_tenant_that_is_switched_off_say_so_and_promise_no_look() {
    let mut site = site("olga").await;
    site.world.tenant.active = false;
    site.app = Arc::new(site.world.instance().await);
    site.router = router(Arc::clone(&site.app), Arc::clone(&site.links));
    site.world.graph.all_calls();
    let got = site.get(&format!("{}&look=1", site.page())).await;
    assert!(got.status == 200 && got.text.contains("switched this connection off"), "{}", got.text);
    assert!(got.text.contains("/adminconsent?") && !got.text.contains("Look again"), "{}", got.text);
    let got = site.get(&site.back("admin_consent=True")).await;
    assert!(got.status == 200 && got.text.contains("switched this connection off"), "{}", got.text);
    assert!(got.text.contains("Thank you") && !got.text.contains("five"), "{}", got.text);
    assert!(site.world.graph.all_calls().is_empty(), "nobody is called");
}
