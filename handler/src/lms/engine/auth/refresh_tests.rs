use super::super::token_store::MemoryTokenStore;
use super::*;
use chrono::{DateTime, Utc};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the server does with the next token.
enum Act {
    /// Gives this one in its place.
    Replace(&'static str),
    Leave,
    Refuse,
    /// Its answer does not come.
    Lose,
    /// It takes so long, and then gives this one.
    Slowly(Duration, &'static str),
}

#[derive(Default)]
struct Server {
    acts: Mutex<VecDeque<Act>>,
    sent: Mutex<Vec<String>>,
    /// Done while the server is at work.
    meanwhile: Mutex<Option<(Arc<MemoryTokenStore>, Turn, &'static str)>>,
}

impl Server {
    fn of(acts: impl IntoIterator<Item = Act>) -> Self {
        Self { acts: Mutex::new(acts.into_iter().collect()), ..Self::default() }
    }

    fn sent(&self) -> Vec<String> {
        self.sent.lock().clone()
    }
}

fn fetched() -> Fetched {
    Fetched { token: "access".into(), lives: Duration::from_secs(600) }
}

#[async_trait]
impl Exchange for Server {
    async fn exchange(&self, token: &SecretString) -> Result<Exchanged, ExchangeFailure> {
        self.sent.lock().push(token.expose_secret().to_owned());
        let meanwhile = self.meanwhile.lock().take();
        if let Some((store, turn, token)) = meanwhile {
            store.put(&lineage(), &turn, &token.into()).await.unwrap();
        }
        let gives = |token: &str| Ok(Exchanged { fetched: fetched(), replaced: Some(token.into()) });
        let failed =
            |kind, is_lost| Err(ExchangeFailure { failure: AuthFailure::new(kind, "for a test"), is_lost });
        let act = self.acts.lock().pop_front().expect("no more was to be asked");
        match act {
            Act::Replace(token) => gives(token),
            Act::Leave => Ok(Exchanged { fetched: fetched(), replaced: None }),
            Act::Refuse => failed(FailureKind::Rejected, false),
            Act::Lose => failed(FailureKind::Outage, true),
            Act::Slowly(time, token) => {
                sleep(time).await;
                gives(token)
            }
        }
    }
}

fn lineage() -> Lineage {
    Lineage::of(&"contoso".into(), "made-up", "r0")
}

fn instance(store: &Arc<impl TokenStore>) -> Refresh {
    let store: Arc<dyn TokenStore> = store.clone();
    Refresh::new(store, lineage(), "r0".into())
}

async fn stored(store: &impl TokenStore) -> Option<String> {
    let token = store.read(&lineage()).await.unwrap().token;
    token.map(|token| token.expose_secret().to_owned())
}

async fn turn(store: &impl TokenStore) -> Turn {
    match store.take_turn(&lineage()).await.unwrap() {
        Taken::Ours(turn) => turn,
        Taken::Others(left) => panic!("somebody has it for {left:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_replaced_is_stored_and_what_was_not_is_sent_again() {
    let store = Arc::new(MemoryTokenStore::default());
    let server = Server::of([Act::Leave, Act::Replace("r1"), Act::Replace("r1"), Act::Replace("r2")]);
    for _ in 0..4 {
        instance(&store).fetch(&server).await.unwrap();
    }
    assert_eq!(server.sent(), ["r0", "r0", "r1", "r1"]);
    assert_eq!(stored(store.as_ref()).await.as_deref(), Some("r2"));
}

#[tokio::test(start_paused = true)]
async fn no_token_is_sent_by_two() {
    let store = Arc::new(MemoryTokenStore::default());
    let slowly = |token| Act::Slowly(Duration::from_secs(3), token);
    let server = Server::of([slowly("r1"), slowly("r2"), slowly("r3")]);
    let (one, two, three) = (instance(&store), instance(&store), instance(&store));
    let all = futures::join!(one.fetch(&server), two.fetch(&server), three.fetch(&server));
    assert!(all.0.is_ok() && all.1.is_ok() && all.2.is_ok());
    assert_eq!(server.sent(), ["r0", "r1", "r2"]);
}

#[tokio::test(start_paused = true)]
async fn the_turn_is_waited_for_for_a_while_and_ends_by_itself() {
    let store = Arc::new(MemoryTokenStore::default());
    // Whoever has it was killed.
    turn(store.as_ref()).await;
    let server = Server::of([Act::Replace("r1")]);
    let began = Instant::now();
    let failure = instance(&store).fetch(&server).await.err().unwrap();
    assert_eq!((failure.kind, server.sent().len()), (FailureKind::Outage, 0), "{failure}");
    assert!(failure.why.contains("another instance"), "{failure}");
    assert!((WAIT..WAIT + POLL * 2).contains(&began.elapsed()));
    tokio::time::advance(super::super::token_store::TURN).await;
    instance(&store).fetch(&server).await.unwrap();
    assert_eq!(stored(store.as_ref()).await.as_deref(), Some("r1"));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_believed_only_when_nothing_else_is_stored() {
    // One whose turn was over writes while we are refused with what it had replaced.
    let store = Arc::new(MemoryTokenStore::default());
    let late = turn(store.as_ref()).await;
    tokio::time::advance(super::super::token_store::TURN).await;
    let server = Server::of([Act::Refuse, Act::Replace("r2")]);
    *server.meanwhile.lock() = Some((store.clone(), late, "r1"));
    instance(&store).fetch(&server).await.unwrap();
    assert_eq!(server.sent(), ["r0", "r1"]);
    assert_eq!(stored(store.as_ref()).await.as_deref(), Some("r2"));

    let server = Server::of([Act::Refuse]);
    let failure = instance(&store).fetch(&server).await.err().unwrap();
    assert_eq!((failure.kind, failure.why.as_str()), (FailureKind::Rejected, "for a test"));
    assert_eq!(stored(store.as_ref()).await.as_deref(), Some("r2"), "it is not thrown away");
    turn(store.as_ref()).await;
}

#[tokio::test(start_paused = true)]
async fn a_newer_token_is_never_overwritten() {
    // We get r1 for r0 while another, whose turn has begun after ours was over, has stored r9.
    let store = Arc::new(MemoryTokenStore::default());
    let server = Server::of([Act::Slowly(super::super::token_store::TURN * 2, "r1")]);
    let (store_of_other, slow) = (store.clone(), instance(&store));
    let other = async {
        sleep(super::super::token_store::TURN + Duration::from_secs(1)).await;
        let turn = turn(store_of_other.as_ref()).await;
        store_of_other.put(&lineage(), &turn, &"r9".into()).await.unwrap()
    };
    let (got, kept) = futures::join!(slow.fetch(&server), other);
    assert_eq!(kept, Kept::Stored);
    assert_eq!(got.unwrap().token.expose_secret(), "access");
    assert_eq!(stored(store.as_ref()).await.as_deref(), Some("r9"));
    // Late, but nobody else has stored one: it is kept.
    let server = Server::of([Act::Slowly(super::super::token_store::TURN * 2, "r10")]);
    slow.fetch(&server).await.unwrap();
    assert_eq!(stored(store.as_ref()).await.as_deref(), Some("r10"));
}

/// Can't write so many times; tells of a lost answer where it has heard of one.
#[derive(Default)]
struct Failing {
    inner: MemoryTokenStore,
    fails: AtomicUsize,
    unended: Mutex<Option<DateTime<Utc>>>,
}

#[async_trait]
impl TokenStore for Failing {
    async fn read(&self, of: &Lineage) -> Result<StoredToken, TokenStoreError> {
        self.inner.read(of).await
    }

    async fn take_turn(&self, of: &Lineage) -> Result<Taken, TokenStoreError> {
        let taken = self.inner.take_turn(of).await?;
        Ok(match taken {
            Taken::Ours(turn) => Taken::Ours(Turn { unended: *self.unended.lock(), ..turn }),
            Taken::Others(left) => Taken::Others(left),
        })
    }

    async fn put(&self, of: &Lineage, turn: &Turn, token: &SecretString) -> Result<Kept, TokenStoreError> {
        if self.fails.load(Ordering::SeqCst) > 0 {
            self.fails.fetch_sub(1, Ordering::SeqCst);
            return Err(TokenStoreError("full".to_owned()));
        }
        self.inner.put(of, turn, token).await
    }

    async fn give_back(&self, of: &Lineage, turn: &Turn, ended: Ended) -> Result<(), TokenStoreError> {
        if ended == Ended::Unknown {
            *self.unended.lock() = Some(DateTime::UNIX_EPOCH);
        }
        self.inner.give_back(of, turn, ended).await
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_used_before_the_refresh_token_is_written_down() {
    let store = Arc::new(Failing::default());
    let server = Server::of([Act::Replace("r1")]);
    let refresh = instance(&store);
    store.fails.store(5, Ordering::SeqCst);
    let failure = refresh.fetch(&server).await.err().unwrap();
    assert_eq!(failure.kind, FailureKind::Outage, "{failure}");
    assert!(failure.why.contains("can't be written down") && !failure.why.contains("r1"), "{failure}");
    // What came with it was held back, too, and serves once it is written; the server is not asked again.
    tokio::time::advance(Duration::from_secs(100)).await;
    let got = refresh.fetch(&server).await.unwrap();
    assert_eq!((got.token.expose_secret(), server.sent().len()), ("access", 1));
    assert!(got.lives <= Duration::from_secs(500) && got.lives > Duration::from_secs(490));
    assert_eq!(stored(store.as_ref()).await.as_deref(), Some("r1"));
    // Where the store answers again at once nobody notices.
    store.fails.store(2, Ordering::SeqCst);
    refresh.fetch(&Server::of([Act::Replace("r2")])).await.unwrap();
    assert_eq!(stored(store.as_ref()).await.as_deref(), Some("r2"));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_a_lost_answer_says_so() {
    let store = Arc::new(Failing::default());
    let server = Server::of([Act::Lose, Act::Refuse]);
    let failure = instance(&store).fetch(&server).await.err().unwrap();
    assert_eq!(failure.kind, FailureKind::Outage);
    let failure = instance(&store).fetch(&server).await.err().unwrap();
    assert_eq!((failure.kind, server.sent()), (FailureKind::Rejected, vec!["r0".into(), "r0".into()]));
    let wanted = ["sent at 1970-01-01T00:00:00Z", "sign in anew and configure the new refresh token"];
    assert!(wanted.iter().all(|text| failure.why.contains(text)), "{failure}");
}
