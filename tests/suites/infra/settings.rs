//! Every app setting that Bicep makes is one that somebody reads, and with them the app starts.

use crate::text::{all, entries, inside, params, read, words};
use regrets::config::{self, Env, StoreConfig};
use std::collections::{BTreeMap, BTreeSet};
use suites::checkout::files;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const CLIENT: &str = "99999999-8888-7777-6666-555555555555";

/// Read by the Functions host and not by us.
const HOSTS: [&str; 2] =
    ["APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "APPLICATIONINSIGHTS_CONNECTION_STRING"];

/// Flex Consumption takes these from elsewhere and refuses the app, or publishing, where they are set.
const REFUSED: [&str; 11] = [
    "AzureWebJobsStorage",
    "ENABLE_ORYX_BUILD",
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_WORKER_RUNTIME_VERSION",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "TZ",
    "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "WEBSITE_CONTENTSHARE",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_TIME_ZONE",
];

fn own() -> BTreeMap<String, String> {
    entries(&inside(&read("infra/modules/app.bicep"), "var ownSettings = {"))
}

/// What the platform makes of a value of the template.
fn resolved(value: &str) -> String {
    if value.starts_with("@Microsoft.KeyVault(") {
        return format!("k1:{KEY}");
    }
    match value {
        "dispatchCron" => "0 * * * * *".to_owned(),
        "storageName" => "stregrets".to_owned(),
        other => other.replace("${identityClientId}", CLIENT),
    }
}

/// The app settings of a deployment with this parameter file, as the handler sees them.
fn env(parameters: &str) -> Env {
    let parameters = read(parameters);
    let app = read("infra/modules/app.bicep");
    let mut env: Env = own().into_iter().map(|(name, value)| (name, resolved(&value))).collect();
    env.extend(entries(&inside(&parameters, "param settings = {")));
    for setting in all(r"setting: '([^']+)'", &inside(&parameters, "param secrets = [")) {
        env.insert(setting, format!("whsec_{KEY}"));
    }
    let found = all(r"(?m)^var credentialSettings = (.+)$", &app);
    let [name, value] = &words(&found[0])[..] else { panic!("{found:?}") };
    for tenant in words(&inside(&parameters, "param federatedTenants = [")) {
        let name = name.replace("${toUpper(tenant)}", &tenant.to_uppercase());
        env.insert(name, value.replace("${identityClientId}", CLIENT));
    }
    env.insert("WEBSITE_HOSTNAME".to_owned(), "func-regrets.azurewebsites.net".to_owned());
    env
}

const PARAMETERS: [&str; 2] = ["infra/small.bicepparam", "infra/production.bicepparam"];

#[test]
fn every_setting_has_a_reader() {
    let mut readers: String =
        files("handler", &["rs"]).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    readers.extend(files("functions", &["json"]).iter().map(|path| std::fs::read_to_string(path).unwrap()));
    for name in own().keys() {
        let ours = readers.contains(&format!("\"{name}\"")) || readers.contains(&format!("\"%{name}%\""));
        assert!(ours != HOSTS.contains(&name.as_str()), "{name} is read by nobody, or by both");
        assert!(!REFUSED.contains(&name.as_str()), "{name} is refused by Flex Consumption");
    }
}

#[test]
fn every_setting_that_function_json_and_host_json_name_is_set() {
    let own = own();
    let mut named: BTreeSet<String> = all("%([A-Za-z0-9_]+)%", &read("host.json")).into_iter().collect();
    for path in files("functions", &["json"]) {
        named.extend(all("%([A-Za-z0-9_]+)%", &std::fs::read_to_string(path).unwrap()));
    }
    assert!(named.contains("REGRETS_DISPATCH_CRON"), "{named:?}");
    for name in named {
        assert!(own.contains_key(&name), "{name} is not set, so the host can't index a function");
    }
}

/// With the example as `regrets.toml`, whose tenant the parameter files name.
#[test]
fn with_either_parameter_file_the_configuration_is_good() {
    for parameters in PARAMETERS {
        let env = env(parameters);
        let inspection = config::inspect("regrets.toml", config::EXAMPLE, &env);
        let config = inspection.outcome.unwrap_or_else(|errors| panic!("{parameters}: {errors}"));
        assert!(matches!(config.store, StoreConfig::AzureTables(_)), "{parameters}");
        let missing: Vec<_> = inspection.needed.iter().filter(|needed| !needed.is_set).collect();
        assert!(missing.is_empty(), "{parameters}: {missing:?}");
        let secrets: BTreeSet<&str> = inspection.needed.iter().map(|needed| needed.name.as_str()).collect();
        assert!(
            !secrets.contains("CONTOSO_CLIENT_SECRET"),
            "{parameters}: a federated tenant needs no secret"
        );
        assert!(format!("{:?}", config.tenants).contains(CLIENT), "{parameters}: whom the credential names");
    }
}

/// The least `regrets.toml` that the steps show.
#[test]
fn the_configuration_of_the_steps_is_good() {
    let readme = read("infra/README.md");
    let (_, text) = readme.split_once("```toml\n").unwrap();
    let (text, _) = text.split_once("```").unwrap();
    let text = text.replace("<tenant id>", CLIENT).replace("<clientId of step 3>", CLIENT);
    let inspection = config::inspect("regrets.toml", &text, &env(PARAMETERS[0]));
    assert!(inspection.outcome.is_ok(), "{}", inspection.outcome.unwrap_err());
}

#[test]
fn what_the_app_needs_is_not_there_by_chance() {
    let without = |name: &str| {
        let mut env = env(PARAMETERS[0]);
        assert!(env.remove(name).is_some(), "{name}");
        config::inspect("regrets.toml", config::EXAMPLE, &env)
    };
    for name in ["REGRETS_STATE_KEYS", "AzureWebJobsStorage__accountName"] {
        assert!(without(name).outcome.is_err(), "{name}");
    }
    // This one closes its own tenant alone.
    let closed = without("CONTOSO_LMS_SECRET");
    assert!(closed.outcome.is_ok() && closed.missing.is_some());
}

#[test]
fn a_test_acts_on_nothing_and_production_is_reached_under_its_own_name() {
    let small = env(PARAMETERS[0]);
    assert_eq!(small.get("REGRETS__TENANT__CONTOSO__POLICY__MODE").map(String::as_str), Some("observe"));
    assert!(env(PARAMETERS[1]).contains_key("REGRETS__PUBLIC_URL"));
}

/// What the example of local settings names is known too, and with it the app starts on one machine.
#[test]
fn the_local_settings_are_those_of_the_example() {
    let local: serde_json::Value = serde_json::from_str(&read("infra/local.settings.example.json")).unwrap();
    let values: Env = serde_json::from_value(local["Values"].clone()).unwrap();
    assert_eq!(values.get("FUNCTIONS_WORKER_RUNTIME").map(String::as_str), Some("custom"));
    for name in own().keys().filter(|name| name.starts_with("REGRETS_")) {
        assert!(values.contains_key(name), "{name}");
    }
    let mut env = values.clone();
    for value in env.values_mut().filter(|value| value.contains('<')) {
        assert!(value.ends_with("base64 32>"), "{value}: tell how to make it");
        let prefix = value.split('<').next().unwrap_or_default();
        *value = format!("{prefix}{KEY}");
    }
    let inspection = config::inspect("regrets.toml", config::EXAMPLE, &env);
    assert!(inspection.outcome.is_ok(), "{}", inspection.outcome.unwrap_err());
}

#[test]
fn safe_values_are_the_defaults() {
    let main = read("infra/main.bicep");
    for (name, must) in params(&main) {
        assert!(!must, "{name} has no default");
    }
    for (name, value) in [("purgeProtection", "true"), ("alertsEnabled", "true"), ("alwaysReadyHttp", "1")] {
        assert!(all(&format!(r"(?m)^param {name} \w+ = (\S+)$"), &main) == [value], "{name}");
    }
}
