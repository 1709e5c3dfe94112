//! `[tenant.<name>]`: one Entra directory together with one LMS connection.

use super::canary::Around;
use super::connectors::Chosen;
use super::problem::{Problem, ProblemKind};
use super::raw_publish::Publish;
use super::reader::Reader;
use super::secret::Secret;
use super::table::{At, May, Table as _};
use super::tree::Node;
use super::{Doctor, LearnerKeySource, Tenant, Tenants, Watch, raw};
use crate::calendar::matching::Recognise;
use crate::graph::auth::cloud::Cloud;
use crate::graph::auth::credentials::Credential;
use crate::ids::TenantName;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;

const EXTENSION_ATTRIBUTES: &str = "onPremisesExtensionAttributes.";

impl Reader<'_> {
    pub(super) fn tenants(&mut self, tenants: May<'_, BTreeMap<String, raw::Tenant<'_>>>) -> Option<Tenants> {
        let Some(all) = tenants.map(|tenants| tenants.node) else {
            let kind = ProblemKind::Missing { key: "tenant".to_owned(), table: String::new() };
            self.report(
                Problem::new(kind).hint("begin with a section [tenant.<name>]: it says whom to watch"),
            );
            return None;
        };
        let entries = self.entries(all, &[])?;
        if entries.is_empty() {
            self.contradiction(all, "there is no tenant in it, so nobody would be watched");
        }
        let read: Vec<Option<Tenant>> = entries.iter().map(|node| self.named_tenant(node, entries)).collect();
        let tenants: Option<Vec<Tenant>> = read.into_iter().collect();
        let tenants: Tenants = tenants?.into_iter().map(|tenant| (tenant.name.clone(), tenant)).collect();
        for (first, second) in super::overlap::surely(&tenants) {
            let node = entries.iter().find(|node| node.key == second.name.as_str()).unwrap_or(all);
            let why = format!(
                "tenants {} and {} are of one directory, post to one LMS and watch the same people: each \
                 would cancel the same place",
                first.name, second.name
            );
            let problem = Problem::new(ProblemKind::Contradiction { path: node.path.clone(), why });
            self.report(
                problem
                    .at(&node.key_at, "the second of them")
                    .hint("make them one tenant, or watch people apart"),
            );
        }
        for (first, second) in super::overlap::one_calendar(&tenants) {
            let node = entries.iter().find(|node| node.key == second.name.as_str()).unwrap_or(all);
            let node = node.child("publish").unwrap_or(node);
            let why = format!(
                "tenants {} and {} write into one mailbox, and neither could tell its events from the \
                 other's",
                first.name, second.name
            );
            let problem = Problem::new(ProblemKind::Contradiction { path: node.path.clone(), why });
            self.report(
                problem
                    .at(&node.key_at, "the second of them")
                    .hint("give each a publish.namespace of its own, or an organizer of its own"),
            );
        }
        Some(tenants)
    }

    fn named_tenant(&mut self, node: &Node, all: &[Node]) -> Option<Tenant> {
        if !is_name(&node.key) {
            let kind = ProblemKind::BadValue {
                path: node.path.clone(),
                expected: "a name of at most 32 characters a-z and 0-9 that begins with a letter".to_owned(),
                found: format!("`{}`", node.key),
            };
            let problem = Problem::new(kind).at(&node.key_at, "not a tenant's name");
            self.report(problem.hint("the name stands in logs and in table keys, so it is kept plain"));
        }
        // A slip in the name of an overriding setting makes a tenant that has nothing but that one setting.
        if node.key_at.source() > 0 && node.child("directory").is_none() {
            let others =
                all.iter().filter(|other| other.key_at.source() == 0).map(|other| other.key.as_str());
            let kind = ProblemKind::UnknownKey { key: node.key.clone(), table: "tenant".to_owned() };
            let problem = Problem::new(kind).at(&node.key_at, "the file has no such tenant");
            self.report(match super::nearest::nearest(&node.key, others) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem,
            });
            return None;
        }
        self.tenant(At::new(node))
    }

    fn tenant(&mut self, tenant: At<'_, raw::Tenant<'_>>) -> Option<Tenant> {
        let before = self.missing.len();
        let given = self.table(tenant)?;
        let active = self.flag(given.active, true);
        let directory = self.required(given.directory, "the Entra tenant id, a GUID").and_then(|id| {
            self.guid(
                id,
                "an Entra tenant id",
                "the domain's name won't do: Graph's notifications carry the id",
            )
        });
        let client_id =
            self.required(given.client_id, "the id of the app registration, a GUID").and_then(|id| {
                self.guid(
                    id,
                    "an application (client) id",
                    "it stands on the app registration's overview page",
                )
            });
        let credential = self
            .required(
                given.credential,
                "such as { client_secret = { env = \"NAME\" } } or { managed_identity = {} }",
            )
            .and_then(|credential| self.credential(credential));
        let cloud = self.choice(given.cloud, Cloud::Global);
        let watch = self
            .required(given.watch, "a section [tenant.<name>.watch] says whose calendars are watched")
            .and_then(|watch| self.watch(watch));
        let connector = given.lms.given.and_then(|lms| raw::Lms::of(lms.node).connector);
        let chosen = self.connector(connector);
        let recognise = self
            .required(
                given.recognise,
                "a section [tenant.<name>.recognise] says which events are training sessions",
            )
            .and_then(|recognise| self.recognise(recognise, &chosen));
        let learner = match given.learner {
            Some(learner) => self.learner(learner),
            None => Some(LearnerKeySource::Mail),
        };
        let policy = self.policy(given.policy);
        let doctor = match given.doctor {
            Some(doctor) => self.doctor(doctor),
            None => Some(Doctor::default()),
        };
        let publish = self.published(given.publish, cloud, (&watch, &recognise, &chosen));
        let lms = self
            .required(given.lms, "a section [tenant.<name>.lms] says where cancellations go")
            .and_then(|lms| self.lms(lms, chosen));
        let canary = match (given.canary, &watch, &recognise, &policy) {
            (Some(canary), Some(watch), Some(recognise), Some(policy)) => {
                self.canary(canary, &Around { watch, recognise, policy }).map(Some)
            }
            // What it is held against is wrong itself, and was complained of.
            (Some(_), ..) => None,
            (None, ..) => Some(None),
        };
        Some(Tenant {
            name: TenantName::new(&tenant.key),
            active: active?,
            directory: directory?,
            client_id: client_id?,
            credential: credential?,
            cloud: cloud?,
            watch: watch?,
            recognise: recognise?,
            learner: learner?,
            policy: policy?,
            lms: lms?,
            // `[alerts]` says it, which is read when all tenants are known.
            mails_alerts: false,
            doctor: doctor?,
            canary: canary?,
            publish: publish?,
            missing: self.missing.iter().skip(before).map(|(missing, _)| missing.clone()).collect(),
        })
    }

    /// The outer is `None` after a problem.
    fn published(
        &mut self,
        publish: May<'_, Publish<'_>>,
        cloud: Option<Cloud>,
        (watch, recognise, chosen): (&Option<Watch>, &Option<Recognise>, &Chosen),
    ) -> Option<Option<super::Publish>> {
        let Some(publish) = publish else { return Some(None) };
        // Where what it is held against is wrong itself, that was complained of.
        let (watch, recognise) = (watch.as_ref()?, recognise.as_ref()?);
        let around = super::publish::Around { watch, recognise, chosen, cloud: cloud? };
        self.publish(publish, &around).map(Some)
    }

    fn credential(&mut self, credential: At<'_, raw::Credential<'_>>) -> Option<Credential> {
        match self.only_one(credential)? {
            raw::Credential { client_secret: Some(secret), .. } => match self.secret(secret)? {
                Secret::Found(secret) => Some(Credential::ClientSecret(secret)),
                Secret::Missing => Some(Credential::Missing { what: "a client secret" }),
            },
            raw::Credential { certificate: Some(pem), .. } => self.certificate(pem),
            raw::Credential { managed_identity: Some(identity), .. } => {
                self.identity(identity).map(|client_id| Credential::ManagedIdentity { client_id })
            }
            raw::Credential { federated, .. } => {
                self.identity(federated?).map(|client_id| Credential::Federated { client_id })
            }
        }
    }

    pub(super) fn identity(&mut self, identity: At<'_, raw::Identity<'_>>) -> Option<Option<String>> {
        match self.table(identity)?.client_id {
            Some(id) => self
                .guid(
                    id,
                    "the client id of a user-assigned identity",
                    "leave it out for the app's own identity",
                )
                .map(Some),
            None => Some(None),
        }
    }

    /// PEM with a certificate and its private key. Where a setting can't hold line ends, `\n` stands for
    /// them.
    fn certificate(&mut self, given: At<'_, raw::Secret<'_>>) -> Option<Credential> {
        const MISSING: Credential = Credential::Missing { what: "a certificate" };
        let secret = match self.secret(given)? {
            Secret::Found(secret) => secret,
            Secret::Missing => return Some(MISSING),
        };
        let pem = secret.expose_secret();
        let pem = if pem.contains('\n') { pem.to_owned() } else { pem.replace("\\n", "\n") };
        let pem = SecretString::from(pem);
        let Some(why) = crate::graph::why_no_certificate(&pem) else {
            return Some(Credential::Certificate { pem });
        };
        let hint = "in Key Vault, choose the content type PEM, and refer to the certificate's secret";
        let why = format!("is not PEM with a certificate and its private key ({why})");
        self.unusable(&given, &why, hint, "its value is not such PEM");
        Some(MISSING)
    }

    fn learner(&mut self, learner: At<'_, raw::Learner<'_>>) -> Option<LearnerKeySource> {
        const EXPECTED: &str = "`mail`, `userPrincipalName`, `employeeId`, `id` or \
                                `onPremisesExtensionAttributes.extensionAttribute1` to 15";
        let Some(key) = self.table(learner)?.key else { return Some(LearnerKeySource::Mail) };
        let text = self.text(&key, EXPECTED)?;
        let source = match text {
            "mail" => Some(LearnerKeySource::Mail),
            "userPrincipalName" => Some(LearnerKeySource::UserPrincipalName),
            "employeeId" => Some(LearnerKeySource::EmployeeId),
            "id" => Some(LearnerKeySource::Id),
            _ => extension_attribute(text).map(LearnerKeySource::ExtensionAttribute),
        };
        if source.is_none() {
            let names =
                (1..=15).map(|n| format!("{EXTENSION_ATTRIBUTES}extensionAttribute{n}")).collect::<Vec<_>>();
            let simple = ["mail", "userPrincipalName", "employeeId", "id"];
            let candidates = simple.into_iter().chain(names.iter().map(String::as_str));
            let tail = text.rsplit(['.', '/']).next().unwrap_or(text);
            let near = extension_attribute(&format!("{EXTENSION_ATTRIBUTES}{tail}"))
                .map(|name| format!("{EXTENSION_ATTRIBUTES}{name}"))
                .or_else(|| super::nearest::nearest(text, candidates).map(str::to_owned));
            self.bad_value(
                &key,
                EXPECTED,
                "not one of them",
                near.map(|near| format!("did you mean \"{near}\"?")),
            );
        }
        source
    }
}

/// `[a-z][a-z0-9]{0,31}`
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= 32
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
}

fn extension_attribute(text: &str) -> Option<String> {
    let name = text.strip_prefix(EXTENSION_ATTRIBUTES)?;
    let digits = name.strip_prefix("extensionAttribute")?;
    let number: u8 = digits.parse().ok()?;
    // Not `01` or `+1`.
    ((1..=15).contains(&number) && digits == number.to_string()).then(|| name.to_owned())
}

#[cfg(test)]
#[path = "tenant_tests.rs"]
mod tests;
