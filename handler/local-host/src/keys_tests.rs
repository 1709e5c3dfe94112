use super::*;

fn secrets() -> [KeptSecret; 1] {
    [KeptSecret { name: "state".into(), setting: "STATE_KEYS".into(), prefix: "local:".into() }]
}

#[test]
fn keys_are_made_once_kept_private_and_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let keys = Keys::load(directory.path(), &secrets()).unwrap();
    let again = Keys::load(directory.path(), &secrets()).unwrap();
    assert_eq!((&keys.master, &keys.function, &keys.kept), (&again.master, &again.function, &again.kept));
    assert_ne!(keys.master, keys.function);
    assert!(
        keys.kept["state"].starts_with("local:") && keys.kept["state"].len() == secrets()[0].stand_in().len()
    );
    assert!(keys.opens_functions(&keys.function) && keys.opens_functions(&keys.master));
    assert!(keys.is_master(&keys.master) && !keys.is_master(&keys.function) && !keys.opens_functions(""));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(directory.path().join("keys.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_broken_key_file_is_refused_rather_than_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let long = "x".repeat(16);
    for text in [
        "",
        "{}",
        r#"{"master": "", "function": "", "state": ""}"#,
        &format!(r#"{{"master": "{long}", "function": "{long}"}}"#),
        &format!(r#"{{"master": "{long}", "function": "{long}", "state": "", "other": ""}}"#),
    ] {
        std::fs::write(directory.path().join("keys.json"), text).unwrap();
        assert!(Keys::load(directory.path(), &secrets()).is_err(), "{text}");
    }
}
