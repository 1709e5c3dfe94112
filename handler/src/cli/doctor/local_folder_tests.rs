use super::completed;
use crate::config::Env;

fn env(settings: &[(&str, &str)]) -> Env {
    settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn what_is_set_stays_and_what_is_not_is_that_of_the_folder() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(completed(root.path(), env(&[])), env(&[]), "nothing is served there");
    std::fs::create_dir(root.path().join(".regrets")).unwrap();
    std::fs::write(root.path().join(".regrets/keys.json"), r#"{"function": "f", "state": "local:abc"}"#)
        .unwrap();
    let found = completed(root.path(), env(&[]));
    assert_eq!(found["REGRETS_STATE_KEYS"], "local:abc");
    assert!(found["REGRETS_STORE"].ends_with("ledger.db"), "{found:?}");
    let set = env(&[("AzureWebJobsStorage", "x"), ("REGRETS_STATE_KEYS", "b:x")]);
    assert_eq!(completed(root.path(), set.clone()), set);
}
