//! A checked configuration in plain sentences, so that a person can see whether it says what they meant.
//! Shows no secret.

use super::{
    ConnectorConfig, LearnerKeySource, Lms, Meaning, StoreConfig, Tenant, Watch, WatchMode,
    connector_settings, describe_alerts as alerts, describe_publish as publish, show_duration,
};
use crate::calendar::matching::SessionSource;
use crate::enrolment::policy::{
    AutomaticPolicy, Mailboxes, PartPolicy, Policy, PolicyMode, ProposedPolicy, TakeBack,
};
use crate::graph::auth::cloud::Cloud;
use crate::graph::auth::credentials::Credential;
use crate::ids::TenantName;
use crate::lms::recipe::connector::{Cancels, Verified};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// What a configuration means: sentences of the deployment, and of each tenant.
#[derive(Debug, Clone, Serialize)]
pub struct Description {
    pub deployment: Vec<String>,
    pub tenants: BTreeMap<TenantName, TenantDescription>,
}

#[derive(Debug, Clone, Serialize)]
pub struct TenantDescription {
    pub directory: String,
    pub sentences: Vec<String>,
}

pub fn describe(meaning: &Meaning) -> Description {
    let mut deployment = vec![
        match &meaning.public_url {
            Some(url) => format!("Graph reaches this deployment at {}", url.as_str().trim_end_matches('/')),
            None => "Where Graph reaches this deployment is not said".to_owned(),
        },
        match &meaning.store {
            Some(StoreConfig::Sqlite(path)) => {
                format!("The ledger is the SQLite database {}", path.display())
            }
            Some(StoreConfig::AzureTables(_)) => {
                "The ledger is in the tables of the account AzureWebJobsStorage".to_owned()
            }
            None => "Where the ledger is kept is not said".to_owned(),
        },
    ];
    for (what, url) in [("Entra", &meaning.authority_host), ("Graph", &meaning.graph_endpoint)] {
        deployment.extend(url.as_ref().map(|url| format!("For every tenant, {what} is at {url}")));
    }
    deployment.extend(alerts::of_deployment(&meaning.alerts));
    let told = |tenant: &Tenant| TenantDescription {
        directory: tenant.directory.clone(),
        sentences: sentences(tenant).into_iter().chain(alerts::of_tenant(&meaning.alerts, tenant)).collect(),
    };
    let tenants = meaning.tenants.iter().map(|(name, tenant)| (name.clone(), told(tenant))).collect();
    Description { deployment, tenants }
}

/// One paragraph for the deployment and one for each tenant.
impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.deployment {
            writeln!(f, "{line}")?;
        }
        for (name, TenantDescription { directory, sentences }) in &self.tenants {
            writeln!(f, "\nTenant {name} (directory {directory})")?;
            for sentence in sentences {
                writeln!(f, "  {sentence}")?;
            }
        }
        Ok(())
    }
}

fn sentences(tenant: &Tenant) -> Vec<String> {
    let mut sentences = Vec::new();
    if !tenant.active {
        sentences.push(
            "Is switched off: nothing is read, woken or sent, and what is stored is kept for its time. What \
             follows holds once it is on again."
                .to_owned(),
        );
    }
    sentences.extend([
        format!(
            "Signs in to the {} as {} with {}.",
            cloud(tenant.cloud),
            tenant.client_id,
            credential(&tenant.credential)
        ),
        watch(&tenant.watch),
        recognise(tenant),
        format!("The LMS knows a learner by {}.", learner(&tenant.learner)),
    ]);
    sentences.extend(policy(&tenant.policy));
    sentences.extend(super::removals::sentences(tenant));
    sentences.extend(lms(&tenant.lms));
    sentences.extend(tenant.canary.as_ref().map(|canary| {
        format!(
            "Each day from {} UTC on, {} is invited to the test session {} by {}, and declines{}; that must \
             be carried out within {} beyond grace and settling.",
            canary.at.format("%H:%M"),
            canary.learner.as_str(),
            canary.session.as_str(),
            canary.organizer.as_str(),
            match &canary.kit {
                Some(kit) => format!(", acted by the kit at {}", kit.url.host_str().unwrap_or_default()),
                None => String::new(),
            },
            show_duration(canary.within)
        )
    }));
    sentences.extend(tenant.publish.iter().flat_map(publish::sentences));
    sentences.extend(tenant.doctor.outside.as_ref().map(|outside| {
        format!("`regrets doctor` proves that the mailbox {} can't be read.", outside.as_str())
    }));
    sentences
}

fn lms(lms: &Lms) -> Vec<String> {
    let paced = format!(
        "at most {} in {}; failed ones again after {}, then doubling up to {}.",
        lms.rate.requests,
        show_duration(lms.rate.per),
        show_duration(lms.retry.first),
        show_duration(lms.retry.most),
    );
    let host = lms.connector.url().host_str().unwrap_or_default();
    match &lms.connector {
        ConnectorConfig::Webhook { url, secrets } => {
            let signed = match secrets.len() {
                0 => "a secret that is missing".to_owned(),
                1 => "one secret".to_owned(),
                more => format!("{more} secrets"),
            };
            vec![format!(
                "Cancellations are posted to {} at {host}, signed with {signed}, {paced}",
                url.path()
            )]
        }
        ConnectorConfig::File { file, settings, .. } => {
            let takes = match file.about.cancels {
                Cancels::Place => "the place in one session is cancelled",
                Cancels::Course if file.takes_membership() => "membership of the whole course is ended",
                Cancels::Course => "the place in a course is cancelled, and with some settings membership",
            };
            let known = match file.about.verified {
                Verified::ReadBack => "and the LMS is read again to see that it is gone",
                Verified::Answer => "and the LMS's own answer is all that tells so",
            };
            let back = if file.about.is_destructive { " It can't be given back as it was." } else { "" };
            vec![
                format!(
                    "Cancellations go to {} at {host} ({}): {takes}, {known}.{back}",
                    file.title, file.name
                ),
                format!("One takes up to {} requests, {paced}", file.requests_per_order(),),
                format!("Settings of the connector: {}.", connector_settings::shown(file, settings)),
            ]
        }
    }
}

fn cloud(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Global => "global cloud",
        Cloud::UsGov => "US Government cloud",
        Cloud::UsGovDod => "US Government cloud (DoD)",
        Cloud::China => "cloud of 21Vianet in China",
    }
}

fn credential(credential: &Credential) -> String {
    let identity = |client_id: &Option<String>| match client_id {
        Some(id) => format!("the managed identity {id}"),
        None => "the app's own managed identity".to_owned(),
    };
    match credential {
        Credential::Missing { what } => format!("{what} that is missing"),
        Credential::ClientSecret(_) => "a client secret".to_owned(),
        Credential::Certificate { .. } => "a certificate".to_owned(),
        Credential::ManagedIdentity { client_id } => identity(client_id),
        Credential::Federated { client_id } => format!("{}, by federation", identity(client_id)),
    }
}

fn mailboxes(mailboxes: &Mailboxes) -> String {
    match mailboxes {
        Mailboxes::Users(users) if users.len() == 1 => "one user".to_owned(),
        Mailboxes::Users(users) => format!("{} users", users.len()),
        Mailboxes::Group(group) => format!("the members of the group {group}"),
        Mailboxes::All => "everybody in the directory".to_owned(),
        Mailboxes::None => "nobody".to_owned(),
    }
}

fn watch(watch: &Watch) -> String {
    let whom = match watch.mode {
        WatchMode::Attendees => mailboxes(&watch.mailboxes),
        WatchMode::Organizer => "the organizers".to_owned(),
        WatchMode::Both => format!("{} and of the organizers", mailboxes(&watch.mailboxes)),
    };
    let asked = match watch.organizers.as_slice() {
        _ if watch.mode == WatchMode::Organizer => {
            "no learner's own calendar is read, so a decline without a response is not seen".to_owned()
        }
        [] => "no organizer's mailbox is asked".to_owned(),
        [one] => format!("where a copy is gone, {} is asked", one.as_str()),
        more => format!("where a copy is gone, {} organizers' mailboxes are asked", more.len()),
    };
    format!("Watches the calendars of {whom}, compared anew every {}; {asked}.", show_duration(watch.resync))
}

fn recognise(tenant: &Tenant) -> String {
    let by = match tenant.recognise.organizer.as_slice() {
        [] => "anybody".to_owned(),
        [one] => one.as_str().to_owned(),
        more => format!("one of {} addresses", more.len()),
    };
    let session = match &tenant.recognise.session {
        SessionSource::ICalUid(pattern) => format!("its iCalUId matches {pattern}"),
        SessionSource::Subject(pattern) => format!("its subject matches {pattern}"),
        SessionSource::Body(pattern) => format!("its body matches {pattern}"),
        SessionSource::ExtendedProperty { property, pattern } => {
            format!("its property {property} matches {pattern}")
        }
        SessionSource::Lookup => "the LMS knows its iCalUId".to_owned(),
    };
    format!("An event is a training session when it is sent by {by} and {session}.")
}

fn learner(source: &LearnerKeySource) -> String {
    match source {
        LearnerKeySource::Mail => "mail".to_owned(),
        LearnerKeySource::UserPrincipalName => "userPrincipalName".to_owned(),
        LearnerKeySource::EmployeeId => "employeeId".to_owned(),
        LearnerKeySource::Id => "id".to_owned(),
        LearnerKeySource::ExtensionAttribute(name) => name.clone(),
    }
}

fn policy(policy: &Policy) -> Vec<String> {
    let acts = match (policy.mode, &policy.only) {
        (PolicyMode::Observe, _) => {
            "Observes only: writes down what it would cancel, and cancels nothing.".to_owned()
        }
        (PolicyMode::Act, Some(only)) => {
            format!("Acts for {}, and observes for the others.", mailboxes(only))
        }
        (PolicyMode::Act, None) => "Acts for all learners.".to_owned(),
    };
    let cancel = format!(
        "A decline is carried to the LMS {} later{}.",
        show_duration(policy.grace),
        if policy.deadline.is_zero() {
            ", until the session starts".to_owned()
        } else {
            format!(", until {} before the session starts", show_duration(policy.deadline))
        }
    );
    let automatic = format!(
        "A decline that a mailbox gives by itself while its automatic replies are on {}. That needs the \
         right MailboxSettings.Read: \
         without it none is recognised, and each counts as the learner's own.",
        match policy.automatic {
            AutomaticPolicy::Cancel => "cancels all the same, and is told as such",
            AutomaticPolicy::Review => "goes to a person",
        }
    );
    let days = format!(
        "All-day events are dates in their own time zone, or in {} where that is not known.",
        policy.timezone.name()
    );
    let proposed = match policy.proposed {
        ProposedPolicy::Cancel => "A decline with a proposed new time is a decline.",
        ProposedPolicy::Review => {
            "A decline with a proposed new time goes to a person, where an organizer's copy can be read that \
             shows it."
        }
    };
    let part = match policy.part {
        PartPolicy::Review => "Where several items stand for one place, a decline of some goes to a person.",
        PartPolicy::Any => "Where several items stand for one place, one decline cancels it.",
        PartPolicy::All => "Where several items stand for one place, it is cancelled when all are declined.",
    };
    let take_back = match policy.take_back {
        TakeBack::Record => "recorded",
        TakeBack::Reinstate => "carried to the LMS where it can give the place back, else a person is told",
    };
    let brake = format!(
        "An acceptance within {} after a cancellation is {take_back}. More than {} decisions in {}, or {} \
         for one learner, \
         wait for a person. What is finished is kept for {}.",
        show_duration(policy.take_back_window),
        policy.brake.decisions,
        show_duration(policy.brake.within),
        policy.brake.per_learner,
        show_duration(policy.retention)
    );
    vec![acts, cancel, automatic, days, proposed.to_owned(), part.to_owned(), brake]
}
