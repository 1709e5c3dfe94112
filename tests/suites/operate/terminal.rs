//! A person at a terminal, who asks a running Regrets.

use crate::regrets;
use simulator::stage::Stage;
use std::process::{Output, Stdio};
use suites::{address, id};
use tokio::process::Command;

/// Calls `regrets` against a stage and keeps what was typed and what was told, without the ids and times of
/// this run.
pub(super) struct Terminal<'a> {
    stage: &'a Stage,
    told: String,
}

impl<'a> Terminal<'a> {
    pub(super) fn of(stage: &'a Stage) -> Self {
        Self { stage, told: String::new() }
    }

    pub(super) async fn run(&self, args: &[&str], env: &[(&str, &str)]) -> Output {
        self.command(args, env).output().await.unwrap()
    }

    /// It ends when it is dropped.
    pub(super) fn command(&self, args: &[&str], env: &[(&str, &str)]) -> Command {
        let mut command = Command::new(regrets());
        command.args(args).env_clear().env("TZ", "UTC").current_dir(self.stage.root.parent().unwrap());
        command.env("REGRETS_URL", &self.stage.url).env("REGRETS_ADMIN_KEY", &self.stage.key);
        for (name, value) in env {
            match *value {
                "" => command.env_remove(name),
                value => command.env(name, value),
            };
        }
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    pub(super) async fn types(&mut self, args: &[&str]) {
        self.types_with(args, &[]).await;
    }

    pub(super) async fn types_with(&mut self, args: &[&str], env: &[(&str, &str)]) {
        let shown: Vec<String> = args
            .iter()
            .map(|arg| if arg.contains(' ') { format!("{arg:?}") } else { (*arg).to_owned() })
            .collect();
        let Output { status, stdout, stderr } = self.run(args, env).await;
        let (out, err) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        let code = match status.code() {
            Some(0) => String::new(),
            Some(code) => format!("(exit code {code})\n"),
            None => "(killed)\n".to_owned(),
        };
        let told = format!("$ regrets {}\n{out}{err}{code}\n", shown.join(" "));
        self.told.push_str(&self.redacted(&told));
    }

    fn redacted(&self, text: &str) -> String {
        let mut text = text.replace(&self.stage.url, "{url}");
        for name in ["ana", "ben", "cem", "dora", "eve"] {
            for session in ["4711", "4712"] {
                text = text.replace(&id(session, name), &format!("{{id of {name}}}"));
            }
            text = text.replace(id("4711", name).rsplit('.').next().unwrap(), &format!("{{hash of {name}}}"));
            if let Some(user) = self.stage.simulator.world().user_id(&address(name)) {
                text = text.replace(&user.to_string(), &format!("{{{name}'s mailbox}}"));
            }
        }
        text = text.replace(env!("CARGO_PKG_VERSION"), "{version}");
        // A second of these times is told apart from one in UTC, nothing else.
        let request = regex::Regex::new(r"request-id [0-9a-f-]{36}").unwrap();
        text = request.replace_all(&text, "request-id {request}").into_owned();
        let tokyo = regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+09:00").unwrap();
        text = tokyo.replace_all(&text, "{time}+09:00").into_owned();
        for pattern in [
            r"\d{4}-\d\d-\d\dT[0-9:.]+Z",
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00",
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC",
        ] {
            text = regex::Regex::new(pattern).unwrap().replace_all(&text, "{time}").into_owned();
        }
        // Of those that are left, Graph made the subscriptions'.
        let id = regex::Regex::new(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap();
        id.replace_all(&text, "{subscription}").into_owned()
    }

    /// What was typed and told since the last time.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.told)
    }
}
