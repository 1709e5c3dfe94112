use super::*;
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Sample {
    #[serde(default, deserialize_with = "flag")]
    is_on: bool,
    #[serde(default, deserialize_with = "count::<_, 1, 9>")]
    how_many: u32,
    #[serde(default)]
    more: Vec<Sample>,
}

fn sample(value: Value) -> Result<Sample, Complaint> {
    read(value, &["isOn", "howMany", "more"])
}

#[test]
fn keys_match_in_any_case_text_stands_for_values_and_null_for_nothing() {
    let value =
        json!({ "ISON": "True", "howmany": "3", "MORE": [{ "IsOn": true, "howMany": null, "other": 1 }] });
    let inner = Sample { is_on: true, how_many: 0, more: vec![] };
    assert_eq!(sample(value), Ok(Sample { is_on: true, how_many: 3, more: vec![inner] }));
    for value in [json!({ "ison": true, "isOn": false }), json!({ "isOn": false, "z": 1, "ISON": true })] {
        assert_eq!(sample(value).map(|it| it.is_on), Ok(false), "the right spelling wins");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (value, told) in [
        (
            json!({ "more": [{}, { "HOWMANY": 10 }] }),
            "more[1].howMany: expected a whole number from 1 to 9, found 10",
        ),
        (json!({ "isOn": "yes" }), "isOn: expected true or false, found \"yes\""),
        (json!({ "more": 5 }), "more: invalid type: integer `5`, expected a sequence"),
        (json!(5), "invalid type: integer `5`, expected struct Sample"),
    ] {
        let complaint = sample(value).unwrap_err();
        assert!(complaint.starts_with(told), "{complaint}");
    }
}
