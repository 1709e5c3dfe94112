//! The rules of the design's section 7, seen from outside: what is taken, what is refused, and in which words.

use super::*;
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

/// 32 bytes.
const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

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

/// [`minimal`] with app settings added or, where the value is empty, taken away.
fn read_with(settings: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let mut env = env();
    for (name, value) in settings {
        if value.is_empty() {
            env.remove(*name);
        } else {
            env.insert((*name).to_owned(), (*value).to_owned());
        }
    }
    parse("regrets.toml", &minimal(""), &env)
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
fn an_unknown_key_is_named_with_the_nearest_known_one() {
    insta::assert_snapshot!(refused(&minimal("grcae = '5m'")), @r#"
      × unknown key `grcae` in `tenant.contoso.policy`
        ╭─[regrets.toml:13:1]
     12 │ [tenant.contoso.policy]
     13 │ grcae = '5m'
        · ──┬──
        ·   ╰── not known here
        ╰────
      help: did you mean `grace`?

    regrets.toml:13:1: unknown key `grcae` in `tenant.contoso.policy`; did you mean `grace`?
    "#);
}

#[test]
fn bad_values_are_all_told_at_once() {
    let policy = "grace = '10 minutes'\nsettle = 600\nremoved = 'cancle'";
    insta::assert_snapshot!(refused(&minimal(policy)), @r#"
      × tenant.contoso.policy.grace: expected a duration such as "1h 30m", found "10 minutes"
        ╭─[regrets.toml:13:9]
     12 │ [tenant.contoso.policy]
     13 │ grace = '10 minutes'
        ·         ──────┬─────
        ·               ╰── `minutes` is not a unit: use d, h, m or s
     14 │ settle = 600
        ╰────

      × tenant.contoso.policy.settle: expected a duration such as "1h 30m", found the number 600
        ╭─[regrets.toml:14:10]
     13 │ grace = '10 minutes'
     14 │ settle = 600
        ·          ─┬─
        ·           ╰── a number without a unit
     15 │ removed = 'cancle'
        ╰────
      help: seconds are "600s"

      × tenant.contoso.policy.removed: expected `cancel`, `review` or `ignore`, found "cancle"
        ╭─[regrets.toml:15:11]
     14 │ settle = 600
     15 │ removed = 'cancle'
        ·           ────┬───
        ·               ╰── not one of them
        ╰────
      help: did you mean "cancel"?

    regrets.toml:13:9: tenant.contoso.policy.grace: expected a duration such as "1h 30m", found "10 minutes": `minutes` is not a unit: use d, h, m or s
    regrets.toml:14:10: tenant.contoso.policy.settle: expected a duration such as "1h 30m", found the number 600: a number without a unit; seconds are "600s"
    regrets.toml:15:11: tenant.contoso.policy.removed: expected `cancel`, `review` or `ignore`, found "cancle": not one of them; did you mean "cancel"?
    "#);
}

#[test]
fn a_missing_secret_is_named_with_its_app_setting() {
    let errors = read_with(&[("CONTOSO_LMS_SECRET", "")]).unwrap_err();
    insta::assert_snapshot!(told(&errors), @r#"
      × app setting CONTOSO_LMS_SECRET is not set, but tenant.contoso.lms.secret needs it
        ╭─[regrets.toml:11:18]
     10 │ url = "https://lms.contoso.com/hooks/regrets"
     11 │ secret = { env = "CONTOSO_LMS_SECRET" }
        ·                  ──────────┬─────────
        ·                            ╰── named here
     12 │ [tenant.contoso.policy]
        ╰────

    regrets.toml:11:18: app setting CONTOSO_LMS_SECRET is not set, but tenant.contoso.lms.secret needs it
    "#);
}

#[test]
fn contradictions_are_told() {
    let text = minimal("brake = { decisions = 0 }\nretention = '1h'\ntake_back = 'reinstate'")
        .replace("{ client_secret", "{ managed_identity = {}, client_secret")
        .replace("secret = { env = \"CONTOSO_LMS", "retry = { first = '2h' }\nsecret = { env = \"CONTOSO_LMS");
    insta::assert_snapshot!(refused(&text), @r#"
      × tenant.contoso.credential: `client_secret` and `managed_identity` exclude each other: keep one
       ╭─[regrets.toml:4:14]
     3 │ client_id = "66666666-7777-8888-9999-000000000000"
     4 │ credential = { managed_identity = {}, client_secret = { env = "CONTOSO_CLIENT_SECRET" } }
       ·              ────────────────────────────────────────────────────────────────────────────
     5 │ [tenant.contoso.watch]
       ╰────

      × tenant.contoso.lms.retry: `first` (2h) must not be longer than `most` (1h)
        ╭─[regrets.toml:11:9]
     10 │ url = "https://lms.contoso.com/hooks/regrets"
     11 │ retry = { first = '2h' }
        ·         ────────────────
     12 │ secret = { env = "CONTOSO_LMS_SECRET" }
        ╰────

      × tenant.contoso.policy.brake.decisions: expected a whole number from 1, found the number 0
        ╭─[regrets.toml:14:23]
     13 │ [tenant.contoso.policy]
     14 │ brake = { decisions = 0 }
        ·                       ─
     15 │ retention = '1h'
        ╰────

      × tenant.contoso.policy.retention: a cancellation is forgotten after 1h (retention), before the 24h of
      │ take_back_window are over
        ╭─[regrets.toml:15:13]
     14 │ brake = { decisions = 0 }
     15 │ retention = '1h'
        ·             ────
     16 │ take_back = 'reinstate'
        ╰────

      × tenant.contoso.policy.take_back: "reinstate" comes later: no connector of this build can enrol
        ╭─[regrets.toml:16:13]
     15 │ retention = '1h'
     16 │ take_back = 'reinstate'
        ·             ─────┬─────
        ·                  ╰── not yet
        ╰────
      help: write take_back = "record"

    regrets.toml:4:14: tenant.contoso.credential: `client_secret` and `managed_identity` exclude each other: keep one
    regrets.toml:11:9: tenant.contoso.lms.retry: `first` (2h) must not be longer than `most` (1h)
    regrets.toml:14:23: tenant.contoso.policy.brake.decisions: expected a whole number from 1, found the number 0
    regrets.toml:15:13: tenant.contoso.policy.retention: a cancellation is forgotten after 1h (retention), before the 24h of take_back_window are over
    regrets.toml:16:13: tenant.contoso.policy.take_back: "reinstate" comes later: no connector of this build can enrol; write take_back = "record"
    "#);
}

#[test]
fn a_syntax_error_is_told_without_what_follows_from_it() {
    let text = minimal("").replace("CONTOSO_CLIENT_SECRET\" } }", "CONTOSO_CLIENT_SECRET\" }");
    insta::assert_snapshot!(refused(&text), @r#"
      × this is not valid TOML: missing key for inline table element, expected `,`
       ╭─[regrets.toml:5:1]
     4 │ credential = { client_secret = { env = "CONTOSO_CLIENT_SECRET" }
     5 │ [tenant.contoso.watch]
       · ▲
       · ╰── here
     6 │ mailboxes = { all = true }
       ╰────
      help: a { or [ may be left open before this place

    regrets.toml:5:1: this is not valid TOML: missing key for inline table element, expected `,`; a { or [ may be left open before this place
    "#);
}

#[test]
fn an_override_is_refused_like_a_key() {
    let errors = read_with(&[
        ("REGRETS__TENANT__CONTOSO__POLICY__GRACE", "soon"),
        ("REGRETS__TENANT__CONTOSO__POLICY__GRACEE", "5m"),
        ("REGRETS__TENANT__CONTOZO__POLICY__GRACE", "5m"),
        ("REGRETS__TENANT__CONTOSO__LMS__RATE", "{ requests = 1"),
        ("REGRETS_TENANT__CONTOSO__POLICY__SETTLE", "5m"),
    ])
    .unwrap_err();
    insta::assert_snapshot!(told(&errors), @r#"
      × tenant.contoso.lms.rate: expected a table, found "{ requests = 1"
       ╭─[app setting REGRETS__TENANT__CONTOSO__LMS__RATE:1:37]
     1 │ REGRETS__TENANT__CONTOSO__LMS__RATE={ requests = 1
       ·                                     ───────┬──────
       ·                                            ╰── not a table
       ╰────
      help: it was read as a plain string, because it is not valid TOML: unclosed inline table, expected `}`

      × tenant.contoso.policy.grace: expected a duration such as "1h 30m", found "soon"
       ╭─[app setting REGRETS__TENANT__CONTOSO__POLICY__GRACE:1:41]
     1 │ REGRETS__TENANT__CONTOSO__POLICY__GRACE=soon
       ·                                         ──┬─
       ·                                           ╰── `soon` has no number before it
       ╰────

      × unknown key `gracee` in `tenant.contoso.policy`
       ╭─[app setting REGRETS__TENANT__CONTOSO__POLICY__GRACEE:1:35]
     1 │ REGRETS__TENANT__CONTOSO__POLICY__GRACEE=5m
       ·                                   ───┬──
       ·                                      ╰── not known here
       ╰────
      help: did you mean `grace`?

      × unknown key `contozo` in `tenant`
       ╭─[app setting REGRETS__TENANT__CONTOZO__POLICY__GRACE:1:18]
     1 │ REGRETS__TENANT__CONTOZO__POLICY__GRACE=5m
       ·                  ───┬───
       ·                     ╰── the file has no such tenant
       ╰────
      help: did you mean `contoso`?

      × app setting REGRETS_TENANT__CONTOSO__POLICY__SETTLE would override nothing: its name begins with REGRETS
      │ and one underscore
      help: two underscores go between the parts, as in REGRETS__TENANT__CONTOSO__POLICY__GRACE

    app setting REGRETS__TENANT__CONTOSO__LMS__RATE: tenant.contoso.lms.rate: expected a table, found "{ requests = 1": not a table; it was read as a plain string, because it is not valid TOML: unclosed inline table, expected `}`
    app setting REGRETS__TENANT__CONTOSO__POLICY__GRACE: tenant.contoso.policy.grace: expected a duration such as "1h 30m", found "soon": `soon` has no number before it
    app setting REGRETS__TENANT__CONTOSO__POLICY__GRACEE: unknown key `gracee` in `tenant.contoso.policy`; did you mean `grace`?
    app setting REGRETS__TENANT__CONTOZO__POLICY__GRACE: unknown key `contozo` in `tenant`; did you mean `contoso`?
    app setting REGRETS_TENANT__CONTOSO__POLICY__SETTLE would override nothing: its name begins with REGRETS and one underscore; two underscores go between the parts, as in REGRETS__TENANT__CONTOSO__POLICY__GRACE
    "#);
}

#[test]
fn a_literal_secret_is_refused_and_never_shown() {
    for text in [
        minimal("").replace("{ env = \"CONTOSO_LMS_SECRET\" }", "\"hunter2\""),
        minimal("").replace("{ env = \"CONTOSO_LMS_SECRET\" }", "[{ env = \"CONTOSO_LMS_SECRET\" }, 'hunter2']"),
        minimal("").replace("{ env = \"CONTOSO_CLIENT_SECRET\" }", "\"hunter2\""),
        minimal("").replace("{ env = \"CONTOSO_CLIENT_SECRET\" }", "{ value = 'hunter2' }"),
        minimal("").replace("{ env = \"CONTOSO_CLIENT_SECRET\" }", "{ env = 'hunter2!' }"),
        minimal("").replace("{ client_secret = { env = \"CONTOSO_CLIENT_SECRET\" } }", "'hunter2'"),
        minimal("").replace("client_secret = { env = \"CONTOSO_CLIENT_SECRET\" }", "client_secrt = 'hunter2'"),
        minimal("")
            .replace("{ client_secret = {", "{ managed_identity = {}, certificate = 'hunter2', client_secret = {"),
        minimal("").replace("{ env = \"CONTOSO_LMS_SECRET\" }", "hunter2"),
        minimal("").replace("{ env = \"CONTOSO_LMS_SECRET\" }", "'hunter2"),
        minimal("").replace("{ env = \"CONTOSO_LMS_SECRET\" }", "'hunter2'\nconnector = 'moodle'"),
        minimal("").replace("https://lms", "https://user:hunter2@lms"),
        minimal("").replace("https://lms", "https://:hunter2@lms"),
    ] {
        let told = refused(&text);
        assert!(text.contains("hunter2") && !told.contains("hunter2"), "{told}");
    }
    for name in ["REGRETS__TENANT__CONTOSO__LMS__SECRET", "REGRETS__TENANT__CONTOSO__CREDENTIAL__CLIENT_SECRET"] {
        for value in ["hunter2", "'hunter2'", "{ env = 'X', x = 'hunter2' }", "{ env = 'hunter2'", "[1, 'hunter2']"] {
            let told = told(&read_with(&[(name, value)]).expect_err(value));
            // The name of an app setting in a value that is no TOML can't be told from the secret: it may be masked.
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
    for (name, value) in [
        ("REGRETS_STATE_KEYS", "k1:hunter2"),
        ("CONTOSO_LMS_SECRET", "whsec_hunter2"),
        ("CONTOSO_LMS_SECRET", "hunter2"),
        ("AzureWebJobsStorage", "AccountName=a;Key=hunter2"),
    ] {
        let told = told(&read_with(&[(name, value)]).expect_err(value));
        assert!(told.contains(name) && !told.contains("hunter2"), "{told}");
    }
}

/// Each line is a `[tenant.contoso.policy]` or replaces a part of the minimal file; the last word says what must be told.
#[test]
fn what_is_refused() {
    let lms = |line: &str| minimal("").replace("[tenant.contoso.lms]", &format!("[tenant.contoso.lms]\n{line}"));
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
        (lms("connector = 'moodle'"), "this build holds the connector \"webhook\" only"),
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
        (watch("mode = 'organizer'\norganizers = ['l@c.d']"), "this build watches learners' mailboxes only"),
        (watch("mode = 'both'\nmailboxes = { all = true }\norganizers = ['l@c.d']"), "learners' mailboxes only"),
        (session("{}"), "must be given"),
        (session("{ lookup = true }"), "\"webhook\" can't look a session up"),
        (session("{ subject = '[0-9+' }"), "unclosed character class"),
        (session("{ subject = 'lms-(\\d+)' }"), "the group `session` is missing"),
        (session("{ subject = '(?<session>\\d*)' }"), "matches the empty text"),
        (session("{ subject = '(?<session>\\d+)', body = '(?<session>\\d+)' }"), "exclude each other"),
        (session("{ extended_property = { id = 'LmsSessionId' } }"), "not of that form"),
        (session("{ body = '(?<session>\\d+)' }\norganizer = []"), "leave it out to take any organizer"),
        (learner("Mail"), "did you mean \"mail\"?"),
        (learner("extensionAttribute7"), "did you mean \"onPremisesExtensionAttributes.extensionAttribute7\"?"),
        (learner("onPremisesExtensionAttributes.extensionAttribute16"), "learner.key"),
        (minimal("").replace("\"11111111-2222-3333-4444-555555555555\"", "'contoso.com'"), "not a GUID"),
        (minimal("").replace(id, &id.replace('-', "")), "not a GUID"),
        (minimal("").replace("{ client_secret = { env = \"CONTOSO_CLIENT_SECRET\" } }", "{}"), "must be given"),
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
        let errors = read(&text).expect_err(told).to_string();
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
        ([("CONTOSO_LMS_SECRET", "whsec_AAAA")], "24 to 64 bytes"),
        ([("CONTOSO_LMS_SECRET", "AAAA")], "does not begin with whsec_"),
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
    read_with(settings).expect_err("must be refused").render(false)
}

#[test]
fn forms_that_are_taken() {
    for (settings, holds) in [
        (vec![("AzureWebJobsStorage", ""), ("AzureWebJobsStorage__accountName", "a")], "AzureTables"),
        (vec![("AzureWebJobsStorage", ""), ("AzureWebJobsStorage__tableServiceUri", "https://a")], "AzureTables"),
        (vec![("AzureWebJobsStorage", "AccountName=a;AccountKey=b==;EndpointSuffix=c")], "AzureTables"),
        (vec![("AzureWebJobsStorage", "TableEndpoint=https://a;SharedAccessSignature=b")], "AzureTables"),
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
        (vec![("REGRETS__TENANT__CONTOSO__CREDENTIAL", "{ federated = {} }")], "Federated { client_id: None }"),
        (
            vec![(
                "REGRETS__TENANT__CONTOSO__RECOGNISE__SESSION",
                "{ extended_property = { id = 'String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Lms Id' } }",
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
    let ConnectorConfig::Webhook { secrets, .. } = &tenant(&config).lms.connector;
    let expected = format!("whsec_{KEY}");
    assert_eq!(secrets.iter().map(|secret| secret.expose_secret()).collect::<Vec<_>>(), [&expected, &expected]);
    assert_eq!(config.state_keys.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["new", "k1"]);
    assert_eq!(config.state_keys[0].key.expose_secret(), KEY);
    assert!(!format!("{config:?}").contains(KEY));
}

#[test]
fn a_certificate_may_stand_on_one_line() {
    let text = minimal("").replace("client_secret = {", "certificate = {");
    let mut env = env();
    let pem =
        "-----BEGIN PRIVATE KEY-----\\nAA\\n-----END PRIVATE KEY-----\\n-----BEGIN CERTIFICATE-----\\nAA\\n-----END";
    env.insert("CONTOSO_CLIENT_SECRET".to_owned(), pem.to_owned());
    let config = parse("regrets.toml", &text, &env).unwrap();
    let Credential::Certificate { pem } = &tenant(&config).credential else { panic!("not a certificate") };
    assert_eq!(pem.expose_secret().lines().count(), 6);
}

#[test]
fn one_directory_may_be_several_tenants() {
    let text = format!("{}{}", minimal(""), minimal("").replace("contoso]", "second]").replace("contoso.", "second."));
    let text = text.replace("lms.second.com", "lms.contoso.com");
    assert_eq!(read(&text).unwrap().tenants.len(), 2);
}

#[test]
fn editors_of_windows_are_welcome() {
    let text = format!("\u{feff}{}", minimal("grace = '1m'").replace('\n', "\r\n"));
    assert_eq!(tenant(&read(&text).unwrap()).policy.grace, Duration::minutes(1));
}

/// The example with every default taken out means the same.
#[test]
fn the_defaults_of_the_example_are_those_of_the_parser() {
    let full = read(EXAMPLE).unwrap_or_else(|errors| panic!("{errors}"));
    let mut is_default = false;
    let short: Vec<&str> = EXAMPLE
        .lines()
        .filter(|line| {
            if line.starts_with('#') {
                is_default = line.ends_with(" Default");
                return true;
            }
            !is_default || !line.contains('=')
        })
        .collect();
    assert_eq!(EXAMPLE.lines().count() - short.len(), 19, "the settings that are marked as defaults");
    let short = read(&short.join("\n")).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(format!("{full:?}"), format!("{short:?}"));
}

/// Every table of the schema beside the parser's keys; a setting that only one of them knows fails here.
#[test]
fn schema_parser_and_example_know_the_same_keys() {
    let schema = schema();
    let keys = |pointer: &str| -> Vec<String> {
        let table = schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
        assert_eq!(table["additionalProperties"], serde_json::Value::Bool(false), "{pointer}");
        let mut keys: Vec<String> = table["properties"].as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    let mut tables = vec![("".to_owned(), keys::ROOT)];
    for (name, known) in [
        ("Tenant", keys::TENANT),
        ("Credential", keys::CREDENTIAL),
        ("Identity", keys::IDENTITY),
        ("Secret", keys::SECRET),
        ("Watch", keys::WATCH),
        ("Mailboxes", keys::MAILBOXES),
        ("Only", keys::ONLY),
        ("Recognise", keys::RECOGNISE),
        ("Session", keys::SESSION),
        ("ExtendedProperty", keys::EXTENDED_PROPERTY),
        ("Learner", keys::LEARNER),
        ("Policy", keys::POLICY),
        ("Brake", keys::BRAKE),
        ("Lms", keys::LMS),
        ("Rate", keys::RATE),
        ("Retry", keys::RETRY),
    ] {
        tables.push((format!("/definitions/{name}"), known));
    }
    for (pointer, known) in tables {
        let mut known: Vec<String> = known.iter().map(|key| (*key).to_owned()).collect();
        known.sort();
        assert_eq!(keys(&pointer), known, "{pointer}");
        for key in known {
            assert!(EXAMPLE.contains(&key), "the example doesn't show {key}");
        }
    }
}

#[test]
fn the_schema_tells_the_parsers_defaults() {
    let schema = schema();
    let default = |pointer: &str| schema.pointer(&format!("/definitions/{pointer}/default")).cloned().unwrap();
    let policy = Policy::default();
    for (key, value) in [
        ("settle", policy.settle),
        ("grace", policy.grace),
        ("recheck", policy.recheck),
        ("deadline", policy.deadline),
        ("take_back_window", policy.take_back_window),
        ("retention", policy.retention),
    ] {
        assert_eq!(default(&format!("Policy/properties/{key}")), show_duration(value), "{key}");
    }
    assert_eq!(default("Brake/properties/decisions"), policy.brake.decisions);
    assert_eq!(default("Brake/properties/per_learner"), policy.brake.per_learner);
    assert_eq!(default("Rate/properties/requests"), Rate::default().requests);
    assert_eq!(default("Retry/properties/most"), show_duration(Retry::default().most));
}

#[test]
fn a_configuration_is_told_in_plain_sentences() {
    insta::assert_snapshot!(describe(&read(EXAMPLE).unwrap()), @r#"
    Graph reaches this deployment at https://regrets.contoso.com
    The ledger is in the tables of the account AzureWebJobsStorage

    Tenant contoso (directory 11111111-2222-3333-4444-555555555555)
      Signs in to the global cloud as 66666666-7777-8888-9999-000000000000 with a client secret.
      Watches the calendars of the members of the group aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, compared anew every 24h; where a copy is gone, learning@contoso.com is asked.
      An event is a training session when it is sent by learning@contoso.com and its iCalUId matches ^lms-(?<session>\d+)@contoso\.com$.
      The LMS knows a learner by mail.
      Acts for all learners.
      A decline is carried to the LMS 10m later, until the session starts.
      Where the learner's copy is gone, it looks again for 30m; then, if the organizer's copy disagrees, it asks a person, and if there is none to ask, it cancels.
      Where several items stand for one place, a decline of some goes to a person.
      An acceptance within 24h after a cancellation is recorded. More than 50 decisions in 1h, or 8 for one learner, wait for a person. What is finished is kept for 90d.
      Cancellations are posted to /hooks/regrets at lms.contoso.com, signed with one secret, at most 10 in 1s; failed ones again after 30s, then doubling up to 1h.
    "#);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*", value in "\\PC*") {
        let env = with(&[("REGRETS__TENANT__CONTOSO__POLICY", &value), ("REGRETS_STATE_KEYS", &value), ("REGRETS_STORE", &value)]);
        if let Err(errors) = parse("regrets.toml", &text, &env) {
            prop_assert!(!errors.problems().is_empty() && !errors.render(true).is_empty());
        }
    }

    /// One place of a good file replaced by something else that TOML knows, or by nothing.
    #[test]
    fn no_damage_makes_the_parser_panic(
        at in 0..EXAMPLE.len(),
        len in 0..40usize,
        damage in prop::sample::select(vec!["", "\"", "'''", "{", "}", "[", "]", "=", "\n", "1e9", "-1", "é\u{0}", "2026-11-21", "{ a = { b = [[1]] } }"]),
    ) {
        let start = (0..=at).rev().find(|at| EXAMPLE.is_char_boundary(*at)).unwrap_or(0);
        let end = (at + len..).find(|end| *end >= EXAMPLE.len() || EXAMPLE.is_char_boundary(*end)).unwrap_or(0).min(EXAMPLE.len());
        let text = format!("{}{damage}{}", &EXAMPLE[..start], &EXAMPLE[end..]);
        if let Err(errors) = parse("regrets.toml", &text, &env()) {
            prop_assert!(!errors.problems().is_empty() && !errors.render(true).is_empty());
            prop_assert_eq!(errors.to_string().lines().count(), errors.problems().len());
        }
    }
}
