use super::*;
use crate::config::inspect;
use insta::assert_snapshot;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// A file with these lines for `watch` and `policy`, as a reviewer has it: without secrets.
fn meaning(watch: &str, policy: &str) -> Meaning {
    meaning_with(watch, policy, "")
}

fn meaning_with(watch: &str, policy: &str, recognise: &str) -> Meaning {
    let text = format!(
        r#"[tenant.contoso]
directory = "11111111-2222-3333-4444-555555555555"
client_id = "66666666-7777-8888-9999-000000000000"
credential = {{ client_secret = {{ env = "CONTOSO_CLIENT_SECRET" }} }}
[tenant.contoso.watch]
{watch}
[tenant.contoso.recognise]
{recognise}
session = {{ ical_uid = '^lms-(?<session>\d+)@' }}
[tenant.contoso.policy]
{policy}
[tenant.contoso.lms]
url = "https://lms.contoso.com/hooks/regrets"
secret = {{ env = "CONTOSO_LMS_SECRET" }}
"#
    );
    let env = [
        ("REGRETS_STATE_KEYS", format!("k1:{KEY}")),
        ("AzureWebJobsStorage", "UseDevelopmentStorage=true".to_owned()),
        ("WEBSITE_HOSTNAME", "regrets.azurewebsites.net".to_owned()),
    ];
    let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    inspect("regrets.toml", &text, &env).meaning.unwrap()
}

fn sheet(language: Language, watch: &str, policy: &str) -> String {
    let meaning = meaning(watch, policy);
    told(language, &chosen(None, &meaning).unwrap()[0])
}

const ORGANIZER: &str = "mode = \"organizer\"\norganizers = [\"learning@contoso.com\"]";
const GROUP: &str = "mailboxes = { group = \"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\" }";
const ACT: &str = "mode = \"act\"\ntake_back = \"reinstate\"\nretention = \"30d\"";

#[test]
fn one_organizer_who_is_observed() {
    assert_snapshot!(sheet(Language::En, ORGANIZER, ""));
}

#[test]
fn a_group_for_whom_it_acts() {
    assert_snapshot!(sheet(Language::En, GROUP, ACT));
}

#[test]
fn a_group_for_whom_it_acts_in_german() {
    assert_snapshot!(sheet(Language::De, GROUP, ACT));
}

const CANARY: &str = r#"mode = "act"
[tenant.contoso.canary]
learner = "canary@contoso.com"
session = "9999"
organizer = "learning@contoso.com"
"#;

#[test]
fn what_a_canary_writes_is_told_in_both_languages() {
    for language in [Language::En, Language::De] {
        let told = sheet(language, GROUP, CANARY);
        let lines: Vec<&str> = told
            .lines()
            .filter(|line| {
                line.contains("Calendars.ReadWrite") || line.contains("Test") || line.contains("test")
            })
            .collect();
        assert_snapshot!(format!("canary_{language:?}"), lines.join("\n"));
    }
}

#[test]
fn a_kit_is_told_of_and_no_right_to_write() {
    let kit = "kit = { url = 'https://kit.contoso.com/', secret = { env = 'CONTOSO_LMS_SECRET' } }\n";
    for language in [Language::En, Language::De] {
        let told = sheet(language, GROUP, &format!("{CANARY}{kit}"));
        assert!(told.contains("`kit.contoso.com`") && !told.contains("Calendars.ReadWrite"), "{told}");
    }
}

/// The organizer is known and may be read; the LMS tells of its sessions by itself.
fn published(language: Language, state: &str) -> String {
    let watch = format!(
        "mode = \"both\"\nmailboxes = {{ all = true }}\norganizers = [\"learning@contoso.com\"]\n\
         [tenant.contoso.publish]\nstate = \"{state}\"\norganizer = \"learning@contoso.com\"\n\
         source = \"push\"\npush = {{ secrets = {{ env = \"CONTOSO_LMS_SECRET\" }} }}\n\
         join = {{ who = \"everyone\" }}\ncalendar = \"calendar@contoso.com\""
    );
    let meaning = meaning_with(&watch, "mode = \"act\"", "organizer = [\"learning@contoso.com\"]");
    told(language, &chosen(None, &meaning).unwrap()[0])
}

#[test]
fn what_is_published_is_told_in_both_languages() {
    for language in [Language::En, Language::De] {
        let (off, preview, on) =
            (published(language, "off"), published(language, "preview"), published(language, "on"));
        let new = |text: &str, old: &str| -> String {
            let lines = text.lines().filter(|line| !old.lines().any(|other| other == *line));
            lines.collect::<Vec<_>>().join("\n")
        };
        let told = format!("{}\n\nON\n{}", new(&preview, &off), new(&on, &preview));
        assert_snapshot!(format!("published_{language:?}"), told);
        assert!(!off.contains("learning@contoso.com"), "off: nothing of it is told");
    }
}

#[test]
fn both_languages_say_as_much() {
    for state in ["off", "preview", "on"] {
        let [english, german] = [Language::En, Language::De].map(|language| published(language, state));
        as_much(&english, &german);
    }
    let both = "mode = \"both\"\nmailboxes = { all = true }\norganizers = [\"learning@contoso.com\"]";
    for watch in [ORGANIZER, GROUP, both] {
        for policy in ["", ACT] {
            let [english, german] =
                [Language::En, Language::De].map(|language| sheet(language, watch, policy));
            as_much(&english, &german);
        }
    }
}

fn as_much(english: &str, german: &str) {
    for part in ["\n## ", "\n| ", "**", "**…**", "\n- "] {
        let counts = [english, german].map(|text| text.matches(part).count());
        assert_eq!(counts[0], counts[1], "`{part}` in\n{english}\n{german}");
    }
}

#[test]
fn a_tenant_that_is_not_there_is_told_with_those_that_are() {
    let meaning = meaning(GROUP, "");
    let why = chosen(Some("contosso"), &meaning).map(|_| ()).unwrap_err();
    assert_eq!(why, "tenant `contosso` is not configured; did you mean `contoso`?");
    assert_eq!(chosen(Some("contoso"), &meaning).unwrap().len(), 1);
}
