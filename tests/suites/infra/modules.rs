//! What the templates hold to beyond what Bicep itself says of them (`infra/compile`).

use crate::text::{all, inside, params, read, regex, words};
use std::path::Path;
use suites::checkout::{files, root};

#[test]
fn every_parameter_of_the_deployment_is_described() {
    let main = read("infra/main.bicep");
    for name in params(&main).into_keys().filter(|name| !["tags", "storageSku"].contains(&name.as_str())) {
        let block = main.split(&format!("\nparam {name} ")).next().unwrap().rsplit("\n\n").next().unwrap();
        assert!(block.contains("@description('"), "{name}");
    }
}

/// Made side by side, endpoints of one account fail now and then with StorageAccountOperationInProgress.
#[test]
fn the_endpoints_of_one_account_are_made_one_after_the_other() {
    let module = read("infra/modules/storageEndpoints.bicep");
    assert_eq!(module.matches("'endpoint.bicep'").count(), 1);
    assert!(
        module.contains("@batchSize(1)\nmodule endpoints 'endpoint.bicep' = [for service in services: {")
    );
    assert_eq!(words(&inside(&module, "var services = [")), ["blob", "queue", "table"]);
    let main = read("infra/main.bicep");
    assert!(main.contains("module storageEndpoints 'modules/storageEndpoints.bicep' = if (isPrivate) {"));
    assert_eq!(main.matches("'modules/endpoint.bicep'").count(), 1, "the vault's");
    for path in files("infra", &["bicep"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        for read_ in all(r"\b(privateNetwork!?|address!?)\.(?:outputs|properties)", &text) {
            assert!(read_.ends_with('!'), "{}: {read_} is there under a condition only", path.display());
        }
    }
}

/// A list or an object without a type takes every member, and a misspelt one is noticed when somebody misses
/// it.
#[test]
fn every_list_and_object_has_a_type() {
    for path in files("infra", &["bicep"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        let loose = all(r"(?m)^(?:param|output) (\w+) (?:array|object)\b", &text);
        assert!(loose.is_empty(), "{}: {loose:?}", path.display());
    }
    let types = read("infra/modules/types.bicep");
    for name in ["operatorType", "referenceType"] {
        let (before, _) = types.split_once(&format!("type {name} = {{")).unwrap();
        assert!(
            before.rsplit("\n\n").next().unwrap().contains("@sealed()"),
            "{name} takes members that it does not name"
        );
    }
    assert!(inside(&types, "type operatorType = {").contains("type: 'User' | 'Group'"));
}

/// Bicep's linter takes a text whose name speaks of a secret for one.
#[test]
fn no_parameter_is_called_a_secret() {
    for path in files("infra", &["bicep"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        let named = all(r"(?mi)^param (\w*(?:secret|password|pwd|accountkey)\w*) string\b", &text);
        assert!(named.is_empty(), "{}: {named:?} is the name of a secret at most", path.display());
    }
}

/// A vault's name has no two hyphens in a row and none at its ends: the deployment says so before it makes
/// anything.
#[test]
fn a_name_that_no_vault_could_have_is_refused() {
    let main = read("infra/main.bicep");
    let checked = all(r"(?m)^var goodName = (.+)$", &main);
    assert!(
        checked[0].contains("contains('-${name}-', '--')") && checked[0].contains("fail('"),
        "{checked:?}"
    );
    let unchecked = regex(r"\$\{name\}|\(name,|: name$").find_iter(&main.replace(&checked[0], "")).count();
    assert_eq!(unchecked, 1, "only the search for strange characters reads the name as it was given");
}

/// Nobody can sign in with a key or a password, and nothing may ask for one.
#[test]
fn no_secret_is_made_read_or_put_out() {
    for path in files("infra", &["bicep"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in [
            "listKeys",
            "AccountKey",
            "@secure",
            "StorageAccountConnectionString",
            "getSecret",
            "passwordCredentials",
        ] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
    let storage = read("infra/modules/storage.bicep");
    assert!(
        storage.contains("allowSharedKeyAccess: false") && storage.contains("allowBlobPublicAccess: false")
    );
    assert!(read("infra/modules/telemetry.bicep").contains("DisableLocalAuth: true"));
    let app = read("infra/modules/app.bicep");
    assert_eq!(app.matches("allow: false").count(), 2, "publishing by password, over FTP and over HTTPS");
}

#[test]
fn links_lead_somewhere() {
    let documents = [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "handler/ARCHITECTURE.md",
        "handler/local-host/README.md",
        "handler/src/lms/README.md",
        "infra/README.md",
        "infra/OPERATIONS.md",
        "tests/benches/README.md",
    ];
    for document in documents {
        let folder = root().join(document);
        let folder = folder.parent().unwrap();
        for link in all(r"\]\(([^)]+)\)", &read(document)) {
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let page = if path.is_empty() { root().join(document) } else { folder.join(path) };
            let there = link.starts_with("https://")
                || (page.exists() && (heading.is_empty() || has(&page, heading)));
            assert!(there, "{document}: {link}");
        }
    }
}

/// Whether a document has a heading of this name, as a link to it is written.
fn has(page: &Path, heading: &str) -> bool {
    let named = |line: &str| {
        let text = line.trim_start_matches('#').trim().to_lowercase();
        text.chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .collect::<String>()
            .replace(' ', "-")
    };
    let text = std::fs::read_to_string(page).unwrap();
    text.lines().filter(|line| line.starts_with('#')).any(|line| named(line) == heading)
}
