use super::*;
use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn a_packaged_handler_without_the_x_bit_is_told() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(problem(root.path()), None, "no host.json");
    let host = r#"{"customHandler": {"description": {"defaultExecutablePath": "regrets"}}}"#;
    write(root.path().join("host.json"), host).unwrap();
    assert_eq!(problem(root.path()), None, "a repository holds no binary");
    let file = root.path().join("regrets");
    write(&file, "").unwrap();
    for (mode, good) in [(0o644, false), (0o744, false), (0o755, true)] {
        set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        assert_eq!(problem(root.path()).is_none(), good, "{mode:o}");
    }
}
