//! Log lines: JSON, one a line; `WARN` and `ERROR` on stderr, the rest on stdout.
//!
//! The Functions host ranks a line by where it comes and by one word, whatever level stands in it
//! (reference/functions-host.md#log-lines): stdout is information, stderr an error, or a warning where the
//! text holds "warn" in any case. Guarantees: a `WARN` line holds that word (its level), an `ERROR` line
//! never does, and means the same to whoever reads it as JSON. A panic is one such `ERROR` line, too.

use std::io::{self, Write};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::time::ChronoUtc;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

/// What is said where `RUST_LOG` does not say otherwise: ours from `info` on; the Azure SDK says what we say
/// in our own words.
const USUAL: &str = "info,azure_core=warn,azure_identity=warn,typespec_client_core=warn";

/// The SDK's older generation, which the ledger in Azure Tables stands on, writes whole requests at `debug`,
/// and of their headers it shows the one that should be hidden, `Authorization`, and hides the others. No
/// `RUST_LOG` brings that out.
const TALKATIVE: [&str; 3] = ["azure_core", "azure_storage", "azure_data_tables"];

/// Starts logging. A second call changes nothing.
pub fn start(filter: Option<&str>) {
    // A second start, as in tests that share a process, keeps the first.
    if subscriber(filter, io::stdout, io::stderr).try_init().is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(why = panic_text(panic.payload()), place, "a panic");
        }));
    }
}

/// What a panic said.
pub fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}

/// The lines as the handler writes them, to these two instead of stdout and stderr: for whoever holds queries
/// against them.
pub fn subscriber<Out, Err>(filter: Option<&str>, out: Out, err: Err) -> impl Subscriber + Send + Sync
where
    Out: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    Err: for<'a> MakeWriter<'a> + Send + Sync + 'static,
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
        // A stream that its reader has closed is no reason to end, and stderr no place to say so.
        .log_internal_errors(false)
        .with_writer(Streams { out, err });
    tracing_subscriber::registry().with(lines.with_filter(filter.and(filter_fn(keeps_secrets))))
}

/// Each line to the stream that tells the host its severity.
struct Streams<Out, Err> {
    out: Out,
    err: Err,
}

impl<'a, Out: MakeWriter<'a>, Err: MakeWriter<'a>> MakeWriter<'a> for Streams<Out, Err> {
    type Writer = Stream<Out::Writer, Err::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Stream::Out(self.out.make_writer())
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Self::Writer {
        match *metadata.level() {
            Level::ERROR => Stream::Error(self.err.make_writer_for(metadata)),
            Level::WARN => Stream::Warning(self.err.make_writer_for(metadata)),
            Level::INFO | Level::DEBUG | Level::TRACE => Stream::Out(self.out.make_writer_for(metadata)),
        }
    }
}

enum Stream<Out, Err> {
    Out(Out),
    Warning(Err),
    Error(Err),
}

impl<Out: Write, Err: Write> Write for Stream<Out, Err> {
    /// The formatter gives a whole line at once.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self {
            Self::Out(out) => out.write(line),
            Self::Warning(err) => err.write(line),
            Self::Error(err) => err.write_all(&without_the_word(line)).map(|()| line.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Out(out) => out.flush(),
            Self::Warning(err) | Self::Error(err) => err.flush(),
        }
    }
}

/// The first letter of each "warn" as a JSON escape: a JSON text means the same with it. It stands in a
/// string, and never behind a backslash that escapes it, because `\w` is no escape of JSON.
fn without_the_word(line: &[u8]) -> Vec<u8> {
    let mut written = Vec::with_capacity(line.len() + 8);
    for (at, byte) in line.iter().enumerate() {
        let is_word = line.get(at..at + 4).is_some_and(|word| word.eq_ignore_ascii_case(b"warn"));
        match byte {
            b'w' if is_word => written.extend_from_slice(br"\u0077"),
            b'W' if is_word => written.extend_from_slice(br"\u0057"),
            _ => written.push(*byte),
        }
    }
    written
}

fn keeps_secrets(metadata: &Metadata<'_>) -> bool {
    let krate = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::WARN || !TALKATIVE.contains(&krate)
}

#[cfg(test)]
#[path = "telemetry_tests.rs"]
mod tests;
