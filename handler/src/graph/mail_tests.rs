use super::*;
use crate::ids::Address;

#[test]
fn a_mail_names_its_sender_in_the_path_alone_and_itself_in_a_header() {
    let mail = Mail {
        id: "m1".into(),
        from: Address::new("regrets@contoso.com"),
        to: vec![Address::new("it@contoso.com"), Address::new("ops@contoso.com")],
        subject: "Regrets: a test".into(),
        text: "This is a test.".into(),
    };
    insta::assert_snapshot!(format!("{:#}", body(&mail)), @r#"
    {
      "message": {
        "body": {
          "content": "This is a test.",
          "contentType": "Text"
        },
        "internetMessageHeaders": [
          {
            "name": "x-regrets-message-id",
            "value": "m1"
          }
        ],
        "subject": "Regrets: a test",
        "toRecipients": [
          {
            "emailAddress": {
              "address": "it@contoso.com"
            }
          },
          {
            "emailAddress": {
              "address": "ops@contoso.com"
            }
          }
        ]
      },
      "saveToSentItems": true
    }
    "#);
}
