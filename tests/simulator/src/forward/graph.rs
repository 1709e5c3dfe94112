//! The port itself: what calendars, the directory and subscriptions answer at this moment.

use super::Forward;
use super::book::Reach;
use super::registry::Absent;
use super::weather::{draw, of_user};
use crate::world::delta::{Ask, Entry, Token};
use crate::world::directory::{self, MailboxState};
use crate::world::item::{self, Item};
use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use regrets::calendar::event::{Answer, Attendee, Event, EventKind, Response};
use regrets::calendar::event_select::EventSelect;
use regrets::graph::port::{
    AutomaticReplies, Calendars, Changes, DeltaItem, DeltaPage, Graph, Mailbox, NewSubscription, Next, Since,
    Subscription, SubscriptionPage, User, UserSink,
};
use regrets::graph::{Failure, GraphError};
use regrets::ids::{Address, EventId, ICalUid, SubscriptionId, UserId};
use uuid::Uuid;

/// Users on a page of a listing, and subscriptions on one.
const USERS: usize = 999;
const SUBSCRIPTIONS: usize = 50;
/// Events on a page of a delta.
const EVENTS: usize = 25;
/// How its links end, before the token.
const SKIP: &str = "?skiptoken=";
const LATER: &str = "?deltatoken=";
/// Half of the calls are throttled in a spell of it.
const SPELL: f64 = 0.5;
/// A view over more than this is one of the whole calendar.
const NEAR: Duration = Duration::days(3);
/// The longest life of a subscription, in minutes
/// (handler/reference/graph-notifications.md#subscription-life).
const MOST: u32 = 10_070;

fn failure(status: u16, code: &str) -> Failure {
    Failure { status: Some(status), code: code.to_owned(), request_id: None }
}

fn no_such_mailbox() -> GraphError {
    GraphError::NoMailbox(failure(404, "MailboxNotEnabledForRESTAPI"))
}

impl Forward {
    /// The request travels, and is refused if anything is the matter.
    async fn ask(&self, kind: &'static str, user: Option<Uuid>) -> Result<(), GraphError> {
        let seed = self.0.options.seed;
        let asked = {
            let mut book = self.0.book.lock();
            let count = book.counts.asked.entry(kind).or_default();
            *count += 1;
            *count
        };
        let dice = |what: u64| {
            let second = u64::try_from(self.now().timestamp()).unwrap_or_default();
            draw(seed, [what, user.map_or(asked, of_user), second])
        };
        let (least, most) = (*self.0.options.latency.start(), *self.0.options.latency.end());
        tokio::time::sleep(least + most.saturating_sub(least).mul_f64(dice(1))).await;
        let (weather, now) = (self.weather(), self.now());
        let share = if weather.is_throttled(now) { SPELL } else { weather.throttle };
        let refusal = if weather.is_graph_down(now) {
            Some(GraphError::Unavailable(failure(503, "ServiceUnavailable")))
        } else if dice(2) < share {
            let after = std::time::Duration::from_secs_f64(10.0 + 110.0 * dice(3));
            Some(GraphError::Throttled { failure: failure(429, "TooManyRequests"), after: Some(after) })
        } else {
            user.and_then(|user| self.refusal(user, now))
        };
        let Some(refusal) = refusal else { return Ok(()) };
        *self.0.book.lock().counts.refused.entry(status(&refusal)).or_default() += 1;
        Err(refusal)
    }

    /// What the mailbox itself answers.
    fn refusal(&self, user: Uuid, now: DateTime<Utc>) -> Option<GraphError> {
        let weather = self.weather();
        if weather.is_refused(user, now) {
            return Some(GraphError::Refused(failure(403, "ErrorAccessDenied")));
        }
        if weather.moving_until(user, now).is_some() {
            return Some(GraphError::Unavailable(failure(503, "ErrorMailboxMoveInProgress")));
        }
        let state = self
            .user(user, |_, user| if user.is_guest { MailboxState::NoMailbox } else { user.mailbox_state });
        match state {
            Some(MailboxState::Active) => None,
            Some(MailboxState::NoMailbox) | None => Some(no_such_mailbox()),
            Some(MailboxState::OutOfScope | MailboxState::Policy) => {
                Some(GraphError::Refused(failure(403, "ErrorAccessDenied")))
            }
        }
    }

    /// Reads a mailbox's live items; all that is given is shown.
    async fn read<T>(
        &self,
        kind: &'static str,
        mailbox: &Mailbox,
        look: impl FnOnce(&directory::Mailbox) -> T + Send,
        shown: impl FnOnce(&T) -> Vec<String> + Send,
    ) -> Result<T, GraphError> {
        let user = match mailbox {
            Mailbox::Id(id) => Uuid::parse_str(id.as_str()).ok(),
            Mailbox::Address(address) => self.0.model.lock().whose(address.as_str()).map(|(_, user)| user.id),
        };
        let Some(user) = user else { return Err(no_such_mailbox()) };
        self.ask(kind, Some(user)).await?;
        let found = self.user(user, |_, user| look(&user.mailbox)).ok_or_else(no_such_mailbox)?;
        let now = self.now();
        let mut book = self.0.book.lock();
        shown(&found).iter().for_each(|copy| book.show(copy, now));
        Ok(found)
    }

    fn granted(&self, wanted: DateTime<Utc>) -> Result<DateTime<Utc>, GraphError> {
        let now = self.now();
        let shorter = self.weather().shorter.filter(|(from, _)| *from <= now);
        let minutes = shorter.map_or(MOST, |(_, minutes)| minutes);
        match wanted > now + Duration::minutes(i64::from(minutes)) {
            true => Err(GraphError::TooLong { minutes }),
            false => Ok(wanted),
        }
    }

    fn subscription(&self, id: Uuid, user: Uuid, url: &str, expires: DateTime<Utc>) -> Subscription {
        Subscription {
            id: SubscriptionId::new(id.to_string()),
            resource: format!("users/{user}/events"),
            notification_url: Some(url.to_owned()),
            expires,
        }
    }

    /// Whose subscription it is, if there is such a one.
    fn owner(&self, id: &SubscriptionId) -> Option<(Uuid, Uuid)> {
        let id = Uuid::parse_str(id.as_str()).ok()?;
        self.0.registry.lock().get(id, self.now()).map(|known| (id, known.user))
    }
}

fn status(refusal: &GraphError) -> u16 {
    match refusal {
        GraphError::NotFound(_) | GraphError::NoMailbox(_) => 404,
        GraphError::Refused(_) | GraphError::Quota(_) => 403,
        GraphError::Unauthorized(_) | GraphError::Credential { .. } => 401,
        GraphError::Conflict(_) => 409,
        GraphError::TooLong { .. } | GraphError::Validation(_) | GraphError::Invalid(_) => 400,
        GraphError::Throttled { .. } => 429,
        GraphError::Unavailable(_) => 503,
    }
}

fn answer(status: item::Status) -> Response {
    let answer = match status.answer {
        item::Answer::None => Answer::None,
        item::Answer::Organizer => Answer::Organizer,
        item::Answer::TentativelyAccepted => Answer::TentativelyAccepted,
        item::Answer::Accepted => Answer::Accepted,
        item::Answer::Declined => Answer::Declined,
        item::Answer::NotResponded => Answer::NotResponded,
    };
    Response { answer, at: status.at }
}

/// Single meetings only: series are other suites' matter.
fn event(item: &Item) -> Event {
    let attendee = |invitee: &item::Invitee| Attendee {
        address: Address::new(&invitee.party.address),
        response: answer(invitee.status),
        is_resource: invitee.is_resource,
        proposes: invitee.proposed.is_some(),
    };
    Event {
        id: EventId::new(item.immutable.as_str()),
        ical_uid: Some(ICalUid::new(item.ical_uid.as_str())),
        original_start: None,
        series_master: None,
        kind: EventKind::SingleInstance,
        is_cancelled: item.is_cancelled,
        is_organizer: item.is_organizer,
        organizer: Some(Address::new(&item.organizer.address)),
        response: answer(item.status),
        start: Some(item.slot.start),
        end: Some(item.slot.end),
        attendees: item.invitees.iter().map(attendee).collect(),
        response_requested: Some(item.response_requested),
        created: Some(item.created),
        modified: Some(item.modified),
        subject: None,
        body: None,
        location: None,
        extended: item.extended.clone(),
    }
}

fn person(user: &directory::User) -> User {
    let proxies =
        user.proxy_addresses.iter().filter_map(|proxy| proxy.split_once(':')).map(|(_, address)| address);
    let mut addresses: Vec<Address> = Vec::new();
    for address in
        user.mail.as_deref().into_iter().chain([user.upn.as_str()]).chain(proxies).map(Address::new)
    {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    User {
        id: UserId::new(user.id.to_string()),
        user_principal_name: Some(user.upn.clone()),
        mail: user.mail.clone(),
        addresses,
        exchange_names: Vec::new(),
        employee_id: user.employee_id.clone(),
        account_enabled: user.account_enabled,
        is_guest: user.is_guest,
        extension_attributes: user.extension_attributes.clone(),
    }
}

fn ids(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| event.id.as_str().to_owned()).collect()
}

#[async_trait]
impl Graph for Forward {
    async fn event(
        &self,
        mailbox: &Mailbox,
        id: &EventId,
        _select: &EventSelect,
    ) -> Result<Option<Event>, GraphError> {
        let look = |of: &directory::Mailbox| {
            of.items.iter().find(|item| item.live && item.immutable == id.as_str()).map(event)
        };
        self.read("GET event", mailbox, look, |found| ids(found.as_slice())).await
    }

    async fn shows(
        &self,
        mailbox: &Mailbox,
        id: &EventId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        calendars: Calendars,
    ) -> Result<bool, GraphError> {
        let look = |of: &directory::Mailbox| {
            let default = of.default_calendar();
            let within = |item: &&Item| item.live && item.slot.start < to && item.slot.end > from;
            let mut shown = of.items.iter().filter(within).filter(|item| item.immutable == id.as_str());
            shown.any(|item| (item.calendar == default) == (calendars == Calendars::Default))
        };
        self.read("GET calendarView of ids", mailbox, look, |_| Vec::new()).await
    }

    async fn events_by_ical_uid(
        &self,
        mailbox: &Mailbox,
        uid: &ICalUid,
        _select: &EventSelect,
    ) -> Result<Vec<Event>, GraphError> {
        let look = |of: &directory::Mailbox| {
            of.items
                .iter()
                .filter(|item| item.live && item.ical_uid == uid.as_str())
                .map(event)
                .collect::<Vec<_>>()
        };
        self.read("GET events by iCalUId", mailbox, look, |found| ids(found)).await
    }

    async fn instances(
        &self,
        mailbox: &Mailbox,
        _master: &EventId,
        _from: DateTime<Utc>,
        _to: DateTime<Utc>,
        _select: &EventSelect,
    ) -> Result<Option<Vec<Event>>, GraphError> {
        self.read("GET instances", mailbox, |_| None, |_| Vec::new()).await
    }

    async fn calendar_view(
        &self,
        mailbox: &Mailbox,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        _select: &EventSelect,
    ) -> Result<Vec<Event>, GraphError> {
        let look = |of: &directory::Mailbox| {
            let calendar = of.default_calendar();
            let within = |item: &&Item| item.slot.start < to && item.slot.end > from;
            let shown = of.items.iter().filter(|item| item.live && item.calendar == calendar);
            shown.filter(within).map(event).collect::<Vec<_>>()
        };
        let found = self.read("GET calendarView", mailbox, look, |found| ids(found)).await?;
        let now = self.now();
        // Who looks at what is long over only tries whether anybody answers.
        if to > now
            && let Mailbox::Id(id) = mailbox
            && let Ok(user) = Uuid::parse_str(id.as_str())
        {
            let reach = if to - from > NEAR { Reach::Whole } else { Reach::Near };
            self.0.book.lock().views.entry(user).or_default().push((now, reach));
        }
        Ok(found)
    }

    async fn calendar_changes(&self, mailbox: &Mailbox, since: &Since) -> Result<Changes, GraphError> {
        let user = match mailbox {
            Mailbox::Id(id) => Uuid::parse_str(id.as_str()).map_err(|_| no_such_mailbox())?,
            Mailbox::Address(_) => return Err(no_such_mailbox()),
        };
        let ask = match since {
            Since::Window { from, to } => Ask::Window(item::Slot { start: *from, end: *to }),
            Since::Link(link) => match link.split_once(LATER) {
                Some((_, token)) => Ask::Later(token),
                None => Ask::Skip(link.split_once(SKIP).map_or("", |(_, token)| token)),
            },
        };
        let matrix = self.0.options.matrix.clone();
        let look = |of: &directory::Mailbox| self.0.sync_states.lock().page((user, of), &matrix, ask, EVENTS);
        let Some(page) = self.read("GET calendarView/delta", mailbox, look, |_| Vec::new()).await? else {
            return Ok(Changes::Lost);
        };
        let item = |entry: &Entry| match entry {
            Entry::Removed(key) => DeltaItem::Removed(EventId::new(key.immutable.as_str())),
            Entry::There(key) => DeltaItem::There {
                event: EventId::new(key.immutable.as_str()),
                master: None,
                is_organizer: None,
            },
        };
        let next = match page.token {
            Token::Skip(token) => Next::Page(format!("{SKIP}{token}")),
            Token::Later(token) => Next::Later(format!("{LATER}{token}")),
        };
        Ok(Changes::Page(DeltaPage { items: page.entries.iter().map(item).collect(), next }))
    }

    async fn automatic_replies(&self, mailbox: &Mailbox) -> Result<AutomaticReplies, GraphError> {
        self.read("GET automaticRepliesSetting", mailbox, |_| AutomaticReplies::Off, |_| Vec::new()).await
    }

    async fn user(&self, id_or_upn: &str) -> Result<Option<User>, GraphError> {
        self.ask("GET user", None).await?;
        match Uuid::parse_str(id_or_upn) {
            Ok(id) => Ok(self.user(id, |_, user| person(user))),
            Err(_) => Ok(self.0.model.lock().whose(id_or_upn).map(|(_, user)| person(user))),
        }
    }

    async fn user_by_address(&self, address: &Address) -> Result<Option<User>, GraphError> {
        self.ask("GET user", None).await?;
        Ok(self.0.model.lock().whose(address.as_str()).map(|(_, user)| person(user)))
    }

    async fn group_members(&self, group: &str, see: &mut UserSink<'_>) -> Result<(), GraphError> {
        self.ask("GET members", None).await?;
        let found: Option<Vec<User>> = {
            let model = self.0.model.lock();
            let members =
                Uuid::parse_str(group).ok().and_then(|id| model.tenant(self.0.tenant)?.transitive_users(id));
            members.map(|members| members.into_iter().map(person).collect())
        };
        let found = found.ok_or_else(|| GraphError::NotFound(failure(404, "Request_ResourceNotFound")))?;
        self.show_pages("GET members", found, see).await
    }

    async fn users(&self, see: &mut UserSink<'_>) -> Result<(), GraphError> {
        self.ask("GET users", None).await?;
        let found =
            self.0.model.lock().tenant(self.0.tenant).map(|tenant| tenant.users.iter().map(person).collect());
        self.show_pages("GET users", found.unwrap_or_default(), see).await
    }

    async fn create_subscription(&self, wanted: &NewSubscription) -> Result<Subscription, GraphError> {
        let user = Uuid::parse_str(wanted.mailbox.as_str()).map_err(|_| no_such_mailbox())?;
        self.0.registry.lock().wrote(self.now());
        self.ask("POST subscription", Some(user)).await?;
        let expires = self.granted(wanted.expires)?;
        if self.weather().is_endpoint_down(self.now()) {
            return Err(GraphError::Validation(failure(400, "ValidationError")));
        }
        let url = &wanted.notification_url;
        let now = self.now();
        if self.0.registry.lock().of(user, now).iter().any(|known| known.url == *url) {
            return Err(GraphError::Conflict(failure(409, "Conflict")));
        }
        let id = self.0.model.lock().mint.uuid();
        self.0.registry.lock().add(id, user, url, &wanted.client_state, expires);
        self.0.book.lock().subscribed.entry(user).or_default().push(now);
        let second = u64::try_from(now.timestamp()).unwrap_or_default();
        if draw(self.0.options.seed, [4, of_user(user), second]) < self.weather().lost_answers {
            return Err(GraphError::Unavailable(failure(504, "GatewayTimeout")));
        }
        Ok(self.subscription(id, user, url, expires))
    }

    async fn renew_subscription(
        &self,
        id: &SubscriptionId,
        wanted: DateTime<Utc>,
    ) -> Result<Subscription, GraphError> {
        self.0.registry.lock().wrote(self.now());
        self.ask("PATCH subscription", None).await?;
        let gone = || GraphError::NotFound(failure(404, "ResourceNotFound"));
        let (id, user) = self.owner(id).ok_or_else(gone)?;
        if let Some(refusal) = self.refusal(user, self.now()) {
            return Err(refusal);
        }
        let expires = self.granted(wanted)?;
        let mut registry = self.0.registry.lock();
        registry.renew(id, expires);
        let url = registry.get(id, self.now()).map(|known| known.url.clone()).ok_or_else(gone)?;
        drop(registry);
        Ok(self.subscription(id, user, &url, expires))
    }

    async fn delete_subscription(&self, id: &SubscriptionId) -> Result<(), GraphError> {
        self.0.registry.lock().wrote(self.now());
        self.ask("DELETE subscription", None).await?;
        if let Some((id, _)) = self.owner(id) {
            self.0.registry.lock().remove(id, Absent::Deleted);
        }
        Ok(())
    }

    async fn subscriptions(&self, from: Option<&str>) -> Result<SubscriptionPage, GraphError> {
        self.ask("GET subscriptions", None).await?;
        let from: usize = from.and_then(|from| from.parse().ok()).unwrap_or_default();
        let registry = self.0.registry.lock();
        let shown = |known: &super::registry::Subscription| {
            self.subscription(known.id, known.user, &known.url, known.expires)
        };
        let mut listed: Vec<Subscription> =
            registry.active(self.now()).skip(from).take(SUBSCRIPTIONS + 1).map(shown).collect();
        let next = (listed.len() > SUBSCRIPTIONS).then(|| (from + SUBSCRIPTIONS).to_string());
        listed.truncate(SUBSCRIPTIONS);
        Ok(SubscriptionPage { listed, next })
    }
}

impl Forward {
    async fn show_pages(
        &self,
        kind: &'static str,
        people: Vec<User>,
        see: &mut UserSink<'_>,
    ) -> Result<(), GraphError> {
        for (page, some) in people.chunks(USERS).enumerate() {
            if page > 0 {
                self.ask(kind, None).await?;
            }
            some.iter().cloned().for_each(&mut *see);
        }
        Ok(())
    }
}
