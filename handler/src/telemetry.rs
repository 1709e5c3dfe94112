//! Log lines: JSON on stdout, one a line. The Functions host takes every stderr line for an error (contract sheet 1.4), so
//! stderr is for what ends the process.

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::time::ChronoUtc;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// What is said where `RUST_LOG` does not say otherwise: ours from `info` on; the Azure SDK says what we say in our own words.
const USUAL: &str = "info,azure_core=warn,azure_identity=warn,typespec_client_core=warn";

/// The SDK's older generation, which the ledger in Azure Tables stands on, writes whole requests at `debug`, and of their
/// headers it shows the one that should be hidden, `Authorization`, and hides the others. No `RUST_LOG` brings that out.
const TALKATIVE: [&str; 3] = ["azure_core", "azure_storage", "azure_data_tables"];

/// Starts logging. A second call changes nothing.
pub fn start(filter: Option<&str>) {
    // A second start, as in tests that share a process, keeps the first.
    let _ = subscriber(filter, std::io::stdout).try_init();
}

fn subscriber<W>(filter: Option<&str>, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = filter.filter(|text| !text.trim().is_empty()).unwrap_or(USUAL);
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new(USUAL));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_timer(ChronoUtc::new("%Y-%m-%dT%H:%M:%S%.3fZ".to_owned()))
        .with_writer(writer);
    tracing_subscriber::registry().with(lines.with_filter(filter.and(filter_fn(keeps_secrets))))
}

fn keeps_secrets(metadata: &Metadata<'_>) -> bool {
    let krate = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::WARN || !TALKATIVE.contains(&krate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn said(filter: Option<&str>) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing::subscriber::with_default(subscriber(filter, move || writer.clone()), || {
            tracing::debug!(target: "azure_core::policies::transport", "authorization: hunter2");
            tracing::trace!(target: "azure_storage::authorization", "authorization: hunter2");
            tracing::warn!(target: "azure_core", "a warning of theirs");
            tracing::debug!(target: "regrets::store", "ours at debug");
            tracing::info!(target: "regrets::store", "ours at info");
        });
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn no_rust_log_brings_out_what_the_sdk_should_hide() {
        for filter in ["trace", "debug,azure_core=trace,azure_storage=trace"] {
            let said = said(Some(filter));
            assert!(!said.contains("hunter2"), "{filter}: {said}");
            assert!(said.contains("a warning of theirs") && said.contains("ours at debug"), "{filter}: {said}");
        }
    }

    #[test]
    fn usually_only_ours_from_info_on() {
        for filter in [None, Some(" "), Some("not=a=filter")] {
            let said = said(filter);
            assert!(
                !said.contains("ours at debug") && said.contains(r#""message":"ours at info""#),
                "{filter:?}: {said}"
            );
        }
    }
}
