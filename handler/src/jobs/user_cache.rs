//! Who owns a mailbox: what the LMS knows them by, and by which addresses an attendee entry is theirs.

use crate::calendar::event::Event;
use crate::calendar::room::Room;
use crate::config::LearnerKeySource;
use crate::graph::GraphError;
use crate::graph::port::{Graph, User};
use crate::ids::{Address, LearnerKey, UserId};
use crate::jobs::address_hasher::AddressHasher;
use moka::future::Cache;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq)]
pub struct DirectoryUser {
    /// `None` when the directory does not fill the field that is the learner key.
    pub learner: Option<LearnerKey>,
    /// Keyed hashes of all addresses, and of the names that Exchange has for this person.
    pub aliases: BTreeSet<String>,
    pub is_guest: bool,
    pub account_enabled: bool,
}

/// How the ids of people begin who are not in the directory: the keyed hash of their address follows. They
/// have no mailbox here.
const OUTSIDE: &str = "outside-";

/// How long the members of `policy.only` are remembered: who is taken out of a pilot must not be acted for
/// much longer.
const PILOT_TTL: Duration = Duration::from_secs(300);

/// How long the directory's rooms are remembered: they are few, and change seldom.
const ROOMS_TTL: Duration = Duration::from_secs(3_600);

/// How many people are remembered. A larger directory has more than are ever asked for within the time.
const MOST_USERS: u64 = 20_000;

/// For so long people are remembered. Longer than the hour after which even a large directory is read anew:
/// who is in use is refreshed by that reading and costs no look of their own.
pub(crate) const USER_TTL: Duration = Duration::from_secs(90 * 60);

/// Remembers people for a while, so that a burst of changes costs one look at the directory, and none for
/// people whom the planning has just read. Who asks while another is asking the same waits for that answer;
/// failure is not remembered.
pub struct UserCache {
    key: LearnerKeySource,
    hasher: AddressHasher,
    known: Cache<String, Option<Arc<DirectoryUser>>>,
    by_address: Cache<Address, Option<UserId>>,
    named: Cache<(), Arc<BTreeSet<UserId>>>,
    rooms: Cache<(), Arc<Vec<Room>>>,
}

impl UserCache {
    pub fn new(key: LearnerKeySource, hasher: AddressHasher) -> Self {
        Self {
            key,
            hasher,
            known: Cache::builder().max_capacity(MOST_USERS).time_to_live(USER_TTL).build(),
            by_address: Cache::builder().max_capacity(MOST_USERS).time_to_live(USER_TTL).build(),
            named: Cache::builder().max_capacity(1).time_to_live(PILOT_TTL).build(),
            rooms: Cache::builder().max_capacity(1).time_to_live(ROOMS_TTL).build(),
        }
    }

    /// The directory's rooms, read anew after a while; none where they may not be read.
    pub async fn rooms(&self, graph: &dyn Graph) -> Result<Arc<Vec<Room>>, GraphError> {
        // Who may not read them asks no more often.
        let read = async {
            match graph.rooms().await {
                Err(GraphError::Refused(_)) => Ok(Arc::default()),
                read => read.map(Arc::new),
            }
        };
        self.rooms.try_get_with((), read).await.map_err(Arc::unwrap_or_clone)
    }

    /// Who is in `policy.only`, read anew after a while.
    pub async fn named<R>(&self, read: impl FnOnce() -> R) -> Result<Arc<BTreeSet<UserId>>, GraphError>
    where
        R: Future<Output = Result<BTreeSet<UserId>, GraphError>>,
    {
        self.named.try_get_with((), async { read().await.map(Arc::new) }).await.map_err(Arc::unwrap_or_clone)
    }

    /// Forgets who is in `policy.only`, so that it is read anew.
    pub async fn forget_named(&self) {
        self.named.invalidate(&()).await;
    }

    pub fn hash(&self, address: &Address) -> String {
        self.hasher.hash(address)
    }

    /// Any other text of an event, as a keyed hash.
    pub fn hash_text(&self, text: &str) -> String {
        self.hasher.hash_text(text)
    }

    /// The person by object id or UPN. `None`: the directory has no such user.
    pub async fn user(
        &self,
        graph: &dyn Graph,
        id: &UserId,
    ) -> Result<Option<Arc<DirectoryUser>>, GraphError> {
        if let Some(hash) = id.as_str().strip_prefix(OUTSIDE) {
            return Ok(Some(Arc::new(outsider(hash.to_owned(), None))));
        }
        let meet = |user: Option<User>| user.map(|user| Arc::new(self.meet(&user)));
        let look_up = async { graph.user(id.as_str()).await.map(meet) };
        self.known.try_get_with_by_ref(id.as_str(), look_up).await.map_err(Arc::unwrap_or_clone)
    }

    /// A listing of the directory shows this person. Where there are more people than are remembered, those
    /// whom somebody asked for are refreshed.
    pub async fn remember(&self, user: &User) {
        self.note(user).await;
        let is_full = self.by_address.entry_count() >= MOST_USERS;
        for address in user.addresses.iter().chain(&user.exchange_names) {
            if !is_full || self.by_address.contains_key(address) {
                self.by_address.insert(address.clone(), Some(user.id.clone())).await;
            }
        }
    }

    async fn note(&self, user: &User) {
        let is_full = self.known.entry_count() >= MOST_USERS;
        if !is_full || self.known.contains_key(user.id.as_str()) {
            self.known.insert(user.id.as_str().to_owned(), Some(Arc::new(self.meet(user)))).await;
        }
    }

    /// What we keep of a directory entry.
    pub fn meet(&self, user: &User) -> DirectoryUser {
        let text = match &self.key {
            // What is no plain address means nothing to an LMS.
            LearnerKeySource::Mail => user.mail.clone().filter(|mail| Address::new(mail).is_smtp()),
            LearnerKeySource::UserPrincipalName => user.user_principal_name.clone(),
            LearnerKeySource::EmployeeId => user.employee_id.clone(),
            LearnerKeySource::Id => Some(user.id.as_str().to_owned()),
            LearnerKeySource::ExtensionAttribute(name) => user.extension_attributes.get(name).cloned(),
        };
        // Addresses are compared without case, so one learner must not get two keys by case.
        let fold = matches!(self.key, LearnerKeySource::Mail | LearnerKeySource::UserPrincipalName);
        let learner = text
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .map(|text| LearnerKey::new(if fold { text.to_lowercase() } else { text }));
        DirectoryUser {
            learner,
            aliases: user
                .addresses
                .iter()
                .chain(&user.exchange_names)
                .map(|name| self.hasher.hash(name))
                .collect(),
            is_guest: user.is_guest,
            account_enabled: user.account_enabled,
        }
    }

    /// The mailbox behind an address or an Exchange name. `None`: the directory does not know it.
    pub async fn organizer(
        &self,
        graph: &dyn Graph,
        address: &Address,
    ) -> Result<Option<UserId>, GraphError> {
        let look_up = async {
            let Some(user) = graph.user_by_address(address).await? else { return Ok(None) };
            // Whoever is found is asked for next.
            self.note(&user).await;
            Ok(Some(user.id))
        };
        self.by_address.try_get_with_by_ref(address, look_up).await.map_err(Arc::unwrap_or_clone)
    }

    /// True when the address is what the LMS knows learners by.
    pub fn is_keyed_by_mail(&self) -> bool {
        matches!(self.key, LearnerKeySource::Mail)
    }

    /// The same, where one may not be allowed to look people up.
    async fn whose(&self, graph: &dyn Graph, address: &Address) -> Result<Option<UserId>, GraphError> {
        match self.organizer(graph, address).await {
            Err(GraphError::Refused(_)) => Ok(None),
            found => found,
        }
    }

    /// Whoever is invited under this address. People who are not in the directory, or whom we may not look up
    /// in it, are known by their address alone. `None`: it is no address but a name of Exchange's own, and
    /// the directory does not know it, so that nobody can say who that is.
    pub async fn attendee(
        &self,
        graph: &dyn Graph,
        address: &Address,
    ) -> Result<Option<(UserId, Arc<DirectoryUser>)>, GraphError> {
        if let Some(id) = self.whose(graph, address).await?
            && let Some(person) = self.user(graph, &id).await?
        {
            return Ok(Some((id, person)));
        }
        if !address.is_smtp() {
            return Ok(None);
        }
        let hash = self.hash(address);
        // Where the LMS knows learners by something else, the address says nothing to it, and is not kept.
        let learner = match self.is_keyed_by_mail() {
            true => LearnerKey::new(address.as_str()),
            false => LearnerKey::new(format!("{OUTSIDE}{hash}")),
        };
        let learner = Some(learner);
        Ok(Some((UserId::new(format!("{OUTSIDE}{hash}")), Arc::new(outsider(hash, learner)))))
    }

    /// Which of these addresses belongs to the person whom Exchange calls so.
    pub async fn among<'a>(
        &self,
        graph: &dyn Graph,
        name: &Address,
        addresses: impl IntoIterator<Item = &'a Address>,
    ) -> Result<Option<&'a Address>, GraphError> {
        let Some(id) = self.whose(graph, name).await? else { return Ok(None) };
        let Some(person) = self.user(graph, &id).await? else { return Ok(None) };
        Ok(addresses.into_iter().find(|address| person.aliases.contains(&self.hash(address))))
    }

    /// True when somebody in this list goes by a name of Exchange's own that the directory does not know.
    pub async fn has_unknown(&self, graph: &dyn Graph, event: &Event) -> Result<bool, GraphError> {
        for attendee in event.attendees.iter().filter(|attendee| !attendee.is_resource) {
            if !attendee.address.is_smtp() && self.whose(graph, &attendee.address).await?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// True for people whom the directory does not know: nobody's mailbox is to be asked.
pub fn is_outside(id: &UserId) -> bool {
    id.as_str().starts_with(OUTSIDE)
}

fn outsider(hash: String, learner: Option<LearnerKey>) -> DirectoryUser {
    DirectoryUser { learner, aliases: BTreeSet::from([hash]), is_guest: true, account_enabled: true }
}

#[cfg(test)]
#[path = "user_cache_tests.rs"]
mod tests;
