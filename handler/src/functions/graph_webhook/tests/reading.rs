//! The fast way of reading a post against the patient one: the fast one may decline, but never say anything else.

use super::super::notification::{self, Post};
use super::super::quick;
use super::{change, lifecycle, wrapped};
use crate::custom_handler::Invocation;
use crate::functions::names::binding::REQUEST;
use crate::replay::cases;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Whether the fast way took it; panics when the two differ.
fn is_read_fast(body: &[u8]) -> bool {
    let invocation = Invocation::new("graph-webhook", body.to_vec());
    let mut items = Vec::new();
    let read = |post: &mut _| quick::read(post, |item| items.push(format!("{:?}", Some(item))));
    let Some((fast, ())) = invocation.http_request_with(REQUEST, read) else { return false };
    let mut patient = invocation.http_request(REQUEST).unwrap();
    let post = patient.body.take().unwrap();
    assert!(fast == patient, "another request: {}", String::from_utf8_lossy(body));
    let mut expected = Vec::new();
    assert_eq!(notification::read(post.as_bytes(), |item| expected.push(format!("{item:?}"))), Some(Post::List));
    assert_eq!(items, expected);
    true
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

fn wrap(post: &Value) -> String {
    wrapped(&json!({ "deployment": "m&é" }), &Value::String(post.to_string()))
}

#[test]
fn what_graph_and_the_host_write_is_read_the_fast_way() {
    for post in posts() {
        assert!(is_read_fast(wrap(&post).as_bytes()), "{post}");
    }
    let spaced =
        r#" { "Data" : { "req" : { "Query" : { } , "Body" : " { \"value\" : [ { } , { \"id\" : null } ] } " } } } "#;
    assert!(is_read_fast(spaced.as_bytes()));
}

#[test]
fn what_could_be_taken_for_something_else_is_left_to_the_patient_way() {
    let good = wrap(&json!({ "value": [change("updated", "e1")] }));
    let deep = format!(r#"{{"value":[],"x":{}{}}}"#, "[".repeat(40), "]".repeat(40));
    let cases = [
        good.replacen("{\"Data\":{", "{\"Data\":{\"req\":{\"Body\":\"{\\\"value\\\":[]}\"},", 1),
        good.replacen("{\"Data\":{", "{\"Data\":{\"req\":{\"Body\":\"{\\\"value\\\":[]}\"}},\"DATA\":{", 1),
        good.replace("},\"Metadata\"", "},\"data\":{},\"Metadata\""),
        good.replace("\"Body\":\"", "\"Body\":\"{\\\"value\\\":[]}\",\"Body\":\""),
        good.replace("application/json", "application/octet-stream"),
        good.replace("\\\"clientState\\\"", "\\\"clientStat\\\\u0065\\\""),
        good.replace("\\\"updated\\\"", "\\\"\\\\ud800\\\""),
        good.replace("\\\"updated\\\"", "5"),
        good.replace("\\\"updated\\\"", "\"updated\""),
        good.replace("\\\"updated\\\"", "\\\"upd\\nated\\\""),
        good.replace("2026-05", "2026\\\\\\n05"),
        good.replace("2026-05", "2026\\n05"),
        good.replace("2026-05", "2026\"05"),
        good.replace("2026-05", "2026\\\\\"05"),
        good.replace("2026-05", "2026\\\\u00x005"),
        format!("{good}x"),
        wrap(&serde_json::from_str(&deep).unwrap()),
        good.replace("]}\"", "]}]\""),
    ];
    for body in cases {
        assert_ne!(body, good);
        assert!(!is_read_fast(body.as_bytes()), "{body}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_damaged_post_is_read_the_same_way_or_not_at_all(
        post in prop::sample::select(posts()),
        damages in prop::collection::vec((any::<prop::sample::Index>(), 0..4_usize, prop::sample::select(PIECES)), 1..4),
    ) {
        let mut body = wrap(&post).into_bytes();
        for (at, length, piece) in damages {
            let at = at.index(body.len());
            let end = (at + length).min(body.len());
            body.splice(at..end, piece.iter().copied());
        }
        is_read_fast(&body);
    }
}

const PIECES: &[&[u8]] = &[
    b"",
    b"\"",
    b"\\",
    b"\\\"",
    b"\\\\\\\"",
    b"\\\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b" ",
    b"\n",
    b"\\n",
    b"\\u0041",
    b"null",
    b"1",
    b"-",
    b"1e999",
    b"\xff",
    b"\xc3\xa9",
    b"\"Body\":\"",
    b"\"Data\":",
    b"\\\"value\\\":",
    b"\\\"id\\\":\\\"x\\\",",
    b"\x01",
];
