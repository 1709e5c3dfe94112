//! The end of the host is the end of its handler.
//!
//! The host ends its handler by SIGKILL when it stops in peace. When it is killed itself, or runs out of
//! patience, nobody does that: the handler would stay behind and work beside the next one. Guarantees: a
//! handler whose parent is gone ends itself within [`LOOK`] and a little, whatever its other threads do. The
//! kernel's parent-death signal would not do: it also comes when merely the thread of the host ends that
//! started us.

use std::time::Duration;

/// How often we look. Two handlers of one app may be side by side for so long.
pub const LOOK: Duration = Duration::from_millis(200);

/// Ends the process with 1 when the process that started it is gone. To be called first of all: a parent that
/// is gone by then is not known any more.
///
/// # Errors
/// When the system has no thread to give.
pub fn end_with_the_parent() -> std::io::Result<()> {
    #[cfg(unix)]
    let is_gone = {
        let parent = std::os::unix::process::parent_id();
        move || {
            std::thread::sleep(LOOK);
            std::os::unix::process::parent_id() != parent
        }
    };
    // No parent's id is to be had here; the local host gives us a pipe as standard input, which ends with it.
    #[cfg(not(unix))]
    let is_gone = || !std::io::Read::read(&mut std::io::stdin(), &mut [0_u8; 64]).is_ok_and(|read| read > 0);
    let watch = move || {
        while !is_gone() {}
        tracing::error!("the host that started this handler is gone; the handler ends");
        std::process::exit(1);
    };
    std::thread::Builder::new().name("parent".to_owned()).spawn(watch).map(drop)
}
