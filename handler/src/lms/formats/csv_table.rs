//! A table of comma-separated values, as the list of its rows: `[{"line": 2, "session": "4711", …}]`.
//!
//! - The first line names the columns. Their order, their case and what stands between their words do not
//!   matter: `Session ID` is `session_id`.
//! - The separator is the one of `,` `;` tab and `|` that the first line has most of; a line `sep=;` before
//!   it, as spreadsheets write it, says so.
//! - UTF-8 with or without its mark, UTF-16 with its mark; what is no UTF-8 is taken for Windows-1252, as
//!   spreadsheets of Western Europe save it.
//! - A row with more or fewer values than there are columns is left out, and a doubt; so is a last line that
//!   does not end: half an address may be somebody else's.

use super::Document;
use crate::sessions::pass::Doubt;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;

const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Rows that are named one by one; a file of another shape would name each.
const NAMED: usize = 5;

/// `Err`: it is no table.
pub fn read(bytes: &[u8]) -> Result<Document, String> {
    // One kind of line end, by which lines are counted.
    let text = decoded(bytes)?.replace("\r\n", "\n");
    let (separator, text) = separator(&text);
    let mut reader =
        csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
    let columns = columns(reader.headers().map_err(|error| error.to_string())?)?;
    let mut rows = Vec::new();
    let mut doubts = Vec::new();
    let mut others = 0_usize;
    let mut last = 0;
    for record in reader.records() {
        // Texts are UTF-8 by now, and rows of any length are taken.
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        last = line;
        if record.len() != columns.len() {
            if doubts.len() < NAMED {
                let at = format!("line {line} ({} values for {} columns)", record.len(), columns.len());
                doubts.push(Doubt::Cut { at });
            } else {
                others += 1;
            }
            continue;
        }
        let mut row: Map<String, Value> = Map::new();
        for (column, value) in columns.iter().zip(&record) {
            row.insert(column.clone(), Value::String(value.trim().to_owned()));
        }
        row.insert("line".to_owned(), line.into());
        rows.push(Value::Object(row));
    }
    if others > 0 {
        doubts.push(Doubt::Cut { at: format!("{others} more lines") });
    }
    let is_open = text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
    if (is_open || !text.ends_with(['\r', '\n'])) && rows.last().is_some_and(|row| row["line"] == last) {
        rows.pop();
        doubts.push(Doubt::Cut { at: format!("line {last}, the last, which has no end,") });
    }
    Ok(Document { json: Value::Array(rows), doubts })
}

fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let bytes = bytes.get(mark..).unwrap_or_default();
    if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        return Ok(text);
    }
    if mark > 0 {
        return Err(format!("it says that it is {}, and is not", encoding.name()));
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    Ok(text)
}

/// With what is left of the text behind a line that says it.
fn separator(text: &str) -> (u8, &str) {
    let first = text.lines().next().unwrap_or_default();
    if let Some(said) = first.trim().strip_prefix("sep=").map(str::as_bytes)
        && let [separator] = said
    {
        let rest = text.get(first.len()..).unwrap_or_default();
        return (*separator, rest.trim_start_matches('\n'));
    }
    let mut is_quoted = false;
    let mut counts = [0_usize; SEPARATORS.len()];
    for byte in first.bytes() {
        is_quoted ^= byte == b'"';
        for (separator, count) in SEPARATORS.iter().zip(&mut counts) {
            *count += usize::from(byte == *separator && !is_quoted);
        }
    }
    // Of equally many the first.
    let most = SEPARATORS.iter().zip(counts).rev().max_by_key(|(_, count)| *count);
    (most.map_or(b',', |(separator, _)| *separator), text)
}

fn columns(header: &csv::StringRecord) -> Result<Vec<String>, String> {
    let columns: Vec<String> = header.iter().map(name).collect();
    let mut seen = BTreeSet::new();
    for (number, (column, written)) in columns.iter().zip(header).enumerate() {
        if column.is_empty() {
            return Err(format!("column {} has no name in the first line", number + 1));
        }
        if !seen.insert(column) {
            return Err(format!("two columns are called `{}`", written.trim()));
        }
    }
    Ok(columns)
}

/// In small letters, with one `_` for whatever stands between words.
fn name(written: &str) -> String {
    let words = written.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

#[cfg(test)]
#[path = "csv_table_tests.rs"]
mod tests;
