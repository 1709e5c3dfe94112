//! What the webhook costs: posts per second and latency through the handler's real router over loopback HTTP,
//! beside a bare route that reads the same bytes and answers as many; then the time from process start to the
//! first answer, and the idle memory, of the real binary.
//!
//! Both servers run on one thread of their own, one after the other in short alternating rounds, under the
//! same closed loop of keep-alive connections. Requests are chunked, as the Functions host sends them in
//! Azure. Ratios are the median of the rounds' ratios, so that whatever else the machine does weighs on both
//! alike.
//!
//! Last, the memory that the worst posts take: of the real binary, beside a bare server that holds the same
//! bytes, each in a process of its own.
//!
//! `cargo bench -p suites --bench webhook` takes under a minute; the last line is JSON. The names of the
//! figures for posts of 100 changes end in `_100`.

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
use serde_json::{Map, Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use support::load::{Connections, Round};
use support::{posts, process};

const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_millis(1000);

/// Changes in a post, the ending of its figures' names, and the ratio to the bare route below which something
/// was spoilt by accident. It is no goal: under the real host a post costs a millisecond of the host's own
/// time.
const POSTS: [(usize, &str, f64); 2] = [(1, "", 0.40), (100, "_100", 0.20)];

const STARTS: usize = 9;
const START_AIM_MS: f64 = 25.0;
const IDLE_AIM_MIB: f64 = 30.0;

/// The most that a post may have, in bytes; and the most memory that one, and sixteen at once, may take, in
/// MiB.
const POST: usize = 4 * 1024 * 1024;
const PEAK_AIMS_MIB: (f64, f64) = (64.0, 256.0);

fn main() -> Result<()> {
    if let Ok(port) = std::env::var(process::BARE) {
        return serve_bare(port.parse()?);
    }
    let handler = serve(posts::handler()?)?;
    let mut figures = Map::new();
    println!("{:<28} {:>12} {:>12} {:>8}  aim", "", "handler", "bare route", "ratio");
    for (changes, ending, aim) in POSTS {
        compare(handler, changes, ending, aim, &mut figures)?;
    }
    let process = process::measure(STARTS)?;
    let row = |name: &str, figure: f64, unit: &str, aim: &str| {
        println!("{name:<28} {:>12} {:>12} {:>8}  {aim}", format!("{figure:.1} {unit}"), "", "");
    };
    row("start to first answer", process.start_ms, "ms", &format!("< {START_AIM_MS} ms"));
    row("start to functions ready", process.ready_ms, "ms", "");
    row("idle memory (VmRSS)", process.idle_mib, "MiB", &format!("< {IDLE_AIM_MIB} MiB"));
    figures.insert("start_ms".to_owned(), json!(rounded(process.start_ms)));
    figures.insert("ready_ms".to_owned(), json!(rounded(process.ready_ms)));
    figures.insert("idle_mib".to_owned(), json!(rounded(process.idle_mib)));
    peaks(&mut figures)?;
    println!("{}", Value::Object(figures));
    Ok(())
}

/// What the worst posts take of memory, whatever they are worth.
fn peaks(figures: &mut Map<String, Value>) -> Result<()> {
    let list =
        |item: &str| format!("{{\"value\":[{}]}}", vec![item; (POST - 12) / (item.len() + 1)].join(","));
    let genuine: Value = serde_json::from_str(&posts::wrapped(1)?)?;
    let genuine = genuine.pointer("/Data/req/Body").and_then(Value::as_str).context("no body")?;
    let genuine = genuine.trim_start_matches("{\"value\":[").trim_end_matches("]}");
    let bodies = [
        ("empty items", list("{}")),
        ("forged items", list("{\"clientState\":\"x\"}")),
        ("genuine items, all the same", list(genuine)),
        ("nesting", format!("{}{}", "[".repeat(POST / 2), "]".repeat(POST / 2))),
        (
            "one text, all escapes",
            format!("{{\"value\":[{{\"clientState\":\"{}\"}}]}}", "\\\"".repeat(POST / 2 - 20)),
        ),
        ("lists again and again", format!("{{{}}}", vec!["\"value\":[{}]"; (POST - 2) / 13].join(","))),
        ("no JSON, all escapes", "\u{1}".repeat(POST)),
    ];
    println!(
        "{:<28} {:>12} {:>12} {:>12} {:>12}",
        "peak MiB of a 4 MiB post", "one", "bare route", "sixteen", "bare route"
    );
    let mut most = (0.0_f64, 0.0_f64);
    for (what, body) in bodies {
        let (ours, bare) = (process::peaks(&body, false)?, process::peaks(&body, true)?);
        println!("{what:<28} {:>12.0} {:>12.0} {:>12.0} {:>12.0}", ours.0, bare.0, ours.1, bare.1);
        most = (most.0.max(ours.0), most.1.max(ours.1));
    }
    println!(
        "{:<28} {:>12} {:>12} {:>12}",
        "aim",
        format!("< {}", PEAK_AIMS_MIB.0),
        "",
        format!("< {}", PEAK_AIMS_MIB.1)
    );
    figures.insert("peak_one_mib".to_owned(), json!(rounded(most.0)));
    figures.insert("peak_sixteen_mib".to_owned(), json!(rounded(most.1)));
    Ok(())
}

/// A process that reads each post whole and answers.
fn serve_bare(port: u16) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        axum::serve(listener, bare(2)).await
    })?;
    Ok(())
}

/// Loads both servers in turn with posts of so many changes, prints their rows and adds their figures.
fn compare(
    handler: SocketAddr,
    changes: usize,
    ending: &str,
    aim: f64,
    figures: &mut Map<String, Value>,
) -> Result<()> {
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
    let (ours, bare, ratio) = (Round::merge(our_rounds), Round::merge(bare_rounds), process::median(ratios));
    let post = format!("{changes} change{} a post", if changes == 1 { "" } else { "s" });
    let row = |name: &str, ours: f64, bare: f64, ratio: &str| {
        println!("{:<28} {ours:>12.0} {bare:>12.0} {ratio}", format!("{post}: {name}"));
    };
    row("posts/s", ours.per_second(), bare.per_second(), &format!("{ratio:>8.2}  >= {aim:.2}"));
    row("p50 us", ours.percentile(0.50), bare.percentile(0.50), "");
    row("p99 us", ours.percentile(0.99), bare.percentile(0.99), "");
    for (server, round) in [("", &ours), ("bare_", &bare)] {
        figures.insert(format!("{server}posts_per_second{ending}"), json!(round.per_second().round()));
        figures.insert(format!("{server}p50_us{ending}"), json!(round.percentile(0.50)));
        figures.insert(format!("{server}p99_us{ending}"), json!(round.percentile(0.99)));
    }
    figures.insert(format!("ratio{ending}"), json!(rounded(ratio)));
    Ok(())
}

fn rounded(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
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
