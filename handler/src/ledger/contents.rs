//! What the tables hold, for whoever tells people of it: one kind of content a table.

use crate::store::Table;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    Mailboxes,
    Links,
    Enrolments,
    Agenda,
    Audit,
    Connections,
}

impl Contents {
    /// Each table's, with the table's name. A new table asks here what is said of it.
    pub fn all() -> impl Iterator<Item = (Self, &'static str)> {
        Table::ALL.into_iter().map(|table| {
            let contents = match table {
                Table::Mailboxes => Self::Mailboxes,
                Table::Links => Self::Links,
                Table::Enrolments => Self::Enrolments,
                Table::Agenda => Self::Agenda,
                Table::Activity => Self::Audit,
                Table::Connections => Self::Connections,
            };
            (contents, table.name())
        })
    }
}
