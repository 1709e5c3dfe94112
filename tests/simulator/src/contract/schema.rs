//! The part of OpenAPI's schemas that the description uses: references, `allOf`, types, enumerations,
//! formats.

use serde_json::Value;

#[derive(Debug)]
pub(super) struct Schemas(Value);

impl Schemas {
    /// `root` is the whole description; references are looked up in it.
    pub(super) fn new(root: Value) -> Self {
        Self(root)
    }

    /// Follows `$ref` as far as it goes.
    pub(super) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut at = schema;
        while let Some(reference) = at.get("$ref").and_then(Value::as_str) {
            match self.0.pointer(reference.trim_start_matches('#')) {
                Some(next) => at = next,
                None => return &Value::Null,
            }
        }
        at
    }

    /// The schema and everything it takes in by `allOf`.
    fn parts<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = self.resolve(schema);
        let inner = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        std::iter::once(schema).chain(inner.flat_map(|part| self.parts(part))).collect()
    }

    /// Adds what does not fit; `at` names the place.
    pub(super) fn check(&self, value: &Value, schema: &Value, at: &str, findings: &mut Vec<String>) {
        let parts = self.parts(schema);
        if parts.contains(&&Value::Null) {
            findings.push(format!("{at}: the schema refers to nothing"));
            return;
        }
        if value.is_null() {
            // Graph's own samples have null where the metadata says collection or reference: only plain
            // values are held to it.
            let nullable = parts.iter().any(|part| part.get("nullable") == Some(&Value::Bool(true)));
            let required =
                !nullable && parts.iter().any(|part| part.get("type").is_some_and(|kind| kind != "object"));
            if required {
                findings.push(format!("{at}: null"));
            }
            return;
        }
        for part in &parts {
            if let Some(kind) = part.get("type").and_then(Value::as_str).filter(|kind| !is(value, kind)) {
                findings.push(format!("{at}: {value} is not of type {kind}"));
            }
            if let Some(all) = part.get("enum").and_then(Value::as_array).filter(|all| !all.contains(value)) {
                findings.push(format!("{at}: {value} is none of {}", Value::from(all.clone())));
            }
            if let Some(format) =
                part.get("format").and_then(Value::as_str).filter(|format| !has_format(value, format))
            {
                findings.push(format!("{at}: {value} is no {format}"));
            }
            for name in
                part.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
            {
                if value.get(name).is_none() {
                    findings.push(format!("{at}: {name} is missing"));
                }
            }
            if let (Some(items), Some(values)) = (part.get("items"), value.as_array()) {
                for (n, inner) in values.iter().enumerate() {
                    self.check(inner, items, &format!("{at}[{n}]"), findings);
                }
            }
        }
        self.check_properties(value, &parts, at, findings);
    }

    fn check_properties(&self, value: &Value, parts: &[&Value], at: &str, findings: &mut Vec<String>) {
        let described = |name: &str| parts.iter().find_map(|part| part.get("properties")?.get(name));
        if !parts.iter().any(|part| part.get("properties").is_some()) {
            return;
        }
        for (name, inner) in value.as_object().into_iter().flatten() {
            match described(name) {
                Some(schema) => self.check(inner, schema, &format!("{at}.{name}"), findings),
                // An annotation.
                None if name.contains('@') => {}
                None => findings.push(format!("{at}: {name} is not known")),
            }
        }
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn has_format(value: &Value, format: &str) -> bool {
    let Some(text) = value.as_str() else { return true };
    match format {
        "date-time" => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
        "uuid" => uuid::Uuid::parse_str(text).is_ok(),
        _ => true,
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
