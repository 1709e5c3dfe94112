//! What grows with use, in a month, in dollars. Rough: prices change, regions differ, and nothing here was
//! measured on a bill. Inputs: [`Prices`], whose defaults are those of `infra/OPERATIONS.md`, and the size of
//! the instances.

use super::executions::Executions;
use super::storage::Storage;
use serde::Serialize;

/// Days of a month.
const DAYS: f64 = 30.4;
const DAY: f64 = 86_400.0;
const SECONDS: f64 = DAYS * DAY;
/// What one call writes into the log (tests/benches/README.md#the-log): two lines.
const LOG_BYTES: f64 = 600.0;

/// List prices of an American region in dollars.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prices {
    /// The year in which they were so.
    pub as_of: u16,
    pub gigabyte_second: f64,
    pub million_executions: f64,
    pub always_ready_gigabyte_second: f64,
    pub ten_thousand_queue_operations: f64,
    pub ten_thousand_table_operations: f64,
    pub log_gigabyte: f64,
}

impl Default for Prices {
    fn default() -> Self {
        Self {
            as_of: 2025,
            gigabyte_second: 0.000_026,
            million_executions: 0.40,
            always_ready_gigabyte_second: 0.000_004,
            ten_thousand_queue_operations: 0.004,
            ten_thousand_table_operations: 0.000_36,
            log_gigabyte: 2.50,
        }
    }
}

/// How the host is set up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Instances {
    pub memory_mb: f64,
    /// That never sleep.
    pub always_ready: f64,
}

impl Default for Instances {
    fn default() -> Self {
        Self { memory_mb: 2_048.0, always_ready: 1.0 }
    }
}

/// Dollars in a month.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Cost {
    pub always_ready: f64,
    pub executions: f64,
    pub storage: f64,
    pub log: f64,
}

impl Cost {
    pub fn all(&self) -> f64 {
        self.always_ready + self.executions + self.storage + self.log
    }
}

/// Gigabyte-seconds of a day: an instance of a function counts for a second at least, and calls of the same
/// second share it.
pub fn gigabyte_seconds(executions: &Executions, instances: &Instances) -> f64 {
    let busy = |calls: f64| DAY * (1.0 - (-calls / DAY).exp());
    let seconds: f64 = executions.by_function().iter().map(|(_, count)| busy(count.mean())).sum();
    seconds * instances.memory_mb / 1_024.0
}

pub fn of(executions: &Executions, storage: &Storage, instances: &Instances, prices: &Prices) -> Cost {
    let month = |a_day: f64| a_day * DAYS;
    let ready = instances.always_ready * instances.memory_mb / 1_024.0 * SECONDS;
    let queues = month(storage.queues()) / 10_000.0 * prices.ten_thousand_queue_operations;
    let tables = month(storage.tables()) / 10_000.0 * prices.ten_thousand_table_operations;
    Cost {
        always_ready: ready * prices.always_ready_gigabyte_second,
        executions: month(gigabyte_seconds(executions, instances)) * prices.gigabyte_second
            + month(executions.all()) / 1e6 * prices.million_executions,
        storage: queues + tables,
        log: month(executions.all()) * LOG_BYTES / 1e9 * prices.log_gigabyte,
    }
}

#[cfg(test)]
#[path = "cost_tests.rs"]
mod tests;
