use super::*;
use crate::graph::client_state::StateKeys;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::alerts::AlertKind;
use futures::future::join_all;

const OLD: &str = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=";
const NEW: &str = "k2:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI=";
const LASTS: Duration = Duration::from_secs(30);

fn keys(text: &str) -> SealingKeys {
    StateKeys::parse(text).unwrap().sealing_keys("for a test").unwrap()
}

fn of(tenant: &TenantName) -> TokenRef<'_> {
    TokenRef { tenant, connector: "brightspace", origin: "first" }
}

/// One instance, of the tenant contoso.
struct Instance<'a> {
    ledger: &'a Ledger,
    keys: SealingKeys,
    tenant: TenantName,
}

impl<'a> Instance<'a> {
    fn new(world: &'a World) -> Self {
        Self { ledger: &world.app.ledger, keys: keys(OLD), tenant: contoso() }
    }

    fn with(world: &'a World, keys: &str) -> Self {
        Self { keys: self::keys(keys), ..Self::new(world) }
    }

    async fn stored(&self) -> Option<String> {
        let stored = read(self.ledger, &self.keys, of(&self.tenant)).await.unwrap();
        stored.token.map(|token| token.expose_secret().to_owned())
    }

    async fn take(&self, id: &str) -> Taken {
        take_turn(self.ledger, &self.keys, of(&self.tenant), id, LASTS).await.unwrap()
    }

    async fn turn(&self, id: &str) -> StoredToken {
        match self.take(id).await {
            Taken::Ours(stored) => stored,
            Taken::Others(left) => panic!("somebody has it for {left:?}"),
        }
    }

    async fn put(&self, id: &str, number: u64, token: &str) -> bool {
        put(self.ledger, &self.keys, of(&self.tenant), (id, number), &token.into()).await.unwrap()
    }

    async fn rotate(&self, token: &str) {
        let number = self.turn("t").await.number;
        assert!(self.put("t", number, token).await);
    }

    async fn give_back(&self, id: &str, ended: Ended) {
        give_back(self.ledger, of(&self.tenant), id, ended).await.unwrap();
    }

    async fn tidy(&self, in_force: Option<TokenRef<'_>>) {
        tidy(self.ledger, &self.keys, &self.tenant, in_force.as_slice()).await.unwrap();
    }
}

fn rows(world: &World) -> Vec<crate::store::Row> {
    let all = world.tables.dump(Table::Connections);
    all.into_iter().filter(|row| row.partition.ends_with("~refresh-tokens")).collect()
}

async fn alerts(world: &World) -> Vec<AlertKind> {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().map(|alert| alert.kind).collect()
}

#[tokio::test(start_paused = true)]
async fn a_token_is_stored_and_nobody_reads_it_in_the_row() {
    let world = World::new().await;
    let one = Instance::new(&world);
    assert_eq!(one.stored().await, None);
    one.rotate("r1-secret").await;
    assert_eq!(Instance::new(&world).stored().await.as_deref(), Some("r1-secret"));
    one.rotate("r2-secret").await;
    assert_eq!(one.stored().await.as_deref(), Some("r2-secret"));
    let [row] = &rows(&world)[..] else { panic!("one row") };
    assert_eq!((row.partition.as_str(), row.row.as_str()), ("contoso~refresh-tokens", "brightspace~first"));
    assert!(!format!("{row:?}").contains("secret"));
    let stored: StoredRow = typed::read(Table::Connections, row.clone()).unwrap().value;
    let shown = format!("{stored:?} {:?}", one.turn("t").await);
    assert!(!shown.contains("r2") && stored.number == 2 && stored.turn.is_none(), "{shown}");
    assert!(alerts(&world).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_has_the_turn_until_it_is_given_back_or_over() {
    let world = World::new().await;
    let (one, other) = (Instance::new(&world), Instance::new(&world));
    one.turn("one").await;
    world.clock.advance(chrono::Duration::seconds(10));
    assert!(matches!(other.take("other").await, Taken::Others(left) if left == Duration::from_secs(20)));
    one.give_back("one", Ended::InForce).await;
    assert_eq!(other.turn("other").await.unended, None);
    // Nobody gives back what is not theirs.
    one.give_back("one", Ended::InForce).await;
    assert!(matches!(one.take("again").await, Taken::Others(_)));
    world.clock.advance(chrono::Duration::seconds(30));
    one.turn("again").await;
    // Of many who come at once.
    one.give_back("again", Ended::InForce).await;
    world.tables.yields.store(true, std::sync::atomic::Ordering::SeqCst);
    let ids: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    let all = join_all(ids.iter().map(|id| one.take(id))).await;
    assert_eq!(all.iter().filter(|taken| matches!(taken, Taken::Ours(_))).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_late_token_is_stored_and_a_newer_one_stays() {
    let world = World::new().await;
    let (slow, other) = (Instance::new(&world), Instance::new(&world));
    slow.turn("slow").await;
    world.clock.advance(chrono::Duration::seconds(31));
    other.turn("other").await;
    assert!(slow.put("slow", 0, "r1").await, "nobody else has stored one");
    assert!(matches!(slow.take("slow").await, Taken::Others(_)), "the other's turn is left to them");
    assert!(!other.put("other", 0, "r9").await, "what it was given for is not there any more");
    assert_eq!(other.stored().await.as_deref(), Some("r1"));
    // A write whose answer was lost is done again.
    assert!(slow.put("slow", 0, "r1").await);
}

#[tokio::test(start_paused = true)]
async fn whatever_is_killed_the_next_one_knows_what_it_may_rely_on() {
    for (death, stored, is_unended) in [
        (Death::Before(0), "r1", false),
        (Death::After(0), "r1", true),
        // Between the LMS's answer and our write.
        (Death::Before(1), "r1", true),
        (Death::After(1), "r2", false),
    ] {
        let mut world = World::new().await;
        Instance::new(&world).rotate("r1").await;
        let one = Instance::new(&world);
        assert!(world.tables.killed(death, one.rotate("r2")).await.is_none(), "{death:?} is no kill");
        world.restart().await;
        world.clock.advance(chrono::Duration::seconds(31));
        let next = Instance::new(&world);
        let turn = next.turn("next").await;
        assert_eq!(next.stored().await.as_deref(), Some(stored), "{death:?}");
        assert_eq!(turn.unended.is_some(), is_unended, "{death:?}");
        // It is remembered until a token is stored, or the LMS takes the old one.
        next.give_back("next", Ended::AsBefore(turn.unended)).await;
        assert_eq!(next.turn("next").await.unended, turn.unended, "{death:?}");
        next.give_back("next", Ended::InForce).await;
        assert_eq!(next.turn("next").await.unended, None, "{death:?}");
    }
    let world = World::new().await;
    let one = Instance::new(&world);
    one.turn("one").await;
    one.give_back("one", Ended::Unknown).await;
    let since = one.turn("two").await.unended;
    assert_eq!(since, Some(world.now()));
    world.clock.advance(minutes(1));
    one.give_back("two", Ended::Unknown).await;
    assert_eq!(one.turn("three").await.unended, since, "since the first");
    assert!(one.put("three", 0, "r1").await);
    assert_eq!(one.turn("four").await.unended, None);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_no_key_opens_counts_as_none_and_is_told_of() {
    let world = World::new().await;
    Instance::with(&world, OLD).rotate("r1").await;
    let other = Instance::with(&world, NEW);
    assert_eq!(other.stored().await, None);
    let turn = other.turn("t").await;
    assert!(turn.token.is_none() && turn.number == 1);
    assert_eq!(alerts(&world).await, [AlertKind::UnreadableRow]);
    // The connection goes on with what is configured, and what comes of it is stored over it.
    assert!(other.put("t", 1, "r2").await);
    assert_eq!(other.stored().await.as_deref(), Some("r2"));
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_changed_or_of_somebody_else_does_not_open() {
    let world = World::new().await;
    let mine = Instance::new(&world);
    mine.rotate("mine").await;
    let theirs = Instance { tenant: "fabrikam".into(), ..Instance::new(&world) };
    theirs.rotate("theirs").await;
    let all = rows(&world);
    let entity = |tenant: &str| {
        let row = all.iter().find(|row| row.partition.starts_with(tenant)).unwrap();
        (row.entity.clone(), row.etag.clone())
    };
    let ((mut changed, etag), (copied, _)) = (entity("contoso"), entity("fabrikam"));
    let (partition, row) = ("contoso~refresh-tokens", "brightspace~first");
    let tables = &world.app.ledger.tables;
    let etag = tables.replace(Table::Connections, partition, row, copied, &etag).await.unwrap();
    assert_eq!(mine.stored().await, None, "another tenant's row, copied over");

    let sealed = changed["sealed"].as_object_mut().unwrap();
    let text = sealed["text"].as_str().unwrap().to_owned();
    let other = if text.starts_with('A') { "B" } else { "A" };
    sealed["text"] = format!("{other}{}", &text[1..]).into();
    let etag = tables.replace(Table::Connections, partition, row, changed.clone(), &etag).await.unwrap();
    assert_eq!(mine.stored().await, None, "a changed byte");
    assert_eq!(theirs.stored().await.as_deref(), Some("theirs"));

    // Not even a row.
    changed.insert("number".to_owned(), "many".into());
    tables.replace(Table::Connections, partition, row, changed, &etag).await.unwrap();
    assert_eq!(mine.stored().await, None);
    assert_eq!(alerts(&world).await, [AlertKind::UnreadableRow]);
    mine.rotate("new").await;
    assert_eq!(mine.stored().await.as_deref(), Some("new"));
}

#[tokio::test(start_paused = true)]
async fn a_key_is_rotated_without_a_token_being_lost() {
    let world = World::new().await;
    Instance::with(&world, OLD).rotate("r1").await;
    let both = Instance::with(&world, &format!("{NEW},{OLD}"));
    let tenant = contoso();
    assert_eq!(both.stored().await.as_deref(), Some("r1"));
    assert_eq!(Instance::with(&world, NEW).stored().await, None, "not sealed anew yet");
    both.tidy(Some(of(&tenant))).await;
    let new = Instance::with(&world, NEW);
    assert_eq!(new.stored().await.as_deref(), Some("r1"));
    // Nothing is written where nothing is to be done, and what no key opens is left for who mends it.
    world.tables.count();
    both.tidy(Some(of(&tenant))).await;
    Instance::with(&world, OLD).tidy(Some(of(&tenant))).await;
    assert_eq!(world.tables.count().writes, 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_in_force_goes_after_a_week() {
    let world = World::new().await;
    let one = Instance::new(&world);
    let tenant = contoso();
    let later = TokenRef { origin: "second", ..of(&tenant) };
    one.rotate("r1").await;
    world.clock.advance(minutes(24 * 60));
    put(one.ledger, &one.keys, later, ("t", 0), &"s1".into()).await.unwrap();
    one.tidy(Some(later)).await;
    assert_eq!(one.stored().await.as_deref(), Some("r1"), "another instance may go by it still");
    world.clock.advance(minutes(6 * 24 * 60));
    one.tidy(Some(later)).await;
    let left: Vec<String> = rows(&world).into_iter().map(|row| row.row).collect();
    assert_eq!(left, ["brightspace~second"]);
    // No connection has any: it goes as well.
    world.clock.advance(minutes(7 * 24 * 60));
    one.tidy(None).await;
    assert!(rows(&world).is_empty());
}
