use super::*;

/// The text is the documented one, part by part; Azurite agrees with the MAC over it.
#[test]
fn the_text_has_every_part_in_its_place() {
    let url = Url::parse("http://h:1/acc/jobs/messages?numofmessages=2&PopReceipt=a%2Bb%3D").unwrap();
    let (method, date) = (Method::POST, "Sun, 22 Nov 2026 05:00:00 GMT");
    let mut signed = Signed {
        method: &method,
        url: &url,
        account: "acc",
        date,
        version: "v",
        body: Some((7, "application/xml")),
    };
    assert_eq!(
        signed.text(),
        format!(
            "POST\n\n\n7\n\napplication/xml\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:v\n\
                 /acc/acc/jobs/messages\nnumofmessages:2\npopreceipt:a+b="
        )
    );
    signed.body = None;
    assert!(signed.text().starts_with("POST\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date"), "{}", signed.text());
    assert_eq!(signed.authorization("not base64!"), None);
    assert!(signed.authorization("a2V5").unwrap().starts_with("SharedKey acc:"));
}
