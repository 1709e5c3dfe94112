//! The local host as a whole: start, what a suite may ask of it, stop.

use crate::caller_token::Token;
use crate::chaos::{Chaos, Faults};
use crate::child::Program;
use crate::context::Context;
use crate::database::Database;
use crate::discovery::discover;
use crate::disk_queues::DiskQueues;
use crate::error::{LocalError, Result};
use crate::fatal::Fatal;
use crate::function_json::{Function, Trigger};
use crate::invoker::{Invoker, Running};
use crate::keys::Keys;
use crate::log::Log;
use crate::notifier::Notifier;
use crate::options::Options;
use crate::preparation::{complete, folders, gather};
use crate::queue_name::QueueName;
use crate::queue_store::{Depth, QueueStore, StoredMessage};
use crate::queues::Queues;
use crate::service::ServiceQueues;
use crate::supervisor::{Plan, Supervisor};
use crate::timer_status::TimerStatuses;
use crate::{admin, front, host_json, http, queue_listener, storage, timer_listener};
use axum::http::StatusCode;
use chrono::TimeDelta;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What Kestrel takes by default (reference/functions-host.md#wrapped-requests).
const BODY_LIMIT: usize = 104_857_600;

/// A running host. Dropping it is an abrupt end: the handler is killed, and what was under way is delivered
/// again when its leases are over.
pub struct LocalHost {
    context: Arc<Context>,
    url: String,
    grace: Duration,
    fatal: Fatal,
    stop: CancellationToken,
    keeper: Option<tokio::task::JoinHandle<()>>,
}

impl Drop for LocalHost {
    fn drop(&mut self) {
        self.context.closing.cancel();
        self.context.dropping.cancel();
        self.stop.cancel();
    }
}

impl LocalHost {
    /// Returns when the handler answers and all triggers are at work.
    ///
    /// # Errors
    /// A file or option that is wrong, data that another host holds, a port that is taken, a handler that
    /// doesn't start.
    pub async fn start(options: Options) -> Result<Self> {
        let (root, data) = folders(&options)?;
        let log = options.log.clone();
        let mut settings = gather(&root, &options)?;
        let config = host_json::read(&root, &settings)?;
        let functions: Vec<Arc<Function>> =
            discover(&root, &config, &settings, &log)?.into_iter().map(Arc::new).collect();

        let database = Database::open(&data)?;
        let keys = Keys::load(&data, &options.kept_secrets)?;
        let wanted = SocketAddr::new(options.bind, options.port);
        let listen = |source| LocalError::Listen { address: wanted, source };
        let listener = tokio::net::TcpListener::bind(wanted).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let url = format!("http://{address}");
        let connection = options.storage.connection(&settings)?;
        complete(&mut settings, &root, address, connection.as_ref());
        for secret in &options.kept_secrets {
            settings.set_default(&secret.setting, keys.kept(secret));
        }

        let faults = Arc::new(Faults::new(options.chaos.clone()));
        let lease = TimeDelta::from_std(options.lease).unwrap_or(TimeDelta::MAX).min(TimeDelta::days(7));
        let store: Arc<dyn QueueStore> = match &connection {
            None => Arc::new(DiskQueues::new(database.clone(), Arc::clone(&options.clock), lease)),
            Some(connection) => {
                let account = storage::account(connection)?;
                log.info(format!("queues: {}", account.place()));
                let http = options.http.clone().map_or_else(http::to_service, Ok)?;
                Arc::new(ServiceQueues::new(account, lease, http))
            }
        };
        let queues = Queues::new(store, config.queues.encoding, Arc::clone(&faults));
        queues.reach().await?;

        let (fatal, stop) = (Fatal::default(), CancellationToken::new());
        let own = options.executable.as_deref();
        let fallback = options.fallback_executable.as_deref();
        let token = Token::fresh(options.caller_token);
        let program = Program::find(&root, &config, &settings, own, fallback, token.clone(), &log)?;
        let (supervisor, keeper) = Supervisor::start(Plan {
            program,
            initialization: config.initialization,
            exit_zero: options.exit_zero,
            clock: Arc::clone(&options.clock),
            log: log.clone(),
            fatal: fatal.clone(),
            stop: stop.clone(),
        });
        let invoker = Invoker {
            supervisor,
            queues: queues.clone(),
            log: log.clone(),
            fatal: fatal.clone(),
            limit: config.function_timeout,
            running: Running::default(),
            token,
        };
        let context = Arc::new(Context {
            functions,
            config,
            keys,
            invoker,
            queues,
            statuses: TimerStatuses(database),
            faults,
            clock: Arc::clone(&options.clock),
            log,
            moved: Notifier::default(),
            body_limit: settings
                .get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT")
                .and_then(|text| text.parse().ok())
                .unwrap_or(BODY_LIMIT),
            closing: CancellationToken::new(),
            dropping: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        let host = Self { context, url, grace: options.grace, fatal, stop, keeper: Some(keeper) };
        let begun = match host.begin(listener, &data).await {
            Ok(()) => host.refused(options.ready_path.as_deref()).await,
            Err(error) => Err(error),
        };
        match begun {
            Ok(()) => Ok(host),
            Err(error) => {
                host.crash().await;
                Err(error)
            }
        }
    }

    async fn refused(&self, path: Option<&str>) -> Result<()> {
        let Some(path) = path else { return Ok(()) };
        self.refusal(path).await.map_or(Ok(()), |problems| Err(LocalError::Unfit(problems)))
    }

    async fn begin(&self, listener: tokio::net::TcpListener, data: &Path) -> Result<()> {
        let context = &self.context;
        let server = axum::serve(listener, front::router(Arc::clone(context)))
            .with_graceful_shutdown(context.closing.clone().cancelled_owned());
        context.spawn(async move { server.await });
        tokio::select! {
            reason = self.fatal.raised() => return Err(LocalError::Stopped(reason)),
            // Whether it is ready in time is the supervisor's to judge: by crashes, of which only so many are
            // allowed.
            () = context.invoker.supervisor.ready() => {}
        }
        for function in &context.functions {
            if function.has_retry {
                context.log.warning(format!(
                    "function {}: its retry policy is not run here; the next tick is its retry",
                    function.name
                ));
            }
            let (here, function) = (Arc::clone(context), Arc::clone(function));
            match function.trigger.clone() {
                Trigger::Http(_) => {}
                Trigger::Queue(trigger) => {
                    drop(context.spawn(queue_listener::listen(here, function, trigger)))
                }
                Trigger::Timer(trigger) => {
                    let prepared = timer_listener::prepare(context, function, trigger).await?;
                    drop(context.spawn(timer_listener::listen(here, prepared)));
                }
            }
        }
        self.introduce(data);
        let fatal = self.fatal.clone();
        let (closing, dropping) = (context.closing.clone(), context.dropping.clone());
        // Not among the tasks that a stop waits for.
        tokio::spawn(async move {
            tokio::select! {
                _ = fatal.raised() => {
                    closing.cancel();
                    dropping.cancel();
                }
                () = dropping.cancelled() => {}
            }
        });
        Ok(())
    }

    fn introduce(&self, data: &Path) {
        let log = &self.context.log;
        for function in &self.context.functions {
            let what = match &function.trigger {
                Trigger::Http(http) => {
                    let methods = http.methods.as_ref().map_or("any method".to_owned(), |methods| {
                        methods.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(", ")
                    });
                    format!("{methods} {}{}", self.url, http.route.path())
                }
                Trigger::Queue(queue) => format!("queue {}", queue.queue),
                Trigger::Timer(timer) => format!("timer {}", timer.schedule.as_str()),
            };
            log.info(format!("function {}: {what}", function.name));
        }
        log.info(format!("data: {} (keys in {})", data.display(), data.join("keys.json").display()));
        log.info(format!("listening on {}", self.url));
    }

    /// `http://<address>:<port>`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn keys(&self) -> &Keys {
        &self.context.keys
    }

    pub fn log(&self) -> &Log {
        &self.context.log
    }

    /// Every queue that holds a message, with the number of its messages.
    pub async fn queue_depths(&self) -> Result<BTreeMap<String, Depth>> {
        Ok(self.context.queues.depths().await?.0)
    }

    /// The messages of one queue, oldest first; changes nothing.
    pub async fn messages(&self, queue: &str) -> Result<Vec<StoredMessage>> {
        self.context.queues.peek(&name(queue)?).await
    }

    /// Sends one message, as another function's output would.
    pub async fn send(&self, queue: &str, text: &str) -> Result<()> {
        self.context
            .queues
            .send(&name(queue)?, text.as_bytes())
            .await
            .map_err(|error| LocalError::Refused(error.to_string()))
    }

    /// Puts a text on the wire as it is, without `messageEncoding`, as a foreign writer might.
    pub async fn send_wire(&self, queue: &str, wire: &str) -> Result<()> {
        let sent = self.context.queues.send_wire(&name(queue)?, wire.to_owned()).await;
        sent.map_err(|error| LocalError::Refused(error.to_string()))
    }

    /// Runs a timer or queue function once and waits for its outcome.
    pub async fn run_function(&self, name: &str, input: &str) -> Result<()> {
        let function =
            self.context.function(name).ok_or_else(|| LocalError::UnknownFunction(name.to_owned()))?;
        admin::once(&self.context, function, input).await
    }

    /// SIGKILL for the handler; it is started again, and it counts as a crash.
    pub fn kill_child(&self) {
        self.context.invoker.supervisor.kill();
    }

    /// Which start of the handler answers now, counted from 1; 0 while none does.
    pub fn child_number(&self) -> u64 {
        self.context.invoker.supervisor.number()
    }

    /// Puts other faults in force; their counts begin anew.
    pub fn set_chaos(&self, chaos: Chaos) {
        self.context.faults.set(chaos);
    }

    /// Makes every trigger look at the clock now, for whoever has moved it.
    pub fn wake(&self) {
        self.context.moved.notify();
        self.context.queues.wake_all();
    }

    /// Waits until no invocation runs and no message is visible in a queue that a function listens to.
    /// Messages that wait for a later time don't count.
    pub async fn idle(&self, patience: Duration) -> Result<()> {
        let since = Instant::now();
        loop {
            let (depths, held) = self.context.queues.depths().await?;
            let waiting: Vec<&String> = depths
                .iter()
                .filter(|(name, depth)| depth.visible > 0 && self.listens(name))
                .map(|(name, _)| name)
                .collect();
            let running = self.context.invoker.running.count();
            if waiting.is_empty() && !held && running == 0 {
                return Ok(());
            }
            if since.elapsed() >= patience {
                return Err(LocalError::Busy {
                    waited: patience,
                    left: format!("{running} invocations, messages in {waiting:?}"),
                });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn listens(&self, queue: &str) -> bool {
        self.context.functions.iter().any(|function| match &function.trigger {
            Trigger::Queue(trigger) => trigger.queue.as_str() == queue,
            Trigger::Http(_) | Trigger::Timer(_) => false,
        })
    }

    /// What the handler says that keeps it from working, where something does: on one machine nobody waits
    /// for a mended file. Where all is well, it answers this path otherwise than with 503 and `{"problems":
    /// [{"message": "…"}]}`.
    pub async fn refusal(&self, path: &str) -> Option<String> {
        let worker = self.context.invoker.supervisor.worker().await?;
        let url = format!("{}{path}", worker.base);
        let answer = self.context.invoker.token.put_on(worker.client.get(url)).send().await.ok()?;
        if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
            return None;
        }
        let reason: Refusal = answer.json().await.ok()?;
        let messages: Vec<String> = reason.problems.into_iter().map(|problem| problem.message).collect();
        Some(messages.join("\n"))
    }

    /// Waits until the host has to stop by itself; says why.
    pub async fn stopped(&self) -> String {
        self.fatal.raised().await
    }

    /// Takes on nothing new, lets running work end for the grace period, then kills the handler. What is not
    /// done by then is delivered again when its leases are over.
    pub async fn stop(mut self) {
        self.context.closing.cancel();
        self.context.tasks.close();
        let _ = tokio::time::timeout(self.grace, self.context.tasks.wait()).await;
        self.end().await;
    }

    /// Ends as a kill of the whole process would: nothing is finished, nothing is settled.
    pub async fn crash(mut self) {
        self.context.closing.cancel();
        self.end().await;
    }

    async fn end(&mut self) {
        // The invocations go first: a handler that we kill must not count as their failure.
        self.context.dropping.cancel();
        self.context.tasks.close();
        self.context.tasks.wait().await;
        self.stop.cancel();
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.await;
        }
    }

    /// Why the host stopped by itself, if it did.
    pub fn failure(&self) -> Option<String> {
        self.fatal.reason()
    }
}

#[derive(Deserialize)]
struct Refusal {
    problems: Vec<RefusedFor>,
}

#[derive(Deserialize)]
struct RefusedFor {
    message: String,
}

fn name(queue: &str) -> Result<QueueName> {
    QueueName::parse(queue).map_err(LocalError::Refused)
}
