//! The rules of reference/rules.md#configuration, seen from outside: what is taken, what is refused, and in
//! which words.

mod agreement;
mod alerts;
pub(super) mod canary;
mod closed;
mod connectors;
mod damage;
mod overlap;
pub(super) mod publish;
mod publish_read;
mod publish_texts;
mod removals;
mod renderings;

use super::*;
use crate::graph::auth::credentials::Credential;
use secrecy::ExposeSecret as _;
use std::path::Path;

/// 32 bytes.
const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// What stands in this folder, with this configuration.
fn read_in(folder: &Path, text: &str) -> Result<Config, ConfigErrors> {
    std::fs::write(folder.join("regrets.toml"), text).unwrap();
    inspect_file(folder, &folder.join("regrets.toml"), &env()).outcome
}

pub(super) fn env() -> Env {
    with(&[
        ("CONTOSO_CLIENT_SECRET", "s3cret"),
        ("CONTOSO_LMS_SECRET", &format!("whsec_{KEY}")),
        ("REGRETS_STATE_KEYS", &format!("k1:{KEY}")),
        ("AzureWebJobsStorage", "UseDevelopmentStorage=true"),
        ("WEBSITE_HOSTNAME", "regrets.azurewebsites.net"),
    ])
}

fn with(settings: &[(&str, &str)]) -> Env {
    settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
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

fn meaning(text: &str) -> Meaning {
    inspect("regrets.toml", text, &env()).meaning.unwrap()
}

/// [`minimal`] with app settings added or, where the value is empty, taken away.
fn read_with(settings: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    parse("regrets.toml", &minimal(""), &env_with(settings))
}

fn env_with(settings: &[(&str, &str)]) -> Env {
    let mut env = env();
    for (name, value) in settings {
        if value.is_empty() {
            env.remove(*name);
        } else {
            env.insert((*name).to_owned(), (*value).to_owned());
        }
    }
    env
}

/// All that `regrets check` objects to, be it of everybody or of one tenant.
fn objections(text: &str, env: &Env) -> ConfigErrors {
    let Inspection { outcome, missing, .. } = inspect("regrets.toml", text, env);
    outcome.err().or(missing).expect("nothing is objected to")
}

fn tenant(config: &Config) -> &Tenant {
    &config.tenants[&TenantName::new("contoso")]
}

/// Both renderings, as they leave the process.
fn told(errors: &ConfigErrors) -> String {
    format!("{}\n{errors}", errors.render(false))
}

fn refused(text: &str) -> String {
    told(&read(text).expect_err("must be refused"))
}

#[test]
fn a_literal_secret_is_refused_and_never_shown() {
    for text in [
        minimal("").replace("{ env = \"CONTOSO_LMS_SECRET\" }", "\"hunter2\""),
        minimal("")
            .replace("{ env = \"CONTOSO_LMS_SECRET\" }", "[{ env = \"CONTOSO_LMS_SECRET\" }, 'hunter2']"),
        minimal("").replace("{ env = \"CONTOSO_CLIENT_SECRET\" }", "\"hunter2\""),
        minimal("").replace("{ env = \"CONTOSO_CLIENT_SECRET\" }", "{ value = 'hunter2' }"),
        minimal("").replace("{ env = \"CONTOSO_CLIENT_SECRET\" }", "{ env = 'hunter2!' }"),
        minimal("").replace("{ client_secret = { env = \"CONTOSO_CLIENT_SECRET\" } }", "'hunter2'"),
        minimal("")
            .replace("client_secret = { env = \"CONTOSO_CLIENT_SECRET\" }", "client_secrt = 'hunter2'"),
        minimal("").replace(
            "{ client_secret = {",
            "{ managed_identity = {}, certificate = 'hunter2', client_secret = {",
        ),
        minimal("").replace("{ env = \"CONTOSO_LMS_SECRET\" }", "hunter2"),
        minimal("").replace("{ env = \"CONTOSO_LMS_SECRET\" }", "'hunter2"),
        minimal("").replace("{ env = \"CONTOSO_LMS_SECRET\" }", "'hunter2'\nconnector = 'moodle'"),
        minimal("").replace("https://lms", "https://user:hunter2@lms"),
        minimal("").replace("https://lms", "https://:hunter2@lms"),
    ] {
        let told = refused(&text);
        assert!(text.contains("hunter2") && !told.contains("hunter2"), "{told}");
    }
    for name in [
        "REGRETS__TENANT__CONTOSO__LMS__SECRET",
        "REGRETS__TENANT__CONTOSO__LMS__SCERET",
        "REGRETS__TENANT__CONTOSO__CREDENTIAL__CLIENT_SECRET",
    ] {
        for value in
            ["hunter2", "'hunter2'", "{ env = 'X', x = 'hunter2' }", "{ env = 'hunter2'", "[1, 'hunter2']"]
        {
            let told = told(&read_with(&[(name, value)]).expect_err(value));
            // The name of an app setting in a value that is no TOML can't be told from the secret: it may be
            // masked.
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
    for (name, value) in [
        ("REGRETS_STATE_KEYS", "k1:hunter2"),
        ("CONTOSO_LMS_SECRET", "whsec_hunter2"),
        ("CONTOSO_LMS_SECRET", "hunter2"),
        ("AzureWebJobsStorage", "AccountName=a;Key=hunter2"),
    ] {
        let told = told(&objections(&minimal(""), &env_with(&[(name, value)])));
        assert!(told.contains(name) && !told.contains("hunter2"), "{told}");
    }
}

/// Each line is a `[tenant.contoso.policy]` or replaces a part of the minimal file; the last word says what
/// must be told.
#[test]
fn what_is_refused() {
    let lms =
        |line: &str| minimal("").replace("[tenant.contoso.lms]", &format!("[tenant.contoso.lms]\n{line}"));
    let watch = |line: &str| minimal("").replace("mailboxes = { all = true }", line);
    let session = |value: &str| minimal("").replace(r"{ ical_uid = '^lms-(?<session>\d+)@' }", value);
    let learner = |key: &str| format!("{}[tenant.contoso.learner]\nkey = '{key}'", minimal(""));
    let id = "\"66666666-7777-8888-9999-000000000000\"";
    let lms_url = "https://lms.contoso.com/hooks/regrets";
    for (text, told) in [
        (minimal("grace = '-1m'"), "it may not be negative"),
        (minimal("settle = '-1m'"), "it may not be negative"),
        (minimal("settle = '0s'"), "a duration longer than zero"),
        (minimal("brake = { per_learner = 0 }"), "brake.per_learner"),
        (minimal("brake = { within = '0s' }"), "brake.within"),
        (minimal("brake = { decisions = 99999999999 }"), "brake.decisions"),
        (minimal("only = { all = true }"), "unknown key `all`"),
        (minimal("take_back_window = '91d'"), "before the 91d of take_back_window"),
        (lms("rate = { requests = 0 }"), "rate.requests"),
        (lms("rate = { per = '0s' }"), "rate.per"),
        (lms("retry = { most = '10s' }"), "`first` (30s) must not be longer than `most` (10s)"),
        (lms("connector = 'qqqqqqq'"), "this build holds `webhook`"),
        (minimal("").replace(lms_url, "/hooks"), "relative URL without a base"),
        (minimal("").replace(lms_url, "http://lms.contoso.com"), "it must begin with https://"),
        (minimal("").replace(lms_url, "ftp://localhost/"), "it must begin with https://"),
        (minimal("").replace(lms_url, "https://lms.contoso.com/#x"), "fragment"),
        (watch(""), "`mailboxes` is missing"),
        (watch("mailboxes = {}"), "one of `users`, `group` or `all` must be given"),
        (watch("mailboxes = { all = false }"), "expected `true`"),
        (watch("mailboxes = { users = [] }"), "nobody is meant"),
        (watch("mailboxes = { users = ['ana'] }"), "neither a GUID nor name@domain"),
        (watch("mailboxes = { group = 'learners' }"), "not a GUID"),
        (watch("mailboxes = { users = ['a@b.c'], group = 'g' }"), "exclude each other"),
        (watch("mailboxes = { all = true }\nresync = '0s'"), "watch.resync"),
        (watch("mode = 'organizer'"), "`organizers` must name the mailboxes"),
        (watch("mode = 'both'\nmailboxes = { all = true }"), "`organizers` must name the mailboxes"),
        (watch("mode = 'both'\norganizers = ['l@c.d']"), "whose calendars"),
        (session("{}"), "must be given"),
        (session("{ lookup = true }"), "\"webhook\" can't look a session up"),
        (session("{ subject = '[0-9+' }"), "unclosed character class"),
        (session("{ subject = 'lms-(\\d+)' }"), "the group `session` is missing"),
        (session("{ subject = '(?<session>\\d*)' }"), "matches the empty text"),
        (session("{ subject = '(?<session>\\d+)', body = '(?<session>\\d+)' }"), "exclude each other"),
        (session("{ extended_property = { id = 'LmsSessionId' } }"), "not of that form"),
        (session("{ body = '(?<session>\\d+)' }\norganizer = []"), "leave it out to take any organizer"),
        (minimal("timezone = 'Europe/Berln'"), "did you mean \"Europe/Berlin\"?"),
        (minimal("timezone = 'W Europe Standard Time'"), "did you mean \"W. Europe Standard Time\"?"),
        (minimal("timezone = 'Middle-earth'"), "no zone that is known"),
        (minimal("automatic = 'ignore'"), "`cancel` or `review`"),
        (learner("Mail"), "did you mean \"mail\"?"),
        (
            learner("extensionAttribute7"),
            "did you mean \"onPremisesExtensionAttributes.extensionAttribute7\"?",
        ),
        (learner("onPremisesExtensionAttributes.extensionAttribute16"), "learner.key"),
        (minimal("").replace("\"11111111-2222-3333-4444-555555555555\"", "'contoso.com'"), "not a GUID"),
        (minimal("").replace(id, &id.replace('-', "")), "not a GUID"),
        (minimal("").replace(id, "\"00000000-0000-0000-0000-000000000000\""), "not filled in yet"),
        (
            minimal("").replace("{ client_secret = { env = \"CONTOSO_CLIENT_SECRET\" } }", "{}"),
            "must be given",
        ),
        (minimal("").replace("client_secret = {", "certificate = {"), "PEM with a certificate"),
        (minimal("").replace("client_id =", "cloud = 'germany'\nclient_id ="), "`usgov-dod` or `china`"),
        (minimal("").replace("tenant.contoso", "tenant.conToso"), "that begins with a letter"),
        (minimal("").replace("{ env = \"CONTOSO_LMS_SECRET\" }", "[]"), "one secret at least must sign"),
        (format!("public_url = 'http://contoso.com'\n{}", minimal("")), "public_url"),
        (format!("public_url = 'https://contoso.com/?a=b'\n{}", minimal("")), "query"),
        ("".to_owned(), "`tenant` is missing"),
        ("[tenant]".to_owned(), "there is no tenant in it"),
        ("tenant = 1".to_owned(), "expected a table"),
        ("[tenant.contoso]".to_owned(), "`directory` is missing"),
    ] {
        let errors = objections(&text, &env()).to_string();
        assert!(errors.contains(told), "wanted: {told}\ntold: {errors}");
    }
}

#[test]
fn app_settings_that_are_refused() {
    let short = "k1:MDEyMzQ1Njc4OQ==";
    for (settings, told) in [
        ([("REGRETS_STATE_KEYS", "")], "REGRETS_STATE_KEYS is not set"),
        ([("REGRETS_STATE_KEYS", short)], "shorter than 32 bytes"),
        ([("REGRETS_STATE_KEYS", &format!("K1:{KEY}"))], "1 to 8 characters of a-z and 0-9"),
        ([("REGRETS_STATE_KEYS", &format!("a:{KEY},a:{KEY}"))], "gives two keys the id `a`"),
        ([("REGRETS_STATE_KEYS", &format!("a:{KEY},"))], "is wrong in entry 2"),
        ([("REGRETS_STATE_KEYS", "@Microsoft.KeyVault(SecretUri=x)")], "was not resolved"),
        ([("CONTOSO_CLIENT_SECRET", "@Microsoft.KeyVault(SecretUri=x)")], "Key Vault Secrets User"),
        ([("CONTOSO_CLIENT_SECRET", "  ")], "CONTOSO_CLIENT_SECRET is empty"),
        ([("CONTOSO_LMS_SECRET", "whsec_AAAA")], "has 24 to 64"),
        ([("CONTOSO_LMS_SECRET", "AAAA")], "is 3 bytes long once decoded"),
        ([("AzureWebJobsStorage", "")], "no place for the ledger"),
        ([("AzureWebJobsStorage", "mystorage")], "is not a connection string"),
        ([("REGRETS_STORE", "postgres:x")], "is not a store"),
        ([("REGRETS_STORE", "sqlite:")], "is not a store"),
        ([("GRAPH_ENDPOINT", "https://graph.microsoft.com/v1.0")], "without a version"),
        ([("AZURE_AUTHORITY_HOST", "http://login.contoso.com")], "is not an https URL"),
        ([("WEBSITE_HOSTNAME", "")], "`public_url` is missing"),
        ([("REGRETS__TENANT__CONTOSO__WATCH__MAILBOXES__GROUP", "g")], "added to what the file says"),
        ([("REGRETS__TENANT__CONTOSO__WATCH__ORGANIZERS__0", "a@b.c")], "expected a list"),
        ([("REGRETS__TENANT__CONTOSO__DIRECTORY__X", "1")], "holds no settings of its own"),
        ([("REGRETS__PUBLIC__URL", "https://a.b")], "unknown key `public`"),
        ([("REGRETS____X", "1")], "empty part"),
        ([("REGRETS__", "1")], "empty part"),
    ] {
        let errors = told_lines(&settings);
        assert!(errors.contains(told), "wanted: {told}\ntold: {errors}");
    }
    let both = [("REGRETS__PUBLIC_URL", "https://a.b"), ("regrets__public_url", "https://c.d")];
    assert!(told_lines(&both).contains("override the same setting"));
}

fn told_lines(settings: &[(&str, &str)]) -> String {
    objections(&minimal(""), &env_with(settings)).render(false)
}

#[test]
fn forms_that_are_taken() {
    for (settings, holds) in [
        (vec![("AzureWebJobsStorage", ""), ("AzureWebJobsStorage__accountName", "a")], "AzureTables("),
        (
            vec![("AzureWebJobsStorage", ""), ("AzureWebJobsStorage__tableServiceUri", "https://a")],
            "AzureTables",
        ),
        (vec![("AzureWebJobsStorage", "AccountName=a;AccountKey=YQ==;EndpointSuffix=c")], "AzureTables"),
        (vec![("AzureWebJobsStorage", "TableEndpoint=https://a;SharedAccessSignature=b")], "AzureTables"),
        #[cfg(feature = "local")]
        (vec![("AzureWebJobsStorage", ""), ("REGRETS_STORE", "sqlite:ledger.db")], "Sqlite(\"ledger.db\")"),
        (vec![("GRAPH_ENDPOINT", "https://localhost:8443")], "port: Some(8443)"),
        (vec![("AZURE_AUTHORITY_HOST", "login.microsoftonline.us")], "login.microsoftonline.us"),
        (vec![("WEBSITE_HOSTNAME", "localhost:7071")], "scheme: \"http\""),
        (vec![("REGRETS__PUBLIC_URL", "https://r.contoso.com/x/")], "path: \"/x\""),
        (vec![("REGRETS__TENANT__CONTOSO__POLICY__MODE", "observe")], "mode: Observe"),
        (vec![("REGRETS__TENANT__CONTOSO__POLICY__MODE", "'observe'")], "mode: Observe"),
        (vec![("REGRETS__TENANT__CONTOSO__POLICY__BRAKE__DECISIONS", "7")], "decisions: 7"),
        (vec![("regrets__tenant__contoso__policy__brake", "{ decisions = 7 }")], "decisions: 7"),
        (
            vec![("REGRETS__TENANT__CONTOSO__WATCH__MAILBOXES", "{ users = ['Ana@Contoso.com'] }")],
            "[\"ana@contoso.com\"]",
        ),
        (
            vec![("REGRETS__TENANT__CONTOSO__CREDENTIAL", "{ federated = {} }")],
            "Federated { client_id: None }",
        ),
        (
            vec![(
                "REGRETS__TENANT__CONTOSO__RECOGNISE__SESSION",
                "{ extended_property = { id = 'String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Lms Id' } \
                 }",
            )],
            "Name Lms Id",
        ),
        (vec![("REGRETS__TENANT__CONTOSO__LMS__URL", "http://127.0.0.1:9/x")], "port: Some(9)"),
    ] {
        let config = read_with(&settings).unwrap_or_else(|errors| panic!("{errors}"));
        let shown = format!("{config:?}");
        assert!(shown.contains(holds), "wanted: {holds}\nread: {shown}");
    }
}

#[test]
fn an_override_of_a_part_goes_over_an_override_of_the_whole() {
    let config = read_with(&[
        ("REGRETS__TENANT__CONTOSO__POLICY", "{ grace = '1m', settle = '2m' }"),
        ("REGRETS__TENANT__CONTOSO__POLICY__GRACE", "3m"),
    ]);
    let config = config.unwrap();
    assert_eq!(tenant(&config).policy.grace, Duration::minutes(3));
    assert_eq!(tenant(&config).policy.settle, Duration::minutes(2));
}

#[test]
fn secrets_are_read_from_the_app_settings_without_white_space() {
    let text = minimal("").replace(
        "secret = { env = \"CONTOSO_LMS_SECRET\" }",
        "secret = [{ env = \"CONTOSO_LMS_SECRET\" }, { env = \"OLD\" }]",
    );
    let mut env = env();
    env.insert("OLD".to_owned(), format!("whsec_{KEY}\n"));
    env.insert("REGRETS_STATE_KEYS".to_owned(), format!("new:{}, k1:{KEY}", KEY.trim_end_matches('=')));
    let config = parse("regrets.toml", &text, &env).unwrap();
    let ConnectorConfig::Webhook { secrets, .. } = &tenant(&config).lms.connector else { panic!() };
    let expected = KEY.trim_end_matches('=');
    assert_eq!(secrets.iter().map(|secret| secret.text()).collect::<Vec<_>>(), [expected, expected]);
    assert_eq!(format!("{:?}", config.state_keys), r#"["new", "k1"]"#);
    assert!(!format!("{config:?}").contains(KEY));
}

#[test]
fn a_certificate_may_stand_on_one_line() {
    let text = minimal("").replace("client_secret = {", "certificate = {");
    let mut env = env();
    let made = crate::graph::testing::certificate::rsa();
    let whole = format!("{}{}", made.key_pem, made.certificate_pem);
    env.insert("CONTOSO_CLIENT_SECRET".to_owned(), whole.replace('\n', "\\n"));
    let config = parse("regrets.toml", &text, &env).unwrap();
    let Credential::Certificate { pem } = &tenant(&config).credential else { panic!("not a certificate") };
    assert_eq!(pem.expose_secret().trim_end(), whole.trim_end());
}

#[test]
fn one_directory_may_be_several_tenants() {
    let text = format!(
        "{}{}",
        minimal(""),
        minimal("").replace("contoso]", "second]").replace("contoso.", "second.")
    );
    assert_eq!(read(&text).unwrap().tenants.len(), 2);
}

#[test]
fn editors_of_windows_are_welcome() {
    let text = format!("\u{feff}{}", minimal("grace = '1m'").replace('\n', "\r\n"));
    assert_eq!(tenant(&read(&text).unwrap()).policy.grace, Duration::minutes(1));
}
