//! Links for admin consent, as a deployment makes them.

use crate::config::Config;
use crate::jobs::operate::consent::links::ConsentLinks;
use std::sync::Arc;

const TEXT: &str = r#"
[tenant.contoso]
directory = "11111111-2222-3333-4444-555555555555"
client_id = "66666666-7777-8888-9999-000000000000"
credential = { client_secret = { env = "CONTOSO_CLIENT_SECRET" } }
[tenant.contoso.watch]
mailboxes = { all = true }
[tenant.contoso.recognise]
session = { ical_uid = '^lms-(?<session>\d+)@' }
[tenant.contoso.lms]
url = "https://lms.contoso.com/hooks/regrets"
secret = { env = "CONTOSO_LMS_SECRET" }
"#;

pub(crate) fn config(more: &[(&str, &str)]) -> Config {
    let key = "bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2ggZm9yIGl0";
    let state_keys = format!("k1:{key}");
    let usual = [
        ("CONTOSO_CLIENT_SECRET", "s3cret"),
        ("CONTOSO_LMS_SECRET", "bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g"),
        ("REGRETS_STATE_KEYS", &state_keys),
        ("AzureWebJobsStorage", "UseDevelopmentStorage=true"),
        ("WEBSITE_HOSTNAME", "regrets.example"),
    ];
    let env = usual.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    crate::config::parse("regrets.toml", TEXT, &env.collect()).unwrap()
}

pub(crate) fn links() -> Arc<ConsentLinks> {
    Arc::new(ConsentLinks::new(&config(&[]), "/api/consent").unwrap())
}
