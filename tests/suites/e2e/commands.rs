//! What a person at a terminal is told: every command that asks a running Regrets, as an administrator of the LMS would call it.

use crate::{regrets, stage};
use simulator::stage::Stage;
use std::process::{Output, Stdio};
use suites::{address, becomes, decline, id, invite, known, reply, setup, watched};

/// Calls `regrets` against a stage and keeps what was typed and what was told, without the ids and times of this run.
struct Terminal<'a> {
    stage: &'a Stage,
    told: String,
}

impl Terminal<'_> {
    async fn run(&self, args: &[&str], env: &[(&str, &str)]) -> Output {
        let mut command = tokio::process::Command::new(regrets());
        command.args(args).env_clear().env("TZ", "UTC").current_dir(self.stage.root.parent().unwrap());
        command.env("REGRETS_URL", &self.stage.url).env("REGRETS_ADMIN_KEY", &self.stage.key);
        for (name, value) in env {
            match *value {
                "" => command.env_remove(name),
                value => command.env(name, value),
            };
        }
        command.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap()
    }

    async fn types(&mut self, args: &[&str]) {
        self.types_with(args, &[]).await;
    }

    async fn types_with(&mut self, args: &[&str], env: &[(&str, &str)]) {
        let shown: Vec<String> =
            args.iter().map(|arg| if arg.contains(' ') { format!("{arg:?}") } else { (*arg).to_owned() }).collect();
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
        for name in ["ana", "ben", "cem", "dora"] {
            text = text.replace(&id("4711", name), &format!("{{id of {name}}}"));
            text = text.replace(id("4711", name).rsplit('.').next().unwrap(), &format!("{{hash of {name}}}"));
            if let Some(user) = self.stage.simulator.world().user_id(&address(name)) {
                text = text.replace(&user.to_string(), &format!("{{{name}'s mailbox}}"));
            }
        }
        text = text.replace(env!("CARGO_PKG_VERSION"), "{version}");
        for pattern in [
            r"\d{4}-\d\d-\d\dT[0-9:.]+Z",
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00",
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC",
        ] {
            text = regex::Regex::new(pattern).unwrap().replace_all(&text, "{time}").into_owned();
        }
        text
    }

    /// What was typed and told since the last time.
    fn take(&mut self) -> String {
        std::mem::take(&mut self.told)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_command_says_what_is_and_what_to_do_next() {
    let names = ["ana", "ben", "cem", "dora"];
    let stage = stage(setup(&names), |world| invite(world, "4711", &names)).await;
    let world = stage.simulator.world();
    watched(&stage, 4).await;
    known(&stage, 4).await;
    decline(world, "cem", "4711");
    becomes(&stage, "4711", "cem", "done declined/organizer-copy done; gone, 1 effects").await;
    world.delete(&reply("ana", "4711")).unwrap();
    becomes(&stage, "4711", "ana", "review removed/removal -; has place, 0 effects").await;

    let mut terminal = Terminal { stage: &stage, told: String::new() };
    terminal.types(&["status"]).await;
    terminal.types(&["valve"]).await;
    terminal.types(&["valve", "stop", "--by", "olga", "--reason", "exam week"]).await;
    terminal.types(&["alerts"]).await;
    terminal.types(&["mailboxes"]).await;
    terminal.types(&["mailboxes", "--standing", "refused"]).await;
    insta::assert_snapshot!("at_a_glance", terminal.take());

    decline(world, "ben", "4711");
    becomes(&stage, "4711", "ben", "waiting declined/organizer-copy -; has place, 0 effects").await;
    terminal.types(&["ledger", "list"]).await;
    terminal.types(&["ledger", "list", "--state", "review", "--show-learners"]).await;
    terminal.types(&["ledger", "list", "--limit", "1"]).await;
    terminal.types(&["ledger", "list", "--state", "done", "--show-learners", "--json"]).await;
    terminal.types(&["ledger", "list", "--state", "expired"]).await;
    insta::assert_snapshot!("lists", terminal.take());

    let given = format!("{}.1.1", id("4711", "cem"));
    terminal.types(&["ledger", "explain", "--learner", "cem@contoso.com", "--session", "4711"]).await;
    terminal.types(&["ledger", "explain", &given]).await;
    terminal.types(&["ledger", "explain", &id("4711", "ben")]).await;
    terminal.types(&["ledger", "explain", &id("4711", "ana")]).await;
    terminal.types(&["ledger", "show", &id("4711", "dora")]).await;
    insta::assert_snapshot!("one_enrolment", terminal.take());

    let signed = ["--by", "olga", "--reason", "she told me"];
    terminal.types(&[&["ledger", "approve", &id("4711", "ana")][..], &signed].concat()).await;
    terminal.types(&[&["valve", "open"][..], &signed].concat()).await;
    becomes(&stage, "4711", "ana", "done removed/removal done; gone, 1 effects").await;
    becomes(&stage, "4711", "ben", "done declined/organizer-copy done; gone, 1 effects").await;
    terminal.types(&[&["ledger", "ignore", &id("4711", "dora")][..], &signed].concat()).await;
    terminal.types(&[&["ledger", "retry", &id("4711", "cem")][..], &signed].concat()).await;
    terminal.types(&["ledger", "explain", "--learner", "ana@contoso.com", "--session", "4711"]).await;
    terminal.types(&[&["alerts", "acknowledge", "expired"][..], &signed].concat()).await;
    terminal.types(&["alerts", "--json"]).await;
    insta::assert_snapshot!("what_a_person_says", terminal.take());

    terminal.types(&["status", "--tenant", "contosso"]).await;
    terminal.types(&["ledger", "explain", "nobody"]).await;
    terminal.types(&["ledger", "explain", "--learner", "eve@contoso.com", "--session", "4711"]).await;
    terminal.types(&["ledger", "list", "--state", "revue"]).await;
    terminal.types(&["mailboxes", "--standing", "asleep"]).await;
    terminal.types(&[&["alerts", "acknowledge", "expird"][..], &signed].concat()).await;
    terminal.types(&["valve", "stop", "--by", "olga", "--reason", " "]).await;
    terminal.types_with(&["status"], &[("REGRETS_ADMIN_KEY", "wrong")]).await;
    terminal.types_with(&["status"], &[("REGRETS_URL", "http://127.0.0.1:9")]).await;
    terminal.types_with(&["status"], &[("REGRETS_URL", "localhost:7071")]).await;
    terminal.types_with(&["status"], &[("REGRETS_ADMIN_KEY", "")]).await;
    insta::assert_snapshot!("refusals", terminal.take());
}
