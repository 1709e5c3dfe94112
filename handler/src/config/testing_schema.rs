//! For tests: whether a document is good by a JSON Schema, as far as our schemas go.

use serde_json::Value;

/// What is wrong with it, each with where it stands.
pub(super) fn violations(schema: &Value, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, document, "$", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let Some(rules) = schema.as_object() else {
        if schema == &Value::Bool(false) {
            found.push(format!("{at}: nothing may stand here"));
        }
        return;
    };
    for (key, rule) in rules {
        let holds = match key.as_str() {
            "$ref" => {
                let pointer = rule.as_str().unwrap().trim_start_matches('#');
                check(root, root.pointer(pointer).unwrap(), value, at, found);
                true
            }
            "allOf" => {
                rule.as_array().unwrap().iter().for_each(|one| check(root, one, value, at, found));
                true
            }
            "anyOf" => rule.as_array().unwrap().iter().any(|one| is_good(root, one, value)),
            "oneOf" => rule.as_array().unwrap().iter().filter(|one| is_good(root, one, value)).count() == 1,
            "if" => {
                let then = if is_good(root, rule, value) { "then" } else { "else" };
                if let Some(then) = rules.get(then) {
                    check(root, then, value, at, found);
                }
                true
            }
            "const" => rule == value,
            "enum" => rule.as_array().unwrap().contains(value),
            "type" => match rule.as_array() {
                Some(kinds) => kinds.iter().any(|kind| is_of(kind, value)),
                None => is_of(rule, value),
            },
            "pattern" => value.as_str().is_none_or(|text| matches(rule, text)),
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
            "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
            "minProperties" => value.as_object().is_none_or(|map| map.len() as u64 >= rule.as_u64().unwrap()),
            "maxProperties" => value.as_object().is_none_or(|map| map.len() as u64 <= rule.as_u64().unwrap()),
            "required" => value.as_object().is_none_or(|map| {
                rule.as_array().unwrap().iter().all(|key| map.contains_key(key.as_str().unwrap()))
            }),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, item, &format!("{at}[{index}]"), found);
                }
                true
            }
            "propertyNames" => {
                let names = value.as_object().into_iter().flat_map(|map| map.keys());
                names.for_each(|name| check(root, rule, &Value::String(name.clone()), at, found));
                true
            }
            "properties" => {
                for (name, entry) in value.as_object().into_iter().flatten() {
                    if let Some(rule) = rule.get(name) {
                        check(root, rule, entry, &format!("{at}.{name}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                for (name, entry) in value.as_object().into_iter().flatten() {
                    if rules.get("properties").is_none_or(|known| known.get(name).is_none()) {
                        check(root, rule, entry, &format!("{at}.{name}"), found);
                    }
                }
                true
            }
            "$schema" | "$id" | "title" | "description" | "default" | "definitions" | "examples"
            | "format" | "then" | "else" => true,
            other => panic!("this checker does not know {other}"),
        };
        if !holds {
            found.push(format!("{at}: {key} {rule}"));
        }
    }
}

fn is_good(root: &Value, schema: &Value, value: &Value) -> bool {
    let mut found = Vec::new();
    check(root, schema, value, "", &mut found);
    found.is_empty()
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("this checker does not know the type {other}"),
    }
}

/// A look ahead is beyond our library: what it is part of is taken as good.
fn matches(pattern: &Value, text: &str) -> bool {
    regex::Regex::new(pattern.as_str().unwrap()).ok().is_none_or(|pattern| pattern.is_match(text))
}
