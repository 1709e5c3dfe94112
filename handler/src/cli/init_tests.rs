use super::*;
use crate::config::Env;
use crate::config::warnings;

fn init(root: &Path, full: bool) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, color: false };
    let code = run(&InitArgs { root: root.to_owned(), full }, &mut streams).unwrap();
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[test]
fn what_it_writes_is_good_once_the_ids_and_app_settings_are_there_and_cancels_nothing() {
    for full in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let (code, out, err) = init(root, full);
        assert_eq!((code, err.as_str()), (0, ""));
        assert!(out.contains("regrets.toml is written.") && out.contains("regrets check"), "{out}");
        let file = root.join("regrets.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("#:schema ./regrets.schema.json\n"));
        let schema: serde_json::Value =
            serde_json::from_slice(&std::fs::read(root.join("regrets.schema.json")).unwrap()).unwrap();
        assert_eq!(schema["$id"], "urn:regrets:configuration");
        let blank = "00000000-0000-0000-0000-000000000000";
        let found = config::inspect_file(root, &file, &Env::new());
        let refused = found.outcome.unwrap_err().to_string();
        let blanks = text.lines().filter(|line| line.ends_with(&format!("\"{blank}\""))).count();
        assert_eq!((blanks > 0, refused.matches("not filled in yet").count()), (!full, blanks), "{refused}");
        std::fs::write(&file, text.replace(blank, "11111111-2222-3333-4444-555555555555")).unwrap();
        let found = config::inspect_file(root, &file, &Env::new());
        let meaning = found.meaning.expect("the file is good");
        let told = config::describe(&meaning).to_string();
        assert!(told.contains("Observes only") && warnings::warnings(&meaning.tenants).is_empty(), "{told}");
        assert_eq!(found.missing.unwrap().problems().len(), 2, "its two secrets");
        let refused = found.outcome.unwrap_err().to_string();
        assert!(refused.lines().all(|line| line.starts_with("app setting ")), "{refused}");
    }
}

#[test]
fn it_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::write(root.join("regrets.toml"), "mine").unwrap();
    std::fs::write(root.join("regrets.schema.json"), "mine").unwrap();
    let (code, _, err) = init(root, false);
    assert!(code == 1 && err.contains("is there already, and stays as it is"), "{err}");
    for name in ["regrets.toml", "regrets.schema.json"] {
        assert_eq!(std::fs::read_to_string(root.join(name)).unwrap(), "mine");
    }
    let (code, _, err) = init(&root.join("nowhere"), false);
    assert!(code == 2 && err.contains("is not a folder"), "{err}");
}
