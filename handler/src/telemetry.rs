//! Log lines: JSON on stdout, one a line. The Functions host takes every stderr line for an error (contract sheet 1.4), so
//! stderr is for what ends the process.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::ChronoUtc;

/// What is said where `RUST_LOG` does not say otherwise: ours from `info` on; the Azure SDK says what we say in our own words.
const USUAL: &str = "info,azure_core=warn,azure_identity=warn,typespec_client_core=warn";

/// Starts logging. A second call changes nothing.
pub fn start(filter: Option<&str>) {
    let filter = filter.filter(|text| !text.trim().is_empty()).unwrap_or(USUAL);
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new(USUAL));
    // A second start, as in tests that share a process, keeps the first.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_timer(ChronoUtc::new("%Y-%m-%dT%H:%M:%S%.3fZ".to_owned()))
        .with_env_filter(filter)
        .with_writer(std::io::stdout)
        .try_init();
}
