//! What the checks look at: the deployment, and one tenant of it on one visit. What several checks read is
//! read once.

use crate::calendar::event::Event;
use crate::enrolment::policy::Mailboxes;
use crate::graph::permissions::Permission;
use crate::graph::port::{Mailbox, Since, User, Viewed};
use crate::graph::{Failure, GraphError};
use crate::ids::{Address, TenantName, UserId};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::surroundings::Surroundings;
use crate::ledger::mailboxes::{self, SubscriptionState};
use crate::lms::Budget;
use crate::lms::health::Checkup;
use crate::store::StoreError;
use chrono::TimeDelta;
use std::time::Duration;
use tokio::sync::OnceCell;

/// What is looked at once.
pub struct Deployment<'a> {
    pub app: &'a AppContext,
    pub around: &'a Surroundings,
}

/// One tenant, looked at from its beginning to its end.
pub struct Visit<'a> {
    pub app: &'a AppContext,
    pub around: &'a Surroundings,
    pub context: &'a TenantContext,
    granted: OnceCell<Result<Option<Vec<String>>, GraphError>>,
    /// Some of those whom watch.mailboxes names.
    people: OnceCell<Result<Vec<User>, GraphError>>,
    /// Mailboxes that must be readable, with what was read of them.
    read: OnceCell<Vec<ReadMailbox>>,
    /// What the LMS's side of the connection answered.
    lms: OnceCell<Checkup>,
}

/// A mailbox that must be readable.
pub(super) struct ReadMailbox {
    pub(super) mailbox: Mailbox,
    pub(super) is_organizer: bool,
    /// What the configuration calls an organizer; of a learner nothing is shown.
    pub(super) shown: String,
    /// By which lists of attendees know the owner.
    pub(super) addresses: Vec<Address>,
    /// The first page of what its calendar shows in the next weeks.
    pub(super) events: Result<Vec<Event>, GraphError>,
}

impl<'a> Visit<'a> {
    pub(super) fn new(app: &'a AppContext, around: &'a Surroundings, context: &'a TenantContext) -> Self {
        Self {
            app,
            around,
            context,
            granted: OnceCell::new(),
            people: OnceCell::new(),
            read: OnceCell::new(),
            lms: OnceCell::new(),
        }
    }

    /// What a token says that was asked for on this visit.
    pub(super) async fn granted(&self) -> &Result<Option<Vec<String>>, GraphError> {
        self.granted.get_or_init(|| self.context.graph.granted_permissions()).await
    }

    /// A refusal that a missing permission explains, which is told elsewhere.
    pub(super) async fn lacks(&self, permission: Permission) -> bool {
        match self.granted().await {
            Ok(Some(roles)) => !roles.iter().any(|role| role == permission.name()),
            Ok(None) | Err(_) => false,
        }
    }

    pub(super) fn name(&self) -> &TenantName {
        &self.context.tenant.name
    }

    /// What the LMS's side of the connection answers.
    pub(super) async fn lms(&self) -> &Checkup {
        let ask = || self.context.lms.checkup(self.name(), Budget::of(LMS_PATIENCE));
        self.lms.get_or_init(ask).await
    }

    /// Some of those whom watch.mailboxes names.
    pub(super) async fn people(&self) -> &Result<Vec<User>, GraphError> {
        self.people.get_or_init(|| self.look_for_people()).await
    }

    async fn look_for_people(&self) -> Result<Vec<User>, GraphError> {
        let graph = &self.context.graph;
        match &self.context.tenant.watch.mailboxes {
            Mailboxes::Group(group) => graph.some_people(Some(group)).await,
            Mailboxes::All => graph.some_people(None).await,
            Mailboxes::Users(users) => {
                let mut found = Vec::new();
                for user in users.iter().take(TRIED) {
                    found.extend(graph.user(user).await?);
                }
                Ok(found)
            }
            Mailboxes::None => Ok(Vec::new()),
        }
    }

    /// The mailboxes that must be readable, read.
    pub(super) async fn mailboxes(&self) -> Result<&Vec<ReadMailbox>, StoreError> {
        self.read.get_or_try_init(|| self.read_mailboxes()).await
    }

    async fn read_mailboxes(&self) -> Result<Vec<ReadMailbox>, StoreError> {
        let watch = &self.context.tenant.watch;
        let mut read = Vec::new();
        for address in watch.organizers.iter().take(ORGANIZERS) {
            let found = match self.context.graph.user_by_address(address).await {
                Ok(Some(user)) => Ok(user),
                Ok(None) => Err(GraphError::NotFound(Failure {
                    status: None,
                    code: "nobodyOfThisAddress".to_owned(),
                    request_id: None,
                })),
                // Without a right to the directory a mailbox may be readable all the same.
                Err(GraphError::Refused(_)) => {
                    let mailbox = Mailbox::Address(address.clone());
                    read.push(self.read_one(mailbox, true, address, vec![address.clone()]).await);
                    continue;
                }
                Err(failure) => Err(failure),
            };
            read.push(match found {
                Ok(user) => self.read_one(user.id.into(), true, address, user.addresses).await,
                Err(failure) => ReadMailbox {
                    mailbox: Mailbox::Address(address.clone()),
                    is_organizer: true,
                    shown: address.as_str().to_owned(),
                    addresses: Vec::new(),
                    events: Err(failure),
                },
            });
        }
        if !watch.mode.reads_learners() {
            return Ok(read);
        }
        let nobody = Address::new("");
        for (user, addresses) in self.learners().await? {
            let one = self.read_one(user.into(), false, &nobody, addresses).await;
            let is_readable = one.events.is_ok();
            read.push(one);
            if is_readable {
                break;
            }
        }
        Ok(read)
    }

    /// Some who are watched, or else are to be.
    async fn learners(&self) -> Result<Vec<(UserId, Vec<Address>)>, StoreError> {
        let known = mailboxes::some(&self.app.ledger, self.name(), KNOWN).await?;
        let watched =
            known.into_iter().filter(|row| row.state == SubscriptionState::Watched && row.is_read());
        let mut learners = Vec::new();
        for row in watched.take(LEARNERS) {
            let user = self.context.graph.user(row.user.as_str()).await;
            let addresses = user.ok().flatten().map(|user| user.addresses).unwrap_or_default();
            learners.push((row.user, addresses));
        }
        if learners.is_empty() {
            let people = self.people().await.as_ref().map(Vec::as_slice).unwrap_or_default();
            let able = people.iter().filter(|user| user.account_enabled && !user.is_guest);
            learners.extend(able.take(LEARNERS).map(|user| (user.id.clone(), user.addresses.clone())));
        }
        Ok(learners)
    }

    async fn read_one(
        &self,
        mailbox: Mailbox,
        is_organizer: bool,
        shown: &Address,
        addresses: Vec<Address>,
    ) -> ReadMailbox {
        let events = self.read(mailbox.clone()).await;
        ReadMailbox { mailbox, is_organizer, shown: shown.as_str().to_owned(), addresses, events }
    }

    /// The first page of what the calendar shows.
    pub(super) async fn read(&self, mailbox: Mailbox) -> Result<Vec<Event>, GraphError> {
        let now = self.app.ledger.clock.now();
        let since = Since::Window { from: now - TimeDelta::days(14), to: now + TimeDelta::days(60) };
        match self.context.graph.calendar_page(&mailbox, &since, &self.context.select).await? {
            Viewed::Page(page) => Ok(page.events),
            Viewed::Lost => Ok(Vec::new()),
        }
    }
}

/// Of users that the configuration names one by one, so many are looked up.
pub(super) const TRIED: usize = 5;
/// So many organizers are tried, of a list that may be long.
const ORGANIZERS: usize = 3;
/// So many learners, until one can be read.
const LEARNERS: usize = 3;
/// Among so many rows one who is watched is looked for.
const KNOWN: usize = 50;
/// Less than one check has.
const LMS_PATIENCE: Duration = Duration::from_secs(20);
