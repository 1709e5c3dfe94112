//! Exchanges written down by hand, as people read them:
//!
//! ```text
//! @token
//! > GET /users?mail=ana%40contoso.com
//!   authorization: Bearer TOKEN
//! < 200 [{"id": 7, "mail": "ana@contoso.com"}]
//! >> DELETE /places/9 {"reason": "declined"}
//! < 204
//! ```
//!
//! `@name` stands for a part that is told elsewhere. `>` begins a request that reads, `>>` one that may
//! write: method, what follows the host, and a body. `<` is its answer: a status and a body, or `lost` where
//! the connection ends instead. Lines that begin with blanks go on with what stands above: with the query
//! where they begin with `?`, `&` or `+`, with a header as long as there was no body, with the body else. A
//! request that names no header has those of every request; `authorization:` says that it has none. A table
//! (`content-type: text/csv`) ends with its last line.

use crate::replay::{Exchange, HOST, RecordedAnswer, RecordedRequest};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Scripted {
    pub exchange: Exchange,
    /// It may change something at the LMS.
    pub writes: bool,
    /// The connection ends instead of an answer.
    pub is_lost: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("`{line}`: {why}")]
pub struct ScriptError {
    pub line: String,
    pub why: &'static str,
}

/// The exchanges of a text.
pub fn exchanges(
    text: &str,
    parts: &BTreeMap<String, String>,
    headers: &BTreeMap<String, String>,
) -> Result<Vec<Scripted>, ScriptError> {
    let mut all = Vec::new();
    let mut blocks = blocks(text)?.into_iter();
    while let Some(block) = blocks.next() {
        let fail = |why| ScriptError { line: block.first.clone(), why };
        match block.mark {
            "@" => {
                let part = parts.get(block.first.trim()).ok_or_else(|| fail("no such part"))?;
                all.extend(exchanges(part, parts, headers)?);
            }
            "<" => return Err(fail("an answer without its request")),
            mark => {
                let answer = blocks.next().filter(|answer| answer.mark == "<");
                let answer = answer.ok_or_else(|| fail("a request without its answer"))?;
                all.push(exchange(mark == ">>", &block, &answer, headers)?);
            }
        }
    }
    Ok(all)
}

struct Block {
    mark: &'static str,
    first: String,
    headers: BTreeMap<String, String>,
    body: String,
}

fn blocks(text: &str) -> Result<Vec<Block>, ScriptError> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let marks = ["@", ">>", ">", "<"].into_iter();
        let begun = marks.filter_map(|mark| Some((mark, line.strip_prefix(mark)?))).next();
        match (begun, blocks.last_mut()) {
            (Some((mark, rest)), _) => {
                let (first, body) = first_and_body(mark, rest.trim());
                let (first, body) = (first.to_owned(), body.to_owned());
                blocks.push(Block { mark, first, headers: BTreeMap::new(), body });
            }
            (None, Some(last)) if line.starts_with(' ') => match header(line.trim()) {
                _ if last.body.is_empty() && line.trim().starts_with(['?', '&', '+']) => {
                    last.first.push_str(line.trim());
                }
                Some((name, value)) if last.body.is_empty() => {
                    last.headers.insert(name.to_lowercase(), value.to_owned());
                }
                _ => {
                    if !last.body.is_empty() {
                        last.body.push('\n');
                    }
                    last.body.push_str(line.trim());
                }
            },
            (None, _) => {
                let why = "neither @, >, >>, < nor a line that goes on";
                return Err(ScriptError { line: line.to_owned(), why });
            }
        }
    }
    Ok(blocks)
}

/// Method and target, or the status; and what stands behind them.
fn first_and_body<'t>(mark: &str, text: &'t str) -> (&'t str, &'t str) {
    let words = if mark.starts_with('>') { 2 } else { 1 };
    let end = text.match_indices(' ').nth(words - 1).map_or(text.len(), |(at, _)| at);
    let (first, body) = text.split_at(end);
    (first, body.trim())
}

fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(": ").or_else(|| Some((line.strip_suffix(':')?, "")))?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_name.then_some((name, value.trim()))
}

fn exchange(
    writes: bool,
    asked: &Block,
    answered: &Block,
    headers: &BTreeMap<String, String>,
) -> Result<Scripted, ScriptError> {
    let fail = |line: &str, why| ScriptError { line: line.to_owned(), why };
    let (method, target) =
        asked.first.split_once(' ').ok_or_else(|| fail(&asked.first, "no method and target"))?;
    let request = RecordedRequest {
        method: method.to_owned(),
        url: format!("{HOST}{target}"),
        headers: if asked.headers.is_empty() { headers.clone() } else { asked.headers.clone() },
        body: body(&asked.body),
    };
    let is_lost = answered.first == "lost";
    let status = if is_lost { Ok(599) } else { answered.first.parse() };
    let status = status.map_err(|_| fail(&answered.first, "neither a status nor lost"))?;
    let mut headers = answered.headers.clone();
    if let Some(of_body) = media_type(&answered.body) {
        headers.entry("content-type".to_owned()).or_insert_with(|| of_body.to_owned());
    }
    let is_table = headers.get("content-type").is_some_and(|of_body| of_body == "text/csv");
    let text = if is_table { format!("{}\n", answered.body) } else { answered.body.clone() };
    let response = RecordedAnswer { status, headers, body: body(&text) };
    Ok(Scripted { exchange: Exchange { request, response }, writes, is_lost })
}

/// Objects and lists are JSON; anything else is a text as it is.
fn body(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(json @ (Value::Object(_) | Value::Array(_))) => json,
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | Err(_) => match text {
            "" => Value::Null,
            text => Value::String(text.to_owned()),
        },
    }
}

fn media_type(body: &str) -> Option<&'static str> {
    match body.chars().next()? {
        '<' => Some("text/html"),
        '{' | '[' | '"' => Some("application/json"),
        _ => Some("text/plain"),
    }
}
