//! A closed loop over a few keep-alive connections, as cheap as it can be: requests are bytes made
//! beforehand, answers are read by their length, which is the same for every request.

use anyhow::{Context as _, Result};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

const CONNECTIONS: usize = 8;

pub(crate) struct Connections {
    runtime: Runtime,
    streams: Vec<TcpStream>,
    request: Vec<u8>,
    answer: String,
}

/// What one stretch of load saw.
pub(crate) struct Round {
    elapsed: Duration,
    /// Microseconds, sorted.
    latencies: Vec<u64>,
}

impl Connections {
    pub(crate) fn open(server: SocketAddr, request: &[u8]) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (streams, answer) = runtime.block_on(async {
            let mut streams = Vec::new();
            let mut answer = String::new();
            for _ in 0..CONNECTIONS {
                let mut stream = TcpStream::connect(server).await?;
                stream.set_nodelay(true)?;
                stream.write_all(request).await?;
                answer = first_answer(&mut stream).await?;
                streams.push(stream);
            }
            anyhow::Ok((streams, answer))
        })?;
        anyhow::ensure!(answer.starts_with("HTTP/1.1 200 "), "refused: {answer}");
        Ok(Self { runtime, streams, request: request.to_vec(), answer })
    }

    /// The first answer, head and body.
    pub(crate) fn answer(&self) -> &str {
        &self.answer
    }

    pub(crate) fn answer_body(&self) -> &str {
        self.answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }

    pub(crate) fn run(&mut self, length: Duration) -> Result<Round> {
        let (request, size) = (&self.request, self.answer.len());
        let begin = Instant::now();
        let loops = self.streams.iter_mut().map(|stream| drive(stream, request, size, begin + length));
        let done = self.runtime.block_on(futures::future::try_join_all(loops))?;
        Ok(Round::new(begin.elapsed(), done.into_iter().flatten().collect()))
    }
}

async fn drive(stream: &mut TcpStream, request: &[u8], size: usize, until: Instant) -> Result<Vec<u64>> {
    let mut latencies = Vec::with_capacity(1 << 16);
    let mut answer = vec![0; size];
    while Instant::now() < until {
        let begin = Instant::now();
        stream.write_all(request).await?;
        stream.read_exact(&mut answer).await?;
        latencies.push(u64::try_from(begin.elapsed().as_micros())?);
        anyhow::ensure!(
            answer.starts_with(b"HTTP/1.1 200 "),
            "refused: {}",
            String::from_utf8_lossy(&answer)
        );
    }
    Ok(latencies)
}

async fn first_answer(stream: &mut TcpStream) -> Result<String> {
    let mut answer = Vec::new();
    loop {
        anyhow::ensure!(stream.read_buf(&mut answer).await? > 0, "the server closed the connection");
        let text = std::str::from_utf8(&answer)?;
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length: ")).context("no length")?;
            if body.len() >= length.parse()? {
                return Ok(text.to_owned());
            }
        }
    }
}

impl Round {
    fn new(elapsed: Duration, mut latencies: Vec<u64>) -> Self {
        latencies.sort_unstable();
        Self { elapsed, latencies }
    }

    pub(crate) fn merge(rounds: Vec<Self>) -> Self {
        let elapsed = rounds.iter().map(|round| round.elapsed).sum();
        Self::new(elapsed, rounds.into_iter().flat_map(|round| round.latencies).collect())
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// In microseconds.
    pub(crate) fn percentile(&self, part: f64) -> f64 {
        let index = (self.latencies.len() as f64 * part) as usize;
        self.latencies.get(index).or(self.latencies.last()).copied().unwrap_or_default() as f64
    }
}
