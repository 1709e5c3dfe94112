use super::*;

fn own(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn own_settings_win_over_the_environment_and_that_over_the_file() {
    let root = tempfile::tempdir().unwrap();
    let file = r#"{"IsEncrypted": false, "Values": {"PATH": "from file", "ONLY_FILE": "from file", "OWN": "from file"}}"#;
    std::fs::write(root.path().join("local.settings.json"), file).unwrap();
    let settings = Settings::gather(root.path(), &own(&[("OWN", "own")]), true).unwrap();
    assert_eq!(settings.get("OWN"), Some("own"));
    assert_eq!(settings.get("ONLY_FILE"), Some("from file"));
    assert_eq!(settings.get("PATH"), std::env::var("PATH").ok().as_deref());
    let alone = Settings::gather(root.path(), &BTreeMap::new(), false).unwrap();
    assert_eq!(alone.get("PATH"), Some("from file"));
}

#[test]
fn a_settings_file_that_is_wrong_is_refused_by_name_and_place() {
    let root = tempfile::tempdir().unwrap();
    for (text, part) in [
        ("{", "line 1"),
        (r#"{"IsEncrypted": true, "Values": {}}"#, "decrypt"),
        (r#"{"Values": {"A": 5}}"#, "Values.A: invalid type: integer `5`, expected a string"),
        (r#"{"values": []}"#, "Values: invalid type: sequence"),
    ] {
        std::fs::write(root.path().join("local.settings.json"), text).unwrap();
        let error = Settings::gather(root.path(), &BTreeMap::new(), false).unwrap_err().to_string();
        assert!(error.contains("local.settings.json") && error.contains(part), "{error}");
    }
}

#[test]
fn percent_names_are_replaced_whole_or_in_part_and_missing_ones_named() {
    let settings = Settings(own(&[("CRON", "0 * * * * *"), ("Q", "jobs")]));
    assert_eq!(settings.expand("%CRON%"), Ok("0 * * * * *".into()));
    assert_eq!(settings.expand("a-%q%-%Q%!"), Ok("a-jobs-jobs!".into()));
    assert_eq!(settings.expand("100%"), Ok("100%".into()));
    assert!(settings.expand("%NOPE%").unwrap_err().contains("`NOPE`"));
}
