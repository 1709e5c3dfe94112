//! What the webhook costs: posts per second and latency through the handler's real router over loopback HTTP, beside a bare
//! route that reads the same bytes and answers as many; then the time from process start to the first answer, and the
//! idle memory, where the binary `regrets` is built.
//!
//! Both servers run on one thread of their own, one after the other in short alternating rounds, under the same closed loop
//! of keep-alive connections. Requests are chunked, as the Functions host sends them in Azure.
//!
//! `cargo build --release -p regrets && cargo bench -p suites --bench webhook`; the last line is JSON.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod support {
    pub(crate) mod load;
    pub(crate) mod posts;
    pub(crate) mod process;
}

use anyhow::{Context as _, Result};
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use bytes::Bytes;
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use support::load::{Connections, Round};
use support::posts;

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(1000);

fn main() -> Result<()> {
    let handler = serve(posts::handler()?)?;
    let mut figures = serde_json::Map::new();
    println!("{:>8} {:>10} {:>12} {:>10} {:>10} {:>8}", "changes", "server", "posts/s", "p50 us", "p99 us", "ratio");
    for changes in [1, 100] {
        let request = posts::request(changes)?;
        let mut ours = Connections::open(handler, &request)?;
        anyhow::ensure!(ours.answer().contains("\"statusCode\":202"), "not accepted: {}", ours.answer());
        let bare = serve(bare(ours.answer_body().len()))?;
        let mut bare = Connections::open(bare, &request)?;
        ours.run(ROUND / 2)?;
        bare.run(ROUND / 2)?;
        let (mut our_rounds, mut bare_rounds, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let (a, b) = (ours.run(ROUND)?, bare.run(ROUND)?);
            ratios.push(a.per_second() / b.per_second());
            our_rounds.push(a);
            bare_rounds.push(b);
        }
        let (ours, bare, ratio) = (Round::merge(our_rounds), Round::merge(bare_rounds), median(ratios));
        print_row(changes, "handler", &ours, Some(ratio));
        print_row(changes, "bare", &bare, None);
        figures.insert(
            format!("changes_{changes}"),
            json!({ "request_bytes": request.len(), "handler": ours.figures(), "bare": bare.figures(), "ratio": ratio }),
        );
    }
    let process = support::process::measure();
    let show =
        |figure: Option<f64>, unit: &str| figure.map_or("not built".to_owned(), |figure| format!("{figure:.1} {unit}"));
    println!("process start to first answer: {}", show(process.first_answer_ms, "ms"));
    println!("process start to functions ready: {}", show(process.ready_ms, "ms"));
    println!("idle memory (VmRSS): {}", show(process.idle_mib, "MiB"));
    figures.insert("first_answer_ms".to_owned(), json!(process.first_answer_ms));
    figures.insert("ready_ms".to_owned(), json!(process.ready_ms));
    figures.insert("idle_mib".to_owned(), json!(process.idle_mib));
    println!("{}", serde_json::Value::Object(figures));
    Ok(())
}

fn print_row(changes: usize, server: &str, round: &Round, ratio: Option<f64>) {
    let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
    let (p50, p99) = (round.percentile(0.50), round.percentile(0.99));
    println!("{changes:>8} {server:>10} {:>12.0} {p50:>10} {p99:>10} {ratio:>8}", round.per_second());
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The least that a server over axum can do with a post: read it all, answer with as many bytes.
fn bare(answer_size: usize) -> axum::Router {
    let answer = Bytes::from("x".repeat(answer_size));
    let route = post(move |_body: Bytes| {
        let answer = answer.clone();
        async move { ([("content-type", "application/json")], answer) }
    });
    axum::Router::new().route("/graph-webhook", route).layer(DefaultBodyLimit::disable())
}

/// Serves on one thread that lives as long as the benchmark.
fn serve(router: axum::Router) -> Result<SocketAddr> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", 0)))?;
    let address = listener.local_addr()?;
    let run = move || {
        use axum::serve::ListenerExt as _;
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        runtime.block_on(async { axum::serve(listener, router).await })
    };
    std::thread::Builder::new().name("server".to_owned()).spawn(run).context("can't start a server")?;
    Ok(address)
}
