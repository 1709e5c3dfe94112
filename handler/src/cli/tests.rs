use super::*;

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn help_and_version_are_well_and_a_wrong_call_is_two() {
    for (args, code) in [
        (vec!["--help"], 0),
        (vec!["--version"], 0),
        (vec!["chekc"], 2),
        (vec!["schema", "x"], 2),
        (vec!["--root"], 2),
    ] {
        let error = parse(std::iter::once("regrets").chain(args.clone()).map(OsString::from)).unwrap_err();
        assert_eq!(error.exit_code(), code, "{args:?}");
    }
}

/// The help of each command that does something, by the command's name.
fn helps(command: &clap::Command, name: &str, found: &mut Vec<(String, String)>) {
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("{name} {}", sub.get_name());
        if !sub.has_subcommands() || !sub.is_subcommand_required_set() {
            found.push((name.clone(), sub.clone().render_long_help().to_string()));
        }
        helps(sub, &name, found);
    }
}

#[test]
fn each_command_names_its_exit_codes() {
    let mut found = Vec::new();
    helps(&exit_codes::told(Cli::command()), "regrets", &mut found);
    assert!(found.len() > 15, "{found:?}");
    for (name, help) in found {
        let codes = help.split_once("Exit codes:\n").map(|(_, codes)| codes).unwrap_or_default();
        let numbers: Vec<&str> = codes.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(numbers, ["0", "1", "2"], "{name}: {help}");
    }
    let help = parse(["regrets", "check", "--help"].map(OsString::from).into_iter()).unwrap_err().to_string();
    assert!(
        help.contains("  0  the configuration is good; warnings don't count\n  1  something is wrong"),
        "{help}"
    );
}

/// Every command that does something, with its line, as OPERATIONS has it.
fn table(command: &clap::Command, name: &str, rows: &mut Vec<String>) {
    let subcommands: Vec<&clap::Command> =
        command.get_subcommands().filter(|sub| sub.get_name() != "help").collect();
    if subcommands.is_empty() || !command.is_subcommand_required_set() {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        rows.push(format!("| `{name}` | {about} |"));
    }
    for sub in subcommands {
        table(sub, &format!("{name} {}", sub.get_name()), rows);
    }
}

#[test]
#[cfg(feature = "local")]
fn the_operators_page_names_every_command_as_help_does() {
    let mut rows = Vec::new();
    for command in Cli::command().get_subcommands() {
        table(command, &format!("regrets {}", command.get_name()), &mut rows);
    }
    let page = include_str!("../../../infra/OPERATIONS.md");
    let shown: Vec<&str> = page.lines().filter(|line| line.starts_with("| `regrets ")).collect();
    assert!(rows == shown, "the table of commands in infra/OPERATIONS.md must be:\n{}", rows.join("\n"));
}
