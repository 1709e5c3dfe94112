use super::*;

const DONE: &str = "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_2\r\n\r\n\
        --changesetresponse_2\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
        HTTP/1.1 201 Created\r\nETag: W/\"datetime'1'\"\r\n\r\n{\"text\":\"HTTP/1.1 500 said somebody\"}\r\n\
        --changesetresponse_2\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
        HTTP/1.1 204 No Content\r\nETag: W/\"datetime'2'\"\r\n\r\n\r\n\
        --changesetresponse_2--\r\n--batchresponse_1--\r\n";

const FAILED: &str = "--batchresponse_1\r\nContent-Type: multipart/mixed; \
                      boundary=changesetresponse_2\r\n\r\n\
        --changesetresponse_2\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n\
        HTTP/1.1 412 Precondition Failed\r\nContent-Type: application/json\r\n\r\n\
        {\"odata.error\":{\"code\":\"UpdateConditionNotSatisfied\",\"message\":{\"lang\":\"en-US\",\"value\":\"1:No.\"}}}\r\n\
        --changesetresponse_2--\r\n--batchresponse_1--\r\n";

#[test]
fn every_part_is_read() {
    let statuses = |answer: &str| parts(answer).iter().map(|part| part.status).collect::<Vec<_>>();
    assert_eq!(statuses(DONE), [201, 204]);
    assert_eq!(statuses(&DONE.replace("\r\n", "\n")), [201, 204]);
    assert_eq!(failed(DONE), None);
}

#[test]
fn a_failed_part_is_the_answer() {
    for answer in [FAILED.to_owned(), FAILED.replace("\r\n", "\n")] {
        let part = failed(&answer).unwrap();
        assert_eq!(part.status, 412);
        let body: serde_json::Value = serde_json::from_str(part.body).unwrap();
        assert_eq!(body["odata.error"]["code"], "UpdateConditionNotSatisfied");
    }
}

#[test]
fn no_answer_is_no_part() {
    assert_eq!(parts(""), []);
    assert_eq!(parts("<html>HTTP/1.1 is spoken here</html>"), []);
    assert_eq!(
        failed("--b\r\nHTTP/1.1 what\r\n\r\n").map(|part| part.status),
        Some(0),
        "unreadable is not done"
    );
}
