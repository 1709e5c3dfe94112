//! When each monitored timer ran last and is due next, kept over restarts so that a missed run is noticed
//! (reference/functions-host.md#timers).

use crate::database::Database;
use crate::error::Result;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimerStatus {
    /// The schedule as it was written then: another one resets the status.
    pub(crate) schedule: String,
    /// None before the first run.
    pub(crate) last: Option<DateTime<Utc>>,
    pub(crate) next: DateTime<Utc>,
    pub(crate) updated: Option<DateTime<Utc>>,
}

#[derive(Clone)]
pub(crate) struct TimerStatuses(pub(crate) Database);

impl TimerStatuses {
    pub(crate) async fn get(&self, name: &str) -> Result<Option<TimerStatus>> {
        let name = name.to_owned();
        self.0
            .run(move |connection| {
                connection
                    .query_row(
                        "SELECT schedule, last, next, updated FROM timers WHERE name = ?1",
                        [name],
                        |row| {
                            Ok(TimerStatus {
                                schedule: row.get(0)?,
                                last: row.get::<_, Option<i64>>(1)?.and_then(time),
                                next: time(row.get(2)?).unwrap_or_default(),
                                updated: row.get::<_, Option<i64>>(3)?.and_then(time),
                            })
                        },
                    )
                    .optional()
            })
            .await
    }

    pub(crate) async fn put(&self, name: &str, status: TimerStatus) -> Result<()> {
        let name = name.to_owned();
        self.0
            .run(move |connection| {
                connection
                    .execute(
                        "INSERT OR REPLACE INTO timers (name, schedule, last, next, updated) VALUES (?1, ?2, \
                         ?3, ?4, ?5)",
                        params![
                            name,
                            status.schedule,
                            status.last.map(|time| time.timestamp_millis()),
                            status.next.timestamp_millis(),
                            status.updated.map(|time| time.timestamp_millis())
                        ],
                    )
                    .map(|_| ())
            })
            .await
    }
}

/// Milliseconds of the Unix era.
fn time(milliseconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(milliseconds)
}
