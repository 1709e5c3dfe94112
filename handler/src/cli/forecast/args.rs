//! What `regrets forecast` is told.

use crate::config::Tenant;
use crate::jobs::operate::forecast::cost::{Instances, Prices};
use crate::jobs::operate::forecast::limits::Peak;
use crate::jobs::operate::forecast::outcome::Assumed;
use crate::jobs::operate::forecast::size::Size;
use clap::Args;
use std::path::PathBuf;

/// Tells what a tenant will ask of Graph, of the storage account and of the host in a day, how far that is
/// from each published limit, which one is reached first, and what it costs about.
///
/// It is made of the configuration and of what you say of the training: what is not said is assumed, and
/// printed. It calls nobody, but for --count. Numbers a day are means over all days of a week.
#[derive(Debug, Args)]
pub(in crate::cli) struct ForecastArgs {
    /// Of this tenant [default: the only one]
    #[arg(long, value_name = "NAME")]
    pub(super) tenant: Option<String>,
    /// Learners whose mailboxes are watched [default: those that the configuration names one by one]
    #[arg(long, value_name = "N", value_parser = amount)]
    pub(super) mailboxes: Option<f64>,
    /// Ask Graph how many learners there are, with the identity here
    #[arg(long, conflicts_with = "mailboxes")]
    pub(super) count: bool,
    /// Mailboxes that send the invitations [default: those of the configuration, at least one]
    #[arg(long, value_name = "N", value_parser = amount)]
    organizers: Option<f64>,
    /// Sessions that start in a day [default: one for 250 learners]
    #[arg(long, value_name = "N", value_parser = amount)]
    sessions: Option<f64>,
    /// Learners in a session
    #[arg(long, value_name = "N", value_parser = amount, default_value = "10")]
    learners: f64,
    /// Changes of a learner's calendar in a day that have nothing to do with training
    #[arg(long, value_name = "N", value_parser = amount, default_value = "20")]
    changes: f64,
    /// Declines in a day [default: one of twenty places]
    #[arg(long, value_name = "N", value_parser = amount)]
    declines: Option<f64>,
    /// Sessions that are given another time in a day [default: one of fifty]
    #[arg(long, value_name = "N", value_parser = amount)]
    moved: Option<f64>,
    /// Events in a year of a learner's calendar
    #[arg(long, value_name = "N", value_parser = amount, default_value = "500")]
    events: f64,
    /// Days from an invitation to its session
    #[arg(long, value_name = "DAYS", value_parser = amount, default_value = "14")]
    lead: f64,
    /// Hours that a session takes
    #[arg(long, value_name = "HOURS", value_parser = amount, default_value = "4")]
    length: f64,
    /// Of the declines, the share that takes the copy out of the calendar, as Outlook does by default
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "1")]
    removed: f64,
    /// Of what people do in a day, the share that falls into its busiest hour
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "0.2")]
    busiest_hour: f64,
    /// Memory of an instance in MB
    #[arg(long, value_name = "MB", value_parser = amount, default_value = "2048")]
    memory_mb: f64,
    /// Instances that never sleep
    #[arg(long, value_name = "N", value_parser = amount, default_value = "1")]
    always_ready: f64,
    /// Dollars for a gigabyte-second of a call
    #[arg(long, value_name = "USD", value_parser = amount,
        default_value_t = Prices::default().gigabyte_second)]
    price_gb_second: f64,
    /// Dollars for a gigabyte-second of an instance that never sleeps
    #[arg(long, value_name = "USD", value_parser = amount,
        default_value_t = Prices::default().always_ready_gigabyte_second)]
    price_ready_gb_second: f64,
    /// Dollars for a million calls
    #[arg(long, value_name = "USD", value_parser = amount,
        default_value_t = Prices::default().million_executions)]
    price_million_calls: f64,
    /// Dollars for ten thousand operations of a queue
    #[arg(long, value_name = "USD", value_parser = amount,
        default_value_t = Prices::default().ten_thousand_queue_operations)]
    price_queue: f64,
    /// Dollars for ten thousand operations of a table
    #[arg(long, value_name = "USD", value_parser = amount,
        default_value_t = Prices::default().ten_thousand_table_operations)]
    price_table: f64,
    /// Dollars for a gigabyte of the log
    #[arg(long, value_name = "USD", value_parser = amount, default_value_t = Prices::default().log_gigabyte)]
    price_log_gb: f64,
    /// Print it as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// The folder of host.json
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) root: PathBuf,
    /// The configuration's file [default: what REGRETS_CONFIG names, or regrets.toml in the root]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

/// Above this nothing is forecast: it is a slip of the finger.
const MOST: f64 = 100_000_000.0;

fn amount(given: &str) -> Result<f64, String> {
    let amount: f64 = given.parse().map_err(|_| "not a number".to_owned())?;
    match amount.is_finite() && (0.0..=MOST).contains(&amount) {
        true => Ok(amount),
        false => Err(format!("it must be between 0 and {MOST}")),
    }
}

fn share(given: &str) -> Result<f64, String> {
    match amount(given)? {
        share if share <= 1.0 => Ok(share),
        _ => Err("a share is between 0 and 1".to_owned()),
    }
}

impl ForecastArgs {
    pub(super) fn assumed(&self, tenant: &Tenant, mailboxes: f64) -> Assumed {
        let configured = tenant.watch.organizers.len().max(1) as f64;
        let usual = Size::of(mailboxes, self.organizers.unwrap_or(configured));
        let sessions = self.sessions.unwrap_or(usual.sessions);
        let size = Size {
            sessions,
            learners: self.learners,
            changes: self.changes,
            declines: self.declines.unwrap_or(sessions * self.learners / 20.0),
            moved: self.moved.unwrap_or(sessions / 50.0),
            events: self.events,
            lead_days: self.lead,
            length_hours: self.length,
            removed: self.removed,
            ..usual
        };
        Assumed {
            size,
            peak: Peak { busiest_hour: self.busiest_hour.max(1.0 / 24.0), ..Peak::default() },
            instances: Instances { memory_mb: self.memory_mb, always_ready: self.always_ready },
            prices: Prices {
                gigabyte_second: self.price_gb_second,
                million_executions: self.price_million_calls,
                always_ready_gigabyte_second: self.price_ready_gb_second,
                ten_thousand_queue_operations: self.price_queue,
                ten_thousand_table_operations: self.price_table,
                log_gigabyte: self.price_log_gb,
                ..Prices::default()
            },
        }
    }
}
