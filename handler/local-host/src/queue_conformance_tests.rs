#[tokio::test]
async fn sqlite_conforms() {
    let data = tempfile::tempdir().unwrap();
    super::run_on_disk(data.path()).await.unwrap();
}
