//! Names of queues, as Azure Storage allows them (reference/azure-storage.md#queues).

use std::fmt;

/// Suffix of the queue that takes what can't be worked on (reference/functions-queues.md#failures).
const POISON: &str = "-poison";

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct QueueName(String);

impl QueueName {
    /// Lower-cases, as the host does.
    ///
    /// # Errors
    /// A sentence that names the rule that was broken.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let name = text.to_ascii_lowercase();
        let plain =
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !(3..=63).contains(&name.len())
            || !plain
            || name.starts_with('-')
            || name.ends_with('-')
            || name.contains("--")
        {
            return Err(format!(
                "\"{text}\" is not a queue name: 3 to 63 letters, digits and single dashes, no dash at \
                 either end"
            ));
        }
        Ok(Self(name))
    }

    /// The queue for what fails too often; none for a poison queue itself and for names that would become too
    /// long.
    pub(crate) fn poison(&self) -> Option<Self> {
        (!self.0.ends_with(POISON) && self.0.len() + POISON.len() <= 63)
            .then(|| Self(format!("{}{POISON}", self.0)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for QueueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[path = "queue_name_tests.rs"]
mod tests;
