//! The answer to a batch, part by part.
//!
//! The service answers a batch with 202 whether it was done or not: what became of it stands in the parts. A
//! batch that failed has one part only, of the operation that could not be done. The client library hands
//! such an answer out as a success and drops what the part says, so it is read here before the library sees
//! it.

/// One part of the answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) status: u16,
    pub(super) body: &'a str,
}

/// The parts of a multipart answer, in order; whatever stands between them is passed over.
pub(super) fn parts(answer: &str) -> Vec<Part<'_>> {
    // A part's own text can't begin with two dashes and a name of ours in the middle of JSON: line breaks are
    // escaped there.
    let mut parts = Vec::new();
    let mut rest = answer;
    while let Some(at) = rest.find("HTTP/1.1 ") {
        let begins_a_line = rest.get(..at).is_some_and(|before| before.is_empty() || before.ends_with('\n'));
        rest = rest.get(at + "HTTP/1.1 ".len()..).unwrap_or_default();
        if !begins_a_line {
            continue;
        }
        let end = rest.find("\n--").unwrap_or(rest.len());
        let part = rest.get(..end).unwrap_or_default();
        let status = part.get(..3).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let body = ["\r\n\r\n", "\n\n"]
            .into_iter()
            .filter_map(|blank| part.split_once(blank))
            .map(|(_, body)| body)
            .next();
        parts.push(Part { status, body: body.unwrap_or_default().trim() });
        rest = rest.get(end..).unwrap_or_default();
    }
    parts
}

/// The part that says why nothing of the batch was done.
pub(super) fn failed(answer: &str) -> Option<Part<'_>> {
    parts(answer).into_iter().find(|part| !(200..300).contains(&part.status))
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
