//! Two layers of JSON, one in a string of the other, however they are spelled.

use super::super::notification::{self, Post};
use super::{Webhook, change, lifecycle, wrapped};
use crate::replay::cases;
use proptest::prelude::*;
use serde_json::{Value, json};

fn wrap(post: &Value) -> String {
    wrapped(&json!({ "deployment": "m&é" }), &Value::String(post.to_string()))
}

#[tokio::test]
async fn a_post_is_read_in_any_spelling_of_json_and_the_last_of_two_names_counts() {
    let good = wrap(&json!({ "value": [change("updated", "e1")] }));
    let empty = r#""Body":"{\"value\":[]}""#;
    let with = |from: &str, to: &str| {
        let body = good.replace(from, to);
        assert_ne!(body, good);
        body
    };
    let spaced = r#" { "Data" : { "req" : { "Query" : { } , "Body" : " { \"value\" : [ { } , { \"id\" : null } ] } " } } } "#;
    let deep = format!(r#"{{"value":[],"x":{}{}}}"#, "[".repeat(40), "]".repeat(40));
    let cases = [
        ("as today's host and Graph write it", good.clone(), "202, 1 message"),
        ("spaces", spaced.to_owned(), "202, -/no_client_state: 2"),
        (
            "a name with an escape",
            with("\\\"clientState\\\"", "\\\"clientStat\\\\u0065\\\""),
            "202, 1 message",
        ),
        (
            "two requests",
            with("{\"Data\":{", &format!("{{\"Data\":{{\"req\":{{{empty}}},")),
            "202, 1 message",
        ),
        (
            "data twice",
            with("{\"Data\":{", &format!("{{\"Data\":{{\"req\":{{{empty}}}}},\"DATA\":{{")),
            "202, 1 message",
        ),
        (
            "data twice, then without a request",
            with("},\"Metadata\"", "},\"data\":{},\"Metadata\""),
            "failed",
        ),
        ("two bodies", with("\"Body\":\"", &format!("{empty},\"Body\":\"")), "202, 1 message"),
        ("bytes that are no base64", with("application/json", "application/octet-stream"), "202, 1 message"),
        ("half of a character", with("\\\"updated\\\"", "\\\"\\\\ud800\\\""), "202, -/malformed_item: 1"),
        ("a number for a text", with("\\\"updated\\\"", "5"), "202, contoso/unknown_change_type: 1"),
        ("deep nesting", wrap(&serde_json::from_str(&deep).unwrap()), "202"),
        ("a post that ends too soon", with("]}\"", "]}]\""), "400, -/not_json: 1"),
        ("a line break in a post's text", with("2026-05", "2026\\n05"), "400, -/not_json: 1"),
        ("an escaped line break in a post's text", with("2026-05", "2026\\\\\\n05"), "400, -/not_json: 1"),
        ("no such character", with("2026-05", "2026\\\\u00x005"), "400, -/not_json: 1"),
        ("a quote that ends the post's text", with("2026-05", "2026\"05"), "failed"),
        ("a quote after a backslash", with("2026-05", "2026\\\\\"05"), "failed"),
        ("quotes of the wrong layer", with("\\\"updated\\\"", "\"updated\""), "failed"),
        ("more after the end", format!("{good}x"), "failed"),
    ];
    let webhook = Webhook::new();
    for (name, body, expected) in cases {
        let answer = webhook.try_invoke(body).await;
        let seen = answer.map_or("failed".to_owned(), |answer| {
            let messages = (!answer.changes.is_empty()).then(|| format!("{} message", answer.changes.len()));
            let dropped = webhook.counted().replace("dropped: ", "");
            let dropped = (!dropped.is_empty()).then_some(dropped);
            [Some(answer.status.to_string()), messages, dropped]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", ")
        });
        assert_eq!(seen, expected, "{name}");
    }
}

fn posts() -> Vec<Value> {
    let mut odd = change("updated", "e\"1\\\u{1}é");
    odd["resourceData"]["more"] = json!([1, -0.5e-3, true, false, null, { "x": ["y", {}, []] }]);
    odd["resource"] = Value::Null;
    vec![
        json!({ "value": [change("updated", "e1"), lifecycle("missed")] }),
        json!({ "@odata.context": "x", "value": [odd, {}], "validationTokens": [] }),
        json!({ "value": [] }),
    ]
}

fn items(post: &str) -> Option<Vec<String>> {
    match notification::read(post.as_bytes(), Vec::new, |items, item| items.push(format!("{item:?}")))? {
        Post::List(items) => Some(items),
        Post::NoList => None,
    }
}

proptest! {
    #![proptest_config(cases(256))]

    /// An item that can't be read has the post cut into items before they are read.
    #[test]
    fn a_post_is_read_the_same_whether_or_not_it_has_to_be_cut(
        post in prop::sample::select(posts()),
        damages in prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize,
        prop::sample::select(PIECES.split('|').collect::<Vec<_>>())), 0..3),
    ) {
        let mut text = post.to_string();
        for (at, length, piece) in damages {
            let boundary = |at: usize| (at..).find(|at| text.is_char_boundary(*at)).unwrap();
            let at = boundary(at.index(text.len()));
            let end = boundary((at + length).min(text.len()));
            text.replace_range(at..end, piece);
        }
        let Some(read) = items(&text) else { return Ok(()) };
        let cut = items(&format!("{{\"value\":[5],{}", text.trim_start().strip_prefix('{').unwrap()));
        prop_assert_eq!(cut.unwrap(), [vec!["None".to_owned()], read].concat());
    }
}

const PIECES: &str = concat!(
    r#"|"|\|\"|{|}|[|]|,|:| |\u0041|\ud800|null|1|-|1e999|é|"value":|"value":[],|"value":{},|"id":"x",|"#,
    "\n|\u{1}"
);
