//! The times that are not policy.

use std::time::Duration;

/// So many at once, and so many thousandths more in each second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    burst: i64,
    per_second: i64,
}

/// How fast subscriptions and events are written in one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub(crate) creations: Limit,
    pub(crate) writes: Limit,
    pub(crate) listings: Limit,
    /// From one page of a list to the next.
    page: Duration,
    pub(crate) events: EventPace,
}

/// How events are written, beside what a tenant says that its mailbox may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventPace {
    /// Whatever was on its way has arrived by then, or never will.
    pub(crate) on_its_way: chrono::Duration,
    /// What Graph refused is tried again after so long, and after twice as long each time, up to `longest`.
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
    /// So many of Exchange's minutes pass in one.
    pub(crate) minutes: u32,
    /// What is missed in a calendar is waited for so long before it counts as taken away.
    pub(crate) taken_away: chrono::Duration,
}

impl EventPace {
    fn faster(self, times: u16) -> Self {
        let times = times.max(1);
        Self {
            // Longer than a request takes on a slow machine, however fast time is played.
            on_its_way: self.on_its_way / i32::from(times.min(20)),
            first: self.first / u32::from(times),
            longest: self.longest / u32::from(times),
            minutes: self.minutes.saturating_mul(u32::from(times)),
            taken_away: self.taken_away / i32::from(times),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            creations: Limit { burst: 40, per_second: 8_000 },
            writes: Limit { burst: 60, per_second: 42_000 },
            // Two, and then one in about five minutes: pages are limited to 40 in 20 seconds.
            listings: Limit { burst: 2, per_second: 3 },
            page: Duration::from_millis(500),
            events: EventPace {
                on_its_way: chrono::Duration::minutes(2),
                first: Duration::from_secs(60),
                longest: Duration::from_secs(3_600),
                minutes: 1,
                taken_away: chrono::Duration::minutes(10),
            },
        }
    }
}

impl Limits {
    /// For a service whose seconds pass so many times faster, as a simulated one's may.
    #[must_use]
    pub fn faster(self, times: u16) -> Self {
        let faster = |limit: Limit| Limit { per_second: limit.per_second * i64::from(times), ..limit };
        Self {
            creations: faster(self.creations),
            writes: faster(self.writes),
            listings: faster(self.listings),
            page: self.page / u32::from(times.max(1)),
            events: self.events.faster(times),
        }
    }

    /// The time from one page of a list of subscriptions to the next.
    pub fn page(&self) -> Duration {
        self.page
    }
}

/// Of thousandths of a permit, a thousandth: so that a millisecond's part is a whole number.
pub(crate) const WHOLE: i64 = 1_000_000;

impl Limit {
    pub(crate) fn full(self) -> i64 {
        self.burst * WHOLE
    }

    pub(crate) fn refilled(self, left: i64, millis: i64) -> i64 {
        left.saturating_add(self.per_second.saturating_mul(millis)).min(self.full())
    }

    /// Until so many are there.
    pub(crate) fn wait(self, left: i64, wanted: i64) -> Duration {
        let missing = wanted.min(self.burst).saturating_mul(WHOLE).saturating_sub(left).max(0);
        let millis = missing.div_euclid(self.per_second.max(1)) + 1;
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    }
}

/// The times that are not policy. The defaults (reference/rules.md#agenda) are shortened on one machine only,
/// for demonstrations.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// After this, what was woken and not finished is woken again.
    pub rewake: chrono::Duration,
    /// How long a claim holds.
    pub lease: chrono::Duration,
    /// How far ahead calendars are compared.
    pub horizon: chrono::Duration,
    /// An organizer's calendar is followed at most once in this time, whoever asks for it.
    pub organizers_rest: chrono::Duration,
    /// Whoever follows an organizer's calendar is left to it for so long: more than [`Budgets::invitations`].
    /// Killed meanwhile, others wait for that.
    pub following: chrono::Duration,
    /// Back on the agenda for so long while the valve is closed.
    pub valve_rest: chrono::Duration,
    /// How long a mailbox that was refused or is missing is left alone.
    pub recheck_mailbox: chrono::Duration,
    /// A subscription is not renewed twice within this time, however many lifecycle events ask for it
    /// (reference/graph-notifications.md#lifecycle).
    pub coalesce: chrono::Duration,
    /// An outage of Graph that lasts so long is a gap: what happened in it may never be told.
    pub outage: chrono::Duration,
    /// So long an alert must have ended before people are told so.
    pub alert_settle: chrono::Duration,
    /// The first wait before a message about alerts that no channel took is tried again.
    pub alert_retry: chrono::Duration,
    /// Whoever has a tenant switched off says so each minute; said so long ago, nobody has.
    pub switched_off: chrono::Duration,
    /// How often an LMS's sessions are read is what the configuration says, divided by this.
    pub sources: i32,
    /// How fast subscriptions and events are written.
    pub pace: Limits,
    /// How long a run of each timer may take.
    pub budgets: Budgets,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            rewake: chrono::Duration::minutes(10),
            lease: crate::enrolment::lms_order::LEASE,
            horizon: chrono::Duration::days(365),
            organizers_rest: chrono::Duration::seconds(10),
            following: chrono::Duration::minutes(5),
            valve_rest: chrono::Duration::minutes(1),
            recheck_mailbox: chrono::Duration::days(1),
            coalesce: chrono::Duration::minutes(10),
            outage: chrono::Duration::minutes(10),
            alert_settle: chrono::Duration::minutes(5),
            alert_retry: chrono::Duration::minutes(1),
            switched_off: chrono::Duration::minutes(3),
            sources: 1,
            pace: Limits::default(),
            budgets: Budgets::default(),
        }
    }
}

impl Timing {
    /// All rests divided by `haste`; the lease stays, because it stands against the LMS's real time-outs.
    pub fn hastened(haste: i32) -> Self {
        let haste = haste.max(1);
        let usual = Self::default();
        Self {
            rewake: usual.rewake / haste,
            organizers_rest: usual.organizers_rest / haste,
            following: usual.following / haste,
            valve_rest: usual.valve_rest / haste,
            coalesce: usual.coalesce / haste,
            outage: usual.outage / haste,
            alert_settle: usual.alert_settle / haste,
            alert_retry: usual.alert_retry / haste,
            switched_off: usual.switched_off / haste,
            sources: haste,
            pace: usual.pace.faster(u16::try_from(haste).unwrap_or(u16::MAX)),
            ..usual
        }
    }
}

/// How long the timers' runs may take: well under the host's `functionTimeout` of five minutes, within which
/// the host also has to send what they give back.
#[derive(Debug, Clone, Copy)]
pub struct Budgets {
    /// Of `dispatch-due`, which comes every minute.
    pub dispatch: Duration,
    /// Of `renew-subscriptions`, every five minutes.
    pub plan: Duration,
    /// Of the directory's listing within a planning round; one that takes longer is read apart.
    pub listing: Duration,
    /// Of a directory that is read apart.
    pub directory: Duration,
    /// Of following a tenant's organizers' calendars, which is done apart too.
    pub invitations: Duration,
    /// Of listing a tenant's subscriptions, within `housekeeping`; and apart, where there are too many for
    /// that.
    pub few_subscriptions: Duration,
    pub subscriptions: Duration,
    pub housekeeping: Duration,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            dispatch: Duration::from_secs(40),
            plan: Duration::from_secs(120),
            listing: Duration::from_secs(30),
            directory: Duration::from_secs(240),
            invitations: Duration::from_secs(200),
            few_subscriptions: Duration::from_secs(20),
            subscriptions: Duration::from_secs(180),
            housekeeping: Duration::from_secs(180),
        }
    }
}
