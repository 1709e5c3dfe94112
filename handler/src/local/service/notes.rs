//! Whose receipts this host holds, noted in its own data directory: the next start gives back what a killed host was
//! working on. A receipt that somebody else has meanwhile is refused by the service, so a note can be old, never wrong.
//!
//! A note that can't be written costs no message anything: without it the lease ends by itself.

use super::super::database::Database;
use super::super::error::Result;
use super::super::lease::{Holds, Leased};
use super::super::queue_name::QueueName;
use chrono::DateTime;
use rusqlite::params;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS service_leases (
    place   TEXT NOT NULL,
    queue   TEXT NOT NULL,
    id      TEXT NOT NULL,
    receipt TEXT NOT NULL,
    PRIMARY KEY (place, id)
) STRICT";
const PUT: &str = "INSERT OR REPLACE INTO service_leases (place, queue, id, receipt) VALUES (?1, ?2, ?3, ?4)";

pub(super) struct Notes {
    database: Database,
    /// Of which account these are the receipts.
    place: String,
}

impl Notes {
    pub(super) fn new(database: Database, place: String) -> Self {
        Self { database, place }
    }

    pub(super) async fn taken(&self, messages: &[Leased]) {
        if !messages.is_empty() {
            self.put(messages.iter().map(|message| line(message, &message.receipt)).collect()).await;
        }
    }

    pub(super) async fn renewed(&self, message: &Leased, receipt: &str) {
        self.put(vec![line(message, receipt)]).await;
    }

    async fn put(&self, lines: Vec<[String; 3]>) {
        let place = self.place.clone();
        let written = self.database.run(move |connection| {
            let transaction = connection.transaction()?;
            for [queue, id, receipt] in &lines {
                transaction.execute(PUT, params![place, queue, id, receipt])?;
            }
            transaction.commit()
        });
        let _ = written.await;
    }

    pub(super) async fn settled(&self, message: &Leased) {
        let (place, id) = (self.place.clone(), message.id.clone());
        let gone = "DELETE FROM service_leases WHERE place = ?1 AND id = ?2";
        let _ = self.database.run(move |connection| connection.execute(gone, params![place, id])).await;
    }

    /// What an earlier host was working on, as far as its receipts tell.
    pub(super) async fn left_behind(&self, holds: &Holds) -> Result<Vec<Leased>> {
        let (place, holds) = (self.place.clone(), holds.clone());
        self.database
            .run(move |connection| {
                connection.execute_batch(TABLE)?;
                let mut query = connection.prepare("SELECT queue, id, receipt FROM service_leases WHERE place = ?1")?;
                let rows = query.query_map([place], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
                })?;
                let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
                let leased = |(queue, id, receipt): (String, String, String)| {
                    Some(Leased {
                        queue: QueueName::parse(&queue).ok()?,
                        body: String::new(),
                        inserted: DateTime::UNIX_EPOCH,
                        expires: DateTime::UNIX_EPOCH,
                        visible: DateTime::UNIX_EPOCH,
                        dequeues: 0,
                        _hold: holds.take(&format!("{id} {receipt}"))?,
                        id,
                        receipt,
                    })
                };
                Ok(rows.into_iter().filter_map(leased).collect())
            })
            .await
    }
}

fn line(message: &Leased, receipt: &str) -> [String; 3] {
    [message.queue.to_string(), message.id.clone(), receipt.to_owned()]
}
