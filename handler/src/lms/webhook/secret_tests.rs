use super::*;

#[test]
fn a_secret_is_taken_as_vendors_give_it() {
    let key: &[u8] = b"\xFB\xFF\xBE3456789abcdefghijklmno";
    for text in [
        "whsec_+/++MzQ1Njc4OWFiY2RlZmdoaWprbG1ubw==",
        "whsec_+/++MzQ1Njc4OWFiY2RlZmdoaWprbG1ubw",
        "+/++MzQ1Njc4OWFiY2RlZmdoaWprbG1ubw==",
        "+/++MzQ1Njc4OWFiY2RlZmdoaWprbG1ubw",
        "whsec_-_--MzQ1Njc4OWFiY2RlZmdoaWprbG1ubw==",
        "-_--MzQ1Njc4OWFiY2RlZmdoaWprbG1ubw",
        " whsec_+/++MzQ1Njc4OWFiY2RlZmdoaWprbG1ubw\r\n",
        // The bits behind the last byte mean nothing.
        "+/++MzQ1Njc4OWFiY2RlZmdoaWprbG1ubx",
    ] {
        assert_eq!(WebhookSecret::parse(text).unwrap().key(), key, "{text}");
    }
}

#[test]
fn what_is_none_is_refused_without_being_shown() {
    let long = format!("whsec_{}", "A".repeat(88));
    let cases = [
        "",
        "whsec_",
        "whsec_hunter2!",
        "hunter2",
        "whsec_aHVudGVyMg==",
        "\"whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u\"",
        "whsec_+/--MzQ1Njc4OWFiY2RlZmdoaWprbG1ubw",
        "whsk_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u",
        &long,
    ];
    let said: Vec<_> =
        cases.iter().map(|text| WebhookSecret::parse(text).err().unwrap().to_string()).collect();
    insta::assert_snapshot!(said.join("\n"), @r"
        is 0 bytes long once decoded; a Standard Webhooks secret has 24 to 64
        is 0 bytes long once decoded; a Standard Webhooks secret has 24 to 64
        is not base64; give the signing secret whole, as the vendor shows it, with or without `whsec_`, without quotes
        is 5 bytes long once decoded; a Standard Webhooks secret has 24 to 64
        is 7 bytes long once decoded; a Standard Webhooks secret has 24 to 64
        is not base64; give the signing secret whole, as the vendor shows it, with or without `whsec_`, without quotes
        is not base64; give the signing secret whole, as the vendor shows it, with or without `whsec_`, without quotes
        is a key for asymmetric signatures (`whsk_`), which are not made here; ask the vendor for a `whsec_` secret
        is 66 bytes long once decoded; a Standard Webhooks secret has 24 to 64
        ");
}
