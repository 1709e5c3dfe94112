//! Kills the handler under a stage's `regrets local`, as a machine does that ends it: without a word, at any
//! line.

use crate::stage::{Stage, StageError};

/// The host ends itself at so many crashes of its handler.
const LAST: usize = 3;

impl Stage {
    /// `kill -9` of the handler; the local host notices and starts another, and at the third kill ends
    /// itself, and is started again. `false` where none runs at the moment, or where processes can't be found
    /// (only Linux tells).
    pub async fn kill_handler(&mut self) -> Result<bool, StageError> {
        // It may end by itself meanwhile, and it takes a moment to die.
        let Some(handler) = handler_of(self.local_pid()).filter(|handler| !self.killed.contains(handler))
        else {
            return Ok(false);
        };
        if !kill(handler) {
            return Ok(false);
        }
        self.killed.insert(handler);
        if self.killed.len() == LAST {
            self.ended().await?;
        }
        Ok(true)
    }
}

/// The child of this process.
fn handler_of(parent: u32) -> Option<u32> {
    let parent = parent.to_string();
    std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // After the name in brackets: state, parent.
        let (_, rest) = stat.rsplit_once(')')?;
        let mut fields = rest.split_whitespace();
        let is_over = matches!(fields.next(), Some("Z" | "X"));
        (!is_over && fields.next() == Some(&parent)).then_some(pid)
    })
}

fn kill(pid: u32) -> bool {
    let killed =
        std::process::Command::new("sh").args(["-c", &format!("kill -9 {pid} 2>/dev/null")]).status();
    killed.is_ok_and(|status| status.success())
}
