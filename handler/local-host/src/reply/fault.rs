//! Why an answer of the handler's can't be taken.

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error(
        "the handler answered {0}; the Functions host counts that as a failure and ignores the body, Outputs \
         and Logs included"
    )]
    Status(u16),
    #[error("the handler answered {0}, a redirect; the Functions host would follow it by itself or fail")]
    Redirect(u16),
    #[error(
        "the handler's answer is empty; the Functions host would hang until functionTimeout: answer {{}}"
    )]
    Empty,
    #[error(
        "the handler's answer is `null`; the Functions host would hang until functionTimeout: answer {{}}"
    )]
    Null,
    #[error("the handler's answer has Content-Type {0}; the Functions host reads application/json only")]
    ContentType(String),
    #[error("the handler's answer is not JSON ({problem}): {text}")]
    NotJson { problem: String, text: String },
    #[error("the handler's answer is not a JSON object: {0}")]
    NotObject(String),
    #[error(
        "the answer's member `{0}` would be ignored by the Functions host, which knows Outputs, Logs and \
         ReturnValue"
    )]
    Member(String),
    #[error("ReturnValue would be ignored by the Functions host, because no output is named $return")]
    ReturnValue,
    #[error("Outputs must be an object or null, but is {0}")]
    Outputs(String),
    #[error(
        "Logs must be an array of strings or null, but is {0}; the Functions host would fail to read the \
         whole answer"
    )]
    Logs(String),
    #[error(
        "Outputs.{name} would be ignored by the Functions host: function.json has no such output (case \
         counts); it has {known}"
    )]
    UnknownOutput { name: String, known: String },
    #[error("Outputs.{binding}: {problem}")]
    Response { binding: String, problem: String },
    #[error("Outputs.{binding}: {problem}; write an array of strings, one for each message")]
    Messages { binding: String, problem: String },
}

/// The first part of a text, for a log line.
pub(crate) fn short(text: &str) -> String {
    let mut cut: String = text.chars().take(200).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}
