use super::*;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn check(root: &std::path::Path, config: Option<PathBuf>, env: Env) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, color: false };
    let code = run(&CheckArgs { root: root.to_owned(), config, json: false }, env, &mut streams).unwrap();
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[test]
fn the_exit_code_tells_good_from_wrong_from_wrongly_called() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (code, out, err) = check(root, None, Env::new());
    assert_eq!(code, 1);
    assert!(err.contains("regrets.toml") && err.ends_with("\n3 problems.\n"), "the app settings, too: {err}");
    assert!(out.contains("  REGRETS_STATE_KEYS   missing") && !out.contains("means"), "{out}");

    std::fs::write(root.join("regrets.toml"), config::EXAMPLE).unwrap();
    let (code, out, err) = check(root, None, Env::new());
    assert_eq!(code, 1);
    assert!(out.contains("  CONTOSO_LMS_SECRET     missing  tenant.contoso.lms.secret\n"), "{out}");
    assert!(err.contains("CONTOSO_LMS_SECRET is not set") && err.ends_with("\n4 problems.\n"), "{err}");
    assert!(out.starts_with("What ") && out.contains("Observes only"), "a machine without secrets: {out}");

    let values = serde_json::json!({ "IsEncrypted": false, "Values": {
        "CONTOSO_CLIENT_SECRET": "s3cret",
        "CONTOSO_LMS_SECRET": format!("whsec_{KEY}"),
        "REGRETS_STATE_KEYS": "from the file: loses against the environment",
        "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    }});
    std::fs::write(root.join("local.settings.json"), values.to_string()).unwrap();
    let env = Env::from([("REGRETS_STATE_KEYS".to_owned(), format!("k1:{KEY}"))]);
    let (code, out, err) = check(root, None, env.clone());
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("is good.") && out.contains("  REGRETS_STATE_KEYS     set "), "{out}");
    assert!(!out.contains(KEY) && !out.contains("s3cret"), "{out}");

    let deletes = config::EXAMPLE.replace("unseen = \"review\"", "unseen = \"cancel\"");
    std::fs::write(root.join("deletes.toml"), deletes).unwrap();
    let (code, out, err) = check(root, Some(root.join("deletes.toml")), env.clone());
    assert_eq!(code, 0, "a warning is no problem: {err}");
    assert!(out.contains("A learner merely deletes the item"), "{out}");
    assert!(err.starts_with("warning: tenant contoso: with policy.unseen = \"cancel\", "), "{err}");

    std::fs::write(root.join("other.toml"), config::EXAMPLE.replace("\"10m\"", "\"10\"")).unwrap();
    let (code, _, err) = check(root, Some(root.join("other.toml")), env);
    assert_eq!(code, 1);
    assert!(err.contains("`10` needs a unit"), "{err}");

    let (code, _, err) = check(&root.join("nowhere"), None, Env::new());
    assert_eq!(code, 2);
    assert!(err.contains("is not a folder"), "{err}");
}

fn as_data(root: &std::path::Path, env: Env) -> (u8, serde_json::Value) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, color: false };
    let code =
        run(&CheckArgs { root: root.to_owned(), config: None, json: true }, env, &mut streams).unwrap();
    assert_eq!(String::from_utf8(err).unwrap(), "", "all of it is data");
    (code, serde_json::from_slice(&out).unwrap())
}

#[test]
fn everything_is_given_as_data() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::write(
        root.join("regrets.toml"),
        config::EXAMPLE.replace("unseen = \"review\"", "unseen = \"cancel\""),
    )
    .unwrap();
    let override_ = ("REGRETS__TENANT__CONTOSO__POLICY__GRACE".to_owned(), "5m".to_owned());
    let (code, data) = as_data(root, Env::from([override_.clone()]));
    assert_eq!((code, &data["good"]), (1, &serde_json::json!(false)));
    let names = ["CONTOSO_CLIENT_SECRET", "CONTOSO_LMS_SECRET", "REGRETS_STATE_KEYS", "AzureWebJobsStorage"];
    assert_eq!(data["missing"], serde_json::json!(names));
    assert_eq!(data["overriding"], serde_json::json!([override_.0]));
    let sentences = data["meaning"]["tenants"]["contoso"]["sentences"].to_string();
    assert!(sentences.contains("carried to the LMS 5m later"), "{sentences}");
    assert!(
        data["warnings"][0].as_str().unwrap().starts_with("tenant contoso: with policy.unseen"),
        "{data}"
    );
    let error =
        data["errors"].as_array().unwrap().iter().find(|error| error["key"] == "CONTOSO_LMS_SECRET").unwrap();
    assert!(error["message"].as_str().unwrap().contains("is not set") && error["line"].is_u64(), "{error}");
    assert_eq!(data["settings"][0]["set"], false);

    std::fs::write(root.join("regrets.toml"), config::EXAMPLE.replace("\"10m\"", "\"10\"")).unwrap();
    let env = Env::from([
        ("REGRETS_STATE_KEYS".to_owned(), format!("k1:{KEY}")),
        ("RUST_LOG".to_owned(), "a=b=c".to_owned()),
    ]);
    let (code, data) = as_data(root, env);
    assert_eq!((code, &data["meaning"]), (1, &serde_json::Value::Null));
    let keys: Vec<&serde_json::Value> =
        data["errors"].as_array().unwrap().iter().map(|error| &error["key"]).collect();
    assert!(keys.contains(&&"tenant.contoso.policy.grace".into()), "{keys:?}");
    assert!(data["errors"].to_string().contains("RUST_LOG is no filter"), "{data}");
}
