//! `[tenant.<name>.canary]`: the test learner who declines a test session each day. What can't work is
//! refused here, as far as the file alone tells.

use super::reader::Reader;
use super::same;
use super::table::At;
use super::values::is_guid;
use super::{Watch, WatchMode, raw};
use crate::calendar::matching::{Recognise, SessionSource};
use crate::enrolment::policy::{Mailboxes, Policy, PolicyMode};
use crate::ids::{Address, SessionId};
use crate::lms::webhook::secret::WebhookSecret;
use chrono::{Duration, NaiveTime};
use url::Url;

#[derive(Debug, Clone)]
pub struct Canary {
    pub learner: Address,
    pub session: SessionId,
    pub organizer: Address,
    /// What the invitation says, where `recognise` reads what can be written.
    pub text: String,
    /// How long each half may take: until the invitation is linked, and from the decline to the LMS beyond
    /// grace and settling.
    pub within: Duration,
    /// From then on, in UTC, the day's begins.
    pub at: NaiveTime,
    /// Who acts; `None`: Regrets itself, through Graph.
    pub kit: Option<CanaryKit>,
}

/// A kit outside of the tenant.
#[derive(Debug, Clone)]
pub struct CanaryKit {
    pub url: Url,
    /// Empty only where one of them is missing: then it is not asked.
    pub secrets: Vec<WebhookSecret>,
}

impl Canary {
    /// Secrets that can't be had now are those that it had.
    pub(super) fn keep_secrets(&mut self, before: &Self) {
        if let (Some(kit), Some(before)) = (&mut self.kit, &before.kit)
            && kit.secrets.is_empty()
        {
            kit.secrets.clone_from(&before.secrets);
        }
    }
}

/// What it is held against.
pub(super) struct Around<'a> {
    pub(super) watch: &'a Watch,
    pub(super) recognise: &'a Recognise,
    pub(super) policy: &'a Policy,
}

impl Reader<'_> {
    pub(super) fn canary(&mut self, canary: At<'_, raw::Canary<'_>>, around: &Around<'_>) -> Option<Canary> {
        let before = self.problems.len();
        let given = self.table(canary)?;
        let learner_at =
            self.required(given.learner, "the address of a mailbox that is used for nothing else");
        let learner = learner_at.and_then(|at| self.address(at));
        let session_at = self.required(given.session, "the id of a session in the LMS that nobody attends");
        let session =
            session_at.and_then(|at| self.text(&at, "the LMS's id of a session").map(SessionId::new));
        let organizer = match given.organizer {
            Some(at) => self.address(at).map(|address| (address, at.node)),
            None => match around.watch.organizers.first() {
                Some(first) => Some((first.clone(), canary.node)),
                None => {
                    self.missing(&canary, "organizer", "the mailbox that sends the test invitation");
                    None
                }
            },
        };
        let text = match given.text {
            Some(at) => self.text(&at, "a text").map(|text| (text.to_owned(), at.node)),
            None => session.as_ref().map(|session| (session.as_str().to_owned(), canary.node)),
        };
        let within = self.duration_above_zero(given.within, Duration::minutes(30));
        let at = match given.at {
            Some(at) => self.time_of_day(at),
            None => NaiveTime::from_hms_opt(4, 0, 0),
        };
        let kit = match given.kit {
            Some(kit) => self.canary_kit(kit).map(Some),
            None => Some(None),
        };
        if let (Some((text, node)), Some(session)) = (&text, &session)
            && let Some(why) = misses(text, session, &around.recognise.session)
        {
            self.contradiction(node, why);
        }
        let mut wrong: Vec<(&super::tree::Node, String)> = Vec::new();
        if let (Some(learner), Some(at)) = (&learner, learner_at) {
            wrong.extend(who_is_out(learner, around).map(|why| (at.node, why)));
        }
        if let Some((organizer, node)) = &organizer {
            wrong.extend(who_sends(organizer, around).map(|why| (*node, why)));
        }
        wrong.extend(what_hinders(around).map(|why| (canary.node, why)));
        for (node, why) in wrong {
            self.contradiction(node, why);
        }
        let canary = Canary {
            learner: learner?,
            session: session?,
            organizer: organizer?.0,
            text: text?.0,
            within: within?,
            at: at?,
            kit: kit?,
        };
        (self.problems.len() == before).then_some(canary)
    }

    fn canary_kit(&mut self, kit: At<'_, raw::CanaryKit<'_>>) -> Option<CanaryKit> {
        let raw::CanaryKit { url, secret } = self.table(kit)?;
        let url = self.required(url, "where the kit is asked").and_then(|url| self.url(url));
        let secrets = self
            .required(secret, "what signs what is asked of it, such as { env = \"NAME\" }")
            .and_then(|secret| self.webhook_secrets(secret));
        Some(CanaryKit { url: url?, secrets: secrets? })
    }

    fn time_of_day(&mut self, given: At<'_, String>) -> Option<NaiveTime> {
        const EXPECTED: &str = "a time of day in UTC such as \"04:00\"";
        let text = self.text(&given, EXPECTED)?;
        let time = NaiveTime::parse_from_str(text, "%H:%M").ok();
        if time.is_none() {
            self.bad_value(given.node, EXPECTED, "not a time of day", None);
        }
        time
    }
}

/// Why the session can't be read out of the text; `None` also where nothing that is written is read.
fn misses(text: &str, session: &SessionId, source: &SessionSource) -> Option<String> {
    let (pattern, what) = match source {
        SessionSource::Subject(pattern) => (pattern, "the subject"),
        SessionSource::Body(pattern) => (pattern, "the body"),
        SessionSource::ExtendedProperty { property: _, pattern } => (pattern, "the property"),
        // The iCalUId is Exchange's own, and a look-up knows the LMS's own events: the canary links its
        // invitation itself.
        SessionSource::ICalUid(_) | SessionSource::Lookup => return None,
    };
    let read = pattern.captures(text).and_then(|found| found.name("session"));
    match read.map(|found| found.as_str().trim()) {
        Some(found) if found == session.as_str() => None,
        Some(found) => Some(format!(
            "recognise.session reads the session `{found}` out of {what} `{text}`, and not `{}`",
            session.as_str()
        )),
        None => Some(format!(
            "recognise.session reads no session out of {what} `{text}`: say in `text` what an invitation to \
             the test session says"
        )),
    }
}

/// Why the decline of this learner would not be seen, or not be carried out.
fn who_is_out(learner: &Address, around: &Around<'_>) -> Option<String> {
    let watched = &around.watch.mailboxes;
    if around.watch.mode.reads_learners() && is_surely_outside(learner, watched) {
        return Some("is not among watch.mailboxes, so nobody would see the decline".to_owned());
    }
    let only = around.policy.only.as_ref();
    only.is_some_and(|only| is_surely_outside(learner, only))
        .then(|| "is not among policy.only, so the decline would only be observed".to_owned())
}

/// Only names are told apart here: who is behind an object id, or in a group, the directory knows.
fn is_surely_outside(learner: &Address, mailboxes: &Mailboxes) -> bool {
    match mailboxes {
        Mailboxes::Users(users) => {
            let own = same::user(learner.as_str());
            !users.iter().any(|user| is_guid(user) || same::user(user) == own)
        }
        Mailboxes::None => true,
        Mailboxes::All | Mailboxes::Group(_) => false,
    }
}

/// Why an invitation of this organizer would be none of a session.
fn who_sends(organizer: &Address, around: &Around<'_>) -> Option<String> {
    let senders = &around.recognise.organizer;
    if !senders.is_empty() && !senders.contains(organizer) {
        return Some(format!(
            "the organizer {} is not among recognise.organizer, so its invitation would be none",
            organizer.as_str()
        ));
    }
    let is_watched = around.watch.organizers.contains(organizer);
    (around.watch.mode.watches_organizers() && !is_watched).then(|| {
        format!("the organizer {} is not among watch.organizers, so nobody would see it", organizer.as_str())
    })
}

fn what_hinders(around: &Around<'_>) -> Option<String> {
    if around.policy.mode == PolicyMode::Observe {
        return Some(
            "with policy.mode = \"observe\" nothing reaches the LMS: a canary needs \"act\", with \
             policy.only where it is to act for the test learner alone"
                .to_owned(),
        );
    }
    let is_linked_by_us =
        matches!(around.recognise.session, SessionSource::ICalUid(_) | SessionSource::Lookup);
    (is_linked_by_us && around.watch.mode == WatchMode::Organizer).then(|| {
        "with watch.mode = \"organizer\" an invitation must name its session, and what recognise.session \
         reads can't be written into one: have it read the subject, the body or a property"
            .to_owned()
    })
}
