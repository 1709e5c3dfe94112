use super::*;

#[test]
fn modes_are_kept_settings_of_the_developer_are_not_and_the_bytes_are_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("app");
    fs::create_dir_all(app.join("tend-mailboxes")).unwrap();
    fs::write(app.join("tend-mailboxes/function.json"), "{}").unwrap();
    fs::write(app.join(LOCAL_SETTINGS), "secret").unwrap();
    fs::write(app.join("regrets"), "binary").unwrap();
    fs::set_permissions(app.join("regrets"), fs::Permissions::from_mode(0o755)).unwrap();
    let (first, second) = (folder.path().join("1.zip"), folder.path().join("2.zip"));
    pack(&app, &first).unwrap();
    pack(&app, &second).unwrap();
    assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());

    let mut archive = zip::ZipArchive::new(File::open(&first).unwrap()).unwrap();
    let mut entries = Vec::new();
    for n in 0..archive.len() {
        let entry = archive.by_index(n).unwrap();
        entries.push((entry.name().unwrap().into_owned(), entry.unix_mode().unwrap() & 0o777));
    }
    assert_eq!(entries, [("regrets".to_owned(), 0o755), ("tend-mailboxes/function.json".to_owned(), 0o644)]);
}
