//! Secrets by reference: `{ env = "NAME" }` names an app setting, which may be a Key Vault reference
//! (reference/rules.md#configuration).

use super::missing::SET_IT;
use super::problem::{Problem, ProblemKind};
use super::raw;
use super::reader::Reader;
use super::table::At;
use super::tree::{Node, Value};
use crate::config::needed::Needed;
use crate::lms::webhook::secret::WebhookSecret;
use crate::missing_secret::Missing;
use secrecy::{ExposeSecret as _, SecretString};

/// What the platform leaves in place of the value when it can't resolve a reference.
const UNRESOLVED: &str = "@Microsoft.KeyVault(";

const MAKE_ONE: &str = "take the LMS's signing secret as its vendor gives it, or make one for both sides \
                        with: echo \"whsec_$(openssl rand \
                        -base64 32)\"";

/// Why an app setting gives no secret. Never holds the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SecretError {
    #[error("is not set")]
    Unset,
    #[error("is empty")]
    Empty,
    #[error("is a Key Vault reference that was not resolved")]
    Unresolved,
}

/// A reference that is right in the file.
pub(super) enum Secret {
    Found(SecretString),
    /// Noted among [`Reader::missing`].
    Missing,
}

impl SecretError {
    pub(super) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unset | Self::Empty => None,
            Self::Unresolved => Some(
                "the app's identity needs the role Key Vault Secrets User, the vault must let the app in, \
                 and the secret \
                 must exist and be enabled",
            ),
        }
    }
}

impl Reader<'_> {
    /// `{ env = "NAME" }`, read from the app settings. White space around the value is cut.
    pub(super) fn secret(&mut self, given: At<'_, raw::Secret<'_>>) -> Option<Secret> {
        let node = given.node;
        if matches!(node.value, Value::Text(_)) && node.not_toml.is_none() {
            self.literal_secret(node);
            return None;
        }
        // Whatever else stands here may hold the secret: `bad_value` would show it.
        if !matches!(node.value, Value::Table(_)) {
            self.masks.push(node.at.clone());
            let kind = ProblemKind::BadValue {
                path: node.path.clone(),
                expected: "{ env = \"NAME\" }".to_owned(),
                found: if matches!(node.value, Value::List(_)) { "a list" } else { "something else" }
                    .to_owned(),
            };
            self.report(Problem::new(kind).at(&node.at, "name the app setting that holds the secret"));
            return None;
        }
        let raw::Secret { env } = self.table(given)?;
        if let Value::Table(children) = &node.value {
            let others: Vec<&Node> = children.iter().filter(|child| child.key != "env").collect();
            if !others.is_empty() {
                // Named as unknown above; what they hold may be the secret.
                self.masks.extend(others.iter().map(|other| other.at.clone()));
                return None;
            }
        }
        let reference = self.required(env, "name the app setting that holds the secret")?;
        let name = self.text(reference.node, "the name of an app setting")?;
        let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !named {
            // People paste the secret itself here.
            self.masks.push(reference.at.clone());
            let kind = ProblemKind::BadValue {
                path: reference.path.clone(),
                expected: "the name of an app setting: letters, digits and underscores".to_owned(),
                found: "something else".to_owned(),
            };
            self.report(Problem::new(kind).at(&reference.at, "not a name"));
            return None;
        }
        let read = from_env(self.env, name);
        self.needed.push(Needed { name: name.to_owned(), purpose: node.path.clone(), is_set: read.is_ok() });
        match read {
            Ok(secret) => Some(Secret::Found(secret)),
            Err(error) => {
                let hint = error.hint().unwrap_or(SET_IT);
                self.unusable(node, &error.to_string(), hint, "named here");
                Some(Secret::Missing)
            }
        }
    }

    /// The value of this reference is no secret of its kind.
    pub(super) fn unusable(&mut self, node: &Node, why: &str, hint: &str, label: &str) {
        let reference = node.child("env").unwrap_or(node);
        let setting = if let Value::Text(name) = &reference.value { name.clone() } else { String::new() };
        let missing = Missing { setting, key: node.path.clone(), why: why.to_owned(), hint: hint.to_owned() };
        self.miss(missing, &reference.at, label);
    }

    /// One secret of the Standard Webhooks specification, or a list of them; none where one is missing.
    pub(super) fn webhook_secrets(&mut self, given: At<'_, raw::Secrets>) -> Option<Vec<WebhookSecret>> {
        let items =
            if let Value::List(items) = &given.node.value { items } else { std::slice::from_ref(given.node) };
        if items.is_empty() {
            self.contradiction(&given, "the list is empty: one secret at least must sign");
            return None;
        }
        let read: Vec<Option<Option<WebhookSecret>>> =
            items.iter().map(|item| self.webhook_secret(At::new(item))).collect();
        let named: Option<Vec<Option<WebhookSecret>>> = read.into_iter().collect();
        let found: Option<Vec<WebhookSecret>> = named?.into_iter().collect();
        Some(found.unwrap_or_default())
    }

    fn webhook_secret(&mut self, given: At<'_, raw::Secret<'_>>) -> Option<Option<WebhookSecret>> {
        let secret = match self.secret(given)? {
            Secret::Found(secret) => secret,
            Secret::Missing => return Some(None),
        };
        match WebhookSecret::parse(secret.expose_secret()) {
            Ok(secret) => Some(Some(secret)),
            Err(why) => {
                self.unusable(&given, &why.to_string(), MAKE_ONE, "its value can't sign");
                Some(None)
            }
        }
    }

    fn literal_secret(&mut self, node: &Node) {
        self.masks.push(node.at.clone());
        let kind = ProblemKind::LiteralSecret { path: node.path.clone() };
        self.report(Problem::new(kind).at(&node.at, "a literal").hint(
            "put it into an app setting and name that here: { env = \"NAME\" }; if this file was \
                       shared, change the secret",
        ));
    }
}

/// The trimmed value of an app setting that holds a secret.
pub(super) fn from_env(env: &super::Env, name: &str) -> Result<SecretString, SecretError> {
    let value = env.get(name).ok_or(SecretError::Unset)?.trim();
    if value.is_empty() {
        return Err(SecretError::Empty);
    }
    if value.starts_with(UNRESOLVED) {
        return Err(SecretError::Unresolved);
    }
    Ok(SecretString::from(value))
}
