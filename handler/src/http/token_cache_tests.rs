use super::*;
use futures::future::join_all;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::time::{advance, sleep};

const REFUSED_FOR: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl FetchFailure for Failed {
    fn timed_out() -> Self {
        Self
    }

    fn pause(&self) -> Duration {
        REFUSED_FOR
    }
}

/// Each token is named by its number; the listed ones fail.
struct Source {
    asked: Arc<AtomicUsize>,
    failing: Vec<usize>,
    lives: Duration,
}

#[async_trait]
impl Fetch<Failed> for Source {
    async fn fetch(&self) -> Result<Fetched, Failed> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst);
        sleep(Duration::from_millis(200)).await;
        if self.failing.contains(&number) {
            return Err(Failed);
        }
        Ok(Fetched { token: format!("t{number}").into(), lives: self.lives })
    }
}

fn tokens(failing: &[usize]) -> (TokenCache<Failed>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let source =
        Source { asked: Arc::clone(&asked), failing: failing.to_vec(), lives: Duration::from_secs(3600) };
    (TokenCache::replacing_early(source, |_| Duration::from_secs(300)), asked)
}

async fn got(tokens: &TokenCache<Failed>) -> String {
    tokens.get().await.unwrap().expose_secret().to_owned()
}

#[tokio::test(start_paused = true)]
async fn many_callers_share_one_request() {
    let (tokens, asked) = tokens(&[]);
    let all = join_all((0..50).map(|_| got(&tokens))).await;
    assert!(all.iter().all(|token| token == "t0"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_replaced_five_minutes_before_its_end() {
    let (tokens, _) = tokens(&[]);
    assert_eq!(got(&tokens).await, "t0");
    advance(Duration::from_secs(3299)).await;
    assert_eq!(got(&tokens).await, "t0");
    advance(Duration::from_secs(1)).await;
    assert_eq!(got(&tokens).await, "t1");
}

#[tokio::test(start_paused = true)]
async fn a_token_serves_to_its_end_when_it_can_not_be_replaced() {
    let (tokens, asked) = tokens(&[1, 2]);
    assert_eq!(got(&tokens).await, "t0");
    advance(Duration::from_secs(3400)).await;
    assert_eq!(got(&tokens).await, "t0");
    assert_eq!(got(&tokens).await, "t0");
    assert_eq!(asked.load(Ordering::SeqCst), 2, "the failure is remembered");
    advance(Duration::from_secs(250)).await;
    assert!(tokens.get().await.is_err(), "it has ended");
}

#[tokio::test(start_paused = true)]
async fn a_broken_secret_is_asked_about_once_in_a_while() {
    let (tokens, asked) = tokens(&[0]);
    for _ in 0..20 {
        assert!(matches!(tokens.get().await, Err(Failed)));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    advance(REFUSED_FOR).await;
    assert_eq!(got(&tokens).await, "t1");
}

#[tokio::test(start_paused = true)]
async fn only_the_refused_token_is_given_up_and_not_too_often() {
    let (tokens, _) = tokens(&[]);
    let first = tokens.get().await.unwrap();
    assert!(tokens.give_up(&first).await);
    let second = tokens.get().await.unwrap();
    assert_eq!(second.expose_secret(), "t1");
    assert!(tokens.give_up(&first).await, "there is a newer one to try");
    assert_eq!(got(&tokens).await, "t1");
    assert!(!tokens.give_up(&second).await, "the second refusal in a row is not the token's fault");
    advance(BETWEEN_RENEWALS).await;
    assert!(tokens.give_up(&second).await);
    assert_eq!(got(&tokens).await, "t2");
}

#[tokio::test(start_paused = true)]
async fn a_fresh_token_is_asked_for_though_one_is_held_and_serves_from_then_on() {
    let (tokens, asked) = tokens(&[2]);
    assert_eq!(got(&tokens).await, "t0");
    assert_eq!(tokens.fresh().await.unwrap().expose_secret(), "t1");
    assert_eq!(got(&tokens).await, "t1");
    assert!(tokens.fresh().await.is_err(), "a failure is told, though the old one serves");
    assert_eq!(got(&tokens).await, "t1");
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}
