//! Whether a body has the shape of a sample: the same names, with values of the same types.

use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// The same names, no more and no less.
    Same,
    /// Every name of ours is in the sample, which may have more.
    Within,
    /// Every name of the sample is in ours, which may have more.
    Covers,
}

/// What differs; null fits every type, and of lists the first entries are compared.
pub fn same_shape(sample: &Value, ours: &Value, strictness: Strictness) -> Vec<String> {
    let mut findings = Vec::new();
    compare(sample, ours, strictness, "", &mut findings);
    findings
}

fn compare(sample: &Value, ours: &Value, strictness: Strictness, at: &str, findings: &mut Vec<String>) {
    if sample.is_null() || ours.is_null() {
        return;
    }
    if kind(sample) != kind(ours) {
        findings.push(format!("{at}: {} where the sample has {}", kind(ours), kind(sample)));
        return;
    }
    if let (Some(sample), Some(ours)) =
        (sample.as_array().and_then(|all| all.first()), ours.as_array().and_then(|all| all.first()))
    {
        compare(sample, ours, strictness, &format!("{at}[0]"), findings);
    }
    let (Some(sample), Some(ours)) = (sample.as_object(), ours.as_object()) else { return };
    for (name, value) in sample {
        match ours.get(name) {
            Some(own) => compare(value, own, strictness, &format!("{at}.{name}"), findings),
            None if strictness == Strictness::Within => {}
            None => findings.push(format!("{at}: {name} is missing")),
        }
    }
    for name in ours.keys().filter(|name| strictness != Strictness::Covers && !sample.contains_key(*name)) {
        findings.push(format!("{at}: {name} is not in the sample"));
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
#[path = "shape_tests.rs"]
mod tests;
