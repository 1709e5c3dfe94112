use super::*;

#[test]
fn names_follow_the_storage_rules_and_poison_queues_have_no_poison_queue() {
    assert_eq!(QueueName::parse("Jobs-Waiting").map(|name| name.to_string()), Ok("jobs-waiting".into()));
    for bad in ["ab", "-abc", "abc-", "a--b", "a_b", "", &"x".repeat(64)] {
        assert!(QueueName::parse(bad).is_err(), "{bad}");
    }
    let queue = QueueName::parse("jobs").unwrap();
    assert_eq!(queue.poison().unwrap().as_str(), "jobs-poison");
    assert_eq!(queue.poison().unwrap().poison(), None);
    assert_eq!(QueueName::parse(&"x".repeat(57)).unwrap().poison(), None);
    assert!(QueueName::parse(&"x".repeat(56)).unwrap().poison().is_some());
}
