//! A large deployment on a storage account in Azure: 50 tenants, 100,000 mailboxes, 200,000 enrolments, and
//! an outage's backlog of 50,000 entries that are due. Does every run of a timer end in its budget, does the
//! backlog drain, does anybody starve, and what does a quiet day cost?
//!
//! The handler's own code runs in this process on tokio's paused clock: a call of the ledger takes 20 ms, one
//! of Graph 120 ms, one of an LMS 300 ms, of one tenant's 8 s. The Functions host is played as far as time
//! matters: timers on their schedule, queues, and instances, as host.json has them. Three fifths of all
//! mailboxes are one tenant's, a fourth that of the slow LMS; each of the two has two fifths of the backlog.
//! The storage account takes 20,000 requests a second, and 2,000 entities of a partition; what is beyond is
//! refused, and asked again as the handler's adapter does it (with jitter; all else is the same on every
//! machine, because what is computed takes no time).
//!
//! `cargo bench -p suites --bench pace` takes some minutes; `INSTANCES=1,4` names other numbers of instances,
//! `MAILBOXES`, `TENANTS`, `DUE` another size, `QUIET` how many quiet days are measured, and `THROTTLE=off`
//! an account that takes whatever comes. The last line is JSON.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]
#![allow(dead_code, reason = "the suite plays more of it than is measured")]

#[path = "../suites/pace/play/mod.rs"]
mod play;

use play::figures::{Backlog, Rest};
use play::host::{DISPATCH, HOUSEKEEPING, PLAN};
use play::scene::{SLOW, Scene};
use play::stage::Stage;
use serde_json::{Value, json};

fn main() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<usize>().unwrap());
    let instances = std::env::var("INSTANCES").unwrap_or_else(|_| "1,4".to_owned());
    let mut last = Value::Null;
    for instances in instances.split(',') {
        let scene = Scene {
            tenants: number("TENANTS").unwrap_or(50),
            mailboxes: number("MAILBOXES").unwrap_or(100_000),
            due: number("DUE").unwrap_or(50_000),
            instances: instances.parse().unwrap(),
            throttle: Scene::default().throttle.filter(|_| std::env::var("THROTTLE").as_deref() != Ok("off")),
            ..Scene::default()
        };
        let quiet = number("QUIET").unwrap_or(7);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        last = runtime.block_on(play(scene, quiet));
    }
    println!("{last}");
}

async fn play(scene: Scene, quiet: usize) -> Value {
    let began = std::time::Instant::now();
    let stage = Stage::new(scene.clone()).await;
    stage.invite().await;
    let before = Memory::now();
    let rest = stage.rest(quiet).await;
    rest.print(&scene);
    stage.fall_behind().await;
    let backlog = stage.come_back().await;
    backlog.print(&scene);
    let after = Memory::now();
    println!("  memory: {:.0} MiB with the ledger in it, at most {:.0}", before.now, after.most);
    println!("  played in {:.0} s", began.elapsed().as_secs_f64());
    summary(&scene, &rest, &backlog)
}

/// Of this process, in MiB.
struct Memory {
    now: f64,
    most: f64,
}

impl Memory {
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok().map(|kib| kib / 1024.0)
        };
        Self { now: of("VmRSS:").unwrap_or_default(), most: of("VmHWM:").unwrap_or_default() }
    }
}

fn summary(scene: &Scene, rest: &Rest, backlog: &Backlog) -> Value {
    let seconds = |timer: &str| backlog.longest(timer).0.as_secs_f64();
    json!({
        "tenants": scene.tenants,
        "mailboxes": scene.mailboxes,
        "enrolments": scene.enrolments(),
        "due": scene.due,
        "instances": scene.instances,
        "longest_dispatch_seconds": seconds(DISPATCH),
        "longest_plan_seconds": seconds(PLAN),
        "longest_housekeeping_seconds": seconds(HOUSEKEEPING),
        "slow_minutes": backlog.carried(SLOW).map(|time| time.num_minutes()),
        "subscriptions_listed_minutes": backlog.listed.map(|time| time.as_secs() / 60),
        "throttled": backlog.throttled.account + backlog.throttled.partition,
        "drained_minutes": backlog.drained.map(|time| time.as_secs() / 60),
        "calls_of_a_quiet_day": rest.a_day(),
        "calls_of_a_day_without_rest": rest.naive.all(),
    })
}
