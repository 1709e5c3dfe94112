use super::*;

fn repository(executable: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let host =
        format!(r#"{{"customHandler": {{"description": {{"defaultExecutablePath": "{executable}"}}}}}}"#);
    fs::write(root.path().join("host.json"), host).unwrap();
    fs::create_dir_all(root.path().join("functions/tend-mailboxes")).unwrap();
    fs::create_dir_all(root.path().join("functions/notes")).unwrap();
    fs::write(root.path().join("functions/tend-mailboxes/function.json"), "{}").unwrap();
    fs::create_dir_all(root.path().join("infra")).unwrap();
    fs::write(root.path().join("infra").join(FUNCIGNORE), "").unwrap();
    fs::write(root.path().join("binary"), "not quite").unwrap();
    root
}

#[test]
fn functions_stand_directly_in_the_app_folder_beside_what_can_be_executed() {
    let root = repository("regrets");
    let app = root.path().join("app");
    fs::create_dir_all(app.join("old-function")).unwrap();
    fs::write(app.join(LOCAL_SETTINGS), "mine").unwrap();
    stage(root.path(), &root.path().join("binary"), None, &app).unwrap();
    let mut names: Vec<_> = fs::read_dir(&app).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [FUNCIGNORE, "host.json", LOCAL_SETTINGS, "regrets", "tend-mailboxes"]);
    assert_eq!(app.join(BINARY).metadata().unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn another_name_of_the_executable_is_refused_because_its_exec_bit_would_be_lost() {
    let root = repository("./regrets");
    let error = stage(root.path(), &root.path().join("binary"), None, &root.path().join("app")).unwrap_err();
    assert!(error.to_string().contains("defaultExecutablePath"), "{error}");
}
