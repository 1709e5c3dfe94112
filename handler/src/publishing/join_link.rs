//! The address that stands in learners' events in the place of a meeting's link: our page, for one learner,
//! session and part.
//!
//! Guarantees: it is signed, with keys that sign nothing else, and who reads one learns what it is for
//! without the ledger, so that what is forged costs no look-up; for the same place and key it is the same,
//! and it has no expiry of its own; it holds hashes and the tenant's name, and no word of the LMS.

use crate::ids::{LearnerKey, SessionId, TenantName, hash};
use crate::sessions::session::PartId;
use crate::signing::SigningKeys;
use url::Url;

/// What the keys sign here.
pub const PURPOSE: &str = "regrets: a way into a session, 1";
/// Longer than any token: key's id, tenant's name, two hashes, a short one, and 22 characters of the MAC.
const LONGEST: usize = 128;
/// Characters of a part's hash: it only tells the parts of one session apart.
const SHORT: usize = 8;

/// What addresses are made of.
pub struct JoinLinks {
    /// Ends with a slash.
    base: Url,
    keys: SigningKeys,
}

/// One learner's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinLink {
    pub address: Url,
    /// The same without what changes with our keys; opens nothing.
    pub name: Url,
}

/// For whom an address is; only ever the result of a MAC that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    pub tenant: TenantName,
    /// Hashed, as the ledger's keys are.
    pub session: String,
    part: String,
    /// Hashed likewise.
    pub learner: String,
}

impl Seat {
    pub fn is_of(&self, part: &PartId) -> bool {
        self.part == short(part)
    }
}

impl JoinLinks {
    /// `path`: of the page, below `public_url`.
    pub fn new(public_url: &Url, path: &str, keys: SigningKeys) -> Self {
        let mut base = public_url.clone();
        base.set_path(&format!("{}{path}/", public_url.path().trim_end_matches('/')));
        Self { base, keys }
    }

    pub fn link(
        &self,
        tenant: &TenantName,
        session: &SessionId,
        part: &PartId,
        learner: &LearnerKey,
    ) -> JoinLink {
        let (session, learner) = (hash(session.as_str()), hash(learner.as_str()));
        let text = format!("{tenant}.{session}.{}.{learner}", short(part));
        JoinLink { address: self.at(&self.keys.sign(&text)), name: self.at(&text) }
    }

    fn at(&self, last: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{last}", self.base.path()));
        url
    }

    /// Does no I/O.
    pub fn read(&self, token: &str) -> Option<Seat> {
        let text = (token.len() <= LONGEST).then(|| self.keys.verify(token)).flatten()?;
        let mut parts = text.split('.').map(str::to_owned);
        let tenant = TenantName::new(parts.next()?);
        let seat = Seat { tenant, session: parts.next()?, part: parts.next()?, learner: parts.next()? };
        parts.next().is_none().then_some(seat)
    }
}

fn short(part: &PartId) -> String {
    hash(&part.0).chars().take(SHORT).collect()
}

#[cfg(test)]
#[path = "join_link_tests.rs"]
mod tests;
