//! What the templates hold to beyond what Bicep itself says of them (`infra/compile`).

use crate::text::{all, files, inside, params, read, regex, root, words};
use std::collections::{BTreeMap, BTreeSet};

/// Name and file of each module of `main.bicep`.
fn modules(main: &str) -> BTreeMap<String, String> {
    regex(r"(?m)^module (\w+) '([^']+)' = ")
        .captures_iter(main)
        .map(|found| (found[1].to_owned(), found[2].to_owned()))
        .collect()
}

#[test]
fn modules_are_given_what_they_take() {
    let main = read("infra/main.bicep");
    let modules = modules(&main);
    assert!(modules.len() >= 9, "{modules:?}");
    for (name, file) in &modules {
        let takes = params(&read(&format!("infra/{file}")));
        let block = inside(&main[main.find(&format!("module {name} '")).unwrap()..], "params: {");
        let given: BTreeSet<String> = all(r"(?m)^    (\w+): ", &block).into_iter().collect();
        for parameter in &given {
            assert!(takes.contains_key(parameter), "{name}: {file} takes no `{parameter}`");
        }
        for (parameter, must) in &takes {
            assert!(!must || given.contains(parameter), "{name}: {file} must be given `{parameter}`");
        }
    }
}

#[test]
fn outputs_that_are_read_exist() {
    let main = read("infra/main.bicep");
    let modules = modules(&main);
    let reads = regex(r"\b(\w+)\.outputs\.(\w+)");
    assert!(reads.captures_iter(&main).count() > 20);
    for read_ in reads.captures_iter(&main) {
        let file = modules.get(&read_[1]).unwrap_or_else(|| panic!("{} is no module", &read_[1]));
        let outputs = all(r"(?m)^output (\w+) ", &read(&format!("infra/{file}")));
        assert!(outputs.contains(&read_[2].to_owned()), "{file} has no output {}", &read_[2]);
    }
}

#[test]
fn parameter_files_name_parameters_and_allowed_values() {
    let main = read("infra/main.bicep");
    let takes = params(&main);
    for path in files("infra", "bicepparam") {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("using 'main.bicep'"), "{}", path.display());
        for found in regex(r"(?m)^param (\w+) = (.*)$").captures_iter(&text) {
            let (name, value) = (&found[1], &found[2]);
            assert!(takes.contains_key(name), "{}: {name}", path.display());
            if let Some(allowed) = allowed(&main, name) {
                assert!(allowed.contains(&value.to_owned()), "{}: {name} = {value}", path.display());
            }
        }
    }
}

/// What `@allowed([…])` above the parameter holds.
fn allowed(main: &str, name: &str) -> Option<Vec<String>> {
    let list = regex(&format!(r"@allowed\(\[([^\]]*)\]\)\s*param {name} ")).captures(main)?;
    Some(list[1].split_whitespace().map(str::to_owned).collect())
}

#[test]
fn nothing_is_declared_in_vain() {
    for path in files("infra", "bicep") {
        let text = std::fs::read_to_string(&path).unwrap();
        for name in all(r"(?m)^(?:param|var) (\w+)\b", &text) {
            let uses = regex(&format!(r"\b{name}\b")).find_iter(&text).count();
            assert!(uses > 1, "{}: {name} is used nowhere", path.display());
        }
    }
}

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
    assert!(module.contains("@batchSize(1)\nmodule endpoints 'endpoint.bicep' = [for service in services: {"));
    assert_eq!(words(&inside(&module, "var services = [")), ["blob", "queue", "table"]);
    let main = read("infra/main.bicep");
    assert!(main.contains("module storageEndpoints 'modules/storageEndpoints.bicep' = if (isPrivate) {"));
    assert_eq!(main.matches("'modules/endpoint.bicep'").count(), 1, "the vault's");
    for path in files("infra", "bicep") {
        let text = std::fs::read_to_string(&path).unwrap();
        for read_ in all(r"\b(privateNetwork!?|address!?)\.(?:outputs|properties)", &text) {
            assert!(read_.ends_with('!'), "{}: {read_} is there under a condition only", path.display());
        }
    }
}

/// A list or an object without a type takes every member, and a misspelt one is noticed when somebody misses it.
#[test]
fn every_list_and_object_has_a_type() {
    for path in files("infra", "bicep") {
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
    for path in files("infra", "bicep") {
        let text = std::fs::read_to_string(&path).unwrap();
        let named = all(r"(?mi)^param (\w*(?:secret|password|pwd|accountkey)\w*) string\b", &text);
        assert!(named.is_empty(), "{}: {named:?} is the name of a secret at most", path.display());
    }
}

/// A vault's name has no two hyphens in a row and none at its ends: the deployment says so before it makes anything.
#[test]
fn a_name_that_no_vault_could_have_is_refused() {
    let main = read("infra/main.bicep");
    let checked = all(r"(?m)^var goodName = (.+)$", &main);
    assert!(checked[0].contains("contains('-${name}-', '--')") && checked[0].contains("fail('"), "{checked:?}");
    let unchecked = regex(r"\$\{name\}|\(name,|: name$").find_iter(&main.replace(&checked[0], "")).count();
    assert_eq!(unchecked, 1, "only the search for strange characters reads the name as it was given");
}

/// Nobody can sign in with a key or a password, and nothing may ask for one.
#[test]
fn no_secret_is_made_read_or_put_out() {
    for path in files("infra", "bicep") {
        let text = std::fs::read_to_string(&path).unwrap();
        for word in
            ["listKeys", "AccountKey", "@secure", "StorageAccountConnectionString", "getSecret", "passwordCredentials"]
        {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
    let storage = read("infra/modules/storage.bicep");
    assert!(storage.contains("allowSharedKeyAccess: false") && storage.contains("allowBlobPublicAccess: false"));
    assert!(read("infra/modules/telemetry.bicep").contains("DisableLocalAuth: true"));
    let app = read("infra/modules/app.bicep");
    assert_eq!(app.matches("allow: false").count(), 2, "publishing by password, over FTP and over HTTPS");
}

#[test]
fn links_lead_somewhere() {
    for (document, folder) in [("infra/README.md", "infra"), ("SECURITY.md", "."), ("README.md", ".")] {
        for link in all(r"\]\(([^)]+)\)", &read(document)) {
            let there = link.starts_with("https://") || root().join(folder).join(&link).exists();
            assert!(there, "{document}: {link}");
        }
    }
}
