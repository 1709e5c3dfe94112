//! The exit codes of each command, as its help tells them: 0 all is well, 1 something it looked at is wrong,
//! 2 it was called wrongly.

use clap::Command;

/// What 0 and 1 mean of the command of this name.
const MEANINGS: &[(&str, &str, &str)] = &[
    #[cfg(feature = "local")]
    (
        "local",
        "it was stopped by Ctrl-C or SIGTERM",
        "it can't serve, or had to stop by itself; the reason is said",
    ),
    ("init", "regrets.toml is written", "it is there already, or can't be written"),
    (
        "check",
        "the configuration is good; warnings don't count",
        "something is wrong, or an app setting is missing",
    ),
    (
        "doctor",
        "nothing that was looked at fails; warnings don't count",
        "something fails, or the deployment does not answer",
    ),
    (
        "forecast",
        "it is told, whatever limit is near",
        "the configuration is not good, or with --count the directory can't be read",
    ),
    ("schema", "it is printed", "it can't be written"),
    ("privacy", "the sheet is printed", "the configuration is not good, or nobody can tell what it is"),
    ("ledger list", LISTED, ASKED_IN_VAIN),
    ("ledger show", "it is printed", ASKED_IN_VAIN),
    ("ledger explain", "it is told", ASKED_IN_VAIN),
    ("ledger approve", DONE, ASKED_IN_VAIN),
    ("ledger ignore", DONE, ASKED_IN_VAIN),
    ("ledger retry", DONE, ASKED_IN_VAIN),
    ("status", "it is told, whatever it is: open alerts don't count", ASKED_IN_VAIN),
    ("valve", "it is told, open or not", ASKED_IN_VAIN),
    ("valve open", DONE, ASKED_IN_VAIN),
    ("valve stop", DONE, ASKED_IN_VAIN),
    ("alerts", LISTED, ASKED_IN_VAIN),
    ("alerts acknowledge", DONE, ASKED_IN_VAIN),
    (
        "alerts test",
        "every channel took it; with --json it is printed, whoever took it",
        "one did not, no channel is configured, or Regrets does not answer",
    ),
    ("mailboxes", LISTED, ASKED_IN_VAIN),
    ("consent", "it is told, granted or not", ASKED_IN_VAIN),
    ("canary", "it is told, passed or not; with --run one is begun", ASKED_IN_VAIN),
    ("publish status", "it is told", ASKED_IN_VAIN),
    ("publish preview", LISTED, ASKED_IN_VAIN),
    ("publish confirm", DONE, ASKED_IN_VAIN),
    ("publish withdraw", DONE, ASKED_IN_VAIN),
    ("publish again", DONE, ASKED_IN_VAIN),
    (
        "disconnect",
        "they are listed, or with --yes removed; also when there is none",
        "the tenant is not switched off, some are left, or Regrets does not answer; the reason is said",
    ),
    (
        "lms ping",
        "every receiver answered with 2xx",
        "one did not, a secret is missing, or the configuration is wrong",
    ),
    ("connector list", LISTED, "it can't be written"),
    ("connector show", "it is printed", "it can't be written"),
    ("connector new", "it is written", "it is there already, or can't be written"),
    ("connector check", "the file is good", "something is wrong in it, or it can't be read"),
    (
        "connector try",
        "the LMS answered with something that the file knows",
        "the file is wrong, the LMS can't be reached, or only a person can make sense of what it says",
    ),
    ("connector test", "each case comes to what it says", "one does not, or something can't be read"),
    (
        "connector record",
        "the recording is written",
        "the file is wrong, the LMS can't be reached, or the recording can't be written",
    ),
    (
        "tenant purge",
        "it is counted, or with --yes deleted; also when nothing is stored",
        "the tenant still stands in the configuration, or the ledger can't be reached",
    ),
];

const LISTED: &str = "it is listed; also when there is nothing to list";
const DONE: &str = "it is done";
const ASKED_IN_VAIN: &str =
    "Regrets does not answer, refuses it, or knows nothing of that name; the reason is said";
const CALLED_WRONGLY: &str = "it was called wrongly";

/// Lets each command's help tell them.
pub(super) fn told(command: Command) -> Command {
    told_below(command, "")
}

fn told_below(command: Command, path: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let command = names.into_iter().fold(command, |command, name| {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command.mut_subcommand(name, |sub| told_below(sub, &path))
    });
    match MEANINGS.iter().find(|(name, ..)| *name == path) {
        Some((_, well, wrong)) => {
            command.after_help(format!("Exit codes:\n  0  {well}\n  1  {wrong}\n  2  {CALLED_WRONGLY}"))
        }
        None => command,
    }
}
