//! A secret that can't be had closes its own tenant; what is wrong in the file concerns all.

use super::*;

const SECOND: &str = "https://other.contoso.com/hooks/regrets";

/// Two tenants; the second has secrets of its own.
fn two() -> String {
    let second = minimal("")
        .replace("tenant.contoso", "tenant.second")
        .replace("https://lms.contoso.com/hooks/regrets", SECOND)
        .replace("CONTOSO_", "SECOND_");
    minimal("") + &second
}

#[test]
fn a_secret_that_is_missing_closes_its_own_tenant_and_no_other() {
    let good = format!("whsec_{KEY}");
    let vault = "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/x)";
    for (client, lms, setting, key, why) in [
        ("s3cret", "", "SECOND_LMS_SECRET", "tenant.second.lms.secret", "is not set"),
        ("s3cret", " ", "SECOND_LMS_SECRET", "tenant.second.lms.secret", "is empty"),
        (
            "s3cret",
            vault,
            "SECOND_LMS_SECRET",
            "tenant.second.lms.secret",
            "a Key Vault reference that was not resolved",
        ),
        ("s3cret", "whsec_AAAA", "SECOND_LMS_SECRET", "tenant.second.lms.secret", "is 3 bytes long"),
        ("", &good, "SECOND_CLIENT_SECRET", "tenant.second.credential.client_secret", "is not set"),
    ] {
        let env = env_with(&[("SECOND_CLIENT_SECRET", client), ("SECOND_LMS_SECRET", lms)]);
        let config = parse("regrets.toml", &two(), &env).unwrap_or_else(|errors| panic!("{why}: {errors}"));
        assert!(!tenant(&config).is_closed() && tenant(&config).missing.is_empty(), "{why}");
        let second = &config.tenants[&TenantName::new("second")];
        assert!(second.is_closed(), "{why}");
        assert_eq!(second.has_no_credential(), client.is_empty(), "{why}");
        let told = second.why_closed().unwrap();
        for part in [setting, key, why] {
            assert!(told.contains(part), "no {part} in: {told}");
        }
        assert!(!told.contains("AAAA") && !told.contains(vault), "{told}");
    }
}

/// While a secret is rotated, nobody knows which of the two the receiver takes.
#[test]
fn one_of_two_that_is_missing_closes_the_tenant() {
    let both = "[{ env = \"CONTOSO_LMS_SECRET\" }, { env = \"OLD\" }]";
    let config = read(&minimal("").replace("{ env = \"CONTOSO_LMS_SECRET\" }", both)).unwrap();
    assert!(tenant(&config).is_closed());
    assert!(tenant(&config).why_closed().unwrap().contains("app setting OLD is not set"));
}

#[test]
fn a_certificate_that_cannot_be_read_closes_its_tenant() {
    let text = minimal("").replace("client_secret = {", "certificate = {");
    let made = crate::graph::testing::certificate::rsa();
    let other = crate::graph::testing::certificate::elliptic();
    let cut = "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nAA\n";
    for (pem, why) in [
        (cut.to_owned(), "is not PEM with a certificate and its private key"),
        (made.certificate_pem.clone(), "holds no private key"),
        (format!("{}{}", other.certificate_pem, made.key_pem), "not that of the certificate"),
    ] {
        let config = parse("regrets.toml", &text, &env_with(&[("CONTOSO_CLIENT_SECRET", &pem)])).unwrap();
        assert!(tenant(&config).has_no_credential(), "{why}");
        let told = tenant(&config).why_closed().unwrap();
        assert!(told.contains(why) && told.contains("choose the content type PEM"), "{told}");
    }
}

#[test]
fn what_is_wrong_in_the_file_or_needed_by_all_concerns_all() {
    let closed = [("SECOND_CLIENT_SECRET", "s3cret")];
    let literal = two().replace("{ env = \"SECOND_LMS_SECRET\" }", "'hunter2'");
    for (text, env) in [
        (literal, env_with(&closed)),
        (two().replace("{ env = \"SECOND_LMS_SECRET\" }", "{ env = 'not a name' }"), env_with(&closed)),
        (two().replace("{ env = \"SECOND_LMS_SECRET\" }", "[]"), env_with(&closed)),
        (two(), env_with(&[closed[0], ("REGRETS_STATE_KEYS", "")])),
        (two(), env_with(&[closed[0], ("AzureWebJobsStorage", "")])),
    ] {
        parse("regrets.toml", &text, &env).expect_err("must be refused");
    }
}

/// On a machine that has no secrets.
#[test]
fn what_a_good_file_means_is_told_without_any_app_setting() {
    let Inspection { outcome, needed, missing, meaning, .. } =
        inspect("regrets.toml", &minimal(""), &Env::new());
    assert!(
        outcome.is_err() && needed.iter().all(|needed| !needed.is_set) && needed.len() == 4,
        "{needed:?}"
    );
    assert_eq!(missing.unwrap().problems().len(), 2);
    let told = describe(&meaning.unwrap()).to_string();
    for part in [
        "Where the ledger is kept is not said",
        "with a client secret that is missing",
        "Observes only",
        "signed with a secret that is missing",
    ] {
        assert!(told.contains(part), "no {part} in: {told}");
    }
    assert!(
        inspect("regrets.toml", &minimal("grace = 'x'"), &env()).meaning.is_none(),
        "a wrong file means nothing"
    );
}

/// A file that can't be read says nothing of the app settings, and they are looked at all the same.
#[test]
fn app_settings_are_looked_at_where_the_file_is_broken_or_not_there() {
    let bad =
        env_with(&[("GRAPH_ENDPOINT", "https://graph.microsoft.com/v1.0"), ("REGRETS_STORE", "postgres:x")]);
    let broken = inspect("regrets.toml", "a = ", &bad).outcome.unwrap_err().to_string();
    let folder = tempfile::tempdir().unwrap();
    let absent = inspect_file(folder.path(), &folder.path().join("regrets.toml"), &bad)
        .outcome
        .unwrap_err()
        .to_string();
    for told in [broken, absent] {
        assert!(
            told.contains("without a version") && told.contains("REGRETS_STORE is not a store"),
            "{told}"
        );
    }
}
