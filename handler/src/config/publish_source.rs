//! Where published sessions come from: read through the connector, or told by the LMS itself.

use super::connectors::Chosen;
use super::raw_publish::{self as raw, SourceKind};
use super::reader::Reader;
use super::table::{At, May};
use super::tree::Node;
use crate::calendar::zone::Zone;
use crate::lms::push::read::{LearnerField, Reading};
use crate::lms::recipe::connector::LmsSendsInvites;
use crate::lms::webhook::secret::WebhookSecret;

/// Where sessions, and who holds a place in them, come from.
#[derive(Debug, Clone)]
pub enum PublishSource {
    /// The connector's readings.
    Lms,
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
        if let (Self::Push(push), Self::Push(before)) = (self, before)
            && push.secrets.is_empty()
        {
            push.secrets.clone_from(&before.secrets);
        }
    }
}

impl Reader<'_> {
    pub(super) fn publish_source(
        &mut self,
        table: &Node,
        (kind, at): (SourceKind, &Node),
        push: May<'_, raw::Push<'_>>,
        chosen: &Chosen,
    ) -> Option<PublishSource> {
        match (kind, push) {
            (SourceKind::Lms, push) => {
                if let Some(push) = push {
                    let why = "is there for source = \"push\" alone: say so, or leave it out";
                    self.contradiction(&push, why);
                }
                if let Some(why) = unread(chosen) {
                    self.contradiction(at, why);
                }
                Some(PublishSource::Lms)
            }
            (SourceKind::Push, Some(push)) => self.push(push).map(PublishSource::Push),
            (SourceKind::Push, None) => {
                self.missing(table, "push", "what the LMS signs with: { secrets = [{ env = \"NAME\" }] }");
                None
            }
        }
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

/// Why no session can be read through this connector; `None` also where nobody knows which it is.
fn unread(chosen: &Chosen) -> Option<String> {
    let lacks = match chosen {
        Chosen::Webhook => "reads nothing of the LMS",
        Chosen::File(file) if file.recipes.sessions.is_empty() => "has no [[sessions]], so it reads none",
        Chosen::File(file) if file.recipes.roster.is_empty() => {
            "has no [[roster]], so nobody can tell who holds a place"
        }
        Chosen::File(_) | Chosen::Unknown => return None,
    };
    Some(format!(
        "source = \"lms\": the connector `{}` {lacks}; take a connector that reads both, or say source = \
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
