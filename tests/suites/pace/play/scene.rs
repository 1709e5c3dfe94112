//! How large the deployment is, how fast the others answer, and who is who in it.

use chrono::{DateTime, Duration, Utc};
use regrets::calendar::matching::{Recognise, SessionSource};
use regrets::config::{
    ConnectorConfig, Doctor, LearnerKeySource, Lms, Tenant, Watch, WatchMode, WebhookSecret,
};
use regrets::enrolment::policy::{Brake, Mailboxes, Policy, PolicyMode, Rate, Retry};
use regrets::graph::auth::cloud::Cloud;
use regrets::graph::auth::credentials::Credential;
use regrets::ids::{EventId, ICalUid, LearnerKey, SessionId, TenantName, UserId};
use regrets::jobs::cancel::connection_slots::SHARE;
use regrets::jobs::timing::Timing;
use secrecy::SecretString;
use serde_json::Value;
use simulator::stage::HOST_JSON;
use std::time::Duration as Real;

/// Invitations of each learner.
pub(crate) const EACH: usize = 2;
/// Learners of each session.
const CLASS: usize = 15;
/// The tenant that has three fifths of all mailboxes, and two of the backlog.
pub(crate) const LARGE: usize = 0;
/// The tenant whose LMS is slow: a fourth of all mailboxes, and two fifths of the backlog, too.
pub(crate) const SLOW: usize = 1;
/// Subscriptions of the large tenant that no row knows, at the end of its list.
pub(crate) const ORPHANS: usize = 3;
/// Cancellations a second that each LMS takes.
pub(crate) const RATE: u32 = 10;

#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) tenants: usize,
    pub(crate) mailboxes: usize,
    /// Entries of the agenda that are due when the outage ends.
    pub(crate) due: usize,
    pub(crate) instances: usize,
    pub(crate) queues: Queues,
    pub(crate) storage: Real,
    /// `None`: the account takes whatever comes.
    pub(crate) throttle: Option<Throttle>,
    /// Subscriptions on a page of the list.
    pub(crate) subscriptions: usize,
    pub(crate) graph: Real,
    pub(crate) lms: Real,
    pub(crate) slow_lms: Real,
    pub(crate) timing: Timing,
    /// Cancellations a second that each LMS takes.
    pub(crate) rate: u32,
}

impl Default for Scene {
    /// At Azure's pace.
    fn default() -> Self {
        Self {
            tenants: 5,
            mailboxes: 1_000,
            due: 600,
            instances: 1,
            queues: Queues::of_host(),
            storage: Real::from_millis(20),
            throttle: Some(Throttle { account: 20_000, partition: 2_000 }),
            subscriptions: 100,
            graph: Real::from_millis(120),
            lms: Real::from_millis(300),
            slow_lms: Real::from_secs(8),
            timing: Timing::default(),
            rate: RATE,
        }
    }
}

/// What a storage account takes in a second: requests, and entities of one partition (Azure's scalability
/// targets).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Throttle {
    pub(crate) account: usize,
    pub(crate) partition: usize,
}

/// How the host works on a queue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Queues {
    /// Messages that an instance works on side by side: `batchSize` and `newBatchThreshold`.
    pub(crate) slots: usize,
    /// A listener that has found nothing looks again after up to so long: `maxPollingInterval`.
    pub(crate) poll: Real,
    /// What failed comes again after so long, and so often: `visibilityTimeout`, `maxDequeueCount`.
    pub(crate) again: Real,
    pub(crate) tries: u32,
}

impl Queues {
    /// As `host.json` has it: nothing of it is said a second time here.
    fn of_host() -> Self {
        let host: Value = serde_json::from_str(HOST_JSON).unwrap();
        let queues = &host["extensions"]["queues"];
        let number = |name: &str| queues[name].as_u64().unwrap();
        let time = |name: &str| {
            let parts = queues[name].as_str().unwrap().split(':');
            Real::from_secs(parts.fold(0, |sum, part| sum * 60 + part.parse::<u64>().unwrap()))
        };
        Self {
            slots: (number("batchSize") + number("newBatchThreshold")) as usize,
            poll: time("maxPollingInterval"),
            again: time("visibilityTimeout"),
            tries: number("maxDequeueCount") as u32,
        }
    }
}

impl Scene {
    pub(crate) fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_577_600, 0).unwrap()
    }

    pub(crate) fn name(tenant: usize) -> TenantName {
        TenantName::new(format!("tenant{tenant:03}"))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = (usize, TenantName)> {
        (0..self.tenants).map(|tenant| (tenant, Self::name(tenant)))
    }

    pub(crate) fn people(&self, tenant: usize) -> usize {
        let (large, slow) = (self.mailboxes * 3 / 5, self.mailboxes / 4);
        self.part(tenant, large, slow, self.mailboxes)
    }

    pub(crate) fn due(&self, tenant: usize) -> usize {
        let most = self.due * 2 / 5;
        self.part(tenant, most, most, self.due)
    }

    fn part(&self, tenant: usize, large: usize, slow: usize, all: usize) -> usize {
        match tenant {
            _ if self.tenants == 1 => all,
            LARGE => large,
            SLOW => slow,
            _ => (all - large - slow) / (self.tenants - 2),
        }
    }

    /// What the slow LMS takes for a tenant's backlog, with as many at once as it may have.
    pub(crate) fn slowest(&self) -> Real {
        let orders = (0..self.due(SLOW)).filter(|entry| Self::is_decline(*entry)).count();
        self.slow_lms.mul_f64(orders as f64 / (SHARE * self.instances) as f64)
    }

    /// Of the backlog so many are cancellations; the others are looks at copies that vanished.
    pub(crate) fn is_decline(entry: usize) -> bool {
        entry % 5 < 3
    }

    pub(crate) fn enrolments(&self) -> usize {
        (0..self.tenants).map(|tenant| self.people(tenant) * EACH).sum()
    }

    pub(crate) fn sessions(&self) -> usize {
        (0..self.tenants).map(|tenant| EACH * self.people(tenant).div_ceil(CLASS)).sum()
    }

    pub(crate) fn session(&self, tenant: usize, learner: usize, which: usize) -> usize {
        which * self.people(tenant).div_ceil(CLASS) + learner / CLASS
    }

    /// From ten days on, each day some.
    pub(crate) fn starts(session: usize) -> DateTime<Utc> {
        Self::start() + Duration::days(10) + Duration::hours(9) + Duration::days((session % 90) as i64)
    }

    pub(crate) fn uid(session: usize) -> ICalUid {
        ICalUid::new(format!("lms-{session}@contoso.com"))
    }

    pub(crate) fn session_id(session: usize) -> SessionId {
        SessionId::new(session.to_string())
    }

    pub(crate) fn mail(tenant: usize, learner: usize) -> String {
        format!("person{learner}@tenant{tenant}.example.com")
    }

    pub(crate) fn key(tenant: usize, learner: usize) -> LearnerKey {
        LearnerKey::new(Self::mail(tenant, learner))
    }

    /// As long as Graph's are.
    pub(crate) fn user(tenant: usize, learner: usize) -> UserId {
        UserId::new(format!("{tenant:08}-0000-4000-8000-{learner:012}"))
    }

    pub(crate) fn learner_of(user: &str) -> Option<usize> {
        user.rsplit_once('-')?.1.parse().ok()
    }

    pub(crate) fn event(tenant: usize, learner: usize, which: usize) -> EventId {
        EventId::new(format!(
            "AAMkADlhNjJjN2M1LTJiYWUtNGVhMS04ODEzLWRkMzVjOTUyNTFhYgBGAAAAAACvR-{tenant:03}-{learner:08}-{which}"
        ))
    }

    pub(crate) fn learner_and_which(event: &EventId) -> Option<(usize, usize)> {
        let mut parts = event.as_str().rsplit('-');
        let which = parts.next()?.parse().ok()?;
        Some((parts.next()?.parse().ok()?, which))
    }

    pub(crate) fn tenant(&self, tenant: usize) -> Tenant {
        Tenant {
            active: true,
            name: Self::name(tenant),
            directory: format!("{tenant:08}-2222-3333-4444-555555555555"),
            client_id: "66666666-7777-8888-9999-000000000000".to_owned(),
            credential: Credential::ClientSecret(SecretString::from("not a secret")),
            cloud: Cloud::Global,
            watch: Watch {
                mode: WatchMode::Attendees,
                mailboxes: Mailboxes::All,
                organizers: Vec::new(),
                resync: Duration::hours(24),
            },
            doctor: Doctor::default(),
            recognise: Recognise {
                organizer: Vec::new(),
                session: SessionSource::ICalUid(r"^lms-(?<session>\d+)@contoso\.com$".parse().unwrap()),
            },
            learner: LearnerKeySource::Mail,
            policy: Policy {
                mode: PolicyMode::Act,
                // Out of the way: the backlog is one.
                brake: Brake { decisions: 100_000, within: Duration::seconds(1), per_learner: 100_000 },
                ..Policy::default()
            },
            lms: Lms {
                connector: ConnectorConfig::Webhook {
                    url: "https://lms.contoso.com/hooks/regrets".parse().unwrap(),
                    secrets: vec![
                        WebhookSecret::parse("whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap(),
                    ],
                },
                rate: Rate { requests: self.rate, per: Duration::seconds(1) },
                retry: Retry { first: Duration::seconds(30), most: Duration::hours(1) },
            },
            missing: Vec::new(),
            canary: None,
            publish: None,
            mails_alerts: false,
        }
    }
}
