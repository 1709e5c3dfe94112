//! What a compiler would say of the templates beyond their syntax: every parameter that is given exists, every one that must be
//! given is, every output that is read is there, nothing is declared in vain.

use crate::text::{all, files, inside, params, read, regex, root};
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
