//! `[tenant.<name>]`: one Entra directory together with one LMS connection.

use super::problem::{Problem, ProblemKind};
use super::reader::Reader;
use super::secret::Secret;
use super::tree::Node;
use super::{LearnerKeySource, Tenant, Tenants, keys};
use crate::graph::auth::cloud::Cloud;
use crate::graph::auth::credentials::Credential;
use crate::ids::TenantName;
use secrecy::{ExposeSecret as _, SecretString};

const CLOUDS: [(&str, Cloud); 4] =
    [("global", Cloud::Global), ("usgov", Cloud::UsGov), ("usgov-dod", Cloud::UsGovDod), ("china", Cloud::China)];

const EXTENSION_ATTRIBUTES: &str = "onPremisesExtensionAttributes.";

impl Reader<'_> {
    pub(super) fn tenants(&mut self, root: &Node) -> Option<Tenants> {
        let Some(all) = root.child("tenant") else {
            let trouble = ProblemKind::Missing { key: "tenant".to_owned(), table: String::new() };
            self.report(Problem::new(trouble).hint("begin with a section [tenant.<name>]: it says whom to watch"));
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
                "tenants {} and {} are of one directory, post to one LMS and watch the same people: each would cancel the same place",
                first.name, second.name
            );
            let problem = Problem::new(ProblemKind::Contradiction { path: node.path.clone(), why });
            self.report(
                problem.at(&node.key_at, "the second of them").hint("make them one tenant, or watch people apart"),
            );
        }
        Some(tenants)
    }

    fn named_tenant(&mut self, node: &Node, all: &[Node]) -> Option<Tenant> {
        if !is_name(&node.key) {
            let trouble = ProblemKind::BadValue {
                path: node.path.clone(),
                expected: "a name of at most 32 characters a-z and 0-9 that begins with a letter".to_owned(),
                found: format!("`{}`", node.key),
            };
            let problem = Problem::new(trouble).at(&node.key_at, "not a tenant's name");
            self.report(problem.hint("the name stands in logs and in table keys, so it is kept plain"));
        }
        // A slip in the name of an overriding setting makes a tenant that has nothing but that one setting.
        if node.key_at.source() > 0 && node.child("directory").is_none() {
            let others = all.iter().filter(|other| other.key_at.source() == 0).map(|other| other.key.as_str());
            let trouble = ProblemKind::UnknownKey { key: node.key.clone(), table: "tenant".to_owned() };
            let problem = Problem::new(trouble).at(&node.key_at, "the file has no such tenant");
            self.report(match super::nearest::nearest(&node.key, others) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem,
            });
            return None;
        }
        self.tenant(node)
    }

    fn tenant(&mut self, node: &Node) -> Option<Tenant> {
        let before = self.missing.len();
        let table = self.table(node, keys::TENANT)?;
        let directory = self.required(table, "directory", "the Entra tenant id, a GUID").and_then(|node| {
            self.guid(node, "an Entra tenant id", "the domain's name won't do: Graph's notifications carry the id")
        });
        let client_id = self.required(table, "client_id", "the id of the app registration, a GUID").and_then(|node| {
            self.guid(node, "an application (client) id", "it stands on the app registration's overview page")
        });
        let credential = self
            .required(
                table,
                "credential",
                "such as { client_secret = { env = \"NAME\" } } or { managed_identity = {} }",
            )
            .and_then(|node| self.credential(node));
        let cloud = self.choice(table.child("cloud"), &CLOUDS, Cloud::Global);
        let watch = self.watch(table);
        let connector_can_look_up = super::lms::can_look_up(table.child("lms"));
        let recognise = self
            .required(table, "recognise", "a section [tenant.<name>.recognise] says which events are training sessions")
            .and_then(|node| self.recognise(node, connector_can_look_up));
        let learner = match table.child("learner") {
            Some(node) => self.learner(node),
            None => Some(LearnerKeySource::Mail),
        };
        let policy = self.policy(table.child("policy"));
        let lms = self
            .required(table, "lms", "a section [tenant.<name>.lms] says where cancellations go")
            .and_then(|node| self.lms(node));
        Some(Tenant {
            name: TenantName::new(&node.key),
            directory: directory?,
            client_id: client_id?,
            credential: credential?,
            cloud: cloud?,
            watch: watch?,
            recognise: recognise?,
            learner: learner?,
            policy: policy?,
            lms: lms?,
            missing: self.missing.iter().skip(before).map(|(missing, _)| missing.clone()).collect(),
        })
    }

    fn credential(&mut self, node: &Node) -> Option<Credential> {
        let given = self.only_one(node, keys::CREDENTIAL)?;
        match given.key.as_str() {
            "client_secret" => match self.secret(given)? {
                Secret::Found(secret) => Some(Credential::ClientSecret(secret)),
                Secret::Missing => Some(Credential::Missing { what: "a client secret" }),
            },
            "certificate" => self.certificate(given),
            "managed_identity" => self.identity(given).map(|client_id| Credential::ManagedIdentity { client_id }),
            _ => self.identity(given).map(|client_id| Credential::Federated { client_id }),
        }
    }

    fn identity(&mut self, node: &Node) -> Option<Option<String>> {
        let table = self.table(node, keys::IDENTITY)?;
        match table.child("client_id") {
            Some(node) => self
                .guid(node, "the client id of a user-assigned identity", "leave it out for the app's own identity")
                .map(Some),
            None => Some(None),
        }
    }

    /// PEM with a certificate and its private key. Where a setting can't hold line ends, `\n` stands for them.
    fn certificate(&mut self, node: &Node) -> Option<Credential> {
        const MISSING: Credential = Credential::Missing { what: "a certificate" };
        let secret = match self.secret(node)? {
            Secret::Found(secret) => secret,
            Secret::Missing => return Some(MISSING),
        };
        let pem = secret.expose_secret();
        let pem = if pem.contains('\n') { pem.to_owned() } else { pem.replace("\\n", "\n") };
        let pem = SecretString::from(pem);
        let Some(why) = crate::graph::why_no_certificate(&pem) else { return Some(Credential::Certificate { pem }) };
        let hint = "in Key Vault, choose the content type PEM, and refer to the certificate's secret";
        let why = format!("is not PEM with a certificate and its private key ({why})");
        self.unusable(node, &why, hint, "its value is not such PEM");
        Some(MISSING)
    }

    fn learner(&mut self, node: &Node) -> Option<LearnerKeySource> {
        const EXPECTED: &str = "`mail`, `userPrincipalName`, `employeeId`, `id` or \
                                `onPremisesExtensionAttributes.extensionAttribute1` to 15";
        let table = self.table(node, keys::LEARNER)?;
        let Some(key) = table.child("key") else { return Some(LearnerKeySource::Mail) };
        let text = self.text(key, EXPECTED)?;
        let source = match text {
            "mail" => Some(LearnerKeySource::Mail),
            "userPrincipalName" => Some(LearnerKeySource::UserPrincipalName),
            "employeeId" => Some(LearnerKeySource::EmployeeId),
            "id" => Some(LearnerKeySource::Id),
            _ => extension_attribute(text).map(LearnerKeySource::ExtensionAttribute),
        };
        if source.is_none() {
            let names = (1..=15).map(|n| format!("{EXTENSION_ATTRIBUTES}extensionAttribute{n}")).collect::<Vec<_>>();
            let simple = ["mail", "userPrincipalName", "employeeId", "id"];
            let candidates = simple.into_iter().chain(names.iter().map(String::as_str));
            let tail = text.rsplit(['.', '/']).next().unwrap_or(text);
            let near = extension_attribute(&format!("{EXTENSION_ATTRIBUTES}{tail}"))
                .map(|name| format!("{EXTENSION_ATTRIBUTES}{name}"))
                .or_else(|| super::nearest::nearest(text, candidates).map(str::to_owned));
            self.bad_value(key, EXPECTED, "not one of them", near.map(|near| format!("did you mean \"{near}\"?")));
        }
        source
    }
}

/// `[a-z][a-z0-9]{0,31}`
fn is_name(name: &str) -> bool {
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
mod tests {
    use super::*;

    #[test]
    fn names_fit_the_interface() {
        for (name, fits) in [
            ("a", true),
            ("contoso2", true),
            (&"a".repeat(32), true),
            (&"a".repeat(33), false),
            ("2contoso", false),
            ("Contoso", false),
            ("con_toso", false),
            ("", false),
        ] {
            assert_eq!(is_name(name), fits, "{name}");
        }
    }

    #[test]
    fn extension_attributes_go_from_1_to_15() {
        for (text, fits) in [
            ("onPremisesExtensionAttributes.extensionAttribute1", true),
            ("onPremisesExtensionAttributes.extensionAttribute15", true),
            ("onPremisesExtensionAttributes.extensionAttribute16", false),
            ("onPremisesExtensionAttributes.extensionAttribute0", false),
            ("onPremisesExtensionAttributes.extensionAttribute01", false),
            ("onPremisesExtensionAttributes.employeeId", false),
            ("extensionAttribute1", false),
        ] {
            assert_eq!(extension_attribute(text).is_some(), fits, "{text}");
        }
    }
}
