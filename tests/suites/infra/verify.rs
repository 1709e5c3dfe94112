//! `infra/verify` against the real binary, with an Azure CLI that gives the answers of a good deployment, and
//! of broken ones.

use regrets::functions::names::NAMES;
use regrets::store::Table;
use simulator::stage::Stage;
use std::path::Path;
use std::process::{Command, Output};
use suites::checkout::root;
use suites::setup;

/// Answers by what it is asked; `BROKEN` names the answers that are bad ones.
const AZ: &str = r#"#!/usr/bin/env bash
broken() { [[ " ${BROKEN:-} " == *" $1 "* ]]; }
echo "$*" >>"$AZ_CALLS"
case "$*" in
    'resource show'*) state=Running; broken stopped && state=Stopped
        echo '{"id":"/subscriptions/s/app","properties":{"state":"'$state'","defaultHostName":"func.azurewebsites.net","functionAppConfig":{"runtime":{"name":"custom"},"scaleAndConcurrency":{"alwaysReady":[{"name":"http","instanceCount":1}]}}}}' ;;
    *configreferences*) status=Resolved; broken secret && status=SecretNotFound
        echo '{"value":[{"id":"/x/REGRETS_STATE_KEYS","properties":{"status":"'$status'"}}]}' ;;
    *'/functions?'*) names=$FUNCTIONS
        broken function && names=${names/dispatch-due/}
        jq -n --arg names "$names" '{value: [$names | split(" ")[] | {properties: {name: .}}]}' ;;
    'functionapp keys list'*) echo '{"functionKeys":{"default":"'$FUNCTION_KEY'"},"masterKey":"'$MASTER_KEY'"}' ;;
    *'appsettings list'*) echo '[{"name":"AzureWebJobsStorage__accountName","value":"st"}]' ;;
    'storage account show'*) shared=false; broken keys && shared=true; echo '{"allowSharedKeyAccess":'$shared'}' ;;
    'storage message put'*) broken role && { echo 'AuthorizationPermissionMismatch' >&2; exit 1; }; echo '{}' ;;
    'storage message peek'*-poison*) if broken poison; then echo '[{"content":"eA=="}]'; else echo '[]'; fi ;;
    'storage message peek'*) if broken queue; then grep -o 'content [^ ]*' "$AZ_CALLS" | tail -1 | jq -R '[{content: .[8:]}]'; else echo '[]'; fi ;;
    *'workspace list'*) echo '[{"customerId":"w"}]' ;;
    *loganalytics.io*) if broken log; then echo '{"tables":[{"rows":[["observe-changes"]]}]}'; else echo '{"tables":[{"rows":[["observe-changes"],["tend-mailboxes"],["cancel-enrolment"]]}]}'; fi ;;
    'storage table list'*) if broken table; then echo '[{"name":"activity"}]'; else jq -n --arg names "$TABLES" '[$names | split(" ")[] | {name: .}]'; fi ;;
    'storage entity query'*)
        [[ " $TABLES " == *" $(grep -o 'table-name [^ ]*' <<<"$*" | cut -d' ' -f2) "* ]] || { echo 'TableNotFound' >&2; exit 1; }
        if broken empty; then echo '{"items":[]}'; else echo '{"items":[{"Timestamp":"2026-11-21T10:00:00Z"}]}'; fi ;;
    'functionapp restart'*) ;;
    *) echo "not expected: $*" >&2; exit 1 ;;
esac
"#;

fn verify(arguments: &[&str], env: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new(root().join("infra/verify"));
    command.args(arguments).envs(env.iter().copied());
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    (status.code(), said)
}

/// True where the script's tools are missing; in CI they are not.
fn skipped() -> bool {
    let missing: Vec<&str> = ["bash", "curl", "jq"]
        .into_iter()
        .filter(|tool| Command::new(tool).arg("--version").output().is_err())
        .collect();
    assert!(missing.is_empty() || std::env::var("CI").as_deref() != Ok("true"), "missing: {missing:?}");
    if !missing.is_empty() {
        println!("skipped: missing: {missing:?}");
    }
    !missing.is_empty()
}

fn make_az(folder: &Path) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let az = folder.join("az");
    std::fs::write(&az, AZ).unwrap();
    std::fs::set_permissions(&az, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

#[test]
fn help_is_well_and_a_wrong_call_is_two() {
    if skipped() {
        return;
    }
    for (arguments, code) in [
        (&["--help"][..], 0),
        (&[], 2),
        (&["--nonsense"], 2),
        (&["--url"], 2),
        (&["-g", "group"], 2),
        (&["--url", "http://127.0.0.1:1", "--restart"], 2),
        (&["--url", "http://127.0.0.1:1", "--wait", "soon"], 2),
        (&["--url", "http://127.0.0.1:1"], 1),
    ] {
        let (found, said) = verify(arguments, &[]);
        assert_eq!(found, Some(code), "{arguments:?}: {said}");
        assert_eq!(said.contains("usage: infra/verify"), code != 1, "{arguments:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_deployment_is_well_and_of_a_broken_one_the_step_is_told() {
    if skipped() {
        return;
    }
    let regrets = Path::new(env!("CARGO_BIN_EXE_regrets-under-test"));
    let stage = Stage::start_with(regrets, setup(&["ana"]), |_| {}).await.unwrap();
    let keys = std::fs::read_to_string(stage.root.join(".regrets/keys.json")).unwrap();
    let keys: serde_json::Value = serde_json::from_str(&keys).unwrap();
    let (function, master) = (keys["function"].as_str().unwrap(), keys["master"].as_str().unwrap());

    let (code, said) =
        verify(&["--url", &stage.url, "--function-key", function, "--master-key", master], &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("ok    handshake") && said.contains("renew-subscriptions was set off"), "{said}");
    let (code, said) = verify(&["--url", &stage.url, "--function-key", "wrong"], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("FAIL  management status"), "{said}");

    let folder = tempfile::tempdir().unwrap();
    let path = make_az(folder.path());
    let calls = folder.path().join("calls");
    let (functions, tables) = (NAMES.join(" "), Table::ALL.map(Table::in_account).join(" "));
    let azure = |broken: &str, more: &[&str]| {
        // Nothing is waited for, so that each is asked exactly once, whatever the clock says.
        let mut arguments = vec!["-g", "group", "-n", "app", "--url", &stage.url, "--wait", "0"];
        arguments.extend(more);
        let env = [
            ("PATH", path.as_str()),
            ("AZ_CALLS", calls.to_str().unwrap()),
            ("BROKEN", broken),
            ("FUNCTION_KEY", function),
            ("MASTER_KEY", master),
            ("FUNCTIONS", functions.as_str()),
            ("TABLES", tables.as_str()),
        ];
        verify(&arguments, &env)
    };
    let (code, said) = azure("", &["--restart"]);
    assert_eq!(code, Some(0), "{said}");
    for line in [
        "ok    secrets",
        "ok    functions",
        "ok    start",
        "ok    regrets-changes",
        "ok    the log",
        "ok    tables",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert!(!said.contains(function) && !said.contains(master), "it prints a key: {said}");

    // Together where they don't hide one another.
    let faults = [
        ("stopped", "FAIL  the app", "az functionapp start"),
        (
            "secret",
            "FAIL  secrets            REGRETS_STATE_KEYS: SecretNotFound",
            "must exist and be enabled",
        ),
        ("function", "FAIL  functions          missing: dispatch-due", "publish the package"),
        ("keys", "FAIL  storage", "--allow-shared-key-access false"),
        ("poison", "FAIL  regrets-mailboxes", "poison-mailboxes"),
        (
            "log",
            "FAIL  the log            after 0 s no line of: tend-mailboxes cancel-enrolment",
            "Metrics Publisher",
        ),
        ("empty", "FAIL  tables", "Storage Table Data Contributor"),
        ("queue", "FAIL  regrets-cancellations", "Storage Queue Data Contributor"),
        ("role", "FAIL  regrets-changes", "one of the operators"),
    ];
    let (together, alone) = faults.split_at(7);
    let (code, said) = azure("table", &[]);
    assert!(code == Some(1) && said.contains("FAIL  tables             missing: regretsmailboxes"), "{said}");
    for faults in [together, &alone[..1], &alone[1..]] {
        let broken: Vec<&str> = faults.iter().map(|(broken, _, _)| *broken).collect();
        let (code, said) = azure(&broken.join(" "), &[]);
        assert_eq!(code, Some(1), "{broken:?}: {said}");
        for (broken, line, step) in faults {
            assert!(said.contains(line) && said.contains(step), "{broken}: {said}");
        }
    }

    // What was put into the queues is what the functions read.
    let calls = std::fs::read_to_string(&calls).unwrap();
    let contents: Vec<String> = crate::text::all(r"message put .*--content ([A-Za-z0-9+/=]+)", &calls);
    assert!(contents.len() >= 3, "{calls}");
    for content in &contents[..3] {
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, content).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let known = serde_json::from_value::<regrets::messages::Changes>(value.clone()).is_ok()
            || serde_json::from_value::<regrets::messages::Mailboxes>(value.clone()).is_ok()
            || serde_json::from_value::<regrets::messages::Cancellation>(value.clone()).is_ok();
        assert!(known && value["tenant"] == "contoso", "{value}");
    }
}
