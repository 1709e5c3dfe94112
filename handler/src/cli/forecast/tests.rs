use super::*;
use crate::cli::Cli;
use crate::cli::Command;
use clap::Parser as _;
use insta::assert_snapshot;
use std::path::Path;

const FILE: &str = r#"[tenant.contoso]
directory = "11111111-2222-3333-4444-555555555555"
client_id = "66666666-7777-8888-9999-000000000000"
credential = { client_secret = { env = "CONTOSO_CLIENT_SECRET" } }
[tenant.contoso.watch]
mode = "both"
mailboxes = { group = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee" }
organizers = ["learning@contoso.com"]
[tenant.contoso.recognise]
session = { ical_uid = '^lms-(?<session>\d+)@' }
[tenant.contoso.lms]
url = "https://lms.contoso.com/hooks/regrets"
secret = { env = "CONTOSO_LMS_SECRET" }
rate = { requests = 5, per = "1s" }
"#;

/// Calls it as a reviewer does: without any secret.
fn called(root: &Path, args: &[&str]) -> (u8, String, String) {
    let root = root.display().to_string();
    let all = ["regrets", "forecast", "--root", root.as_str()].into_iter().chain(args.iter().copied());
    let Some(Command::Forecast(args)) = Cli::parse_from(all).command else { panic!("it is the forecast") };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, color: false };
    let code = run(&args, Env::new(), &mut streams).unwrap();
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn folder(file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("regrets.toml"), file).unwrap();
    folder
}

#[test]
fn ten_thousand_mailboxes() {
    let folder = folder(FILE);
    let (code, out, err) = called(folder.path(), &["--mailboxes", "10000"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_snapshot!(out);
}

#[test]
fn ten_thousand_mailboxes_as_data() {
    let folder = folder(FILE);
    let (code, out, err) = called(folder.path(), &["--mailboxes", "10000", "--json"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_snapshot!(out);
}

#[test]
fn the_organizer_alone() {
    let file =
        FILE.replace("\"both\"", "\"organizer\"").replace("mailboxes = { group", "# mailboxes = { group");
    let folder = folder(&file);
    let (code, out, err) = called(
        folder.path(),
        &["--mailboxes", "500", "--sessions", "4", "--learners", "8", "--declines", "2"],
    );
    assert_eq!((code, err.as_str()), (0, ""));
    assert_snapshot!(out);
}

#[test]
fn how_many_there_are_has_to_be_said() {
    let folder = folder(FILE);
    let (code, out, err) = called(folder.path(), &[]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("--mailboxes <N>") && err.contains("--count"), "{err}");
}

#[test]
fn those_who_are_named_are_counted() {
    let named = FILE.replace(
        "{ group = \"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\" }",
        "{ users = [\"ana@contoso.com\", \"ben@contoso.com\"] }",
    );
    let folder = folder(&named);
    let (code, out, err) = called(folder.path(), &["--json"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(found["assumed"]["mailboxes"], 2.0);
}

#[test]
fn a_tenant_is_named_where_there_are_several() {
    let folder = folder(&format!("{FILE}{}", FILE.replace("contoso", "fabrikam")));
    let (code, _, err) = called(folder.path(), &["--mailboxes", "1"]);
    assert_eq!(code, 2);
    assert!(err.contains("name one by --tenant: contoso, fabrikam"), "{err}");
    let (code, out, _) = called(folder.path(), &["--mailboxes", "1", "--tenant", "fabrikam"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("fabrikam: "), "{out}");
    let (code, _, err) = called(folder.path(), &["--mailboxes", "1", "--tenant", "fabrikan"]);
    assert_eq!(code, 2);
    assert!(err.contains("did you mean `fabrikam`?"), "{err}");
}

#[test]
fn a_bad_configuration_is_told() {
    let folder = folder("tenant = 1");
    let (code, out, err) = called(folder.path(), &["--mailboxes", "1"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("has to be good first"), "{err}");
}

#[test]
fn what_is_no_amount_is_refused() {
    for wrong in ["x", "-1", "inf", "nan", "1e12"] {
        let args = ["regrets", "forecast", &format!("--mailboxes={wrong}")];
        assert!(Cli::try_parse_from(args).is_err(), "{wrong}");
    }
    assert!(Cli::try_parse_from(["regrets", "forecast", "--removed=1.5"]).is_err());
}

#[test]
fn numbers_are_grouped() {
    for (value, text) in
        [(0.0, "0"), (0.25, "0.25"), (999.0, "999"), (1_000.0, "1,000"), (1_234_567.4, "1,234,567")]
    {
        assert_eq!(tell::number(value), text);
    }
}
