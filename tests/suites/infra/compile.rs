//! `infra/compile` with a stand-in for Bicep: what it says decides.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use suites::checkout::root;

/// Says about each file what the environment holds for its name.
const BICEP: &str = r#"#!/usr/bin/env bash
echo "$*" >>"$BICEP_CALLS"
case "$2" in
    *entra/main.bicep) said=$ENTRA ;;
    *main.bicep) said=$MAIN ;;
    *) said=$PARAMETERS ;;
esac
echo '{}'
[ -z "$said" ] || echo "$said" >&2
[[ $said != *Error* ]]
"#;

fn compile(said: [&str; 3]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let (bicep, calls) = (folder.path().join("bicep"), folder.path().join("calls"));
    std::fs::write(&bicep, BICEP).unwrap();
    std::fs::set_permissions(&bicep, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let [main, entra, parameters] = said;
    let output = Command::new(root().join("infra/compile"))
        .envs([("PATH", path.as_str()), ("MAIN", main), ("ENTRA", entra), ("PARAMETERS", parameters)])
        .env("BICEP_CALLS", &calls)
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code(), said, std::fs::read_to_string(calls).unwrap_or_default())
}

#[test]
fn every_template_is_compiled_and_a_warning_is_a_failure() {
    let (code, said, calls) = compile(["", "", ""]);
    assert_eq!((code, said.as_str()), (Some(0), "bicep: 4 passed, 0 failed\n"));
    for call in
        ["build infra/main.bicep", "build infra/entra/main.bicep", "build-params infra/small.bicepparam"]
    {
        assert!(calls.contains(call), "{call}: {calls}");
    }
    let warning = "/x/main.bicep(170,16) : Warning BCP318: The value of type \"module | null\" may be null";
    for said in
        [[warning, "", ""], ["", warning, ""], ["", "", warning], ["", "", "x : Error BCP035: missing"]]
    {
        let (code, said, _) = compile(said);
        assert!(code == Some(1) && said.contains("BCP") && said.contains("failed"), "{said}");
    }
    let offline = "infra/entra/main.bicep(9,11) : Error BCP192: Unable to restore the artifact with \
                   reference \"br:mcr…\"";
    let (code, said, _) = compile(["", offline, ""]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("skipped infra/entra") && said.contains("3 passed, 0 failed"), "{said}");
}

#[test]
fn without_bicep_one_line_says_so() {
    let folder = tempfile::tempdir().unwrap();
    for tool in ["bash", "dirname"] {
        std::os::unix::fs::symlink(format!("/usr/bin/{tool}"), folder.path().join(tool)).unwrap();
    }
    let script = root().join("infra/compile");
    let output = Command::new("/usr/bin/bash").arg(script).env("PATH", folder.path()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        (output.status.code(), said.as_str()),
        (Some(0), "infra/compile: skipped, bicep is not on the PATH\n")
    );
}
