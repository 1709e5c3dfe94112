//! The tenant's row of what may be mailed ([`crate::publishing::send_gate`]).
//!
//! Guarantee: what is granted is counted before anybody is told that they may send; whoever is killed in
//! between has counted too much, never too little.

use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::ledger::tenant_rows::Singleton;
use crate::publishing::send_gate::SendGate;
use crate::store::StoreError;

const GATE: Singleton<SendGate> = Singleton::new("send-gate");

pub async fn read(ledger: &Ledger, tenant: &TenantName) -> Result<SendGate, StoreError> {
    Ok(GATE.read(ledger, tenant).await?.unwrap_or_default())
}

/// As [`SendGate::take`].
pub(super) async fn take(
    ledger: &Ledger,
    tenant: &TenantName,
    mails: u32,
    asked: bool,
    above: u32,
) -> Result<bool, StoreError> {
    let now = ledger.now().await?;
    let mut taken = false;
    let take = |gate: Option<&SendGate>| {
        let mut next = gate.cloned().unwrap_or_default();
        taken = next.take(mails, asked, above, now);
        taken.then_some(next)
    };
    GATE.update(ledger, tenant, take).await?;
    Ok(taken)
}

/// As [`SendGate::hold`].
pub(super) async fn hold(
    ledger: &Ledger,
    tenant: &TenantName,
    sessions: u32,
    mails: u32,
) -> Result<(), StoreError> {
    let now = ledger.now().await?;
    let hold = |gate: Option<&SendGate>| {
        let mut next = gate.cloned().unwrap_or_default();
        next.hold(sessions, mails, now);
        (gate.cloned().unwrap_or_default() != next).then_some(next)
    };
    GATE.update(ledger, tenant, hold).await?;
    Ok(())
}

/// As [`SendGate::shut`].
pub(super) async fn shut(ledger: &Ledger, tenant: &TenantName) -> Result<(), StoreError> {
    let shut = |gate: Option<&SendGate>| {
        let mut next = gate?.clone();
        next.shut();
        Some(next)
    };
    GATE.update(ledger, tenant, shut).await?;
    Ok(())
}

/// A person lets out so many mails, or what waits now. `None`: nothing waits.
pub async fn let_out(
    ledger: &Ledger,
    tenant: &TenantName,
    mails: Option<u32>,
    by: &str,
) -> Result<Option<u32>, StoreError> {
    let now = ledger.now().await?;
    let mut let_out = None;
    let sign = |gate: Option<&SendGate>| {
        let mut next = gate.cloned().unwrap_or_default();
        let_out = mails.or(next.held.map(|held| held.mails)).filter(|mails| *mails > 0);
        next.let_out(let_out?, by, now);
        Some(next)
    };
    GATE.update(ledger, tenant, sign).await?;
    Ok(let_out)
}
