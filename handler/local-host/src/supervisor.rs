//! Keeps one handler process alive: readiness, crashes, restarts, kills
//! (reference/functions-host.md#exit-codes).

use crate::child::{Program, Started, Tail};
use crate::clock::Clock;
use crate::fatal::Fatal;
use crate::http;
use crate::log::Log;
use crate::options::ExitZero;
use chrono::{DateTime, TimeDelta, Utc};
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Child;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const PROBE: Duration = Duration::from_millis(25);
/// The last of so many crashes ends the host, too.
const MOST_CRASHES: u32 = 3;
/// Crashes are forgotten when the last one is older than this.
const MEMORY: TimeDelta = TimeDelta::minutes(30);

/// A handler process that answers.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    /// `http://127.0.0.1:<port>`
    pub(crate) base: String,
    pub(crate) client: reqwest::Client,
    /// Counts starts, from 1.
    pub(crate) number: u64,
}

pub(crate) struct Plan {
    pub(crate) program: Program,
    pub(crate) initialization: Duration,
    pub(crate) exit_zero: ExitZero,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) log: Log,
    pub(crate) fatal: Fatal,
    pub(crate) stop: CancellationToken,
}

#[derive(Debug)]
enum Order {
    /// A time-out: kill this start of the handler and begin another; not a crash.
    Replace { number: u64 },
    /// A suite's kill: the handler crashes.
    Kill,
}

/// The handle by which others reach the handler.
#[derive(Clone)]
pub(crate) struct Supervisor {
    worker: watch::Receiver<Option<Worker>>,
    orders: mpsc::UnboundedSender<Order>,
    patience: Duration,
}

impl Supervisor {
    /// The task ends when `plan.stop` is cancelled or the host has to stop, and has killed the handler then.
    pub(crate) fn start(plan: Plan) -> (Self, tokio::task::JoinHandle<()>) {
        let (publish, worker) = watch::channel(None);
        let (orders, inbox) = mpsc::unbounded_channel();
        let patience = plan.initialization * 4;
        let task = tokio::spawn(async move {
            Keeper { plan, publish, inbox, crashes: 0, last_crash: None }.keep().await
        });
        (Self { worker, orders, patience }, task)
    }

    /// The handler, as soon as it answers. None after four times the initialization time-out.
    pub(crate) async fn worker(&self) -> Option<Worker> {
        let mut worker = self.worker.clone();
        let ready = tokio::time::timeout(self.patience, worker.wait_for(Option::is_some)).await;
        ready.ok()?.ok()?.clone()
    }

    /// Ends when the handler answers for the first time, however long that takes.
    pub(crate) async fn ready(&self) {
        if self.worker.clone().wait_for(Option::is_some).await.is_err() {
            // The keeper has given up; it has raised the reason.
            std::future::pending::<()>().await;
        }
    }

    pub(crate) fn replace(&self, number: u64) {
        // A keeper that is gone has killed its handler already.
        let _ = self.orders.send(Order::Replace { number });
    }

    pub(crate) fn kill(&self) {
        let _ = self.orders.send(Order::Kill);
    }

    /// The start that answers now; 0 while none does.
    pub(crate) fn number(&self) -> u64 {
        self.worker.borrow().as_ref().map_or(0, |worker| worker.number)
    }
}

struct Keeper {
    plan: Plan,
    publish: watch::Sender<Option<Worker>>,
    inbox: mpsc::UnboundedReceiver<Order>,
    crashes: u32,
    last_crash: Option<DateTime<Utc>>,
}

/// How one start of the handler ended.
enum End {
    Exited(ExitStatus),
    Killed,
    Replaced,
    TooSlow,
    Stopped,
}

impl Keeper {
    async fn keep(mut self) {
        let mut port = None;
        for number in 1.. {
            let mut handler = match self.start(&mut port) {
                Ok(started) => started,
                Err(problem) => return self.plan.fatal.raise(problem),
            };
            let base = format!("http://127.0.0.1:{}", port.unwrap_or_default());
            let started = Instant::now();
            let mut answered = false;
            let end = match self.await_ready(&mut handler.child, &base, number).await {
                Ok(worker) => {
                    answered = true;
                    self.publish.send_replace(Some(worker));
                    self.watch(&mut handler.child, number).await
                }
                Err(end) => {
                    // Someone else may have taken the port between our choice and the handler's bind.
                    port = None;
                    end
                }
            };
            self.publish.send_replace(None);
            if !matches!(end, End::Exited(_)) {
                // Waits for the end too: no two handlers at once.
                let _ = handler.child.kill().await;
            }
            let goes_on = self.judge(&end, &handler.tail);
            if !goes_on {
                return;
            }
            if !answered && started.elapsed() < Duration::from_secs(1) {
                // A handler that leaves at once without a crash would be restarted in a hot loop.
                tokio::time::sleep(PROBE * 4).await;
            }
        }
    }

    fn start(&self, port: &mut Option<u16>) -> Result<Started, String> {
        let number = match *port {
            Some(number) => number,
            None => free_port().map_err(|error| format!("no free port for the handler: {error}"))?,
        };
        *port = Some(number);
        self.plan.program.start(number).map_err(|error| {
            let hint = if error.kind() == std::io::ErrorKind::PermissionDenied {
                "; is its x bit set (chmod +x)?"
            } else {
                ""
            };
            format!("{} can't be started: {error}{hint}", self.plan.program.executable.display())
        })
    }

    /// Any HTTP answer is readiness; refused means try again; another transport error counts as an answer.
    async fn await_ready(&mut self, child: &mut Child, base: &str, number: u64) -> Result<Worker, End> {
        // One for each start of the handler, so that no pooled connection leads to a dead one.
        let Ok(client) = http::to_handler() else { return Err(End::TooSlow) };
        let deadline = Instant::now() + self.plan.initialization;
        let probe = {
            let (client, url, token) = (client.clone(), format!("{base}/"), self.plan.program.token.clone());
            async move {
                loop {
                    match tokio::time::timeout_at(deadline, token.put_on(client.get(&url)).send()).await {
                        Err(_) => return false,
                        Ok(Err(error)) if error.is_connect() => {}
                        Ok(Ok(_) | Err(_)) => return true,
                    }
                    if Instant::now() >= deadline {
                        return false;
                    }
                    tokio::time::sleep(PROBE).await;
                }
            }
        };
        tokio::select! {
            answered = probe => {
                let worker = Worker { base: base.to_owned(), client, number };
                if answered { Ok(worker) } else { Err(End::TooSlow) }
            }
            end = self.watch(child, number) => Err(end),
        }
    }

    async fn watch(&mut self, child: &mut Child, number: u64) -> End {
        let mut gone = false;
        loop {
            tokio::select! {
                () = self.plan.stop.cancelled() => return End::Stopped,
                status = child.wait(), if !gone => match status {
                    Ok(status) if status.code() == Some(0) && self.plan.exit_zero == ExitZero::Ignore => {
                        self.plan.log.warning("the handler exited with 0, which the Functions host does not \
                                               notice: every invocation fails from now on");
                        gone = true;
                    }
                    Ok(status) => return End::Exited(status),
                    // The system can't tell us: what we don't know to be alive is replaced.
                    Err(_) => return End::Killed,
                },
                order = self.inbox.recv() => match order {
                    Some(Order::Kill) => return End::Killed,
                    Some(Order::Replace { number: meant }) if meant == number => return End::Replaced,
                    Some(Order::Replace { .. }) => {}
                    None => return End::Stopped,
                },
            }
        }
    }

    /// Whether the handler is to be started again.
    fn judge(&mut self, end: &End, tail: &Tail) -> bool {
        let log = self.plan.log.clone();
        match end {
            End::Stopped => false,
            End::Replaced => {
                log.info("the handler was killed because of a time-out and is started again");
                true
            }
            End::Exited(status) if matches!(status.code(), Some(0 | 200)) => {
                log.info(format!("the handler left ({status}) and is started again"));
                true
            }
            End::Exited(status) => self.crash(&format!("the handler crashed ({status}){}", tail.text())),
            End::Killed => self.crash("the handler was killed"),
            End::TooSlow => {
                let limit = self.plan.initialization;
                self.crash(&format!(
                    "the handler did not answer `GET /` on FUNCTIONS_CUSTOMHANDLER_PORT within {limit:?}{}",
                    tail.text()
                ))
            }
        }
    }

    fn crash(&mut self, what: &str) -> bool {
        let now = self.plan.clock.now();
        if self.last_crash.is_some_and(|last| now - last > MEMORY) {
            self.crashes = 0;
        }
        self.crashes = self.crashes.saturating_add(1);
        self.last_crash = Some(now);
        let (count, most) = (self.crashes, MOST_CRASHES);
        self.plan.log.error(format!("{what}; crash {count} of at most {most}"));
        if count >= most {
            self.plan.fatal.raise(format!(
                "{what}, and that was crash {count}: the limit is {most}, none \
                                           more than 30 minutes after the one before"
            ));
            return false;
        }
        true
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
