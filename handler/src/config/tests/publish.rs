//! `[tenant.x.publish]`: what is read of it, what can't work, and what a person is warned of.

use super::*;
use crate::calendar::zone::Zone;
use crate::config::warnings::warnings;
use crate::lms::push::read::LearnerField;
use crate::publishing::budget::SendLimits;
use crate::publishing::content::Field;
use crate::publishing::edits::{Edits, Wins};
use crate::publishing::policy::{
    Events, Instructors, Join, JoinWho, Online, PublishState, Publisher, Publishing, Rooms, RoomsBy,
};
use crate::sessions::vanish_brake::VanishLimits;
use std::collections::BTreeSet;

const MAILBOX: &str = "learning@contoso.com";

/// Its organizer is known and may be read; with these lines in `policy` and in `publish`.
pub(crate) fn with(policy: &str, publish: &str) -> String {
    let text = minimal(policy)
        .replace(
            "mailboxes = { all = true }",
            &format!("mailboxes = {{ all = true }}\norganizers = ['{MAILBOX}']"),
        )
        .replace(
            "[tenant.contoso.recognise]",
            &format!("[tenant.contoso.recognise]\norganizer = ['{MAILBOX}']"),
        );
    format!("{text}[tenant.contoso.publish]\norganizer = '{MAILBOX}'\n{publish}\n")
}

/// The LMS tells by itself.
const PUSH: &str = "source = 'push'\npush = { secrets = [{ env = 'CONTOSO_LMS_SECRET' }] }\n";

/// [`with`], where the LMS tells by itself.
pub(crate) fn pushed(publish: &str) -> String {
    with("", &format!("{PUSH}{publish}"))
}

/// What is read of an LMS that can be read, and may send invitations of its own.
fn read_of(connector: &str, publish: &str) -> String {
    let webhook =
        "url = \"https://lms.contoso.com/hooks/regrets\"\nsecret = { env = \"CONTOSO_LMS_SECRET\" }";
    with("", publish).replace(webhook, connector)
}

const PRETIX: &str = "connector = 'pretix'\nbase_url = 'https://tickets.contoso.com'\norganizer = 'contoso'\n\
                      token = { env = 'CONTOSO_LMS_SECRET' }";

fn published(text: &str) -> Publish {
    let config = read(text).unwrap_or_else(|errors| panic!("{errors}"));
    tenant(&config).publish.clone().expect("is published")
}

#[test]
fn the_least_has_its_defaults() {
    let publish = published(&with("", PUSH));
    assert_eq!(publish.publisher.policy, Publishing::default());
    assert_eq!(publish.publisher.policy.state, PublishState::Off, "off until somebody says so");
    assert_eq!(publish.publisher.organizer, Address::new(MAILBOX));
    assert_eq!((publish.publisher.namespace.as_str(), publish.publisher.join), ("", None));
    assert_eq!(publish.publisher.limits, SendLimits::default());
    assert_eq!(
        (publish.publisher.instructors, publish.publisher.calendar.clone()),
        (Instructors::Count, None)
    );
    assert_eq!((publish.only.clone(), publish.vanish), (None, VanishLimits::default()));
    assert_eq!(publish.every, Duration::hours(1));
    let PublishSource::Push(push) = publish.source else { panic!("is pushed") };
    assert_eq!((push.secrets.len(), push.reading.learner), (1, LearnerField::Email));
    assert_eq!(push.reading.zone, Zone::default());
    assert!(tenant(&read(&minimal("")).unwrap()).publish.is_none(), "nothing where it is left out");
}

#[test]
fn each_setting_is_read() {
    let group = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    let text = with(
        "",
        &format!(
            "state = 'preview'\nnamespace = ' spring '\n\
             only = {{ addresses = ['Ana@contoso.com'], group = '{group}' }}\n\
             settle_edits = '0s'\nsends = ['title']\nconfirm_above = 0\nevery = '5m'\n\
             vanish = {{ few = 0, percent = 100 }}\n\
             taken_away = {{ few = 1, percent = 2 }}\n\
             edits = {{ when = 'lms' }}\n\
             limits = {{ messages_a_minute = 30, recipients_a_day = 10000 }}\n\
             join = {{ who = 'everyone', opens = '24h' }}\n\
             rooms = {{ map = {{ 'Room  7' = 'R7@contoso.com' }}, first = true }}\n\
             instructors = 'names'\nonline = 'meeting'\ncalendar = 'Calendar@contoso.com'\n\
             source = 'push'\n\
             push = {{ secrets = [{{ env = 'CONTOSO_LMS_SECRET' }}, {{ env = 'CONTOSO_LMS_SECRET' }}], \
             learner = 'idnumber', zone = 'W. Europe Standard Time' }}"
        ),
    );
    let publish = published(&text);
    let policy = &publish.publisher.policy;
    assert_eq!((policy.state, policy.settle_edits), (PublishState::Preview, Duration::zero()));
    assert_eq!(
        policy.sends,
        BTreeSet::from([Field::Title, Field::Attendees]),
        "who is invited is always told"
    );
    assert_eq!((policy.confirm_above, publish.every), (0, Duration::minutes(5)));
    assert_eq!(publish.publisher.namespace, "spring");
    assert_eq!(publish.publisher.limits, SendLimits { messages_a_minute: 30, recipients_a_day: 10_000 });
    assert_eq!(publish.vanish, VanishLimits { few: 0, percent: 100 });
    assert_eq!(publish.publisher.taken_away, VanishLimits { few: 1, percent: 2 });
    assert_eq!(publish.publisher.edits, Edits { when: Wins::Lms, ..Edits::default() });
    assert_eq!(publish.publisher.join, Some(Join { who: JoinWho::Everyone, opens: Duration::hours(24) }));
    for (word, who) in [("instructors", JoinWho::Instructors), ("primary", JoinWho::Primary)] {
        let join = published(&pushed(&format!("join = {{ who = '{word}' }}"))).publisher.join;
        assert_eq!(join, Some(Join { who, opens: Duration::minutes(10) }), "{word}");
    }
    assert_eq!(publish.publisher.instructors, Instructors::Names);
    assert_eq!(publish.publisher.calendar, Some(Address::new("calendar@contoso.com")));
    let seven = [("room 7".to_owned(), Address::new("r7@contoso.com"))].into();
    assert_eq!(publish.publisher.rooms, Some(Rooms { by: RoomsBy::Table(seven), first: true }));
    assert_eq!(publish.publisher.online, Online::Meeting);
    assert_eq!(publish.publisher.events, Events::Learner);
    for (word, events) in [("learner", Events::Learner), ("session", Events::Session)] {
        assert_eq!(published(&pushed(&format!("events = '{word}'"))).publisher.events, events);
    }
    let only = publish.only.unwrap();
    assert_eq!(only.addresses, BTreeSet::from([Address::new("ana@contoso.com")]));
    assert_eq!(only.group.as_deref(), Some(group));
    let PublishSource::Push(push) = publish.source else { panic!("is pushed") };
    assert_eq!((push.secrets.len(), push.reading.learner), (2, LearnerField::IdNumber));
    assert_eq!(push.reading.zone.name(), "Europe/Berlin");
    for word in ["when", "place", "link", "title", "text", "attendees"] {
        published(&with("", &format!("{PUSH}sends = ['{word}']")));
    }
}

/// An LMS that is read takes no secrets, and needs a word where it may invite by itself.
#[test]
fn what_the_connector_reads_is_published() {
    let publish = published(&read_of(PRETIX, "state = 'on'\nalso_invites = true"));
    assert!(matches!(publish.source, PublishSource::Lms) && publish.writes());
    // Nobody is invited yet.
    assert!(!published(&read_of(PRETIX, "")).is_wanted());
}

fn on_policy() -> Publishing {
    Publishing { state: PublishState::On, ..Publishing::default() }
}

/// Another connector reads what the one that cancels can't; its address may be a secret.
#[test]
fn another_connector_may_read() {
    for text in [
        "from = { connector = 'csv', url = 'https://files.contoso.com/places.csv' }",
        "source = 'from'\ncsv = 'https://files.contoso.com/places.csv'",
        "csv = { env = 'CONTOSO_TABLE_URL' }",
        "csv = 'file:///mnt/lms/places.csv'",
        "feed = 'https://lms.contoso.com/trainings.ics'",
    ] {
        let address = "https://files.contoso.com/places.csv?sig=hunter2";
        let config = parse("regrets.toml", &with("", text), &env_with(&[("CONTOSO_TABLE_URL", address)]));
        let config = config.unwrap_or_else(|errors| panic!("{text}: {errors}"));
        let publish = tenant(&config).publish.clone().unwrap();
        let PublishSource::From(reads) = &publish.source else { panic!("{text}") };
        assert!(reads.connector.has_its_secrets() && !publish.lacks_source_secrets(), "{text}");
        let said = describe_publish::sentences(&Publish {
            publisher: Publisher { policy: on_policy(), ..publish.publisher.clone() },
            ..publish.clone()
        });
        let said = said.join("\n");
        let name = if text.starts_with("feed") { "icalendar" } else { "csv" };
        assert!(said.contains(&format!("through the connector {name} (url ")), "{said}");
        assert!(!said.contains("hunter2") && !format!("{config:?}").contains("hunter2"));
    }
}

/// What can't work is said before it is tried.
#[test]
fn what_can_not_work_is_refused_in_these_words() {
    let push = pushed;
    let on = |text: String| text.replace("source = 'push'", "source = 'push'\nstate = 'on'");
    let other = |key: &str, text: String| {
        text.replace(&format!("{key} = ['{MAILBOX}']"), &format!("{key} = ['other@contoso.com']"))
    };
    let unread = "connector = 'talentlms'\nbase_url = 'https://contoso.talentlms.com'\naccept_draft = true\n\
                  allow_course_unenrol = true\nkey = { env = 'CONTOSO_LMS_SECRET' }";
    let from = |organizer: &str| push("").replace("publish]\norganizer = 'learning@contoso.com'", organizer);
    let cases = [
        ("no organizer", from("publish]")),
        ("no address", from("publish]\norganizer = 'learning'")),
        ("Exchange's own name", from("publish]\norganizer = 'imceaex-_o=contoso@contoso.com'")),
        ("not recognised", on(other("organizer", push("")))),
        (
            "any organizer recognised",
            on(push("")).replace(
                "[tenant.contoso.recognise]\norganizer = ['learning@contoso.com']",
                "[tenant.contoso.recognise]",
            ),
        ),
        ("not read", on(other("organizers", push("")))),
        ("webhook is not read", with("", "")),
        ("a connector without readings", read_of(unread, "")),
        ("the LMS invites, too", read_of(PRETIX, "state = 'preview'")),
        ("no push", with("", "source = 'push'")),
        ("no secrets", with("", "source = 'push'\npush = {}")),
        ("not one secret", with("", "source = 'push'\npush = { secrets = [] }")),
        ("a literal secret", with("", "source = 'push'\npush = { secrets = ['hunter2'] }")),
        ("push beside lms", read_of(PRETIX, "push = { secrets = [{ env = 'CONTOSO_LMS_SECRET' }] }")),
        ("lms beside a feed", with("", "source = 'lms'\nfeed = 'https://lms.contoso.com/a.ics'")),
        (
            "two of them",
            with("", "csv = 'https://lms.contoso.com/a.csv'\nfeed = 'https://lms.contoso.com/a.ics'"),
        ),
        ("from nothing", with("", "source = 'from'")),
        ("from no table", with("", "from = 'https://lms.contoso.com/a.csv'")),
        ("from one that reads nothing", with("", "from = { connector = 'webhook' }")),
        (
            "no such setting",
            with("", "from = { connector = 'csv', url = 'https://lms.contoso.com/a.csv', zones = 'UTC' }"),
        ),
        ("no https", with("", "csv = 'http://lms.contoso.com/a.csv'")),
        ("no such source", push("").replace("'push'\npush", "'csv'\npush")),
        ("no such learner", push("").replace("] }", "], learner = 'mail' }")),
        ("no such zone", push("").replace("] }", "], zone = 'Europe/Berln' }")),
        ("too often", push("every = '4m'")),
        ("too seldom", push("every = '25h'")),
        ("settles too long", push("settle_edits = '25h'")),
        ("no such field", push("sends = ['titel']")),
        ("no list", push("sends = 'title'")),
        ("only nobody", push("only = {}")),
        ("only an empty list", push("only = { addresses = [] }")),
        ("only a name", push("only = { addresses = ['ana'] }")),
        ("only a group's name", push("only = { group = 'learners' }")),
        ("below zero", push("confirm_above = -1")),
        ("more than all", push("vanish = { percent = 101 }")),
        ("more than all is gone", push("taken_away = { percent = 101 }")),
        ("more than Exchange takes", push("limits = { messages_a_minute = 31, recipients_a_day = 10001 }")),
        ("nothing may be sent", push("limits = { messages_a_minute = 0 }")),
        ("a long namespace", push(&format!("namespace = '{}'", "n".repeat(65)))),
        ("nobody joins", push("join = {}")),
        ("no such people", push("join = { who = 'learners' }")),
        ("not a table", push("join = 'everyone'")),
        ("opens too early", push("join = { who = 'everyone', opens = '25h' }")),
        ("opens in words", push("join = { who = 'everyone', opens = 'early' }")),
        ("no such meeting", push("online = 'zoom'")),
        ("no such events", push("events = 'each'")),
        ("a page of one's own in one event", push("events = 'session'\njoin = { who = 'everyone' }")),
        ("names in one event", push("events = 'session'\ninstructors = 'names'")),
        ("the organizer's own calendar", push(&format!("calendar = '{MAILBOX}'"))),
        (
            "no meetings in China",
            push("online = 'meeting'")
                .replace("[tenant.contoso.watch]", "cloud = 'china'\n[tenant.contoso.watch]"),
        ),
        ("rooms of nothing", push("rooms = { first = true }")),
        ("no such rooms", push("rooms = { map = 'venue' }")),
        ("an empty table", push("rooms = { map = {} }")),
        ("the organizer is a room", push(&format!("rooms = {{ map = {{ hall = '{MAILBOX}' }} }}"))),
        ("a room's name", push("rooms = { map = { hall = 'Hall' } }")),
        ("not built", push("teams = true")),
    ];
    let told: Vec<String> = cases
        .iter()
        .map(|(name, text)| {
            let errors = read(text).map(|_| ()).expect_err(name);
            format!("{name}: {errors}")
        })
        .collect();
    assert!(!told.iter().any(|told| told.contains("hunter2")));
    insta::assert_snapshot!(told.join("\n"));
}

/// Who stops in a hurry edits one setting.
#[test]
fn off_asks_for_nothing_that_only_publishing_needs() {
    let text =
        with("", PUSH).replace(&format!("organizer = ['{MAILBOX}']"), "organizer = ['other@contoso.com']");
    assert!(!published(&text.replace(&format!("organizers = ['{MAILBOX}']"), "")).is_wanted());
}

fn two(first: &str, second: &str) -> Result<Config, ConfigErrors> {
    let group = |id: &str| format!("mailboxes = {{ users = ['aaaaaaaa-bbbb-cccc-dddd-00000000000{id}'] }}");
    let one = with("", &format!("{PUSH}{first}")).replace("mailboxes = { all = true }", &group("1"));
    let other = with("", &format!("{PUSH}{second}"))
        .replace("mailboxes = { all = true }", &group("2"))
        .replace("tenant.contoso", "tenant.second");
    read(&(one + &other))
}

#[test]
fn two_that_could_not_tell_their_events_apart_are_refused() {
    const ON: &str = "state = 'on'";
    let told = two(ON, "state = 'preview'").map(|_| ()).expect_err("one mailbox, one namespace").to_string();
    assert!(told.contains("tenants contoso and second write into one mailbox"), "{told}");
    assert!(told.contains("publish.namespace"), "{told}");
    assert!(two(ON, "state = 'on'\nnamespace = 'b'").is_ok(), "told apart by the namespace");
    assert!(two(ON, "").is_ok(), "one that is off touches none");
    let told_apart = |text: &str| text.replace("learning@contoso.com", "second@contoso.com");
    let (one, other) = (with("", &format!("{PUSH}{ON}")), with("", &format!("{PUSH}{ON}")));
    let other = told_apart(&other).replace("tenant.contoso", "tenant.second").replace(
        "mailboxes = { all = true }",
        "mailboxes = { users = ['aaaaaaaa-bbbb-cccc-dddd-000000000002'] }",
    );
    let one = one.replace(
        "mailboxes = { all = true }",
        "mailboxes = { users = ['aaaaaaaa-bbbb-cccc-dddd-000000000001'] }",
    );
    assert!(read(&(one + &other)).is_ok(), "told apart by the mailbox");
}

#[test]
fn who_sends_invitations_and_carries_no_decline_out_is_warned() {
    let of = |policy: &str, publish: &str, active: &str| {
        let text = with(policy, &format!("{PUSH}{publish}"))
            .replace("[tenant.contoso]\n", &format!("[tenant.contoso]\n{active}\n"));
        let told = warnings(&read(&text).unwrap_or_else(|errors| panic!("{errors}")).tenants);
        told.into_iter().filter(|one| one.contains("publish.")).collect::<Vec<_>>()
    };
    assert!(of("", "state = 'on'", "")[0].contains("who declines one keeps the place"));
    assert!(of("mode = 'act'", "state = 'on'", "active = false")[0].contains("nothing is published"));
    for (policy, publish, active) in
        [("mode = 'act'", "state = 'on'", ""), ("", "state = 'preview'", ""), ("", "", "active = false")]
    {
        assert!(of(policy, publish, active).is_empty(), "{policy} {publish} {active}");
    }
}

/// Nobody can tell a message from a forgery then; all else goes on.
#[test]
fn a_secret_of_the_push_that_is_missing_closes_nothing_else() {
    let text = with("", "source = 'push'\npush = { secrets = { env = 'NOT_SET' } }");
    let config = read(&text).unwrap_or_else(|errors| panic!("{errors}"));
    let tenant = tenant(&config);
    assert!(tenant.publish.as_ref().unwrap().lacks_source_secrets() && !tenant.is_closed());
    let why = tenant.why_closed().unwrap();
    assert!(
        why.contains("NOT_SET") && why.contains("is not taken") && why.contains("all else goes on"),
        "{why}"
    );
}

#[test]
fn it_is_told_in_sentences() {
    let only = "only = { addresses = ['ana@contoso.com'], group = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee' }";
    let texts = [
        with("", PUSH),
        with("", &format!("{PUSH}state = 'preview'")),
        with("", &format!("{PUSH}state = 'on'\n{only}")),
        read_of(PRETIX, "state = 'on'\nalso_invites = true"),
        with("", &format!("{PUSH}state = 'on'\njoin = {{ who = 'everyone' }}")),
        with("", &format!("{PUSH}state = 'on'\njoin = {{ who = 'primary' }}")),
        with("", &format!("{PUSH}state = 'on'\nevents = 'session'")),
    ];
    let told: Vec<String> = texts
        .iter()
        .map(|text| {
            let told = describe(&meaning(text)).to_string();
            let ours = [
                "ublishes",
                "calendars, and counts",
                "Invites",
                "essions and places",
                "gathered",
                "link",
                "one event",
            ];
            let lines = told.lines().filter(|line| ours.iter().any(|word| line.contains(word)));
            lines.map(str::trim).collect::<Vec<_>>().join("\n")
        })
        .collect();
    insta::assert_snapshot!(told.join("\n\n"));
}

/// The section of the example, written out, is what it says it is.
#[test]
fn the_example_of_it_is_taken_and_its_defaults_are_those_of_the_parser() {
    let lines: Vec<&str> = EXAMPLE.lines().skip_while(|line| *line != "# [tenant.contoso.publish]").collect();
    let lines = lines.into_iter().take_while(|line| line.starts_with("# ")).map(|line| &line[2..]);
    let lines: Vec<&str> = lines.skip(1).collect();
    let kept = |keep: &dyn Fn(&str) -> bool| {
        let kept = lines.iter().copied().filter(|line| keep(line) && !line.starts_with("organizer"));
        kept.collect::<Vec<_>>().join("\n").replace("<object id>", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee")
    };
    let is_default = |line: &str| line.ends_with(" Default");
    // One of them says where sessions come from.
    let says_where = |line: &str| ["source", "from", "feed", "push"].iter().any(|key| line.starts_with(key));
    assert_eq!(lines.iter().filter(|line| is_default(line)).count(), 15);
    let full = with("", &kept(&|line| !says_where(line)));
    let short = with("", &kept(&|line| !is_default(line) && !says_where(line)));
    let folder = tempfile::tempdir().unwrap();
    for name in ["invitation.html", "einladung.html"] {
        std::fs::write(folder.path().join(name), "{{ when }} {{ link }} {{ giving_back }}").unwrap();
    }
    let publish = |text: &str| {
        let config =
            read_in(folder.path(), &format!("{text}\n{PUSH}")).unwrap_or_else(|errors| panic!("{errors}"));
        tenant(&config).publish.clone().expect("is published")
    };
    assert_eq!(format!("{:?}", publish(&full)), format!("{:?}", publish(&short)));
}
