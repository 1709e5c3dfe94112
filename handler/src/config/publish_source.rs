//! Where published sessions come from: read through the connector that cancels, or through another one, such
//! as a feed or a table; or told by the LMS itself.

use super::Lms;
use super::connectors::Chosen;
use super::raw_lms::FileLms;
use super::raw_publish::{self as raw, SourceKind};
use super::reader::Reader;
use super::table::{At, May, Table as _};
use super::tree::{Node, Value, join};
use crate::calendar::zone::Zone;
use crate::lms::push::read::{LearnerField, Reading};
use crate::lms::recipe::connector::LmsSendsInvites;
use crate::lms::webhook::secret::WebhookSecret;

/// Where sessions, and who holds a place in them, come from.
#[derive(Debug, Clone)]
pub enum PublishSource {
    /// The connector's readings.
    Lms,
    /// Those of another connector.
    From(Box<Lms>),
    Push(PushSource),
}

#[derive(Debug, Clone)]
pub struct PushSource {
    /// Any of them may have signed. Empty only where one of them is missing: then nothing can be told from a
    /// forgery.
    pub secrets: Vec<WebhookSecret>,
    pub reading: Reading,
}

impl PublishSource {
    /// Secrets that can't be had now are those that it had.
    pub(super) fn keep_secrets(&mut self, before: &Self) {
        match (self, before) {
            (Self::Push(push), Self::Push(before)) if push.secrets.is_empty() => {
                push.secrets.clone_from(&before.secrets);
            }
            (Self::From(lms), Self::From(before)) if !lms.connector.has_its_secrets() => {
                lms.clone_from(before);
            }
            (Self::Lms | Self::From(_) | Self::Push(_), _) => {}
        }
    }

    /// What is told can't be told from a forgery, or nothing can be read.
    pub(super) fn lacks_secrets(&self) -> bool {
        match self {
            Self::Lms => false,
            Self::From(lms) => !lms.connector.has_its_secrets(),
            Self::Push(push) => push.secrets.is_empty(),
        }
    }
}

/// Keys of `[tenant.<name>.publish]` that say where sessions come from.
pub(super) struct Given<'n> {
    pub(super) source: May<'n, SourceKind>,
    pub(super) push: May<'n, raw::Push<'n>>,
    pub(super) from: May<'n, raw::From>,
    pub(super) feed: May<'n, raw::Address>,
    pub(super) csv: May<'n, raw::Address>,
}

impl Reader<'_> {
    pub(super) fn publish_source(
        &mut self,
        table: &Node,
        given: &Given<'_>,
        chosen: &Chosen,
    ) -> Option<PublishSource> {
        let Given { source, push, from, feed, csv } = given;
        let readers = [from.map(|at| at.node), feed.map(|at| at.node), csv.map(|at| at.node)];
        let readers: Vec<&Node> = readers.into_iter().flatten().collect();
        let kind = match (*source, readers.is_empty(), push) {
            (Some(source), ..) => self.choice(Some(source), SourceKind::Lms)?,
            (None, false, _) => SourceKind::From,
            (None, true, _) => SourceKind::Lms,
        };
        let word = match kind {
            SourceKind::Lms => "lms",
            SourceKind::From => "from",
            SourceKind::Push => "push",
        };
        if let Some(push) = push.filter(|_| kind != SourceKind::Push) {
            self.contradiction(&push, "is there for source = \"push\" alone: say so, or leave it out");
        }
        if let Some(reader) = readers.first().filter(|_| kind != SourceKind::From) {
            let why = format!(
                "says where sessions are read, and source = \"{word}\" says otherwise: leave one out"
            );
            self.contradiction(reader, why);
        }
        if let [_, second, ..] = readers.as_slice() {
            self.contradiction(second, "`from`, `feed` and `csv` exclude each other: keep one");
            return None;
        }
        match kind {
            SourceKind::Lms => {
                if let Some(why) = unread(chosen, "source = \"lms\": ") {
                    self.contradiction(source.map_or(table, |source| source.node), why);
                }
                Some(PublishSource::Lms)
            }
            SourceKind::Push => match push {
                Some(push) => self.push(*push).map(PublishSource::Push),
                None => {
                    self.missing(
                        table,
                        "push",
                        "what the LMS signs with: { secrets = [{ env = \"NAME\" }] }",
                    );
                    None
                }
            },
            SourceKind::From => {
                let reader = match (from, feed, csv) {
                    (Some(from), ..) => from.node.clone(),
                    (None, Some(feed), _) => shorthand(feed.node, "icalendar"),
                    (None, None, Some(csv)) => shorthand(csv.node, "csv"),
                    (None, None, None) => {
                        let hint =
                            "a connector that reads, such as { connector = \"csv\", url = \"https://…\" }";
                        self.missing(table, "from", hint);
                        return None;
                    }
                };
                self.reads_from(&reader).map(Box::new).map(PublishSource::From)
            }
        }
    }

    fn reads_from(&mut self, node: &Node) -> Option<Lms> {
        let Value::Table(_) = &node.value else {
            self.bad_value(
                node,
                "a table, such as { connector = \"csv\", url = \"https://…\" }",
                "no table",
                None,
            );
            return None;
        };
        let FileLms { connector, .. } = FileLms::of(node);
        let named = self.required(connector, "a connector that reads, such as \"csv\" or \"icalendar\"")?;
        let chosen = self.connector(Some(named));
        if let Some(why) = unread(&chosen, "") {
            self.contradiction(named.node, why);
            return None;
        }
        self.lms(At::new(node), chosen)
    }

    fn push(&mut self, push: At<'_, raw::Push<'_>>) -> Option<PushSource> {
        let raw::Push { secrets, learner, zone } = self.table(push)?;
        let secrets = self
            .required(secrets, "what the LMS signs its messages with, such as [{ env = \"NAME\" }]")
            .and_then(|secrets| self.webhook_secrets(secrets));
        let learner = self.choice(learner, LearnerField::Email);
        let zone: Option<Zone> = self.timezone(zone);
        Some(PushSource { secrets: secrets?, reading: Reading { learner: learner?, zone: zone? } })
    }
}

/// The address alone, for one of the connectors that need no more than it and the zone.
fn shorthand(node: &Node, connector: &str) -> Node {
    let child = |key: &str, value| Node {
        key: key.to_owned(),
        path: join(&node.path, key),
        value,
        not_toml: None,
        ..node.clone()
    };
    let settings =
        vec![child("connector", Value::Text(connector.to_owned())), child("url", node.value.clone())];
    Node { value: Value::Table(settings), ..node.clone() }
}

/// Why no session can be read through this connector; `None` also where nobody knows which it is.
fn unread(chosen: &Chosen, said: &str) -> Option<String> {
    let lacks = match chosen {
        Chosen::Webhook => "reads nothing of the LMS",
        Chosen::File(file) if file.recipes.sessions.is_empty() => "has no [[sessions]], so it reads none",
        Chosen::File(file) if file.recipes.roster.is_empty() => {
            "has no [[roster]], so nobody can tell who holds a place"
        }
        Chosen::File(_) | Chosen::Unknown => return None,
    };
    Some(format!(
        "{said}the connector `{}` {lacks}; take a connector that reads both, or say source = \
         \"push\" where the LMS tells of its sessions by itself",
        chosen.name()
    ))
}

/// Why learners may have two invitations for one session.
pub(super) fn invites_twice(chosen: &Chosen) -> Option<String> {
    let Chosen::File(file) = chosen else { return None };
    let may = match file.about.lms_sends_invites {
        LmsSendsInvites::Never => return None,
        LmsSendsInvites::BySetting => "sends invitations of its own where its settings say so",
        LmsSendsInvites::Always => "sends invitations of its own",
        LmsSendsInvites::Unknown => "may send invitations of its own, which nobody has looked into",
    };
    Some(format!("the LMS of the connector `{}` {may}: learners would be invited twice", file.name))
}
