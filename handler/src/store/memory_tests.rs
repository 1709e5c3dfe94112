use super::*;
use crate::clock::SystemClock;
use crate::store::conformance;

#[tokio::test]
async fn conforms() {
    conformance::run(Arc::new(MemoryTables::new(Arc::new(SystemClock)))).await;
}
