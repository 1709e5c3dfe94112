use super::*;
use crate::lms::engine::settings::Settings;
use crate::lms::engine::testing::{pick, settings};
use crate::lms::engine::variables::{PageAt, Scope, Subject, Taken};
use crate::lms::recipe::words::Verdict;
use chrono::DateTime;
use serde_json::json;

fn fed(from: &str, pages: &[Value]) -> Result<Picked, &'static str> {
    let pick = pick(from, "$.mail", "ANA@contoso.com", Verdict::Ok);
    let (settings, taken, tenant): (Settings, _, _) = (settings("x"), Taken::default(), "contoso".into());
    let scope = Scope {
        tenant: &tenant,
        settings: &settings,
        subject: Subject::Nobody,
        taken: &taken,
        page: PageAt::default(),
        now: DateTime::UNIX_EPOCH,
        since: None,
    };
    let mut picker = Picker::default();
    for page in pages {
        if picker.feed(&pick, Some(page), &scope).unwrap() == Page::NoList {
            return Err("no list");
        }
    }
    Ok(picker.picked())
}

fn word(picked: &Result<Picked, &'static str>) -> String {
    match picked {
        Ok(Picked::One(entry)) => entry["id"].to_string(),
        Ok(Picked::None) => "none".to_owned(),
        Ok(Picked::Many) => "many".to_owned(),
        Err(why) => (*why).to_owned(),
    }
}

#[test]
fn exactly_one_is_picked_over_all_pages() {
    let ana = |id: u32| json!({ "id": id, "mail": "ana@contoso.com" });
    let ben = json!({ "id": 9, "mail": "ben@contoso.com" });
    for (pages, expected) in [
        (vec![json!([ben, ana(1)])], "1"),
        (vec![json!([ben]), json!([]), json!([ana(1)])], "1"),
        (vec![json!([ben])], "none"),
        (vec![json!([])], "none"),
        (vec![json!([ana(1), ana(2)])], "many"),
        (vec![json!([ana(1)]), json!([ana(2)])], "many"),
        // Twice on one page is two; again on the next page it has moved.
        (vec![json!([ana(1), ana(1)])], "many"),
        (vec![json!([ben, ana(1)]), json!([ana(1), ben])], "1"),
        (vec![json!({ "error": "x" })], "no list"),
        (vec![json!({ "error": { "code": 1 } })], "no list"),
        (vec![json!({})], "no list"),
        (vec![json!(null)], "no list"),
        (vec![json!("x")], "no list"),
    ] {
        assert_eq!(word(&fed("$[*]", &pages)), expected, "{pages:?}");
    }
}

#[test]
fn nothing_where_no_list_is_is_not_nothing_in_a_list() {
    for (from, page, expected) in [
        ("$.users[*]", json!({ "users": [] }), "none"),
        ("$.users[*]", json!({ "users": null }), "no list"),
        ("$.users[*]", json!({ "errors": [] }), "no list"),
        ("$.users[?@.id > 1]", json!({ "users": [{ "id": 1, "mail": "ana@contoso.com" }] }), "none"),
        ("$.users[?@.id > 1]", json!({}), "no list"),
        ("$.pages[*].users[*]", json!({ "pages": [] }), "none"),
        ("$.pages[*].users[*]", json!({ "pages": [{ "users": [] }] }), "none"),
        ("$.pages[*].users[*]", json!({ "pages": [{ "users": [] }, {}] }), "none"),
        ("$.pages[*].users[*]", json!({}), "no list"),
        ("$.users[*]", json!({ "users": { "7": { "id": 7, "mail": "ana@contoso.com" } } }), "7"),
        ("$.users[*]", json!({ "users": { "error": "x" } }), "no list"),
        ("$.users[*]", json!({ "users": {} }), "no list"),
        ("$.user", json!({}), "none"),
    ] {
        assert_eq!(word(&fed(from, std::slice::from_ref(&page))), expected, "{from} in {page}");
    }
}
