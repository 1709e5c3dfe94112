//! The W3C trace context, so that a decline can be followed through queues: `00-<trace>-<span>-<flags>`.

/// `given` when it is a valid `traceparent` (W3C Trace Context, section 3.2), else a new one. Never anything
/// longer than 55 characters, because it comes from outside and goes into queue messages and logs.
pub fn given_or_new(given: Option<&str>) -> String {
    given.filter(|text| is_valid(text)).map_or_else(new, str::to_owned)
}

fn new() -> String {
    // Ids of nothing but zeros are invalid.
    format!("00-{:032x}-{:016x}-01", rand::random::<u128>().max(1), rand::random::<u64>().max(1))
}

fn is_valid(text: &str) -> bool {
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let is_id =
        |part: &str, length| part.len() == length && is_hex(part) && part.bytes().any(|byte| byte != b'0');
    let mut parts = text.split('-');
    let (version, trace, span, flags) = (parts.next(), parts.next(), parts.next(), parts.next());
    version == Some("00")
        && trace.is_some_and(|trace| is_id(trace, 32))
        && span.is_some_and(|span| is_id(span, 16))
        && flags.is_some_and(|flags| flags.len() == 2 && is_hex(flags))
        && parts.next().is_none()
}

#[cfg(test)]
#[path = "traceparent_tests.rs"]
mod tests;
