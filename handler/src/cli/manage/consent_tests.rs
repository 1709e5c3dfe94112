use super::*;

fn consent(state: &str, link: bool) -> Consent {
    let at = "2026-11-21T10:00:00.000Z";
    let link = link.then(|| {
        json!({ "page": "https://regrets.example/api/consent/contoso?request=k1.contoso.r.m",
            "microsoft": "https://login.microsoftonline.com/1111/v2.0/adminconsent?state=k1.contoso.r.m",
            "by": "olga", "at": at, "until": "2026-11-22T10:00:00.000Z" })
    });
    serde_json::from_value(json!({
        "tenant": "contoso", "state": state, "since": at, "granted": null,
        "permissions": ["Calendars.Read"], "missing": ["User.Read.All"], "withdrawn": [], "excess": [],
        "looked": at, "link": link, "redirect_uri": "https://regrets.example/api/consent/-/return",
        "needed": [
            { "name": "Calendars.Read", "given": "exchange", "optional": false, "why": "see who declined",
              "allows": "read", "does_not_allow": "write" },
            { "name": "User.Read.All", "given": "entra", "optional": false, "why": "tell whose an address is",
              "allows": "read", "does_not_allow": "write" },
        ],
        "powershell": "Connect-ExchangeOnline\n\nTest",
    }))
    .unwrap()
}

#[test]
fn the_link_is_given_with_what_it_asks_for() {
    insta::assert_snapshot!(tell(&consent("asked", true), &chrono::Utc));
}

#[test]
fn where_no_link_is_out_it_says_how_to_make_one() {
    let told = tell(&consent("granted", false), &chrono::Utc);
    assert!(told.contains("No link is out; --new makes one.") && !told.contains("https://login"), "{told}");
}

#[test]
fn whoever_names_nobody_is_called_as_the_system_calls_them() {
    let by = |given: Option<&str>, env: &[(&str, &str)]| {
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut args = vec!["regrets"];
        args.extend(given.into_iter().flat_map(|by| ["--by", by]));
        let args = <ConsentCommand as clap::Parser>::try_parse_from(args).unwrap().args;
        args.by_default(&env).by.unwrap()
    };
    assert_eq!(by(Some("olga"), &[("USER", "root")]), "olga");
    assert_eq!(by(None, &[("USER", "root")]), "root");
    assert_eq!(by(None, &[]), NOBODY);
}

#[derive(clap::Parser)]
struct ConsentCommand {
    #[command(flatten)]
    args: ConsentArgs,
}

#[test]
fn of_a_tenant_that_is_switched_off_the_link_is_given_and_that_is_said() {
    let off_since = Some("2026-11-20T08:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().into());
    let off = Consent { active: false, off_since, ..consent("asked", true) };
    let told = tell(&off, &chrono::Utc);
    let line = "  off         active = false since 2026-11-20 08:00:00+00:00: a link may be answered, and \
                nobody looks for the rights until the tenant is on again\n";
    assert!(told.contains(line) && told.contains("https://login"), "{told}");
    let never = Consent { off_since: None, ..off };
    assert!(tell(&never, &chrono::Utc).contains("  off         active = false: a link may"));
}
