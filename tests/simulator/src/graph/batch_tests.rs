use super::*;

#[test]
fn malformed_batches_are_refused() {
    let request = |id: &str| json!({ "id": id, "method": "GET", "url": "/users" });
    let many: Vec<Value> = (0..21).map(|n| request(&n.to_string())).collect();
    let wrong = [
        json!({}),
        json!({ "requests": [] }),
        json!({ "requests": many }),
        json!({ "requests": [request("a"), request("A")] }),
        json!({ "requests": [{ "id": "a", "method": "GET",
        "url": "https://graph.microsoft.com/v1.0/users" }] }),
        json!({ "requests": [{ "id": "a", "method": "POST", "url": "/subscriptions", "body": {} }] }),
        json!({ "requests": [{ "id": "a", "url": "/users" }] }),
    ];
    for body in wrong {
        assert_eq!(parts(&body).unwrap_err().status, 400, "{body}");
    }
    assert_eq!(parts(&json!({ "requests": [request("a"), request("b")] })).unwrap().len(), 2);
}
