//! Kinds of values that stand in a connector file alone.

use schemars::JsonSchema;
use std::collections::BTreeMap;

/// Texts by names of the author's own.
pub(super) type Texts = BTreeMap<String, Scalar>;

/// A text; numbers and flags are taken as they are written.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "for the schema")]
pub(super) enum Scalar {
    Text(String),
    Number(i64),
    Flag(bool),
}

/// A JSONPath, or several.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "for the schema")]
pub(super) enum PathOrPaths {
    One(String),
    Several(Vec<String>),
}

/// Any JSON; texts in it are templates.
#[derive(JsonSchema)]
pub(super) struct Json(#[allow(dead_code, reason = "for the schema")] serde_json::Value);
