use super::super::tests::{env, minimal};
use super::*;

#[test]
#[cfg(feature = "local")]
fn paths_are_seen_from_the_root() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut env = env();
    env.insert("REGRETS_CONFIG".to_owned(), "etc/other.toml".to_owned());
    env.insert("REGRETS_STORE".to_owned(), "sqlite:data/ledger.db".to_owned());
    std::fs::create_dir(root.join("etc")).unwrap();
    std::fs::write(root.join("etc/other.toml"), minimal("")).unwrap();
    let StoreConfig::Sqlite(path) = load(root, &env).unwrap().store else { panic!("not SQLite") };
    assert_eq!(path, root.join("data/ledger.db"));
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let file = root.join("regrets.toml");
    let told = |env: &Env| load(root, env).expect_err("must be refused").to_string();
    assert!(told(&env()).starts_with(&format!("{}: ", file.display())), "{}", told(&env()));

    std::fs::write(&file, b"a = 1\nb = '\xff'\n").unwrap();
    assert!(told(&env()).contains("line 2 is not UTF-8"), "{}", told(&env()));

    std::fs::write(&file, vec![b'#'; 1024 * 1024 + 1]).unwrap();
    assert!(told(&env()).contains("larger than 1 MiB"), "{}", told(&env()));

    let mut env = env();
    env.insert("REGRETS_CONFIG".to_owned(), "https://a.blob.core.windows.net/c/regrets.toml".to_owned());
    assert!(
        told(&env).contains(
            "can't be looked at offline: only the app reads it; give a copy of it with --config FILE"
        ),
        "{}",
        told(&env)
    );

    std::fs::write(root.join("local.settings.json"), "{").unwrap();
    let told = with_local_settings(root, env).unwrap_err().to_string();
    assert!(told.contains("local.settings.json: not valid JSON"), "{told}");
}
