use super::*;

fn payload(content: &[u8], binary: bool) -> Value {
    let now: DateTime<Utc> = "2026-11-21T10:00:05.1234567Z".parse().unwrap();
    let call = QueueCall {
        id: "6f9f4c1e-0a52-4d2f-9d52-2f6f3f6f7a10",
        content,
        receipt: "AgAAAAMAAAAAAAAAAgtnj8x+1QE=",
        dequeues: 1,
        inserted: "2026-11-21T10:00:00.9Z".parse().unwrap(),
        expires: "2026-11-28T10:00:00.9Z".parse().unwrap(),
        visible: "2026-11-21T10:10:05.1Z".parse().unwrap(),
    };
    let mut payload = queue("worker", "job", binary, &call, now);
    payload["Metadata"]["sys"]["RandGuid"] = json!("[guid]");
    payload
}

#[test]
fn a_message_is_told_as_the_host_tells_it() {
    insta::assert_json_snapshot!(payload(br#"{"jobId":"a1","n":2}"#, false), @r#"
        {
          "Data": {
            "job": "\"{\\\"jobId\\\":\\\"a1\\\",\\\"n\\\":2}\""
          },
          "Metadata": {
            "DequeueCount": "1",
            "ExpirationTime": "2026-11-28T10:00:00+00:00",
            "Id": "\"6f9f4c1e-0a52-4d2f-9d52-2f6f3f6f7a10\"",
            "InsertionTime": "2026-11-21T10:00:00+00:00",
            "NextVisibleTime": "2026-11-21T10:10:05+00:00",
            "PopReceipt": "\"AgAAAAMAAAAAAAAAAgtnj8x+1QE=\"",
            "jobId": "\"a1\"",
            "n": "\"2\"",
            "sys": {
              "MethodName": "worker",
              "RandGuid": "[guid]",
              "UtcNow": "2026-11-21T10:00:05.1234567Z"
            }
          }
        }
        "#);
}

#[test]
fn plain_text_is_encoded_twice_and_binary_once_without_merging() {
    assert_eq!(payload(b"hello", false)["Data"]["job"], "\"hello\"");
    let binary = payload(br#"{"id":"x"}"#, true);
    assert_eq!(binary["Data"]["job"], "eyJpZCI6IngifQ==");
    assert_eq!(binary["Metadata"]["Id"], "\"6f9f4c1e-0a52-4d2f-9d52-2f6f3f6f7a10\"");
}

#[test]
fn message_properties_overwrite_metadata_and_trigger_keys_vanish() {
    let content =
            br#"{"id": "mine", "dequeuecount": 99, "list": [1], "none": null, "nested": {"a": 1}, "myTrigger": "x"}"#;
    let metadata = &payload(content, false)["Metadata"];
    assert_eq!(metadata["Id"], "\"mine\"");
    assert_eq!(metadata["DequeueCount"], "\"99\"");
    assert_eq!(metadata["nested"], json!({"a": 1}));
    for gone in ["list", "none", "myTrigger", "id", "dequeuecount"] {
        assert_eq!(metadata.get(gone), None, "{gone}");
    }
}
