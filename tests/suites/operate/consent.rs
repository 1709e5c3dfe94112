//! Admin consent end to end: the link of the command, our page, Entra's page in both forms, and back; what is
//! forged, replayed or late; withdrawn while everything runs, and approved by somebody else.

use crate::{regrets, stage};
use serde_json::Value;
use simulator::stage::{Setup, Stage};
use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;
use suites::{address, alerts, becomes, decline, invite, known, setup, status, wait_until, watched};

const ALL: [&str; 3] = ["Calendars.Read", "User.Read.All", "GroupMember.Read.All"];

/// Nothing is granted yet. A planning round every second, and tokens that live for some.
fn asking(names: &[&str]) -> Setup {
    let mut setup = setup(names);
    setup.plans = Some("* * * * * *");
    setup.options.token_lifetime = Duration::from_secs(4);
    setup
}

fn all() -> Vec<String> {
    ALL.map(str::to_owned).to_vec()
}

/// What `regrets consent` says, as data.
async fn consent(stage: &Stage, more: &[&str]) -> Value {
    let mut command = tokio::process::Command::new(regrets());
    command.args(["consent", "--json", "--by", "olga"]).args(more).env_clear();
    command.env("REGRETS_URL", &stage.url).env("REGRETS_ADMIN_KEY", &stage.key);
    command.current_dir(stage.root.parent().unwrap()).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {value}"))
}

/// An administrator's browser.
struct Browser(reqwest::Client);

impl Browser {
    fn of(stage: &Stage) -> Self {
        Self(stage.simulator.http())
    }

    async fn get(&self, url: &str) -> (u16, String) {
        let answer = self.0.get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Goes to Microsoft's page, presses a button there, and gives where the browser is sent.
    async fn press(&self, microsoft: &str, button: &str) -> String {
        let (status, page) = self.get(microsoft).await;
        assert_eq!(status, 200, "{page}");
        let form = [("answer", button)];
        let answer = self.0.post(microsoft).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 302);
        answer.headers()["location"].to_str().unwrap().to_owned()
    }
}

async fn stands(stage: &Stage, state: &str) {
    wait_until(stage, &format!("the consent is {state}"), || async {
        let now = status(stage, "/consent").await;
        if now["state"] == state { Ok(()) } else { Err(now.to_string()) }
    })
    .await;
}

async fn alerted(stage: &Stage, kind: Option<&str>) {
    wait_until(stage, &format!("{kind:?} is the alert about consent"), || async {
        let open = alerts(stage).await;
        let open: Vec<&str> =
            open.iter().map(String::as_str).filter(|one| one.starts_with("consent")).collect();
        if open.as_slice() == kind.as_slice() { Ok(()) } else { Err(format!("{open:?}")) }
    })
    .await;
}

/// The older form of Microsoft's page, of the same request.
fn older(microsoft: &str) -> String {
    let mut url: reqwest::Url = microsoft.replace("/v2.0/adminconsent", "/adminconsent").parse().unwrap();
    let kept: BTreeMap<String, String> =
        url.query_pairs().into_owned().filter(|(name, _)| name != "scope").collect();
    url.query_pairs_mut().clear().extend_pairs(kept);
    url.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_link_to_the_first_cancelled_decline_and_through_a_withdrawal() {
    let names = ["ana", "ben"];
    let stage = stage(asking(&names), |world| {
        invite(world, "4711", &names);
        world.edit_tenant("contoso.com", |tenant| {
            tenant.app.withdraw(&all());
            tenant.app.propagation = chrono::Duration::seconds(3);
        });
    })
    .await;
    let world = stage.simulator.world();
    let browser = Browser::of(&stage);
    alerted(&stage, Some("consent-missing")).await;

    let asked = consent(&stage, &[]).await;
    assert_eq!(text(&asked, "/link/by"), "olga");
    let (status, page) = browser.get(text(&asked, "/link/page")).await;
    assert!(
        status == 200 && page.contains("GroupMember.Read.All") && page.contains("New-ManagementScope"),
        "{page}"
    );
    assert!(names.iter().all(|name| !page.contains(&address(name))), "{page}");
    let back = browser.press(text(&asked, "/link/microsoft"), "accept").await;
    let (status, page) = browser.get(&back).await;
    assert!(status == 200 && page.contains("now the rights have to arrive"), "{page}");
    let (status, page) = browser.get(&back).await;
    assert!(status == 409 && page.contains("answered before"), "{page}");
    stands(&stage, "granted").await;
    alerted(&stage, None).await;
    watched(&stage, 2).await;
    known(&stage, 2).await;
    decline(world, "ana", "4711");
    becomes(&stage, "4711", "ana", "done declined/organizer-copy done; gone, 1 effects").await;

    // Withdrawn while it runs; a learner declines into the gap, and the response mail is read by nobody.
    world.edit_tenant("contoso.com", |tenant| tenant.app.withdraw(&all()));
    alerted(&stage, Some("consent-withdrawn")).await;
    stands(&stage, "withdrawn").await;
    decline(world, "ben", "4711");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(world.is_enrolled("4711", &address("ben")), "nothing is cancelled on a guess");
    // A second administrator, in the portal, with nobody pressing anything here.
    let now = chrono::Utc::now();
    world.edit_tenant("contoso.com", |tenant| tenant.app.grant(&all(), now));
    stands(&stage, "granted").await;
    alerted(&stage, None).await;
    becomes(&stage, "4711", "ben", "done declined/organizer-copy done; gone, 1 effects").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_back_is_told_apart_in_both_forms_of_microsofts_page() {
    let mut setup = asking(&["ana"]);
    setup.env.push(("REGRETS__CONSENT__LIFETIME", Some("20s".to_owned())));
    let stage = stage(setup, |world| {
        world.edit_tenant("contoso.com", |tenant| tenant.app.withdraw(&all()));
    })
    .await;
    let browser = Browser::of(&stage);
    let says = |got: (u16, String), status: u16, words: &str| {
        assert!(got.0 == status && got.1.contains(words), "{status} {words}: {} {}", got.0, got.1);
    };
    for v1 in [false, true] {
        let asked = consent(&stage, &["--new"]).await;
        let microsoft = text(&asked, "/link/microsoft").to_owned();
        let microsoft = if v1 { older(&microsoft) } else { microsoft };
        let back = browser.press(&microsoft, "not-admin").await;
        says(browser.get(&back).await, 200, "This takes an administrator");
        // The link is still good; and the same answer, said of another directory, is not taken.
        let back = browser.press(&microsoft, "cancel").await;
        says(browser.get(&back).await, 200, "You said no");
        says(browser.get(&back).await, 409, "answered before");
        stands(&stage, "refused").await;
    }
    let asked = consent(&stage, &["--new"]).await;
    let microsoft = older(text(&asked, "/link/microsoft"));
    let back = browser.press(&microsoft, "accept").await;
    // As another browser would have it that was elsewhere: nothing of it is believed.
    stage.simulator.world().edit_tenant("contoso.com", |tenant| tenant.app.withdraw(&all()));
    let mut elsewhere: reqwest::Url = back.parse().unwrap();
    let directory = "00000000-0000-0000-0000-0000000000aa".to_owned();
    let pairs: Vec<(String, String)> = elsewhere
        .query_pairs()
        .into_owned()
        .map(|(name, value)| if name == "tenant" { (name, directory.clone()) } else { (name, value) })
        .collect();
    elsewhere.query_pairs_mut().clear().extend_pairs(pairs);
    says(browser.get(elsewhere.as_str()).await, 403, "another directory");
    says(browser.get(&back).await, 409, "answered before");

    let forged = back.replace("contoso", "fabrikam");
    says(browser.get(&forged).await, 400, "none that we asked for");
    says(
        browser.get(&format!("{}/api/consent/-/return?admin_consent=True", stage.url)).await,
        400,
        "not begun here",
    );
    let (unknown, known) = ("/api/consent/fabrikam", "/api/consent/contoso");
    let [unknown, known] = [unknown, known].map(|path| format!("{}{path}", stage.url));
    assert_eq!(browser.get(&unknown).await, browser.get(&known).await, "which tenants there are is not told");
    assert_eq!(browser.get(&known).await.0, 404);

    let asked = consent(&stage, &["--new"]).await;
    let late = text(&asked, "/link/microsoft");
    tokio::time::sleep(Duration::from_secs(21)).await;
    let back = browser.press(late, "cancel").await;
    says(browser.get(&back).await, 410, "has run out");
    stands(&stage, "expired").await;
}
