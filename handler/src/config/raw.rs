//! The shape of `regrets.toml`: every table, every key and what kind of value stands there, written once. The
//! JSON Schema is made of it (`schema.rs`), and the reader reads by it. What it says of each is what editors
//! show.

use super::WatchMode;
use super::raw_alerts::{Alerts, TenantAlerts};
pub(super) use super::raw_lms::{AnyLms, FileLms, Lms, Rate, Retry};
use super::raw_publish::Publish;
pub(super) use super::raw_secrets::{Identity, Secret, Secrets};
use super::table::{Field, May, Must, Table, tables};
use super::tree::Node;
use super::values::{Duration, Guid};
use crate::enrolment::policy::{
    AutomaticPolicy, PartPolicy, PolicyMode, ProposedPolicy, TakeBack, WeakPolicy,
};
use crate::graph::auth::cloud::Cloud;
use std::collections::BTreeMap;

const LEARNER_KEY: &str = concat!(
    r"^(mail|userPrincipalName|employeeId|id|",
    r"onPremisesExtensionAttributes\.extensionAttribute([1-9]|1[0-5]))$"
);

tables! {
    /// Settings of Regrets
    #[schemars(title = "regrets.toml", extend("$id" = "urn:regrets:configuration"))]
    File {
        /// Where Graph reaches this deployment. Default: https://$WEBSITE_HOSTNAME
        public_url: May<String>,
        /// Links by which an administrator is asked for consent.
        consent: May<Consent<'n>>,
        /// One section for each Entra directory together with one LMS connection, by a name of your own.
        #[schemars(extend("minProperties" = 1, "propertyNames" = { "pattern": "^[a-z][a-z0-9]{0,31}$" }))]
        tenant: Must<BTreeMap<String, Tenant<'n>>>,
        /// Who is told of alerts, beside the log.
        alerts: May<Alerts<'n>>,
    }

    /// Links by which an administrator is asked for consent.
    Consent {
        /// A link is good for so long.
        #[schemars(extend("default" = "24h"))]
        lifetime: May<Duration>,
    }

    /// One Entra directory together with one LMS connection.
    Tenant {
        /// false: switched off; nothing is read, woken or sent for it, and what is stored is kept for its
        /// time.
        #[schemars(extend("default" = true))]
        active: May<bool>,
        /// Entra tenant id.
        directory: Must<Guid>,
        /// The app registration's application (client) id.
        client_id: Must<Guid>,
        /// How Regrets signs in; exactly one.
        credential: Must<Credential<'n>>,
        /// Microsoft's cloud that holds the directory.
        #[schemars(extend("default" = "global"))]
        cloud: May<Cloud>,
        /// Whose calendars, and how.
        watch: Must<Watch<'n>>,
        /// An event is a training session when every test given here holds.
        recognise: Must<Recognise<'n>>,
        /// How the LMS knows a learner.
        learner: May<Learner<'n>>,
        /// What follows from a verdict, and when.
        policy: May<Policy<'n>>,
        /// Where cancellations go.
        lms: Must<AnyLms>,
        /// Who is told of this tenant's alerts; what is left out is as in [alerts].
        alerts: May<TenantAlerts<'n>>,
        /// What `regrets doctor` has to prove.
        doctor: May<Doctor<'n>>,
        /// A test learner declines a test session each day, from end to end.
        canary: May<Canary<'n>>,
        /// The LMS's sessions are written into the calendars of those who hold a place.
        publish: May<Publish<'n>>,
    }

    /// How Regrets signs in; exactly one.
    #[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
    Credential {
        /// The app registration's client secret.
        client_secret: May<Secret<'n>>,
        /// PEM with a certificate and its private key.
        certificate: May<Secret<'n>>,
        /// An Azure managed identity signs in by itself.
        managed_identity: May<Identity<'n>>,
        /// A managed identity's token stands in for a secret.
        federated: May<Identity<'n>>,
    }

    /// Whose calendars, and how.
    Watch {
        #[schemars(
            description = "attendees: each learner's mailbox, which sees answers that were not sent. \
                           organizer: only the mailboxes that send the\n\
                           invitations, which sees explicit answers of everybody, guests too. \
                           both: side by side.",
            extend("default" = "attendees")
        )]
        mode: May<WatchMode>,
        /// May be left out in mode organizer only.
        mailboxes: May<Mailboxes<'n>>,
        /// Mailboxes that send the invitations, where they may be read.
        organizers: May<Vec<String>>,
        /// Each mailbox's calendar is compared anew at least this often.
        #[schemars(extend("default" = "24h"))]
        resync: May<Duration>,
    }

    /// Exactly one.
    #[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
    Mailboxes {
        /// Object ids or user principal names.
        #[schemars(length(min = 1))]
        users: May<Vec<String>>,
        /// A group's object id; its transitive members.
        group: May<Guid>,
        /// Everybody in the directory; only true may be written.
        #[schemars(extend("const" = true))]
        all: May<bool>,
    }

    /// Exactly one.
    #[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
    Only {
        /// Object ids or user principal names.
        #[schemars(length(min = 1))]
        users: May<Vec<String>>,
        /// A group's object id; its transitive members.
        group: May<Guid>,
    }

    /// An event is a training session when every test given here holds.
    Recognise {
        /// Sent by one of these; left out: by anybody.
        #[schemars(length(min = 1))]
        organizer: May<Vec<String>>,
        /// Where the session's id stands; exactly one.
        session: Must<Session<'n>>,
    }

    /// Where the session's id stands; exactly one. A pattern has a group (?<session>…).
    #[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
    Session {
        /// A pattern over the event's iCalUId.
        ical_uid: May<String>,
        /// A pattern over the subject.
        subject: May<String>,
        /// A pattern over the body's text.
        body: May<String>,
        /// A property that the LMS put on the event.
        extended_property: May<ExtendedProperty<'n>>,
        /// The connector finds the session by iCalUId.
        #[schemars(extend("const" = true))]
        lookup: May<bool>,
    }

    /// A property that the LMS put on the event.
    ExtendedProperty {
        /// As Graph writes it: String {66f5a359-4659-4830-9070-00047ec6ac6e} Name LmsSessionId
        id: Must<String>,
        /// Left out: the whole value is the session's id.
        pattern: May<String>,
    }

    /// How the LMS knows a learner.
    Learner {
        /// What the LMS knows a learner by.
        #[schemars(
            regex(pattern = LEARNER_KEY),
            extend("default" = "mail")
        )]
        key: May<String>,
    }

    /// What follows from a verdict, and when.
    Policy {
        /// observe: write down what would be cancelled, and cancel nothing. act: cancel.
        #[schemars(extend("default" = "observe"))]
        mode: May<PolicyMode>,
        /// Act for these learners and observe for all others.
        only: May<Only<'n>>,
        /// The learner's copy is gone, and the organizer's copy says something else.
        #[schemars(extend("default" = "review"))]
        removed: May<WeakPolicy>,
        #[schemars(
            description = "The learner's copy is gone, and there is no organizer's copy to ask. \
                           With cancel, whoever merely deletes it loses the\nplace.",
            extend("default" = "review")
        )]
        unseen: May<WeakPolicy>,
        #[schemars(
            description = "A decline that the mailbox gave by itself while its automatic replies are on. \
                           Recognised only where MailboxSettings.Read\nis granted.",
            extend("default" = "review")
        )]
        automatic: May<AutomaticPolicy>,
        /// The time zone of all-day events that name none that is known: an IANA or a Windows name.
        #[schemars(extend("default" = "UTC"))]
        timezone: May<String>,
        #[schemars(
            description = "Declined with a proposed new time, as far as the organizer's copy can be read \
                           just before the LMS is asked.",
            extend("default" = "review")
        )]
        proposed: May<ProposedPolicy>,
        /// How long doubtful cases are looked at again before they are decided.
        #[schemars(extend("default" = "30m"))]
        settle: May<Duration>,
        /// From the decision to the LMS.
        #[schemars(extend("default" = "10m"))]
        grace: May<Duration>,
        /// Patience with an unreadable Graph just before the LMS is called.
        #[schemars(extend("default" = "1h"))]
        recheck: May<Duration>,
        /// So long before the session's start, nothing is cancelled any more.
        #[schemars(extend("default" = "0s"))]
        deadline: May<Duration>,
        /// Several calendar items stand for one place.
        #[schemars(extend("default" = "review"))]
        part: May<PartPolicy>,
        /// Accepted again after the cancellation. reinstate: given back where the LMS can.
        #[schemars(extend("default" = "record"))]
        take_back: May<TakeBack>,
        /// So long after the cancellation, an acceptance counts as taken back.
        #[schemars(extend("default" = "24h"))]
        take_back_window: May<Duration>,
        /// More decisions than these stop the tenant, or the learner, until a person has looked.
        brake: May<Brake<'n>>,
        /// A finished cancellation is kept so long.
        #[schemars(extend("default" = "90d"))]
        retention: May<Duration>,
    }

    /// More decisions than these stop the tenant, or the learner, until a person has looked.
    Brake {
        /// So many decisions of the tenant within that time.
        #[schemars(range(min = 1), extend("default" = 50))]
        decisions: May<u32>,
        /// The time within which decisions are counted.
        #[schemars(extend("default" = "1h"))]
        within: May<Duration>,
        /// So many decisions about one learner within that time.
        #[schemars(range(min = 1), extend("default" = 8))]
        per_learner: May<u32>,
    }

    /// What `regrets doctor` has to prove.
    Doctor {
        /// A mailbox that must not be readable: the scope is proved by trying it. Default: none
        outside: May<String>,
    }

    /// A test learner declines a test session each day, from end to end.
    Canary {
        /// The test learner's mailbox.
        learner: Must<String>,
        /// The LMS's id of the test session.
        session: Must<String>,
        /// The mailbox that sends the test invitation. Default: the first of watch.organizers
        organizer: May<String>,
        #[schemars(description = "What the invitation says where `recognise` reads its subject, its body or \
                                  a property: the session must be read out\nof it. Default: the \
                                  session's id")]
        text: May<String>,
        /// How long the invitation may take to be linked, and the decline beyond grace and settling.
        #[schemars(extend("default" = "30m"))]
        within: May<Duration>,
        /// The time of day, in UTC, from which on the day's decline begins.
        #[schemars(extend("default" = "04:00"))]
        at: May<String>,
        /// Who acts where Regrets may not write in the two mailboxes. Default: Regrets itself, through Graph
        kit: May<CanaryKit<'n>>,
    }

    /// A kit outside of the tenant that invites and declines when it is asked to.
    CanaryKit {
        /// Where it is asked.
        url: Must<String>,
        /// The key that signs what is asked, a `whsec_` secret.
        secret: Must<Secrets>,
    }
}
