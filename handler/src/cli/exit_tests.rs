use super::*;

#[tokio::test]
async fn a_panic_in_a_task_that_matters_is_an_end_with_its_reason() {
    let task = tokio::spawn(async { panic!("the floor is gone") });
    let end = or_panic::<()>("the server", task.await).unwrap_err();
    assert!(matches!(&end, End::Failed(why) if why.to_string() == "the server panicked: the floor is gone"));
    assert_eq!(format!("{:?}", end.code()), format!("{:?}", ExitCode::FAILURE));
    let asks = End::Restart(String::new());
    assert_eq!(format!("{:?}", asks.code()), format!("{:?}", ExitCode::from(200)));
}
