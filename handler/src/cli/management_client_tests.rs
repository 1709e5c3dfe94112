use super::*;
use serde_json::json;

fn place() -> Place {
    Place { url: None, key: None, root: PathBuf::from("/nowhere"), json: false }
}

#[test]
fn an_id_is_one_segment_whatever_is_typed() {
    assert_eq!(segment("contoso.a-b_c.d"), "contoso.a-b_c.d");
    for typed in ["../status?x#y", "%2e%2e/x", "é ~", "..", ".", " "] {
        let url =
            Url::parse(&format!("http://a.test/api/manage/enrolments/{}/approve", segment(typed))).unwrap();
        let segments: Vec<&str> = url.path_segments().unwrap().collect();
        let ["api", "manage", "enrolments", one, "approve"] = segments.as_slice() else { panic!("{url}") };
        let read = percent_encoding::percent_decode_str(one).decode_utf8().unwrap();
        assert!(read == typed || read == "_", "{typed}: {url}");
        assert_eq!((url.query(), url.fragment()), (None, None), "{typed}");
    }
}

#[test]
fn the_url_comes_from_the_argument_then_the_setting_then_the_default() {
    let env = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Env>()
    };
    let key = ("REGRETS_ADMIN_KEY", "k");
    let at =
        |place: &Place, pairs: &[(&str, &str)]| Management::new(place, &env(pairs)).map(|found| found.base);
    assert_eq!(at(&place(), &[key]).unwrap(), DEFAULT);
    assert_eq!(
        at(&place(), &[key, ("REGRETS_URL", "https://a.test/api/manage/")]).unwrap(),
        "https://a.test"
    );
    let named = Place { url: Some("http://b.test:1/x/".to_owned()), ..place() };
    assert_eq!(at(&named, &[key, ("REGRETS_URL", "https://a.test")]).unwrap(), "http://b.test:1/x");
    for wrong in ["localhost:7071", "regrets", "ftp://a.test", "http://"] {
        let why = at(&Place { url: Some(wrong.to_owned()), ..place() }, &[key]).unwrap_err();
        assert_eq!(why, format!("--url is `{wrong}`: write it as http://host:port or https://host"));
    }
    let why = at(&place(), &[]).unwrap_err();
    assert!(why.starts_with("no function key: give --key, set REGRETS_ADMIN_KEY"), "{why}");
}

#[test]
fn a_refused_configuration_is_told_with_its_places() {
    let told = refused_configuration(&json!({ "error": "configuration", "problems": [
        { "message": "`10` needs a unit", "key": "tenant.contoso.policy.grace", "line": 12, "column": 9 },
        { "message": "CONTOSO_LMS_SECRET is not set", "key": null, "line": null, "column": null },
    ]}));
    insta::assert_snapshot!(told, @r"
        Regrets is up and does nothing, because its configuration is wrong:
          line 12, column 9: `10` needs a unit
          CONTOSO_LMS_SECRET is not set
        ");
}
