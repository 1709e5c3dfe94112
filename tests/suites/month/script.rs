//! The script of a run, made from its seed alone: who does what and when, and the weather.

use chrono::{DateTime, Duration, Utc};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use simulator::forward::weather::{Span, Spans, Weather};
use simulator::options::id_of;
use simulator::{TenantSeed, UserSeed};
use uuid::Uuid;

pub(crate) const ORGANIZER: &str = "learning@contoso.com";
pub(crate) const GROUP: &str = "learners";
/// Learners in a session.
const SEATS: usize = 8;
/// Invitations of a small run: fewer would show too little.
const INVITATIONS: usize = 1_200;

/// Monday, midnight.
pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_793_577_600, 0).unwrap()
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) mailboxes: usize,
    pub(crate) days: i64,
    pub(crate) seed: u64,
}

impl Size {
    pub(crate) fn from_env() -> Self {
        let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
        Self {
            mailboxes: number("MAILBOXES").unwrap_or(24) as usize,
            days: number("DAYS").unwrap_or(4) as i64,
            seed: number("SEED").unwrap_or(3),
        }
    }

    pub(crate) fn end(&self) -> DateTime<Utc> {
        start() + Duration::days(self.days)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Learners' mailboxes are watched; no organizer's calendar may be read.
    Unreadable,
    /// Learners' mailboxes are watched; the organizer's calendar may be read.
    Readable,
    /// The organizer's mailbox is watched, too.
    Both,
    /// No other is.
    Organizer,
}

impl Variant {
    pub(crate) fn test(self) -> &'static str {
        match self {
            Variant::Unreadable => "a_month_with_an_unreadable_organizer",
            Variant::Readable => "a_month_with_a_readable_organizer",
            Variant::Both => "a_month_of_both_sides",
            Variant::Organizer => "a_month_of_the_organizer_alone",
        }
    }

    pub(crate) fn has_organizer(self) -> bool {
        match self {
            Variant::Unreadable => false,
            Variant::Readable | Variant::Both | Variant::Organizer => true,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Learner {
    pub(crate) address: String,
    pub(crate) id: Uuid,
    /// In the group from then on; `None`: from the beginning.
    pub(crate) joined: Option<DateTime<Utc>>,
    pub(crate) left: Option<DateTime<Utc>>,
}

/// Index into the cast.
pub(crate) type Who = usize;

#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) name: String,
    pub(crate) learners: Vec<Who>,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
}

#[derive(Debug, Clone)]
pub(crate) enum Action {
    Invite(Session),
    /// `mail`: when the response arrives; `None`: none is sent, or it is lost.
    Decline {
        who: Who,
        session: String,
        mail: Option<Duration>,
    },
    Accept {
        who: Who,
        session: String,
    },
    /// Plainly, and nobody is told.
    Delete {
        who: Who,
        session: String,
    },
    Move {
        who: Who,
        session: String,
    },
    Touch {
        who: Who,
        session: String,
    },
    Reinvite {
        who: Who,
        session: String,
    },
    Retime {
        session: String,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    },
    Cancel {
        session: String,
    },
    Join(Who),
    Leave {
        who: Who,
        disabled: bool,
    },
    LoseSubscription {
        who: Who,
        with_a_word: bool,
    },
    LoseOrganizers {
        with_a_word: bool,
    },
    SayMissed(Who),
    AskReauthorization {
        who: Who,
        pause: bool,
    },
}

pub(crate) struct Script {
    pub(crate) tenant: TenantSeed,
    pub(crate) people: Vec<Learner>,
    pub(crate) actions: Vec<(DateTime<Utc>, Action)>,
    pub(crate) weather: Weather,
}

impl Script {
    pub(crate) fn new(size: Size) -> Self {
        let mut writer = Writer { dice: StdRng::seed_from_u64(size.seed), size, actions: Vec::new() };
        let people = writer.people();
        let weather = writer.weather(&people);
        writer.sessions(&people);
        writer.mishaps(&people, &weather);
        let tenant = tenant(&people, &mut writer.dice);
        writer.organizers_mishaps();
        writer.actions.sort_by_key(|(at, _)| *at);
        Self { tenant, people, actions: writer.actions, weather }
    }
}

fn tenant(people: &[Learner], dice: &mut StdRng) -> TenantSeed {
    let mut tenant = TenantSeed::new("contoso.com").user(UserSeed::new("Learning", ORGANIZER));
    for person in people {
        let mut seed = UserSeed::new("Learner", &person.address);
        seed.keeps_declined = dice.random_bool(0.4);
        tenant = tenant.user(seed);
    }
    let members: Vec<&str> =
        people.iter().filter(|one| one.joined.is_none()).map(|one| one.address.as_str()).collect();
    tenant.group(GROUP, &members)
}

struct Writer {
    dice: StdRng,
    size: Size,
    actions: Vec<(DateTime<Utc>, Action)>,
}

impl Writer {
    fn moment(&mut self) -> DateTime<Utc> {
        // Not in the first hours, in which the first subscriptions are made.
        let minutes = self.size.days * 24 * 60;
        start() + Duration::seconds(60 * self.dice.random_range(300..minutes) + self.dice.random_range(0..60))
    }

    /// In the daytime.
    fn working(&mut self) -> DateTime<Utc> {
        let day = Duration::days(self.dice.random_range(0..self.size.days));
        start() + day + Duration::seconds(self.dice.random_range(6 * 3_600..19 * 3_600))
    }

    /// A share of the mailboxes, at least one.
    fn so_many(&self, of: f64) -> usize {
        ((self.size.mailboxes as f64 * of) as usize).max(1)
    }

    /// Evenly spread over the orders of magnitude.
    fn after(&mut self, least: Duration, most: Duration) -> Duration {
        let (least, most) = (least.num_seconds().max(1) as f64, most.num_seconds().max(2) as f64);
        Duration::seconds(self.dice.random_range(least.ln()..most.max(least + 1.0).ln()).exp() as i64)
    }

    fn people(&mut self) -> Vec<Learner> {
        let moving = self.so_many(self.size.days as f64 / 300.0);
        let address = |n: usize| format!("learner{n}@contoso.com");
        let person = |n: usize| Learner {
            id: id_of("user", &address(n)),
            address: address(n),
            joined: None,
            left: None,
        };
        let mut people: Vec<Learner> = (0..self.size.mailboxes + moving).map(person).collect();
        for (who, person) in people.iter_mut().enumerate().skip(self.size.mailboxes) {
            let at = self.moment();
            person.joined = Some(at);
            self.actions.push((at, Action::Join(who)));
        }
        for (who, person) in people.iter_mut().enumerate().take(moving) {
            let at = self.moment();
            person.left = Some(at);
            let disabled = self.dice.random_bool(0.3);
            self.actions.push((at, Action::Leave { who, disabled }));
        }
        people
    }

    fn weather(&mut self, people: &[Learner]) -> Weather {
        let days = self.size.days;
        // So far into the run, at this hour.
        let at =
            |tenths: i64, hour: i64| start() + Duration::days(days * tenths / 10) + Duration::hours(hour);
        let hours = Duration::hours;
        let mut weather = Weather {
            silent: vec![
                Span::lasting(at(2, 10), Duration::minutes(90)),
                Span::lasting(at(6, 13), Duration::minutes(120)),
            ],
            graph_down: vec![Span::lasting(at(4, 8), hours(6))],
            endpoint_down: vec![Span::lasting(at(7, 8), hours(9))],
            throttled: vec![
                Span::lasting(at(3, 9), Duration::minutes(40)),
                Span::lasting(at(9, 14), Duration::minutes(40)),
            ],
            throttle: 0.003,
            lost_answers: 0.005,
            shorter: Some((at(5, 12), 2_880)),
            ..Weather::default()
        };
        let spells = |writer: &mut Self, share: f64, minutes: std::ops::Range<i64>| {
            let mut spans = Spans::new();
            for _ in 0..writer.so_many(share) {
                let who = people.choose(&mut writer.dice).unwrap().id;
                let lasting = Duration::minutes(writer.dice.random_range(minutes.clone()));
                spans.entry(who).or_default().push(Span::lasting(writer.moment(), lasting));
            }
            spans
        };
        weather.silent_for = spells(self, 0.5, 60..240);
        weather.moving = spells(self, 0.05, 30..360);
        weather.refused = spells(self, 0.02, 60..4_000);
        weather
    }

    fn sessions(&mut self, people: &[Learner]) {
        let invitations = (self.size.mailboxes * self.size.days as usize / 10).max(INVITATIONS);
        for n in 0..invitations / SEATS {
            let invited = self.working();
            let ahead = match self.dice.random_range(0..100) {
                0..20 => self.after(Duration::hours(3), Duration::hours(24)),
                20..75 => self.after(Duration::days(1), Duration::days(7)),
                _ => self.after(Duration::days(7), Duration::days(14)),
            };
            let begins = invited + ahead;
            let ends = begins + Duration::hours(self.dice.random_range(2..9));
            let learners: Vec<Who> = rand::seq::index::sample(&mut self.dice, people.len(), SEATS).into_vec();
            let name = (1_000 + n).to_string();
            for who in learners.clone() {
                self.answers(who, &name, invited, begins);
            }
            match self.dice.random_range(0..100) {
                0..2 => {
                    let at = invited + ahead.min(Duration::days(self.size.days)) / 2;
                    self.actions.push((at, Action::Cancel { session: name.clone() }));
                }
                2..5 => {
                    let later = Duration::hours(self.dice.random_range(1..72));
                    let (start, end) = (begins + later, ends + later);
                    self.actions
                        .push((invited + ahead / 3, Action::Retime { session: name.clone(), start, end }));
                }
                _ => {}
            }
            self.actions
                .push((invited, Action::Invite(Session { name, learners, start: begins, end: ends })));
        }
        let end = self.size.end();
        self.actions.retain(|(at, _)| *at < end);
    }

    /// What a learner makes of an invitation, before the session begins.
    fn answers(&mut self, who: Who, session: &str, invited: DateTime<Utc>, begins: DateTime<Utc>) {
        let session = session.to_owned();
        let ahead = begins - invited;
        let first = match self.dice.random_range(0..100) {
            0..25 => self.after(Duration::seconds(30), Duration::minutes(60)),
            _ => self.after(Duration::minutes(10), ahead.min(Duration::days(5))),
        };
        let first = first.min(ahead - Duration::minutes(10));
        let at = invited + first;
        // Between then and the beginning.
        let second = at + self.after(Duration::minutes(2), (begins - at).max(Duration::minutes(5)));
        let second = second.min(begins - Duration::minutes(1));
        match self.dice.random_range(0..100) {
            0..40 => {
                self.decline(at, who, &session);
                match self.dice.random_range(0..100) {
                    0..8 => self.actions.push((second, Action::Accept { who, session })),
                    8..12 => {
                        self.actions.push((second, Action::Reinvite { who, session: session.clone() }));
                        let third = second + self.after(Duration::minutes(5), Duration::hours(20));
                        if third < begins {
                            self.decline(third, who, &session);
                        }
                    }
                    _ => {}
                }
            }
            40..80 => {
                self.actions.push((at, Action::Accept { who, session: session.clone() }));
                match self.dice.random_range(0..100) {
                    0..20 => self.decline(second, who, &session),
                    20..23 => self.actions.push((second, Action::Delete { who, session })),
                    23..28 => self.actions.push((second, Action::Move { who, session })),
                    28..35 => self.actions.push((second, Action::Touch { who, session })),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn decline(&mut self, at: DateTime<Utc>, who: Who, session: &str) {
        let mail = match self.dice.random_range(0..100) {
            0..70 => Some(Duration::seconds(self.dice.random_range(5..180))),
            70..74 => Some(Duration::minutes(self.dice.random_range(3..180))),
            _ => None,
        };
        self.actions.push((at, Action::Decline { who, session: session.to_owned(), mail }));
    }

    /// What befalls the organizer's subscription, in every week or so.
    fn organizers_mishaps(&mut self) {
        for n in 0..=self.size.days / 4 {
            let at = self.moment();
            self.actions.push((at, Action::LoseOrganizers { with_a_word: n % 2 == 1 }));
        }
    }

    /// What befalls subscriptions.
    fn mishaps(&mut self, people: &[Learner], weather: &Weather) {
        for _ in 0..self.size.days {
            for _ in 0..self.so_many(0.01) {
                let who = self.dice.random_range(0..people.len());
                for with_a_word in [true, false] {
                    let at = self.moment();
                    self.actions.push((at, Action::LoseSubscription { who, with_a_word }));
                }
                let (missed, asked) = (self.moment(), self.moment());
                self.actions.push((missed, Action::SayMissed(self.dice.random_range(0..people.len()))));
                let pause = self.dice.random_bool(0.5);
                self.actions.push((asked, Action::AskReauthorization { who, pause }));
            }
        }
        // While our endpoint is away some subscriptions are given up.
        for outage in &weather.endpoint_down {
            for _ in 0..self.so_many(0.1) {
                let at = outage.from + Duration::minutes(self.dice.random_range(30..480));
                let who = self.dice.random_range(0..people.len());
                self.actions.push((at, Action::LoseSubscription { who, with_a_word: true }));
            }
        }
    }
}
