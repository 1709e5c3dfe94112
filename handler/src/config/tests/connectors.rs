//! `[tenant.<name>.lms]` where a connector file says how the LMS is asked.

use super::*;
use crate::calendar::matching::SessionSource;
use crate::config::connector_file::LARKSPUR;
use crate::config::testing_schema::violations;
use crate::config::warnings::warnings;
use crate::lms::presets;

const WEBHOOK: &str =
    "url = \"https://lms.contoso.com/hooks/regrets\"\nsecret = { env = \"CONTOSO_LMS_SECRET\" }";

const GIVEN: &str = "connector = \"larkspur\"\nbase_url = \"https://larkspur.contoso.com/api/\"\n\
                     token = { env = \"CONTOSO_LMS_SECRET\" }";

/// With these lines in `[tenant.contoso.lms]`.
fn with_lms(lines: &str) -> String {
    minimal("").replace(WEBHOOK, lines)
}

/// The folder of a configuration, with this connector file in it.
fn folder(connector: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine.toml"), connector).unwrap();
    folder
}

fn mine(lines: &str) -> String {
    with_lms(&format!("{GIVEN}\n{lines}").replace("\"larkspur\"", "\"./mine.toml\""))
}

fn lms_of(config: &Config) -> (&ConnectorFile, &Settings, &Url) {
    match &tenant(config).lms.connector {
        ConnectorConfig::File { file, settings, base } => (file, settings, base),
        ConnectorConfig::Webhook { .. } => panic!("a webhook"),
    }
}

#[test]
fn a_shipped_connector_has_its_own_settings_with_their_defaults() {
    let config = read(&with_lms(&format!("{GIVEN}\nhosts = [\"Files.contoso.com\", \"a.b:8443\"]")));
    let config = config.unwrap_or_else(|errors| panic!("{errors}"));
    let (file, settings, base) = lms_of(&config);
    assert_eq!(file.name, "larkspur");
    assert_eq!(base.as_str(), "https://larkspur.contoso.com/api");
    let given: Vec<_> =
        settings.values.iter().map(|(name, value)| (name.as_str(), value.exposed())).collect();
    let token = format!("whsec_{KEY}");
    assert_eq!(
        given,
        [
            ("base_url", "https://larkspur.contoso.com/api"),
            ("by", "email"),
            ("notify", "false"),
            ("reason", "declined"),
            ("site", ""),
            ("token", token.as_str()),
        ]
    );
    assert_eq!(settings.hosts, ["files.contoso.com", "a.b:8443"]);
    assert!(!settings.allow_course_unenrol && !tenant(&config).is_closed());
    assert!(!format!("{config:?}").contains(KEY), "a secret is shown");
    assert_eq!(tenant(&config).lms.rate.requests, 5, "the connector's rate");
    let faster = read(&with_lms(&format!("{GIVEN}\nrate = {{ requests = 50 }}"))).unwrap();
    assert_eq!(tenant(&faster).lms.rate.requests, 50);
}

#[test]
fn what_is_wrong_with_the_settings_is_told() {
    let mut told = String::new();
    for (lines, instead) in [
        ("connector = \"larkspur\"", "connector = \"larkspurr\""),
        ("connector = \"larkspur\"", "connector = \"moodle-of-ours\""),
        ("connector = \"larkspur\"", "connector = \"./not-there.toml\""),
        ("base_url = \"https://larkspur.contoso.com/api/\"\n", ""),
        ("https://larkspur", "http://larkspur"),
        ("token = { env = \"CONTOSO_LMS_SECRET\" }", ""),
        ("token = { env = \"CONTOSO_LMS_SECRET\" }", "token = \"hunter2\""),
        ("token =", "tokne ="),
        ("token =", "by = \"emial\"\ntoken ="),
        ("token =", "reason = \"No!\"\ntoken ="),
        ("token =", "notify = \"no\"\ntoken ="),
        ("token =", "site = []\ntoken ="),
        ("token =", "url = \"https://a.b\"\ntoken ="),
        ("token =", "hosts = [\"https://a.b\", \"a b\", \"a/b\"]\ntoken ="),
        ("token =", "accept_draft = 1\ntoken ="),
    ] {
        let Err(errors) = read(&with_lms(&GIVEN.replace(lines, instead))) else { panic!("taken: {instead}") };
        assert!(!format!("{errors}{}", errors.render(false)).contains("hunter2"));
        told.push_str(&format!("{}\n{errors}\n\n", instead.replace('\n', " ⏎ ")));
    }
    // Whatever else is shipped.
    let names = regex::Regex::new("this build holds [^;]*;").unwrap();
    let told = names.replace_all(&told, "this build holds …;").into_owned();
    insta::assert_snapshot!(told);
}

#[test]
fn a_secret_that_is_missing_closes_the_tenant() {
    let Inspection { outcome, needed, missing, .. } =
        inspect("regrets.toml", &with_lms(GIVEN), &env_with(&[("CONTOSO_LMS_SECRET", "")]));
    let config = outcome.unwrap();
    assert!(tenant(&config).is_closed() && !tenant(&config).has_no_credential());
    assert!(tenant(&config).why_closed().unwrap().contains("tenant.contoso.lms.token"));
    assert_eq!(missing.unwrap().problems().len(), 1);
    assert!(needed.iter().any(|needed| needed.name == "CONTOSO_LMS_SECRET" && !needed.is_set));
}

#[test]
fn a_file_of_ones_own_stands_beside_the_configuration() {
    let folder = folder(LARKSPUR);
    let config = read_in(folder.path(), &mine("")).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(lms_of(&config).0.name, "larkspur");

    // What is wrong in it is told with its own lines, once for all tenants that name it.
    std::fs::write(
        folder.path().join("mine.toml"),
        LARKSPUR.replace("{{ learner | lower }}", "{{ lerner }}"),
    )
    .unwrap();
    let second = mine("").replace("tenant.contoso", "tenant.second");
    let told = read_in(folder.path(), &(mine("") + &second)).expect_err("must be refused");
    let line = told.lines().find(|line| line.contains("lerner")).unwrap();
    assert!(line.contains("mine.toml:60:23: find[0].query.email: nothing is called `lerner`"), "{told}");
    assert_eq!(told.lines().filter(|line| line.contains("lerner")).count(), 1, "{told}");
    assert!(told.render(false).contains("query = { email = \"{{ lerner }}\""), "{}", told.render(false));
}

#[test]
fn a_draft_and_one_that_takes_a_course_must_be_accepted() {
    let draft = LARKSPUR.replace("status = \"full\"", "status = \"draft\"");
    let course = LARKSPUR.replace("cancels = \"place\"", "cancels = \"course\"");
    let keeps = course.replace("form.user =", "keeps_course = true\nform.user =");
    for (connector, lines, refused, warned) in [
        (&draft, "", Some("is a draft"), ""),
        (&draft, "accept_draft = true", None, "is a draft, written from public descriptions"),
        (&course, "", Some("can only take away membership"), ""),
        (&course, "allow_course_unenrol = true", None, "cancels places in courses"),
        (&keeps, "", None, "cancels places in courses"),
    ] {
        let folder = folder(connector);
        match (read_in(folder.path(), &mine(lines)), refused) {
            (Err(errors), Some(refused)) => {
                assert!(errors.to_string().contains(refused), "{errors}");
                assert_eq!(errors.problems().len(), 1, "{errors}");
            }
            (Ok(config), None) => {
                let told = warnings(&config.tenants);
                assert!(told.iter().any(|one| one.contains(warned)), "no {warned} in {told:?}");
            }
            (Ok(_), Some(refused)) => panic!("taken, and not: {refused}"),
            (Err(errors), None) => panic!("{errors}"),
        }
    }
}

/// What should be known of a connector before it runs: the tenant, the key, and what would be right.
#[test]
fn what_a_connector_does_not_do_well_is_told() {
    let draft = LARKSPUR.replace("status = \"full\"", "status = \"draft\"");
    let cannot = |connector: &str| {
        let start = connector.find("[[restore]]").unwrap();
        let end = connector[start..].find("\n[[tidy]]").map_or(connector.len(), |end| start + end);
        connector.replacen(&connector[start..end], "", 1)
    };
    let (by_file, reinstates) = (|lines: &str| mine(lines), "take_back = 'reinstate'");
    let mut told = String::new();
    for (connector, toml) in [
        (LARKSPUR.to_owned(), by_file("")),
        (draft, by_file("accept_draft = true")),
        (LARKSPUR.to_owned(), by_file("") + reinstates),
        (cannot(LARKSPUR), by_file("")),
        (cannot(LARKSPUR), by_file("") + reinstates),
        (LARKSPUR.to_owned(), minimal(reinstates)),
        // It takes up to 11 requests.
        (LARKSPUR.to_owned(), by_file("rate = { requests = 2, per = \"1h\" }")),
        (LARKSPUR.to_owned(), by_file("rate = { requests = 10, per = \"1h\" }")),
        (LARKSPUR.to_owned(), by_file("rate = { requests = 11, per = \"1h\" }")),
        (LARKSPUR.to_owned(), by_file("rate = { requests = 1, per = \"5s\" }")),
        (LARKSPUR.to_owned(), by_file("rate = { requests = 1, per = \"4s\" }")),
        (LARKSPUR.to_owned(), by_file("rate = { requests = 4, per = \"365d\" }")),
    ] {
        let folder = folder(&connector);
        let config = read_in(folder.path(), &toml).unwrap_or_else(|errors| panic!("{errors}"));
        told.push_str(&format!("{}\n", warnings(&config.tenants).join("\n")));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn sessions_are_looked_up_where_the_connector_can() {
    let lookup = |text: &str| text.replace(r"{ ical_uid = '^lms-(?<session>\d+)@' }", "{ lookup = true }");
    let config = read(&lookup(&with_lms(GIVEN))).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(matches!(tenant(&config).recognise.session, SessionSource::Lookup));

    let cannot = &LARKSPUR[..LARKSPUR.find("[[lookup]]").unwrap()];
    let folder = folder(cannot);
    let told = read_in(folder.path(), &lookup(&mine(""))).expect_err("must be refused").to_string();
    assert!(told.contains("the connector \"larkspur\" can't look a session up"), "{told}");

    // Of a connector that can't be read, nobody says what it can.
    let told = read(&lookup(&with_lms("connector = 'none-such'"))).expect_err("must be refused").to_string();
    assert!(told.contains("not known") && !told.contains("look a session up"), "{told}");
}

#[test]
fn what_a_connector_does_is_said_in_plain_sentences() {
    let told = describe(&meaning(&with_lms(GIVEN))).to_string();
    for part in [
        "Cancellations go to Larkspur LMS (made up) at larkspur.contoso.com (larkspur)",
        "the LMS is read again",
        "One takes up to 11 requests, at most 5 in 1s",
        "by = email",
        "token is a secret",
        "site is empty",
    ] {
        assert!(told.contains(part), "no {part} in: {told}");
    }
    assert!(!told.contains(KEY), "{told}");
}

/// Two tenants with one connector at one address are on one LMS.
#[test]
fn one_lms_is_known_by_its_address() {
    let second = with_lms(GIVEN).replace("tenant.contoso", "tenant.second");
    let told = read(&(with_lms(GIVEN) + &second)).expect_err("must be refused").to_string();
    assert!(told.contains("tenants contoso and second are of one directory, post to one LMS"), "{told}");
}

#[test]
fn the_schema_takes_the_settings_of_a_connector_and_no_others_for_the_webhook() {
    let schema = schema();
    let as_json = |text: &str| serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
    for (text, is_good) in [
        (minimal(""), true),
        (with_lms(GIVEN), true),
        (with_lms(&format!("{GIVEN}\naccept_draft = true\nhosts = ['a.b']")), true),
        (with_lms(&format!("{GIVEN}\naccept_draft = 'yes'")), false),
        (minimal("").replace("secret =", "secrets ="), false),
        (with_lms(&format!("{WEBHOOK}\ntoken = 'a'")), false),
        (with_lms(&format!("connector = 'webhook'\n{WEBHOOK}")), true),
    ] {
        let found = violations(&schema, &as_json(&text));
        assert_eq!(found.is_empty(), is_good, "{text}\n{found:?}");
    }
}

#[tokio::test]
async fn a_changed_connector_file_is_taken_up() {
    let folder = folder(LARKSPUR);
    std::fs::write(folder.path().join("regrets.toml"), mine("")).unwrap();
    let write = |text: &str| std::fs::write(folder.path().join("mine.toml"), text).unwrap();
    let watched = Watched::start(folder.path(), env()).await.unwrap_or_else(|errors| panic!("{errors}"));
    let title = || lms_of(&watched.current()).0.title.clone();
    assert!(matches!(watched.reload().await, Reloaded::Same));

    write(&LARKSPUR.replace("(made up)", "(made anew)"));
    assert!(matches!(watched.reload().await, Reloaded::Changed(_)));
    assert_eq!(title(), "Larkspur LMS (made anew)");
    assert!(matches!(watched.reload().await, Reloaded::Same));

    // One that is broken changes nothing, and is told until it is mended.
    write("version = 1");
    for _ in 0..2 {
        assert!(matches!(watched.reload().await, Reloaded::Refused(_)));
    }
    std::fs::remove_file(folder.path().join("mine.toml")).unwrap();
    assert!(matches!(watched.reload().await, Reloaded::Refused(_)));
    assert_eq!(title(), "Larkspur LMS (made anew)");
    write(LARKSPUR);
    assert!(matches!(watched.reload().await, Reloaded::Changed(_)));
    assert_eq!(title(), "Larkspur LMS (made up)");
}

/// Each that is shipped is good, is called as it calls itself, and is good by the schema.
#[test]
fn every_shipped_connector_is_good() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lms/presets");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|end| end == "toml"));
    let files: Vec<_> = files.filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect();
    assert!(files.iter().all(|file| presets::text(file).is_some()), "not in the table: {files:?}");
    for name in presets::names() {
        let text = presets::text(name).unwrap();
        let file =
            connector_file::read(name, text).unwrap_or_else(|errors| panic!("{}", errors.render(false)));
        assert_eq!(file.name, name);
        let document = serde_json::to_value(toml::from_str::<toml::Table>(text).unwrap()).unwrap();
        assert_eq!(violations(&connector_file::schema(), &document), Vec::<String>::new(), "{name}");
    }
}
