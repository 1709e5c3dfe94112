//! A deployment in which nothing is wrong, and `regrets doctor` called beside it.

use super::faults::Fault;
use crate::{regrets, stage};
use chrono::{DateTime, Duration, Utc};
use regrets::enrolment::valve::Valve;
use regrets::ids::TenantName;
use regrets::ledger::mailboxes::{self, MailboxRow};
use regrets::ledger::valves;
use serde::Deserialize;
use simulator::stage::{Stage, Storage};
use simulator::{CLIENT_SECRET, LMS_SECRET, UserSeed, World};
use std::fmt;
use std::process::{Output, Stdio};
use suites::passing::ledger_of;
use suites::{address, invite, known, setup, watched};

pub(super) struct Bench {
    pub(super) stage: Stage,
}

pub(super) const CEO: &str = "ceo@contoso.com";

/// What one call told.
pub(super) struct Found {
    pub(super) code: i32,
    pub(super) lines: Vec<Line>,
    /// Where it is no diagnosis.
    pub(super) text: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Line {
    pub(super) check: String,
    pub(super) outcome: String,
    pub(super) seen: String,
    pub(super) step: Option<String>,
    pub(super) link: Option<String>,
    pub(super) because: Option<String>,
}

impl Line {
    /// Something that a person must know.
    pub(super) fn tells(&self) -> bool {
        matches!(self.outcome.as_str(), "failed" | "warning")
    }
}

impl fmt::Display for Found {
    /// What is told, and what was not looked at because of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        for line in self.lines.iter().filter(|line| line.tells()) {
            writeln!(f, "{:<8} {}: {}", line.outcome, line.check, line.seen)?;
            for more in line.step.iter().chain(&line.link) {
                writeln!(f, "         > {more}")?;
            }
        }
        let mut behind: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in &self.lines {
            let Some(because) = line.because.as_deref() else { continue };
            match behind.iter_mut().find(|(known, _)| *known == because) {
                Some((_, checks)) => checks.push(&line.check),
                None => behind.push((because, vec![&line.check])),
            }
        }
        for (because, checks) in behind {
            writeln!(f, "because of {because} not looked at: {}", checks.join(", "))?;
        }
        Ok(())
    }
}

impl Found {
    pub(super) fn whole(&self) -> String {
        self.lines.iter().map(|line| format!("{:<8} {}: {}\n", line.outcome, line.check, line.seen)).collect()
    }
}

/// One who must not be read; Exchange, and not Entra, says who may.
fn before(world: &World) {
    world.add_person("contoso.com", &UserSeed::new("Cleo", CEO)).unwrap();
    world
        .edit_user(CEO, |user| user.mailbox_state = simulator::world::directory::MailboxState::OutOfScope)
        .unwrap();
    least_rights(world);
    invite(world, "4711", &["ana", "ben"]);
}

pub(super) fn least_rights(world: &World) {
    world
        .edit_tenant("contoso.com", |tenant| {
            tenant.app.roles = ["User.Read.All", "GroupMember.Read.All"].map(str::to_owned).into();
            tenant.app.rbac_calendars = true;
        })
        .unwrap();
}

impl Bench {
    pub(super) async fn start() -> Self {
        let mut setup = setup(&["ana", "ben"]);
        // What is told of a machine of one's own; the command finds this ledger without an account.
        setup.storage = Some(Storage::Sqlite);
        // What follows the section of the policy.
        setup.policy.more.push_str(&format!("\n[tenant.contoso.doctor]\noutside = \"{CEO}\"\n"));
        let stage = stage(setup, before).await;
        watched(&stage, 2).await;
        known(&stage, 2).await;
        // A subscription that is a moment old is nobody's fault.
        let old = Utc::now() - Duration::hours(3);
        let tenant = TenantName::from("contoso");
        let aged = |row: &MailboxRow| Some(MailboxRow { renewed_at: Some(old), ..row.clone() });
        mailboxes::change_all(&ledger_of(&stage), &tenant, aged).await.unwrap();
        Self { stage }
    }

    pub(super) fn world(&self) -> &World {
        self.stage.simulator.world()
    }

    /// The configuration with a part of it replaced, beside the real one.
    pub(super) fn configuration(&self, name: &str, from: &str, to: &str) -> String {
        let text = std::fs::read_to_string(self.stage.root.join("regrets.toml")).unwrap();
        assert!(text.contains(from), "{text}");
        let file = self.stage.root.join(name);
        std::fs::write(&file, text.replacen(from, to, 1)).unwrap();
        file.display().to_string()
    }

    /// Breaks, looks, and mends again.
    pub(super) async fn under(&self, fault: &Fault) -> Found {
        (fault.breaks)(self.world());
        if let Some((state, why)) = fault.valve {
            self.turn_valve(|valve, now| valve.close(state, why.to_owned(), now)).await;
        }
        let args: Vec<&str> = fault.args.iter().map(String::as_str).collect();
        let env: Vec<(&str, &str)> =
            fault.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let found = self.look(&args, &env).await;
        if fault.valve.is_some() {
            self.turn_valve(|valve, now| valve.open(now)).await;
        }
        (fault.mends)(self.world());
        self.world().clear_faults();
        found
    }

    async fn turn_valve(&self, turn: impl Fn(&mut Valve, DateTime<Utc>)) {
        let now = Utc::now();
        let turned = |valve: &Valve| {
            let mut next = valve.clone();
            turn(&mut next, now);
            Some(next)
        };
        valves::change_valve(&ledger_of(&self.stage), &TenantName::from("contoso"), now, turned)
            .await
            .unwrap();
    }

    pub(super) async fn look(&self, args: &[&str], env: &[(&str, &str)]) -> Found {
        let Output { status, stdout, stderr } = self.run(&[args, &["--json"]].concat(), env).await;
        let (out, err) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        let code = status.code().unwrap();
        match serde_json::from_str::<Diagnosis>(&out) {
            Ok(Diagnosis { deployment, tenants }) => {
                let mut lines = deployment;
                lines.extend(tenants.into_values().flatten());
                for line in &mut lines {
                    line.seen = self.redacted(&line.seen);
                }
                Found { code, lines, text: String::new() }
            }
            Err(_) => Found { code, lines: Vec::new(), text: self.redacted(&format!("{out}{err}")) },
        }
    }

    pub(super) async fn run(&self, args: &[&str], env: &[(&str, &str)]) -> Output {
        let root = &self.stage.root;
        let mut command = tokio::process::Command::new(regrets());
        command
            .args(["doctor", "--root"])
            .arg(root)
            .args(args)
            .env_clear()
            .env("TZ", "UTC")
            .env("CONTOSO_CLIENT_SECRET", CLIENT_SECRET)
            .env("CONTOSO_LMS_SECRET", LMS_SECRET)
            .env("REGRETS_STATE_KEYS", format!("a:{}=", "A".repeat(43)))
            .env("GRAPH_ENDPOINT", self.stage.simulator.graph_url())
            .env("AZURE_AUTHORITY_HOST", self.stage.simulator.authority_url())
            .env("SSL_CERT_FILE", root.join("ca.pem"));
        for (name, value) in env {
            match *value {
                "" => command.env_remove(name),
                value => command.env(name, value),
            };
        }
        command.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap()
    }

    /// Without what is another in each run.
    pub(super) fn redacted(&self, text: &str) -> String {
        let simulator = &self.stage.simulator;
        let root = self.stage.root.display().to_string();
        let known = [
            (root.as_str(), "{root}"),
            (&self.stage.url, "{url}"),
            (simulator.graph_url(), "{graph}"),
            (simulator.lms_url(), "{lms}"),
        ];
        let text = known.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        // How a connection ended is the system's to say.
        let lost = regex::Regex::new(r"(No answer: |Connection refused).*").unwrap();
        let text = lost.replace_all(&text, "No answer");
        regex::Regex::new(r"127\.0\.0\.1:\d+").unwrap().replace_all(&text, "{address}").into_owned()
    }

    pub(super) fn refuse(&self, name: &str) -> simulator::Fault {
        simulator::Fault::MailboxRefused { mailbox: address(name) }
    }
}

#[derive(Deserialize)]
struct Diagnosis {
    deployment: Vec<Line>,
    tenants: std::collections::BTreeMap<String, Vec<Line>>,
}
