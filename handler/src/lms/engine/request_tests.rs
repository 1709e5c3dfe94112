use super::*;
use crate::lms::engine::settings::Settings;
use crate::lms::engine::testing::{file, get, order, post, settings, text};
use crate::lms::engine::variables::{PageAt, Scope, Subject, Taken};
use crate::lms::recipe::template::Position;
use crate::lms::{LearnerKey, Order};
use chrono::DateTime;
use http::Method;
use proptest::prelude::*;

const BASE: &str = "https://lms.example/base";

fn built(request: &Request, order: &Order) -> Result<Unsigned, RequestError> {
    let (settings, mut taken): (Settings, _) = (settings(BASE), Taken::default());
    taken.set("user", "id", "12345678901234567890123".to_owned());
    let scope = Scope {
        tenant: &order.tenant,
        settings: &settings,
        subject: Subject::Order(order),
        taken: &taken,
        page: PageAt::default(),
        now: DateTime::UNIX_EPOCH,
        since: None,
    };
    let hosts = Hosts::new(Url::parse(BASE).unwrap(), &file(), &settings);
    build(request, &hosts, &[("X-Vendor".to_owned(), text("regrets"))], &scope)
}

fn of(learner: &str) -> Order {
    Order { learner: LearnerKey::new(learner), ..order() }
}

fn pairs(fields: &[(&str, &str)]) -> Vec<(String, Template)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect()
}

#[test]
fn values_are_encoded_for_where_they_stand() {
    let mut request = get("/users/{{ learner }}/x");
    request.query = pairs(&[("values[0]", "{{ learner }}"), ("$top", "1")]);
    let made = built(&request, &of("a&b=c d+e/ü")).unwrap();
    assert_eq!(
        made.url.as_str(),
        "https://lms.example/base/users/a%26b%3Dc%20d%2Be%2F%C3%BC/x\
         ?values%5B0%5D=a%26b%3Dc%20d%2Be%2F%C3%BC&$top=1"
    );
    assert!(made.body().is_empty() && made.headers["x-vendor"] == "regrets");
    let form = built(&post("/x", &[("values[0]", "{{ learner }}")]), &of("a&b=c d")).unwrap();
    assert_eq!(form.body(), "values%5B0%5D=a%26b%3Dc+d");
    assert_eq!(form.headers[CONTENT_TYPE], "application/x-www-form-urlencoded");
}

#[test]
fn json_keeps_its_shape_and_its_digits() {
    let number = |value: &str| JsonBody::AsNumber(text(value));
    let json = JsonBody::Object(vec![
        ("id".to_owned(), number("{{ user.id | number }}")),
        ("who".to_owned(), JsonBody::Text(text("{{ learner }}"))),
        ("yes".to_owned(), JsonBody::AsBoolean(text("{{ order.generation | boolean }}"))),
        ("list".to_owned(), JsonBody::List(vec![JsonBody::Null, JsonBody::Number("1.50".to_owned())])),
    ]);
    let request = |body| Request { body, ..post("/x", &[]) };
    let made = built(&request(Body::Json(json.clone())), &of("a\"}\\\n")).unwrap();
    assert_eq!(
        made.body(),
        r#"{"id":12345678901234567890123,"who":"a\"}\\\n","yes":true,"list":[null,1.50]}"#
    );
    let graph = Body::GraphQl { query: "mutation($i: Int) { x }".to_owned(), variables: json };
    let made = built(&request(graph), &of("a")).unwrap();
    assert!(made.body().starts_with(r#"{"query":"mutation($i: Int) { x }","variables":{"id":1234"#));
    let bad = built(&request(Body::Json(number("{{ learner }}"))), &of("1,2"));
    assert_eq!(bad.err(), Some(RequestError::NotJson("a number")));
}

#[test]
fn a_value_that_nobody_has_makes_no_request() {
    let error = built(&get("/users/{{ other.id }}"), &order()).err().unwrap();
    assert!(error.to_string().contains("other.id"), "{error}");
    let empty = built(&get("/users/{{ learner }}"), &of("")).err().unwrap();
    assert!(!empty.to_string().is_empty());
}

#[test]
fn the_credential_is_put_where_it_belongs() {
    use crate::lms::engine::auth::credential::{Credential, Place};
    let signed = |request: &Request, place| {
        let credential = Credential::fixed(place, "s&cret".to_owned());
        built(request, &order()).unwrap().sign(&credential)
    };
    let mut listed = get("/x");
    listed.query = pairs(&[("apikey", "old"), ("page", "a%20b")]);
    let url = signed(&listed, Place::Query("apikey".to_owned())).ok().unwrap().url;
    assert_eq!(url.query(), Some("page=a%2520b&apikey=s%26cret"));
    let form = signed(&post("/x", &[("a", "1")]), Place::Form("wstoken".to_owned())).ok().unwrap();
    assert_eq!(form.body, "a=1&wstoken=s%26cret");
    assert!(signed(&get("/x"), Place::Form("wstoken".to_owned())).is_err());
    let cookie = signed(&get("/x"), Place::Cookie("SID".to_owned())).ok().unwrap();
    assert!(cookie.headers[COOKIE].is_sensitive() && cookie.headers[COOKIE] == "SID=s&cret");
    let bad = Credential::fixed(Place::Header("Authorization".to_owned()), "a\r\nb".to_owned());
    assert!(built(&get("/x"), &order()).unwrap().sign(&bad).is_err());
}

proptest! {
    /// No learner's key leads to another host, out of the base, or into another parameter.
    #[test]
    fn no_value_breaks_out(learner in ".{1,30}") {
        let template = Template::parse("/users/{{ learner }}", Position::Path).unwrap();
        let mut request = get("/x");
        request.target = Target::Path(template);
        request.query = pairs(&[("q", "{{ learner }}")]);
        if let Ok(made) = built(&request, &of(&learner)) {
            prop_assert_eq!(made.url.host_str(), Some("lms.example"));
            prop_assert!(made.url.path().starts_with("/base/users/"));
            prop_assert_eq!(made.url.path().matches('/').count(), 3);
            let query: Vec<_> = made.url.query_pairs().into_owned().collect();
            prop_assert_eq!(query, vec![("q".to_owned(), learner.clone())]);
        }
        let form = built(&post("/x", &[("a", "{{ learner }}"), ("b", "1")]), &of(&learner)).unwrap();
        let fields: Vec<_> = form_urlencoded::parse(form.body().as_bytes()).into_owned().collect();
        prop_assert_eq!(fields, vec![("a".to_owned(), learner), ("b".to_owned(), "1".to_owned())]);
        prop_assert_eq!(form.method, Method::POST);
    }
}
