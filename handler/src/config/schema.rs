//! The JSON Schema of `regrets.toml`, for editors that complete and check while one types.
//!
//! It says what a file may look like; contradictions and app settings are the parser's.

use super::raw::File;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;

/// The schema as a JSON document (draft 7, which the TOML language servers read).
pub fn schema() -> serde_json::Value {
    let mut schema = of::<File<'static>>();
    // A connector has settings of its own.
    if let Some(file) = schema.pointer_mut("/definitions/FileLms").and_then(serde_json::Value::as_object_mut)
    {
        file.remove("additionalProperties");
    }
    schema
}

pub(super) fn of<T: JsonSchema>() -> serde_json::Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<T>().to_value();
    drop_null(&mut schema);
    schema
}

/// TOML has no null: a key that may be left out is not required, and that is all.
fn drop_null(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            if let Some(serde_json::Value::Array(types)) = map.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".to_owned(), only);
                }
            }
            if let Some(serde_json::Value::Array(choices)) = map.get_mut("anyOf") {
                choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
                if choices.len() == 1 {
                    let only = choices.pop();
                    map.remove("anyOf");
                    map.insert("allOf".to_owned(), serde_json::Value::Array(only.into_iter().collect()));
                }
            }
            if let Some(serde_json::Value::Array(values)) = map.get_mut("enum") {
                values.retain(|value| !value.is_null());
            }
            map.values_mut().for_each(drop_null);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(drop_null),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}
