//! The stages at which a test may hang, and the one step that mends each.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// The stages of a decline, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Stuck {
    /// The test can't begin: nobody goes by an address, or the place is not free.
    Preparation,
    /// No invitation could be sent.
    Invitation,
    /// It did not reach the test learner's calendar.
    Arrival,
    /// Nobody was told of it.
    Notification,
    /// It is not known as one to the test session.
    Recognition,
    /// It could not be declined.
    Decline,
    /// Nobody saw that it was declined.
    Decision,
    /// A person was asked.
    Review,
    /// The policy does not act for the test learner.
    Rollout,
    Valve,
    Lms,
    /// Whoever acts in our stead does not.
    Kit,
}

impl Stuck {
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// What mends it.
    pub fn step(self) -> &'static str {
        match self {
            Self::Preparation => "correct [tenant.….canary], or have the directory know its addresses",
            Self::Invitation | Self::Decline => {
                "have Exchange grant `Application Calendars.ReadWrite` on the canary's two mailboxes \
                 (`regrets consent` prints the commands); it takes up to two hours"
            }
            Self::Arrival => {
                "see in Exchange's message trace why an invitation of the organizer does not arrive in the \
                 test learner's mailbox: a rule, a quarantine, a full mailbox"
            }
            Self::Notification => {
                "`regrets doctor` looks at the address that Graph calls and at the subscriptions"
            }
            Self::Recognition => {
                "compare recognise.session and recognise.organizer with what canary.text and \
                 canary.organizer say"
            }
            Self::Decision => {
                "`regrets doctor` looks at the address that Graph calls; `regrets ledger explain` tells what \
                 was seen of the decline"
            }
            Self::Review => "`regrets ledger explain` tells why a person was asked of the test decline",
            Self::Rollout => "set policy.mode = \"act\", and have the test learner among policy.only",
            Self::Valve => "`regrets valve` says what holds it closed, and `regrets valve open` opens it",
            Self::Lms => {
                "`regrets ledger explain` tells what the LMS answered; see that it has the test session and \
                 the test learner"
            }
            Self::Kit => {
                "see that the kit at canary.kit.url is up, has the same secret, and acts in the calendars \
                 of the canary's two mailboxes"
            }
        }
    }
}
