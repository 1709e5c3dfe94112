use super::*;
use crate::graph::auth::cloud::Cloud;
use crate::jobs::testing::consent::config;
use chrono::DateTime;

fn links(more: &[(&str, &str)]) -> (ConsentLinks, Tenant) {
    let config = config(more);
    let tenant = config.tenants.values().next().unwrap().clone();
    (ConsentLinks::new(&config, "/api/consent").unwrap(), tenant)
}

fn request(tenant: &Tenant) -> ConsentRequest {
    let now = DateTime::UNIX_EPOCH;
    ConsentRequest {
        id: ConsentLinks::chance(),
        tenant: tenant.name.clone(),
        directory: tenant.directory.clone(),
        by: "olga".into(),
        at: now,
        until: now + Duration::days(1),
        used: None,
    }
}

fn query(url: &str) -> (String, std::collections::BTreeMap<String, String>) {
    let url = Url::parse(url).unwrap();
    let mut bare = url.clone();
    bare.set_query(None);
    (bare.into(), url.query_pairs().into_owned().collect())
}

#[test]
fn the_link_is_that_of_the_tenants_cloud_and_directory() {
    let (links, mut tenant) = links(&[]);
    for (cloud, login, graph) in [
        (Cloud::Global, "https://login.microsoftonline.com", "https://graph.microsoft.com"),
        (Cloud::UsGov, "https://login.microsoftonline.us", "https://graph.microsoft.us"),
        (Cloud::UsGovDod, "https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
        (Cloud::China, "https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"),
    ] {
        tenant.cloud = cloud;
        let request = request(&tenant);
        let (url, query) = query(&links.microsoft(&tenant, &request));
        assert_eq!(url, format!("{login}/{}/v2.0/adminconsent", tenant.directory));
        assert_eq!(query["client_id"], tenant.client_id);
        assert_eq!(query["scope"], format!("{graph}/.default"));
        assert_eq!(query["redirect_uri"], links.redirect_uri());
        assert_eq!(
            links.read(&query["state"]).unwrap(),
            Named { tenant: tenant.name.clone(), id: request.id }
        );
    }
}

#[test]
fn app_settings_put_others_in_the_place_of_the_clouds_hosts() {
    let instead =
        [("AZURE_AUTHORITY_HOST", "https://localhost:1"), ("GRAPH_ENDPOINT", "https://localhost:2")];
    let (links, tenant) = links(&instead);
    let (url, query) = query(&links.microsoft(&tenant, &request(&tenant)));
    assert_eq!(url, format!("https://localhost:1/{}/v2.0/adminconsent", tenant.directory));
    assert_eq!(query["scope"], "https://localhost:2/.default");
}

#[test]
fn nothing_that_was_changed_is_read_nor_what_other_keys_signed() {
    let (links, tenant) = links(&[]);
    let token = links.token(&request(&tenant));
    for at in 0..token.len() {
        let mut forged = token.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        assert_eq!(links.read(&String::from_utf8(forged).unwrap()), None, "{at}");
    }
    let config = config(&[]);
    let text = format!("{}.{}", tenant.name, ConsentLinks::chance());
    assert_eq!(
        links.read(&config.state_keys.signing_keys("another").unwrap().sign(&text)),
        None,
        "signed for another purpose"
    );
    for strange in ["", ".", "..", "...", "a.b.c", &"a".repeat(4096)] {
        assert_eq!(links.read(strange), None);
    }
}

#[test]
fn a_link_has_128_bits_of_chance() {
    let drawn: std::collections::BTreeSet<String> = (0..1000).map(|_| ConsentLinks::chance()).collect();
    assert_eq!(drawn.len(), 1000);
    assert!(drawn.iter().all(|one| URL_SAFE_NO_PAD.decode(one).unwrap().len() == 16));
}
