//! The faults, by name: how each is made and mended, and which lines must tell of it.

use super::account::Account;
use super::bench::{Bench, CEO, least_rights};
use regrets::enrolment::valve::ValveState;
use regrets::messages::queue;
use simulator::world::directory::MailboxState;
use simulator::{Fault as Injected, World};
use suites::{ORGANIZER, address};

type Act = Box<dyn Fn(&World) + Send + Sync>;

pub(super) struct Fault {
    pub(super) name: &'static str,
    pub(super) breaks: Act,
    pub(super) mends: Act,
    pub(super) args: Vec<String>,
    pub(super) env: Vec<(String, String)>,
    /// How the valve stands meanwhile.
    pub(super) valve: Option<(ValveState, &'static str)>,
    /// The checks that fail or warn, in their order.
    pub(super) told: Vec<&'static str>,
}

const OUTSIDER: &str = "trainer@elsewhere.example";
const OTHER_SECRET: &str = "whsec_YW5vdGhlci1zaWduaW5nLXNlY3JldC1vZi10aGUtc2FtZS1sZW5ndGg";

fn fault(name: &'static str, told: &'static str) -> Fault {
    Fault {
        name,
        breaks: Box::new(|_| {}),
        mends: Box::new(|_| {}),
        args: Vec::new(),
        env: Vec::new(),
        valve: None,
        told: told.split_whitespace().collect(),
    }
}

impl Fault {
    fn injected(self, fault: Injected) -> Self {
        self.broken_by(move |world| world.inject(fault.clone()))
    }

    fn broken_by(mut self, act: impl Fn(&World) + Send + Sync + 'static) -> Self {
        let before = std::mem::replace(&mut self.breaks, Box::new(|_| {}));
        self.breaks = Box::new(move |world| {
            before(world);
            act(world);
        });
        self
    }

    fn mended_by(mut self, act: impl Fn(&World) + Send + Sync + 'static) -> Self {
        self.mends = Box::new(act);
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    fn valve(self, state: ValveState, why: &'static str) -> Self {
        Self { valve: Some((state, why)), ..self }
    }

    fn configured(mut self, file: String) -> Self {
        self.args.extend(["--config".to_owned(), file]);
        self
    }
}

fn with_roles(roles: &'static [&'static str]) -> impl Fn(&World) + Send + Sync + 'static {
    move |world: &World| {
        world
            .edit_tenant("contoso.com", |tenant| {
                tenant.app.roles = roles.iter().map(|role| (*role).to_owned()).collect();
            })
            .unwrap();
    }
}

pub(super) async fn of_configuration(bench: &Bench) -> Vec<Fault> {
    let unknown_key = bench.configuration("unknown.toml", "grace   =", "graze   =");
    let refusing = Account::default().open().await;
    std::fs::write(bench.stage.root.join("notes.txt"), "this is no database, and long enough to tell")
        .unwrap();
    let notes = bench.stage.root.join("notes.txt").display().to_string();
    vec![
        fault("a key is misspelt", "configuration").configured(unknown_key),
        fault("the file is not there", "configuration").configured("nowhere.toml".to_owned()),
        fault("the store is none", "configuration").env("REGRETS_STORE", "nowhere"),
        fault("a setting is none that is read", "configuration").env("REGRETS_STORAGE", "x"),
        fault("the ledger is no database", "configuration").env("REGRETS_STORE", &format!("sqlite:{notes}")),
        fault("the client secret is missing", "secrets").env("CONTOSO_CLIENT_SECRET", ""),
        fault("the LMS's secret is missing", "lms-secrets").env("CONTOSO_LMS_SECRET", ""),
        fault("the storage account refuses the identity's tables", "tables")
            .env("AzureWebJobsStorage", &refusing),
    ]
}

pub(super) fn of_entra() -> Vec<Fault> {
    let coded = |name, code| fault(name, "token").injected(Injected::EntraError { code });
    vec![
        fault("the client secret is wrong", "token").env("CONTOSO_CLIENT_SECRET", "another"),
        fault("the directory is another", "token")
            .env("REGRETS__TENANT__CONTOSO__DIRECTORY", "11111111-2222-3333-4444-555555555555"),
        fault("the client id is another", "token")
            .env("REGRETS__TENANT__CONTOSO__CLIENT_ID", "11111111-2222-3333-4444-555555555555"),
        coded("the client secret has expired", 7_000_222),
        coded("the certificate is not accepted", 700_027),
        coded("the assertion's times are wrong", 700_024),
        coded("no credential was sent", 7_000_218),
        coded("the app is disabled", 7_000_112),
        coded("the app has no principal there", 7_000_229),
        coded("consent was never given", 65_001),
        coded("consent waits for an administrator", 90_094),
        coded("the tenant has no licence", 650_052),
        coded("the tenant lives in another cloud", 90_038),
        coded("a user was looked for", 50_034),
        coded("the tenant is `common`", 50_194),
        coded("conditional access blocks the app", 53_003),
        coded("the scope is wrong", 70_011),
        coded("the federated credential does not match", 700_213),
        coded("a code that nobody knows", 123_456),
        fault("Entra is down", "token").injected(Injected::EntraStatus { status: 503 }),
    ]
}

pub(super) fn of_graph(bench: &Bench) -> Vec<Fault> {
    let group = "REGRETS__TENANT__CONTOSO__WATCH__MAILBOXES__GROUP";
    let nobody = simulator::options::id_of("group", "nobody@contoso.com");
    let nobody_outside = bench.configuration("outside.toml", CEO, "nobody@contoso.com");
    let untried = bench.configuration("untried.toml", &format!("outside = \"{CEO}\""), "");
    let stranger = bench.configuration(
        "stranger.toml",
        &format!("organizers = [\"{ORGANIZER}\"]"),
        "organizers = [\"stranger@contoso.com\"]",
    );
    let (ana, ben) = (bench.refuse("ana"), bench.refuse("ben"));
    vec![
        fault("User.Read.All is not granted", "permissions")
            .broken_by(with_roles(&["GroupMember.Read.All"]))
            .mended_by(least_rights),
        fault("GroupMember.Read.All is not granted", "permissions")
            .broken_by(with_roles(&["User.Read.All"]))
            .mended_by(least_rights),
        fault("more is granted than is needed", "permissions")
            .broken_by(with_roles(&["User.Read.All", "GroupMember.Read.All", "Mail.Read"]))
            .mended_by(least_rights),
        fault("everybody's calendars are open, and few are read", "permissions")
            .broken_by(with_roles(&["User.Read.All", "GroupMember.Read.All", "Calendars.Read"]))
            .configured(untried)
            .mended_by(least_rights),
        fault("there is no such group", "directory").env(group, "11111111-2222-3333-4444-555555555555"),
        fault("the group is empty", "directory")
            .broken_by(move |world| {
                world
                    .edit_tenant("contoso.com", |tenant| {
                        tenant.groups.push(simulator::world::directory::Group {
                            id: nobody,
                            name: "nobody".to_owned(),
                            members: Vec::new(),
                        });
                    })
                    .unwrap();
            })
            .env(group, &nobody.to_string()),
        fault("the organizer's mailbox is refused", "mailboxes").injected(bench.refuse("learning")),
        fault("the organizer has no mailbox", "mailboxes")
            .broken_by(|world| {
                world.edit_user(ORGANIZER, |user| user.mailbox_state = MailboxState::NoMailbox).unwrap();
            })
            .mended_by(|world| {
                world.edit_user(ORGANIZER, |user| user.mailbox_state = MailboxState::Active).unwrap();
            }),
        fault("the organizer is nobody there", "mailboxes").configured(stranger),
        fault("no learner's mailbox may be read", "mailboxes").injected(ana).injected(ben),
        fault("Graph does not accept the token", "graph").injected(Injected::TokenBroken),
        fault("the mailbox that must be closed is open", "scope")
            .broken_by(|world| {
                world.edit_user(CEO, |user| user.mailbox_state = MailboxState::Active).unwrap();
            })
            .mended_by(|world| {
                world.edit_user(CEO, |user| user.mailbox_state = MailboxState::OutOfScope).unwrap();
            }),
        fault("the mailbox that must be closed does not exist", "scope").configured(nobody_outside),
        fault("Graph can't reach the webhook", "webhook").injected(Injected::HandshakeLost),
        fault("Graph's clock is ten minutes ahead", "graph-clock")
            .injected(Injected::GraphClock { seconds: 600 }),
        fault("Graph's clock is ninety seconds behind", "graph-clock")
            .injected(Injected::GraphClock { seconds: -95 }),
    ]
}

pub(super) fn of_the_calendars(bench: &Bench) -> Vec<Fault> {
    let recognised = |organizer: &str| format!("[tenant.contoso.recognise]\norganizer = [\"{organizer}\"]");
    let outsider = bench.configuration("outsider.toml", &recognised(ORGANIZER), &recognised(OUTSIDER));
    let settings = &["User.Read.All", "GroupMember.Read.All", "MailboxSettings.Read"];
    vec![
        fault("the organizer is a room", "calendar")
            .broken_by(with_roles(settings))
            .broken_by(|world| world.edit_user(ORGANIZER, |user| user.purpose = "room").unwrap())
            .mended_by(|world| {
                world.edit_user(ORGANIZER, |user| user.purpose = "user").unwrap();
                least_rights(world);
            }),
        fault("the organizer lives by another clock", "zones")
            .broken_by(with_roles(settings))
            .broken_by(|world| {
                let zone = "W. Europe Standard Time".to_owned();
                world.edit_user(ORGANIZER, |user| user.time_zone = zone.clone()).unwrap();
            })
            .mended_by(|world| {
                world.edit_user(ORGANIZER, |user| user.time_zone = "UTC".to_owned()).unwrap();
                least_rights(world);
            }),
        fault("invitations ask for no answer", "calendar")
            .broken_by(|world| asks(world, false))
            .mended_by(|world| asks(world, true)),
        fault("the organizer is somebody of another directory", "calendar")
            .configured(outsider)
            .broken_by(|world| organized_by(world, OUTSIDER))
            .mended_by(|world| organized_by(world, ORGANIZER)),
    ]
}

/// Whom the learners' copies of every invitation name as the organizer.
fn organized_by(world: &World, organizer: &str) {
    for name in ["ana", "ben"] {
        world
            .edit_user(&address(name), |user| {
                user.mailbox.items.iter_mut().for_each(|item| item.organizer.address = organizer.to_owned());
            })
            .unwrap();
    }
}

/// Each state in which nothing goes to the LMS, or one at a time.
pub(super) fn of_the_valve() -> Vec<Fault> {
    let closed = |name, state, why| fault(name, "valve").valve(state, why);
    vec![
        closed("a person has stopped it", ValveState::Stopped, "exam week (by olga)"),
        closed("the brake has closed it", ValveState::Braked, "31 decisions within 1h"),
        closed("the LMS had outages", ValveState::BreakerOpen, "5 outages in a row"),
        closed("the LMS does not take the credential", ValveState::CredentialBroken, "HTTP 401"),
        closed("the LMS's endpoint is gone", ValveState::EndpointGone, "HTTP 410"),
    ]
}

/// What a storage account's queues can suffer. Its tables are refused: those of a good one are another
/// suite's.
pub(super) async fn of_the_queues() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, told, account) in [
        ("a queue is missing", "queues", Account { missing: Some(queue::CHANGES), ..Account::default() }),
        ("this identity may not read the queues", "queues", Account { reads: false, ..Account::default() }),
        ("this identity may not make queues", "queues", Account { makes: false, ..Account::default() }),
        ("a queue grows", "queue-depths", Account::holding(queue::CHANGES, 6_000)),
        ("a queue is far behind", "queue-depths", Account::holding(queue::MAILBOXES, 60_000)),
        ("nobody takes what is poisoned", "queue-depths", Account::holding(queue::CHANGES_POISON, 3)),
    ] {
        let mut fault = fault(name, "tables").env("AzureWebJobsStorage", &account.open().await);
        fault.told.push(told);
        faults.push(fault);
    }
    let nobody = fault("nobody answers for the queues", "tables queues");
    faults.push(nobody.env("AzureWebJobsStorage", &Account::default().away().await));
    faults
}

/// Whether the copies of every invitation ask for an answer.
fn asks(world: &World, asks: bool) {
    for address in [ORGANIZER.to_owned(), address("ana"), address("ben")] {
        world
            .edit_user(&address, |user| {
                user.mailbox.items.iter_mut().for_each(|item| item.response_requested = asks);
            })
            .unwrap();
    }
}

pub(super) fn of_the_lms() -> Vec<Fault> {
    let status =
        |name, status| fault(name, "lms").injected(Injected::LmsStatus { status, retry_after: None });
    vec![
        fault("the signing secret is another", "lms").env("CONTOSO_LMS_SECRET", OTHER_SECRET),
        fault("the LMS is down", "lms").injected(Injected::LmsDown),
        status("the receiver's path is wrong", 404),
        status("the endpoint is gone", 410),
        status("the LMS can't answer now", 503),
        fault("a sign-in stands before the receiver", "lms").injected(Injected::LmsHtml { status: 200 }),
        fault("the LMS's clock is ten minutes behind", "lms-clock")
            .injected(Injected::LmsClock { seconds: -600 }),
    ]
}

pub(super) async fn two_at_once() -> Vec<Fault> {
    vec![
        fault("the client secret has expired, and the LMS is down", "token lms")
            .injected(Injected::EntraError { code: 7_000_222 })
            .injected(Injected::LmsDown),
        fault("Graph can't reach the webhook, and the scope is open", "scope webhook")
            .injected(Injected::HandshakeLost)
            .broken_by(|world| {
                world.edit_user(CEO, |user| user.mailbox_state = MailboxState::Active).unwrap();
            })
            .mended_by(|world| {
                world.edit_user(CEO, |user| user.mailbox_state = MailboxState::OutOfScope).unwrap();
            }),
        fault("the tables are refused, and the client secret is missing", "tables secrets")
            .env("AzureWebJobsStorage", &Account::default().open().await)
            .env("CONTOSO_CLIENT_SECRET", ""),
        fault("Graph's clock is off, and the LMS does not take the signature", "graph-clock lms")
            .injected(Injected::GraphClock { seconds: 600 })
            .env("CONTOSO_LMS_SECRET", OTHER_SECRET),
    ]
}
