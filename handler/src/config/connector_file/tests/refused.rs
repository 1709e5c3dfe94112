//! What is refused: each case is one slip in a good file, and what is told of it.

use super::*;
use std::fmt::Write as _;

/// What is told of each slip, as one text.
fn told(cases: &[(&str, &str)]) -> String {
    let mut told = String::new();
    for (part, instead) in cases {
        let Err(errors) = read("larkspur.toml", &with(part, instead)) else { panic!("taken: {instead}") };
        let _ = writeln!(told, "{}\n{}\n", instead.replace('\n', " ⏎ "), indented(&errors.to_string()));
    }
    told
}

fn told_of_auth(cases: &[&str]) -> String {
    let mut told = String::new();
    for auth in cases {
        let errors = read("larkspur.toml", &with_auth(auth)).expect_err(auth);
        assert!(
            !errors.to_string().contains("hunter2") && !errors.render(false).contains("hunter2"),
            "{errors}"
        );
        let _ = writeln!(told, "{}\n{}\n", auth.replace('\n', " ⏎ "), indented(&errors.to_string()));
    }
    told
}

fn indented(errors: &str) -> String {
    errors.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_head() {
    let told = told(&[
        ("version = 1", ""),
        ("version = 1", "version = 2"),
        ("version = 1", "version = '1'"),
        ("name = \"larkspur\"", "name = \"Larkspur LMS\""),
        ("name = \"larkspur\"", "name = \"webhook\""),
        ("title = \"Larkspur LMS (made up)\"", ""),
        ("title =", "tilte ="),
        ("[about]\n", "[abuot]\n"),
        ("cancels = \"place\"", "cancels = \"plase\""),
        ("cancels = \"place\"", ""),
        ("destructive = false", "destructive = \"no\""),
        ("verified = \"read-back\"", "verified = \"readback\""),
        ("status = \"full\"", "status = \"done\""),
        ("verified = \"read-back\"", "verified = \"answer\""),
        ("[after_write]", "[after_writes]"),
        ("reads = 3", "reads = 99"),
        ("wait = \"1s\"", "wait = \"2m\""),
        ("still_held = \"held_elsewhere\"", "still_held = \"done\""),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn settings_and_service() {
    let told = told(&[
        ("kind = \"url\"", "kind = \"uri\""),
        ("kind = \"url\", about = \"The site's address\",", "kind = \"url\","),
        ("kind = \"url\",", "kind = \"text\","),
        ("kind = \"url\",", "kind = \"secret\","),
        ("kind = \"secret\",", "kind = \"secret\", default = \"hunter2\","),
        ("of = [\"email\", \"number\"], default = \"email\"", "default = \"email\""),
        ("of = [\"email\", \"number\"]", "of = []"),
        ("default = \"email\"", "default = \"mail\""),
        ("default = \"declined\"", "default = \"Declined!\""),
        ("default = false", "default = \"perhaps\""),
        ("optional = true", "optional = true, default = \"a\""),
        ("'^[a-z ]+$'", "'^[a-z +$'"),
        ("'^[a-z ]+$'", "'(\\p{L}{1000}){1000}'"),
        ("kind = \"flag\"", "kind = \"flag\", pattern = 'a'"),
        ("by = {", "rate = {"),
        ("site = {", "Site-Id = {"),
        ("[settings]\n", "[settings]\nidle = { kind = \"text\", about = \"Nobody asks\" }\n"),
        ("base = \"{{ settings.base_url }}\"", "base = \"http://larkspur.contoso.com\""),
        ("base = \"{{ settings.base_url }}\"", "base = \"ftp://{{ settings.site }}.contoso.com\""),
        ("base = \"{{ settings.base_url }}\"", "base = \"https://larkspur.contoso.com\""),
        ("base = \"{{ settings.base_url }}\"", "base = \"{{ learner }}\""),
        ("base = \"{{ settings.base_url }}\"", "base = \"{{ settings.bse_url }}\""),
        ("X-Site = \"{{ settings.site }}\"", "X-Site = \"{{ session }}\""),
        ("X-Site = \"{{ settings.site }}\"", "Host = \"{{ settings.site }}\""),
        ("X-Site = \"{{ settings.site }}\"", "accept = \"{{ settings.site }}\""),
        ("X-Site = \"{{ settings.site }}\"", "\"X Site\" = \"{{ settings.site }}\""),
        ("rules = [\"faults\"]", "rules = [\"fautls\"]"),
        ("rules = [\"faults\"]", ""),
        ("concurrency = 2", "concurrency = 0"),
        ("remaining = \"X-RateLimit-Remaining\"", ""),
        ("read_limit = \"4MiB\"", "read_limit = \"4MB\""),
        ("read_limit = \"4MiB\"", "read_limit = \"40MiB\""),
        ("rate = { requests = 5,", "rate = { requests = 0,"),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn rules() {
    let told = told(&[
        ("status = [200, \"4xx\"]", "status = []"),
        ("status = [200, \"4xx\"]", "status = [99, \"6xx\", \"4x\", true]"),
        ("at = \"$.error.code\"", "at = \"error.code\""),
        ("at = \"$.error.code\"", "at = \"$..code\""),
        ("at = \"$.error.code\"", "at = \"$.error[\""),
        ("at = \"$.error.code\"", "at = \"$.error.code\"\nheader = \"X-Error\""),
        ("at = \"$.error.code\"\n", ""),
        ("is_one_of = [\"E17\", 18]", ""),
        ("is_one_of = [\"E17\", 18]", "is_one_of = []"),
        ("is_one_of = [\"E17\", 18]", "is_oneof = [\"E17\", 18]"),
        ("is_one_of = [\"E17\", 18]", "is = \"E17\"\nmatches = \"E.*\""),
        ("is_one_of = [\"E17\", 18]", "is = [1]"),
        ("is_one_of = [\"E17\", 18]", "is = \"{{ learner }}\""),
        ("is_one_of = [\"E17\", 18]", "matches = \"e17\"\nignore_case = true"),
        ("exists = true", "exists = true\nignore_case = true"),
        ("exists = true", "exists = \"yes\""),
        ("then = \"auth_broken\"", "then = \"auth_brokn\""),
        ("then = \"auth_broken\"", "then = \"done\""),
        ("then = \"auth_broken\"", ""),
        ("header = \"X-Maintenance\"\nexists = true\n", ""),
        ("{ status = [200], then = \"ok\" },", "{ then = \"ok\" }, { status = [500], then = \"retry\" },"),
        ("rules = [{ status = [409], then = \"full\" }]", "rules = [{ status = [409], then = \"ok\" }, 7]"),
        ("{ status = [404], then = \"unknown_learner\" }", "{ status = [404], then = \"full\" }"),
        ("{ status = [404], then = \"unknown_learner\" }", "\"faults\", \"faluts\""),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn steps_and_requests() {
    let told = told(&[
        ("name = \"user\"", "name = \"User\""),
        ("name = \"user\"", "name = \"order\""),
        ("name = \"nobody\"", "name = \"user\""),
        ("name = \"place\"", "name = \"user\""),
        ("path = \"/users\"", ""),
        ("path = \"/users\"", "path = \"users\""),
        ("path = \"/users\"", "path = \"/users?all=1\""),
        ("path = \"/users\"", "path = \"/../users\""),
        ("path = \"/users\"", "path = \"/users\"\nurl = \"https://contoso.com/users\""),
        ("path = \"/users\"", "path = \"/users\"\nmethod = \"GTE\""),
        ("path = \"/users\"", "path = \"/users\"\nmethod = \"POST\""),
        ("path = \"/users\"", "path = \"/users\"\nform.a = \"b\""),
        ("path = \"/users\"", "path = \"/users\"\nexit = \"unclear\""),
        ("path = \"/users\"", "path = \"/users\"\nexpect = \"text\""),
        ("path = \"/users\"", "path = \"/users\"\ntimeout = \"2m\""),
        ("path = \"/users\"", "path = \"/users\"\nkeeps_course = true"),
        ("path = \"/users\"", "path = \"/users\"\nstate = \"held\""),
        ("path = \"/users\"", "path = \"/users\"\nfrom = 1"),
        ("reads = true\n", ""),
        ("path = \"/me\"", "path = \"/me\"\nreads = false"),
        ("path = \"/me\"", "path = \"/me\"\ncache = \"1h\""),
        ("path = \"/me\"", "path = \"/me\"\nempty = \"yes\""),
        ("path = \"/me\"", "path = \"/me\"\nquery.api_key = \"hunter2\""),
        ("path = \"/me\"", "path = \"/me\"\nheaders.Authorization = \"Basic hunter2\""),
        ("path = \"/me\"", "path = \"/me\"\nrules = [{ status = [404], then = \"absent\" }]"),
        ("method = \"DELETE\"\n", ""),
        ("exit = \"unknown_learner\"", "exit = \"ok\""),
        ("exit = \"unknown_learner\"", "exit = \"unknown_learner\"\ntake.id = \"$.id\""),
        ("exit = \"unknown_learner\"", ""),
        ("is_empty = true }]\nexit", "is_emtpy = true }]\nexit"),
        ("when = [{ value = \"{{ user.id }}\", is_empty = true }]\nexit", "exit"),
        ("active = true", "active = 99999999999999999999"),
        ("active = true", "active = nan"),
        ("active = true", "active = 2026-11-21"),
        ("\"{{ user.id | number }}\"", "\"{{ user.id | nmber }}\""),
        ("\"{{ learner | lower }}\"", "\"{{ learner | lower \""),
        ("\"{{ learner | lower }}\"", "\"{% if learner %}\""),
        ("title eq '{{ event.title }}'", "title eq {{ event.title }}"),
        ("json = { since", "xml = \"<a>\"\njson = { since"),
        (
            "json = { since = '{{ order.decided_at | date(\"%Y-%m-%d\") }}' }",
            "graphql.query = \"{ a(b: {{ session }}) }\"",
        ),
        (
            "json = { since = '{{ order.decided_at | date(\"%Y-%m-%d\") }}' }",
            "xml = \"<a href={{ session }}/>\"",
        ),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn placeholders_that_nobody_can_have_set() {
    let told = told(&[
        ("\"{{ learner | lower }}\"", "\"{{ lerner }}\""),
        ("\"{{ learner | lower }}\"", "\"{{ order.id }}\""),
        ("\"{{ learner | lower }}\"", "\"{{ event.title }}\""),
        ("\"{{ learner | lower }}\"", "\"{{ auth.token }}\""),
        ("\"{{ learner | lower }}\"", "\"{{ page.cursor }}\""),
        ("\"{{ learner | lower }}\"", "\"{{ user.id }}\""),
        ("\"{{ learner | lower }}\"", "\"{{ settings.bye }}\""),
        ("\"{{ learner | lower }}\"", "\"{{ place.version }}\""),
        ("form.user = \"{{ user.id }}\"", "form.user = \"{{ user.idd }}\""),
        ("form.user = \"{{ user.id }}\"", "form.user = \"{{ usr.id }}\""),
        ("path = \"/sessions/{{ session }}\"", "path = \"/sessions/{{ place.version }}\""),
        ("path = \"/me\"", "path = \"/me/{{ learner }}\""),
        ("path = \"/me\"", "path = \"/me/{{ user.id }}\""),
        ("{{ event.start }}", "{{ session }}"),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn picks_takes_and_pages() {
    let told = told(&[
        ("pick.none = \"continue\"", ""),
        ("pick.none = \"continue\"", "pick.none = \"ok\""),
        ("pick.none = \"absent\"", "pick.none = \"continue\""),
        ("pick.none = \"absent\"", "pick.none = \"absent\"\npick.many = \"continue\""),
        ("pick.from = \"$.items[*]\"", "pick.from = \"$.items[?@.active]\""),
        ("pick.where = [{ at = \"$.email\", is", "pick.where = [{ at = \"$.email\", iss"),
        ("pick.where = [{ at = \"$.email\", is", "pick.where = [{ is"),
        ("pick.from = \"$.items[*]\"\n", ""),
        ("take.id = \"$.id\"", "take.Id = \"$.id\""),
        ("take.id = \"$.id\"", "take.id = { at = \"$.id\", header = \"X-Id\" }"),
        ("take.id = \"$.id\"", "take.id = { optional = true }"),
        ("take.id = \"$.id\"", "take.id = { text = 'id=(\\d+)(x)' }"),
        ("take.id = \"$.id\"", "take.id = 7"),
        (
            "paging = { kind = \"page\", query = \"page\", size = 50,",
            "paging = { kind = \"pages\", size = 50,",
        ),
        ("paging = { kind = \"page\", query = \"page\",", "paging = { kind = \"page\","),
        (
            "paging = { kind = \"page\", query = \"page\", size = 50, size_query = \"limit\", ends = \
             \"short\" }",
            "paging = { kind = \"link\", ends = \"short\" }",
        ),
        (
            "paging = { kind = \"page\", query = \"page\", size = 50, size_query = \"limit\", ends = \
             \"short\" }",
            "paging = { kind = \"cursor\", query = \"after\" }",
        ),
        ("ends = \"short\" }", "ends = \"null\", most = 5000 }"),
        ("path = \"/me\"", "path = \"/me\"\npaging = { kind = \"link\" }"),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn what_the_parts_say_together() {
    let read = LARKSPUR.find("[[read]]").unwrap()..LARKSPUR.find("[[write]]").unwrap();
    let write = read.end..LARKSPUR.find("[[restore]]").unwrap();
    let told = told(&[
        (&LARKSPUR[read.clone()], ""),
        (&LARKSPUR[write.clone()], ""),
        (&LARKSPUR[write], "[[write]]\nname = \"a\"\nmethod = \"GET\"\npath = \"/a\"\n\n"),
        (
            "state = { at = \"$.status\", map = { booked = \"held\", line = \"waitlisted\", gone = \
             \"cancelled\" } }",
            "",
        ),
        ("booked = \"held\"", "booked = \"hold\""),
        ("state = { at = \"$.status\", map = {", "state = { at = \"$.status\", mpa = {"),
        (
            "name = \"place\"\n",
            "name = \"place\"\nwhen = [{ value = \"{{ user.id }}\", is_empty = false }]\n",
        ),
        ("started = \"$.started\"", "started = \"$.started\"\nstate = \"held\""),
        (
            "form.user = \"{{ user.id }}\"",
            "form.user = \"{{ user.id }}\"\nkeeps_course = true\ngiven = \"$.a\"",
        ),
        ("then = \"already_cancelled\"", "then = \"done\""),
        ("take.session = \"$.id\"", "take.id = \"$.id\""),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn ways_to_sign_in() {
    let told = told_of_auth(&[
        "kind = \"berer\"\nvalue = \"{{ settings.token }}\"",
        "value = \"{{ settings.token }}\"",
        "kind = \"bearer\"\nvalue = \"hunter2\"",
        "kind = \"bearer\"\nvalue = \"{{ settings.by }}\"",
        "kind = \"bearer\"\nvalue = \"hunter2 {{ settings.by }}\"",
        "kind = \"bearer\"\nvlaue = \"hunter2\"",
        "kind = \"bearer\"",
        "kind = \"none\"\nvalue = \"{{ settings.token }}\"",
        "kind = \"header\"\nvalue = \"{{ settings.token }}\"",
        "kind = \"header\"\nname = \"Content-Length\"\nvalue = \"{{ settings.token }}\"",
        "kind = \"basic\"\nuser = \"regrets\"\npassword = \"hunter2\"",
        "kind = \"basic\"\nuser = \"{{ settings.token }}\"",
        "kind = \"oauth2\"\npath = \"/token\"\nfields = { client_id = \"a\", client_secret = \"hunter2\" }",
        "kind = \"oauth2\"\nfields = { client_secret = \"{{ settings.token }}\" }",
        "kind = \"oauth2\"\npath = \"/token\"\nclient = \"basic\"\n\
         fields = { client_secret = \"{{ settings.token }}\" }",
        "kind = \"oauth2\"\ngrant = \"refresh_token\"\npath = \"/token\"\n\
         fields = { client_secret = \"{{ settings.token }}\" }",
        "kind = \"oauth2\"\ngrant = \"password\"\npath = \"/token\"",
        "kind = \"oauth2\"\npath = \"/token\"\nvalue = \"Token {{ settings.token }}\"\n\
         fields.client_secret = \"{{ settings.token }}\"",
        "kind = \"oauth2\"\npath = \"/token\"\nrejected = [\"refused\"]\n\
         fields.client_secret = \"{{ settings.token }}\"",
        "kind = \"login\"\npath = \"/login\"\njson = { user = \"a\", password = \"hunter2\" }",
        "kind = \"login\"\npath = \"/login\"\nform = { user = \"a\" }",
        "kind = \"login\"\npath = \"/login\"\ntoken = \"$.t\"\ncookie = \"a\"\n\
         form = { password = \"{{ settings.token }}\" }",
        "kind = \"login\"\npath = \"/login\"\ncookie = \"a b\"\n\
         form = { password = \"{{ settings.token }}\" }",
        "kind = \"login\"\npath = \"/login\"\ncookie = \"a\"\nheader = \"X-A\"\n\
         form = { password = \"{{ settings.token }}\" }",
        "kind = \"login\"\npath = \"/login\"\nlasts = \"0s\"\nform = { password = \"{{ settings.token }}\" }",
    ]);
    insta::assert_snapshot!(told);
}

/// As a person at a terminal sees it: the very placeholder is underlined.
#[test]
fn a_problem_points_at_its_place() {
    let text = with("json = { since = '{{ order.decided_at |", "json = { since = '{{ order.decidd_at |");
    let errors = read("larkspur.toml", &text).expect_err("must be refused");
    let shown = errors.render(false);
    insta::assert_snapshot!(shown);
}

#[test]
fn what_is_too_long_is_refused() {
    let steps = "[[tidy]]\nname = \"queue\"\nexit = \"unclear\"\n".repeat(41);
    let text = with("[[probe]]", &format!("{steps}[[probe]]"));
    let told = read("larkspur.toml", &text).expect_err("must be refused").to_string();
    assert!(told.contains("42 steps: a recipe has at most 40"), "{told}");
    let long = format!("{LARKSPUR}\n# {}", "x".repeat(MOST_BYTES));
    let told = read("larkspur.toml", &long).expect_err("must be refused").to_string();
    assert!(told.contains("it is longer than 256 KiB"), "{told}");
}

/// What a broken file holds is not shown either.
#[test]
fn no_secret_is_shown() {
    for text in [
        with("value = \"{{ settings.token }}\"", "value = \"hunter2\"\n[auth]"),
        with("value = \"{{ settings.token }}\"", "token = \"hunter2"),
        with("version = 1", "version = 7").replace("{{ settings.token }}", "hunter2"),
        with("path = \"/me\"", "path = \"/me\"\nheaders.X-Api-Key = \"hunter2\""),
        with("path = \"/me\"", "path = \"/me\"\njson.password = \"hunter2\""),
        with("token = { kind = \"secret\",", "token = \"hunter2\"\nx = {"),
    ] {
        let errors = read("larkspur.toml", &text).expect_err(&text);
        assert!(!format!("{}{errors}", errors.render(false)).contains("hunter2"), "{}", errors.render(false));
    }
}
