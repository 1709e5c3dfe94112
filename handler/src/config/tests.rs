//! The rules of the design's section 7, seen from outside: what is taken, what is refused, and in which words.

use super::*;
use secrecy::ExposeSecret as _;

/// 32 bytes.
const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

pub(super) fn env() -> Env {
    [
        ("CONTOSO_CLIENT_SECRET", "s3cret"),
        ("CONTOSO_LMS_SECRET", &format!("whsec_{KEY}")),
        ("REGRETS_STATE_KEYS", &format!("k1:{KEY}")),
        ("AzureWebJobsStorage", "UseDevelopmentStorage=true"),
        ("WEBSITE_HOSTNAME", "regrets.azurewebsites.net"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// The least that works, with these lines in `[tenant.contoso.policy]`.
pub(super) fn minimal(policy: &str) -> String {
    format!(
        r#"[tenant.contoso]
directory = "11111111-2222-3333-4444-555555555555"
client_id = "66666666-7777-8888-9999-000000000000"
credential = {{ client_secret = {{ env = "CONTOSO_CLIENT_SECRET" }} }}
[tenant.contoso.watch]
mailboxes = {{ all = true }}
[tenant.contoso.recognise]
session = {{ ical_uid = '^lms-(?<session>\d+)@' }}
[tenant.contoso.lms]
url = "https://lms.contoso.com/hooks/regrets"
secret = {{ env = "CONTOSO_LMS_SECRET" }}
[tenant.contoso.policy]
{policy}
"#
    )
}

fn read(text: &str) -> Result<Config, ConfigErrors> {
    parse("regrets.toml", text, &env())
}

fn tenant(config: &Config) -> &Tenant {
    &config.tenants[&TenantName::new("contoso")]
}

#[test]
fn minimal_works() {
    let config = read(&minimal("")).unwrap();
    assert_eq!(tenant(&config).policy.grace, Duration::minutes(10));
    assert_eq!(config.state_keys[0].key.expose_secret(), KEY);
}

#[test]
fn explore() {
    let example = parse("regrets.toml", EXAMPLE, &env());
    if let Err(e) = example {
        println!("{}", e.render(false));
    }
    for (text, extra) in [
        (minimal("grcae = '5m'\nbrake = { decisions = 0 }"), vec![]),
        (minimal("grace = '10 minutes'\nsettle=600\nremoved='cancle'"), vec![]),
        (minimal("mode = observe"), vec![]),
        (minimal("grace = '1m'\ngrace = '2m'"), vec![]),
        (minimal("").replace("env = \"CONTOSO_LMS_SECRET\"", "env = \"NOPE\""), vec![]),
        (minimal("").replace("{ env = \"CONTOSO_LMS_SECRET\" }", "\"whsec_abcdef\""), vec![]),
        (
            minimal("").replace(
                "{ client_secret = { env = \"CONTOSO_CLIENT_SECRET\" }",
                "{ client_secret = { env = \"CONTOSO_CLIENT_SECRET\" ",
            ),
            vec![],
        ),
        (minimal("").replace("{ client_secret = {", "{ managed_identity = {}, client_secret = {"), vec![]),
        (
            minimal(""),
            vec![
                ("REGRETS__TENANT__CONTOSO__POLICY__GRACE", "soon"),
                ("REGRETS__TENANT__CONTOZO__POLICY__GRACE", "5m"),
                ("regrets__tenant__contoso__policy__gracee", "5m"),
                ("REGRETS__TENANT__CONTOSO__LMS__SECRET", "hunter2"),
                ("REGRETS__TENANT__CONTOSO__LMS__RATE", "{ requests = 1"),
                ("REGRETS__TENANT__CONTOSO__POLICY__BRAKE__X__Y", "1"),
                ("REGRETS__PUBLIC_URL__X", "1"),
                ("REGRETS__PUBLIC__URL", "1"),
            ],
        ),
        (minimal("").replace("^lms-(?<session>\\d+)@", "lms-(\\d+"), vec![]),
        ("".to_owned(), vec![("REGRETS_STATE_KEYS", "K:x,a:b,a")]),
        ("[tenant.Contoso]\n".to_owned(), vec![]),
        ("[tenant.contoso.policy]\n[tenant.contoso.watch]\nmode='both'".to_owned(), vec![]),
    ] {
        let mut env = env();
        env.extend(extra.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())));
        let Err(e) = parse("regrets.toml", &text, &env) else {
            println!("OK?? {text}");
            continue;
        };
        println!("{}\n{e}\n-------", e.render(false));
    }
    println!("{}", serde_json::to_string_pretty(&schema()).unwrap());
}
