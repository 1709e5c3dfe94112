//! How the world is set up and how it behaves.

use crate::disorder::Disorder;
use crate::world::directory::{App, Calendar, Group, Mailbox, MailboxState, Tenant, User};
use crate::world::ids::{Mint, Twin};
use crate::world::matrix::Matrix;
use crate::world::write_matrix::WriteMatrix;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;
use uuid::Uuid;

/// The client secret of every seeded app.
pub const CLIENT_SECRET: &str = "simulated-client-secret";
/// The signing secret of the LMS, unless [`Options::lms_secrets`] says otherwise.
pub const LMS_SECRET: &str = "whsec_c2ltdWxhdGVkLXNpZ25pbmctc2VjcmV0LWZvci10aGUtbG1z";
/// What the LMS signs with when it tells something by itself.
pub const PUSH_SECRET: &str = "whsec_c2ltdWxhdGVkLXNlY3JldC1vZi13aGF0LXRoZS1sbXMtdGVsbHM=";

/// Delays are those of real life and are divided by `speed`.
#[derive(Debug, Clone)]
pub struct Options {
    /// The same seed gives the same ids and the same dice.
    pub seed: u64,
    pub tenants: Vec<TenantSeed>,
    pub matrix: Matrix,
    pub writes: WriteMatrix,
    /// Simulated seconds per real second, for every delay, back-off and minimum lifetime. Times that a client
    /// names (expiries, `Retry-After`) are real.
    pub speed: f64,
    /// How long Graph takes to answer a request (or a part of a batch), in real time.
    pub graph_latency: RangeInclusive<Duration>,
    pub response_mail_delay: RangeInclusive<Duration>,
    pub notification_delay: RangeInclusive<Duration>,
    /// How often one change is told. Real Graph: one to four times
    /// (handler/reference/graph-notifications.md#delivery).
    pub notification_copies: RangeInclusive<u32>,
    /// What else becomes of notifications: lost, late, in bursts.
    pub disorder: Disorder,
    /// A delivery that takes longer counts as failed; real time.
    pub notification_timeout: Duration,
    pub token_lifetime: Duration,
    pub subscriptions: SubscriptionRules,
    /// Users on a page when no `$top` is given, and items in a page of events.
    pub page: usize,
    /// Trust anchors (PEM) for notification URLs, beside the simulator's own.
    pub trust: Vec<String>,
    pub lms_secrets: Vec<String>,
    /// A receiver that stands in the LMS's place: orders are passed on to it as they came.
    pub lms_receiver: Option<url::Url>,
    /// After how long a search by extended property finds a new event, where it lags
    /// ([`WriteMatrix::marked_search_lags`]).
    pub search_lag: Duration,
    /// How many Graph requests are kept for [`crate::World::requests`].
    pub keep_requests: usize,
    /// Ports to listen on; 0: any free one.
    pub ports: Ports,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Ports {
    pub graph: u16,
    pub lms: u16,
    pub control: u16,
}

/// handler/reference/graph-notifications.md#subscriptions.
#[derive(Debug, Clone)]
pub struct SubscriptionRules {
    /// Minutes ahead that the service takes.
    pub most: i64,
    /// Minutes ahead to which shorter wishes are lifted; divided by `speed`.
    pub least: i64,
    pub per_mailbox: usize,
    /// A second subscription of the same kind on a mailbox gets 409.
    pub conflict: bool,
    /// `http://` to loopback is taken as notification URL.
    pub allow_http_loopback: bool,
    /// Time to answer the handshake, in real time.
    pub handshake: Duration,
    /// Subscriptions on a page of the list.
    pub page: usize,
}

impl Default for SubscriptionRules {
    fn default() -> Self {
        Self {
            most: 10_070,
            least: 45,
            per_mailbox: 1_000,
            conflict: false,
            allow_http_loopback: true,
            handshake: Duration::from_secs(10),
            page: 50,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        let seconds = |from, to| Duration::from_secs(from)..=Duration::from_secs(to);
        Self {
            seed: 1,
            tenants: vec![TenantSeed::contoso()],
            matrix: Matrix::default(),
            writes: WriteMatrix::default(),
            speed: 100.0,
            graph_latency: Duration::ZERO..=Duration::ZERO,
            response_mail_delay: seconds(5, 60),
            notification_delay: seconds(1, 20),
            notification_copies: 1..=4,
            disorder: Disorder::default(),
            notification_timeout: Duration::from_secs(10),
            token_lifetime: Duration::from_secs(3_599),
            subscriptions: SubscriptionRules::default(),
            page: 100,
            trust: Vec::new(),
            lms_secrets: vec![LMS_SECRET.to_owned()],
            lms_receiver: None,
            search_lag: Duration::from_secs(5),
            keep_requests: 10_000,
            ports: Ports::default(),
        }
    }
}

/// A tenant to begin with.
#[derive(Debug, Clone)]
pub struct TenantSeed {
    pub domain: String,
    /// Directory id; default: made from the domain.
    pub id: Uuid,
    pub client_id: Uuid,
    pub people: Vec<UserSeed>,
    /// Name and members (addresses, or names of other groups).
    pub groups: Vec<(String, Vec<String>)>,
}

#[derive(Debug, Clone)]
pub struct UserSeed {
    pub name: String,
    pub upn: String,
    pub mail: Option<String>,
    pub aliases: Vec<String>,
    /// Names that Exchange's own directory had for this person: `X500:` proxy addresses.
    pub exchange_names: Vec<String>,
    pub employee_id: Option<String>,
    pub is_guest: bool,
    pub mailbox_state: MailboxState,
    pub keeps_declined: bool,
}

impl UserSeed {
    /// An employee whose UPN is also the mail address.
    pub fn new(name: &str, address: &str) -> Self {
        Self {
            name: name.to_owned(),
            upn: address.to_owned(),
            mail: Some(address.to_owned()),
            aliases: Vec::new(),
            exchange_names: Vec::new(),
            employee_id: None,
            is_guest: false,
            mailbox_state: MailboxState::Active,
            keeps_declined: false,
        }
    }
}

/// A stable id for a name: the same in every run.
pub fn id_of(kind: &str, name: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_DNS, format!("{kind}:{name}").as_bytes())
}

impl TenantSeed {
    pub fn new(domain: &str) -> Self {
        Self {
            domain: domain.to_owned(),
            id: id_of("tenant", domain),
            client_id: id_of("app", domain),
            people: Vec::new(),
            groups: Vec::new(),
        }
    }

    pub fn user(mut self, person: UserSeed) -> Self {
        self.people.push(person);
        self
    }

    pub fn group(mut self, name: &str, members: &[&str]) -> Self {
        self.groups.push((name.to_owned(), members.iter().map(|member| (*member).to_owned()).collect()));
        self
    }

    /// `learning@`, `ana@`, `bo@` (keeps declined events), `cy@` (alias `cyril@`), `guest`, and the group
    /// `learners`.
    pub fn contoso() -> Self {
        let mut bo = UserSeed::new("Bo Lind", "bo@contoso.com");
        bo.keeps_declined = true;
        let mut cy = UserSeed::new("Cy Adams", "cy@contoso.com");
        cy.aliases.push("cyril@contoso.com".to_owned());
        cy.employee_id = Some("E-1003".to_owned());
        let mut guest = UserSeed::new("Dee Guest", "dee_fabrikam.com#EXT#@contoso.com");
        guest.mail = Some("dee@fabrikam.com".to_owned());
        guest.is_guest = true;
        Self::new("contoso.com")
            .user(UserSeed::new("Learning", "learning@contoso.com"))
            .user(UserSeed::new("Ana Sousa", "ana@contoso.com"))
            .user(bo)
            .user(cy)
            .user(guest)
            .group("new-starters", &["cy@contoso.com"])
            .group("learners", &["ana@contoso.com", "bo@contoso.com", "new-starters"])
    }

    /// Object id of a group, by its name.
    pub fn group_id(&self, name: &str) -> Uuid {
        id_of("group", &format!("{name}@{}", self.domain))
    }

    pub(crate) fn build(&self, mint: &mut Mint) -> Tenant {
        let users: Vec<User> = self.people.iter().map(|person| person.build(mint)).collect();
        let member = |name: &String| {
            users
                .iter()
                .find(|user| user.has_address(name))
                .map_or_else(|| self.group_id(name), |user| user.id)
        };
        let groups = self.groups.iter().map(|(name, members)| Group {
            id: self.group_id(name),
            name: name.clone(),
            members: members.iter().map(member).collect(),
        });
        Tenant {
            id: self.id,
            domain: self.domain.clone(),
            app: App {
                client_id: self.client_id,
                object_id: id_of("service-principal", &self.domain),
                secrets: vec![CLIENT_SECRET.to_owned()],
                certificates: Vec::new(),
                federated_issuers: Vec::new(),
                roles: ["Calendars.Read", "User.Read.All", "GroupMember.Read.All"].map(str::to_owned).into(),
                requested: ["Calendars.Read", "User.Read.All", "GroupMember.Read.All"]
                    .map(str::to_owned)
                    .into(),
                redirect_uris: Vec::new(),
                propagation: chrono::Duration::zero(),
                on_its_way: Vec::new(),
                rbac_calendars: false,
                rbac_writes: Default::default(),
            },
            groups: groups.collect(),
            users,
        }
    }
}

impl UserSeed {
    pub(crate) fn build(&self, mint: &mut Mint) -> User {
        let primary = self.mail.iter().map(|mail| format!("SMTP:{mail}"));
        let aliases = self.aliases.iter().map(|alias| format!("smtp:{alias}"));
        let exchange_names = self.exchange_names.iter().map(|name| format!("X500:{name}"));
        User {
            id: id_of("user", &self.upn),
            display_name: self.name.clone(),
            upn: self.upn.clone(),
            mail: self.mail.clone(),
            proxy_addresses: primary.chain(aliases).chain(exchange_names).collect(),
            employee_id: self.employee_id.clone(),
            account_enabled: true,
            is_guest: self.is_guest,
            extension_attributes: BTreeMap::new(),
            mailbox_state: if self.is_guest { MailboxState::NoMailbox } else { self.mailbox_state },
            automatic_replies: None,
            keeps_declined: self.keeps_declined,
            time_zone: "UTC".to_owned(),
            purpose: "user",
            room: None,
            has_teams: true,
            mailbox: Mailbox {
                calendars: vec![Calendar { id: mint.calendar(), name: "Calendar".to_owned() }],
                items: Vec::new(),
                twin: Twin::default(),
            },
        }
    }
}
