use super::*;
use tokio::time::advance;

fn key(of: u8) -> Key {
    Key([of; 32])
}

fn values() -> Values {
    Arc::from([("id".to_owned(), "7".to_owned())])
}

#[tokio::test(start_paused = true)]
async fn values_are_kept_as_long_as_the_file_says() {
    let cache = LookupCache::default();
    cache.put(key(1), values(), Duration::from_secs(60)).await;
    advance(Duration::from_secs(59)).await;
    assert_eq!(cache.get(&key(1)).await, Some(values()));
    assert_eq!(cache.get(&key(2)).await, None);
    advance(Duration::from_secs(1)).await;
    assert_eq!(cache.get(&key(1)).await, None);
}

#[tokio::test(start_paused = true)]
async fn what_led_nowhere_is_forgotten() {
    let cache = LookupCache::default();
    cache.put(key(1), values(), Duration::from_secs(60)).await;
    cache.put(key(2), values(), Duration::from_secs(60)).await;
    cache.drop_all(&[key(1)]).await;
    assert_eq!((cache.get(&key(1)).await, cache.get(&key(2)).await), (None, Some(values())));
}
