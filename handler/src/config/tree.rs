//! The settings as a tree in which every value knows its path and its place, whatever text it came from.

use super::problem::{Problem, ProblemKind};
use super::source::Place;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One setting, or a table or list of them.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) key: String,
    /// `tenant.contoso.watch.mailboxes.users[0]`
    pub(super) path: String,
    pub(super) key_at: Place,
    pub(super) at: Place,
    pub(super) value: Value,
    /// Why an override that looks like TOML was read as a plain string.
    pub(super) not_toml: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    /// `None`: beyond 64 bits.
    Integer(Option<i64>),
    Float(String),
    Boolean(bool),
    Date(String),
    List(Vec<Node>),
    Table(Vec<Node>),
}

impl Node {
    /// What stands there, for an error. Long texts are cut.
    pub(super) fn found(&self) -> String {
        match &self.value {
            Value::Text(text) if text.chars().count() > 60 => {
                format!("\"{}…\"", text.chars().take(60).collect::<String>().escape_debug())
            }
            Value::Text(text) => format!("\"{}\"", text.escape_debug()),
            Value::Integer(Some(number)) => format!("the number {number}"),
            Value::Integer(None) => "a number that is too big".to_owned(),
            Value::Float(text) => format!("the number {text}"),
            Value::Boolean(flag) => flag.to_string(),
            Value::Date(text) => format!("the date {text}"),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        }
    }

    pub(super) fn child(&self, key: &str) -> Option<&Node> {
        let Value::Table(children) = &self.value else { return None };
        children.iter().find(|child| child.key == key)
    }
}

pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Reads a whole document; whatever could be understood is returned beside the problems.
pub(super) fn document(source: usize, text: &str) -> (Node, Vec<Problem>) {
    if let Some(at) = too_deep(text) {
        let trouble = ProblemKind::Syntax(format!("a key of more than {DEEPEST} parts"));
        let problem = Problem::new(trouble).at(&Place::new(source, at), "nested too deeply");
        return (root(source, Vec::new()), vec![problem]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    // What is left open derails the parser: whatever it says after that is about the wrong thing.
    let derailed = errors.iter().position(|error| {
        ["inline table", "array", "comma", "multi-line"].iter().any(|word| error.message().contains(word))
    });
    let telling = derailed.map_or(errors.len(), |index| index + 1);
    let problems = errors
        .iter()
        .take(telling)
        .map(|error| {
            let at = Place::new(source, error.span().unwrap_or(text.len()..text.len()));
            let problem = Problem::new(ProblemKind::Syntax(error.message().to_owned())).at(&at, "here");
            let is_inside =
                ["inline table", "array", "comma"].iter().any(|word| error.message().contains(word));
            if is_inside { problem.hint("a { or [ may be left open before this place") } else { problem }
        })
        .collect();
    (root(source, children(table.get_ref(), "", source, 0)), problems)
}

fn root(source: usize, children: Vec<Node>) -> Node {
    let whole = Place::new(source, 0..0);
    Node {
        key: String::new(),
        path: String::new(),
        key_at: whole.clone(),
        at: whole,
        value: Value::Table(children),
        not_toml: None,
    }
}

/// Each part of a dotted key is a table in a table, and whoever walks through them needs a stack.
const DEEPEST: usize = 64;

/// Where a key of too many parts stands.
fn too_deep(text: &str) -> Option<std::ops::Range<usize>> {
    const PART: &str = r#"(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*"#;
    let key = regex::Regex::new(&format!("(?:{PART}){{{DEEPEST}}}")).ok()?;
    text.split_inclusive('\n')
        .scan(0, |start, line| {
            let from = *start;
            *start += line.len();
            Some((from, line))
        })
        .find_map(|(from, line)| {
            // Far most lines have fewer dots than that.
            (line.matches('.').count() >= DEEPEST)
                .then(|| key.find(line))?
                .map(|found| from + found.start()..from + found.end())
        })
}

/// Turns a parsed value into a node. `shift` is where the value's text begins in the source.
pub(super) fn node(
    value: &Spanned<DeValue<'_>>,
    key: &str,
    path: String,
    key_at: Place,
    source: usize,
    shift: usize,
) -> Node {
    let at = place(value.span(), source, shift);
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok()),
        DeValue::Float(number) => Value::Float(number.to_string()),
        DeValue::Boolean(flag) => Value::Boolean(*flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    let at = place(item.span(), source, shift);
                    node(item, &index.to_string(), format!("{path}[{index}]"), at, source, shift)
                })
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(children(table, &path, source, shift)),
    };
    Node { key: key.to_owned(), path, key_at, at, value, not_toml: None }
}

fn children(table: &DeTable<'_>, path: &str, source: usize, shift: usize) -> Vec<Node> {
    table
        .iter()
        .map(|(key, value)| {
            let key_at = place(key.span(), source, shift);
            node(value, key.get_ref(), join(path, key.get_ref()), key_at, source, shift)
        })
        .collect()
}

fn place(span: std::ops::Range<usize>, source: usize, shift: usize) -> Place {
    Place::new(source, span.start + shift..span.end + shift)
}
