use super::*;

fn matched(template: &str, path: &str) -> Option<String> {
    let params = Route::parse("api", template).unwrap().matches(path)?;
    Some(
        params
            .iter()
            .map(|(name, value)| format!("{name}={}", value.as_deref().unwrap_or("null")))
            .collect::<Vec<_>>()
            .join(" "),
    )
}

#[test]
fn templates_match_as_in_the_functions_host() {
    for (template, path, expected) in [
        ("graph/notifications", "/api/graph/notifications", Some("")),
        ("graph/notifications", "/API/Graph/Notifications/", Some("")),
        ("graph/notifications", "/graph/notifications", None),
        ("orders/{id:int}", "/api/orders/5", Some("id=5")),
        ("orders/{id}", "/api/orders", None),
        ("orders/{id?}", "/api/orders", Some("id=null")),
        ("orders/{id=7}", "/api/orders", Some("id=7")),
        ("orders/{id}", "/api/orders/a%2Fb%20c%2B+", Some("id=a/b c++")),
        ("orders/{id}", "/api/orders/%zz%+1", Some("id=%zz%+1")),
        ("manage/{*path}", "/api/manage/enrolments/4%205/retry", Some("path=enrolments/4 5/retry")),
        ("manage/{*path}", "/api/manage", Some("path=null")),
        ("{a}/{b}", "/api/1/2/3", None),
    ] {
        assert_eq!(matched(template, path).as_deref(), expected, "{template} on {path}");
    }
}

#[test]
fn the_more_exact_template_ranks_first() {
    let mut routes: Vec<Route> = ["{*all}", "a/{*rest}", "a/{id}", "a/b", "a"]
        .iter()
        .map(|text| Route::parse("", text).unwrap())
        .collect();
    routes.sort_by_key(Route::rank);
    let order: Vec<String> = routes.iter().map(Route::path).collect();
    assert_eq!(order, ["/a", "/a/b", "/a/{id}", "/a/{*rest}", "/{*all}"]);
}

#[test]
fn templates_that_cannot_be_honoured_are_refused() {
    for template in ["a{id}", "{a}{b}", "{*rest}/more", "{}", "{a b}"] {
        assert!(Route::parse("api", template).is_err(), "{template}");
    }
}

#[test]
fn a_route_that_begins_with_admin_or_runtime_is_refused_as_by_the_real_host() {
    for (prefix, template) in [
        ("api", "admin/{*path}"),
        ("api", "admin"),
        ("api", "/Admin/x"),
        ("api", "administration/{id}"),
        ("api", "runtime/webhooks"),
        ("api", "runtimes"),
        ("", "admin/x"),
        ("admin", "x"),
    ] {
        let why = Route::parse(prefix, template).unwrap_err();
        assert!(
            why.contains("the Functions host keeps such routes for itself"),
            "{prefix}/{template}: {why}"
        );
    }
    for template in ["manage/{*path}", "my-admin/x", "{admin}/x", "x/admin"] {
        assert!(Route::parse("api", template).is_ok(), "{template}");
    }
}
