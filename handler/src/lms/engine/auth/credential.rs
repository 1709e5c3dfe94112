//! A credential, ready to be put into a request.

use crate::lms::recipe::auth::Placement;
use secrecy::SecretString;
use std::sync::Arc;

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::lms::engine) enum Place {
    Header(String),
    Query(String),
    Form(String),
    /// `name=value` in `Cookie`.
    Cookie(String),
}

impl From<&Placement> for Place {
    fn from(placement: &Placement) -> Self {
        match placement {
            Placement::Header { name, .. } => Self::Header(name.clone()),
            Placement::Query { name, .. } => Self::Query(name.clone()),
            Placement::Form { name, .. } => Self::Form(name.clone()),
            Placement::Cookie { name } => Self::Cookie(name.clone()),
        }
    }
}

#[derive(Clone, Default)]
pub(in crate::lms::engine) struct Credential {
    /// `None`: the LMS asks for none.
    pub(super) placed: Option<(Arc<Place>, SecretString)>,
    /// The token in it, where it is one that can be fetched anew.
    pub(super) token: Option<Arc<SecretString>>,
}

impl Credential {
    pub(in crate::lms::engine) fn fixed(place: Place, value: String) -> Self {
        Self { placed: Some((Arc::new(place), value.into())), token: None }
    }

    pub(in crate::lms::engine) fn placed(&self) -> Option<(&Place, &SecretString)> {
        self.placed.as_ref().map(|(place, value)| (place.as_ref(), value))
    }

    /// What must not be seen anywhere.
    pub(in crate::lms::engine) fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        self.placed.iter().map(|(_, value)| value).chain(self.token.as_deref())
    }
}
