use super::*;

#[test]
fn answers_are_matched_by_id_and_the_first_counts() {
    let body = br#"{"responses":[
            {"id":"2","status":429,"headers":{"retry-AFTER":"2.128"}},
            {"id":"1","status":200,"headers":{"Content-Type":"application/json"},"body":{"a":1}},
            {"id":"1","status":404,"body":null},
            {"status":200},
            {"id":"3","status":204,"headers":null}]}"#;
    let opened = open(body).unwrap();
    assert_eq!(opened.len(), 3);
    assert_eq!(opened["1"].status, 200);
    assert_eq!(opened["1"].body.as_ref().unwrap().get(), r#"{"a":1}"#);
    assert_eq!(opened["2"].header("Retry-After").as_deref(), Some("2.128"));
    assert_eq!(opened["3"].header("Retry-After"), None);
}

#[test]
fn what_is_no_answer_to_a_batch_is_seen() {
    for body in ["", "<html></html>", "{}", r#"{"responses":7}"#, r#"{"responses":[{"id":"1","#] {
        assert!(open(body.as_bytes()).is_none(), "{body}");
    }
}
