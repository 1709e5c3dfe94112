//! `[alerts]`: who is told, and what is refused.

use super::*;
use crate::config::warnings::of_alerts;
use crate::ledger::alert_kind::AlertKind;
use crate::ledger::alert_severity::Severity;

const CHANNELS: &str = r#"
[alerts]
channels = ["ops", "mail"]
severity = "warning"
except = ["review"]
[alerts.channel.ops]
webhook = { url = "https://ops.contoso.com/hooks/regrets", secret = { env = "OPS_ALERT_SECRET" } }
[alerts.channel.chat]
webhook = { shape = "teams", url = { env = "TEAMS_WORKFLOW_URL" } }
[alerts.channel.mail]
graph_mail = { tenant = "contoso", from = "regrets@contoso.com", to = ["it@contoso.com", "ops@contoso.com"] }
[alerts.channel.acs]
email = { endpoint = "https://contoso.communication.azure.com", from = "r@mail.contoso.com", to = ["it@contoso.com"] }
[tenant.contoso.alerts]
channels = ["chat"]
remind = "0s"
"#;

const TEAMS: &str = "https://default.logic.azure.com/workflows/1/triggers/manual/paths/invoke?sig=hunter2";

fn whole() -> String {
    minimal("") + CHANNELS
}

fn secrets() -> Env {
    env_with(&[("OPS_ALERT_SECRET", &format!("whsec_{KEY}")), ("TEAMS_WORKFLOW_URL", TEAMS)])
}

fn refused_with(from: &str, to: &str) -> String {
    assert!(whole().contains(from), "{from}");
    let text = whole().replacen(from, to, 1);
    told(&parse("regrets.toml", &text, &secrets()).expect_err(to))
}

#[test]
fn a_tenant_has_what_it_says_and_the_rest_from_the_deployment() {
    let config = parse("regrets.toml", &whole(), &secrets()).unwrap_or_else(|errors| panic!("{errors}"));
    let alerts = &config.alerts;
    assert_eq!(alerts.default.channels, ["ops", "mail"]);
    let (own, other) = (alerts.route(&"contoso".into()), alerts.route(&"fabrikam".into()));
    assert_eq!((own.channels.as_slice(), own.severity), (["chat".to_owned()].as_slice(), Severity::Warning));
    assert!(own.remind.is_zero() && own.digest == Duration::hours(1));
    assert_eq!(other, &alerts.default);
    assert!(own.tells(AlertKind::LmsBreaker) && own.tells(AlertKind::TakeBack));
    assert!(!own.tells(AlertKind::Review), "excepted");
    assert!(!own.tells(AlertKind::DeclinedLate), "not severe enough");
    assert!(!alerts.is_off() && Alerts::default().is_off());
    assert!(alerts.missing.is_empty());
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn what_it_means_is_told_without_secrets() {
    let told = describe(&inspect("regrets.toml", &whole(), &secrets()).meaning.unwrap());
    let told = told.to_string();
    assert!(!told.contains("hunter2") && !told.contains("it@contoso.com"), "{told}");
    let lines: Vec<&str> = told.lines().filter(|line| line.to_lowercase().contains("alerts")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    The channel acs of alerts is mail from r@mail.contoso.com through contoso.communication.azure.com by the app's own managed identity, to one address
    The channel chat of alerts is a webhook of shape teams at default.logic.azure.com
    The channel mail of alerts is mail from regrets@contoso.com in contoso's directory through Graph, to 2 addresses
    The channel ops of alerts is a webhook of shape regrets at ops.contoso.com, signed with one secret
    Alerts of all kinds but review from warning on are told through ops, then mail; what changes more often is told once in 1h, and what stays open is told again after 24h
      Its alerts of all kinds but review from warning on are told through chat; what changes more often is told once in 1h, and none is told again.
    "#);
    let warned = of_alerts(&inspect("regrets.toml", &whole(), &secrets()).meaning.unwrap().alerts);
    assert_eq!(
        warned,
        ["alerts.channel.acs is named in no list of `channels`, so nobody is told through it"]
    );
}

/// It closes no tenant: the channel is passed over, and `check` says why.
#[test]
fn a_channel_without_its_secret_concerns_nobody_else() {
    let env = env_with(&[("TEAMS_WORKFLOW_URL", "http://plain.contoso.com/")]);
    let Inspection { outcome, missing, .. } = inspect("regrets.toml", &whole(), &env);
    let config = outcome.unwrap_or_else(|errors| panic!("{errors}"));
    assert!(!tenant(&config).is_closed() && tenant(&config).missing.is_empty());
    assert_eq!(config.alerts.missing.len(), 2);
    let told = missing.unwrap().to_string();
    assert!(told.contains("OPS_ALERT_SECRET is not set"), "{told}");
    assert!(told.contains("TEAMS_WORKFLOW_URL is no address to post to: it must begin with https"), "{told}");
}

#[test]
fn slips_are_told_with_their_place_and_what_would_be_right() {
    for (from, to, told) in [
        (r#"["ops", "mail"]"#, r#"["ops", "mial"]"#, "did you mean \"mail\"?"),
        (r#"["ops", "mail"]"#, r#"["ops", "ops"]"#, "named twice"),
        (r#"["review"]"#, r#"["reviews"]"#, "did you mean \"review\"?"),
        (r#"except = ["review"]"#, "except = []\nkinds = [\"brake\"]", "exclude each other"),
        (r#""warning""#, r#""warnin""#, "did you mean \"warning\"?"),
        (r#"tenant = "contoso", from"#, r#"tenant = "contosso", from"#, "did you mean \"contoso\"?"),
        (r#""regrets@contoso.com""#, r#""regrets""#, "not an address"),
        (r#"to = ["it@contoso.com", "ops@contoso.com"]"#, "to = []", "nobody would get the mail"),
        (r#", secret = { env = "OPS_ALERT_SECRET" }"#, "", "`secret` is missing"),
        ("https://ops.contoso.com", "http://ops.contoso.com", "it must begin with https"),
        (r#"shape = "teams""#, r#"shape = "team""#, "did you mean \"teams\"?"),
        ("[alerts.channel.chat]", "[alerts.channel.Chat-1]", "not a channel's name"),
        ("remind = \"0s\"", "remid = \"0s\"", "did you mean `remind`?"),
        ("severity = \"warning\"", "digest = \"0s\"", "longer than zero"),
        ("email = {", "webhook = { url = \"https://x.com\" }\nemail = {", "exclude each other"),
    ] {
        let refused = refused_with(from, to);
        assert!(refused.contains(told), "{to}: no {told} in {refused}");
        assert!(refused.contains("regrets.toml:"), "{to}: without a place: {refused}");
    }
}

/// Whoever knows the address of a Teams workflow may post there.
#[test]
fn the_address_of_a_chat_does_not_stand_in_the_file_and_is_not_shown() {
    let refused = refused_with(r#"{ env = "TEAMS_WORKFLOW_URL" }"#, &format!("\"{TEAMS}\""));
    assert!(refused.contains("a secret must not stand in the configuration"), "{refused}");
    assert!(!refused.contains("hunter2"), "{refused}");
}
