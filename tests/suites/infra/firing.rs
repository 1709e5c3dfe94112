//! Every alert rule fires on the lines that the handler really writes, on whichever stream: the rules' own
//! queries, read as the log service reads them, are held against lines of the handler's own formatter.

use crate::source;
use crate::text::{all, inside, read, regex, words};
use regex::Regex;
use regrets::ledger::alerts::AlertKind;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};

/// One stream of the handler.
#[derive(Clone, Default)]
struct Stream(Arc<Mutex<Vec<u8>>>);

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream {
    fn lines(&self) -> Vec<String> {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap().lines().map(str::to_owned).collect()
    }
}

/// What comes on stdout and on stderr.
fn said(say: impl FnOnce()) -> (Vec<String>, Vec<String>) {
    let (out, err) = (Stream::default(), Stream::default());
    let (to_out, to_err) = (out.clone(), err.clone());
    let subscriber = regrets::telemetry::subscriber(None, move || to_out.clone(), move || to_err.clone());
    tracing::subscriber::with_default(subscriber, say);
    (out.lines(), err.lines())
}

/// How many of these traces a query finds; knows the few words that our rules are made of, and refuses
/// others.
fn found(query: &str, lines: &[String]) -> usize {
    let mut steps = query.split(" | ");
    assert_eq!(steps.next(), Some("traces"));
    let mut rows: Vec<&str> = lines.iter().map(String::as_str).collect();
    for step in steps {
        if let Some(condition) = step.strip_prefix("where ") {
            rows.retain(|row| holds(condition, row));
        } else {
            // Names for parts of the line, which `value` knows.
            assert!(
                step.starts_with("extend line = parse_json(message)") || step.contains("= tostring(line."),
                "{step}"
            );
        }
    }
    rows.len()
}

/// `a and b`, with at most one `(a or b)` in it.
fn holds(condition: &str, row: &str) -> bool {
    condition.split(" and ").all(|part| {
        match part.strip_prefix('(').and_then(|part| part.strip_suffix(')')) {
            Some(either) => either.split(" or ").any(|part| is_so(part, row)),
            None => is_so(part, row),
        }
    })
}

fn is_so(test: &str, row: &str) -> bool {
    let captured = |pattern: &str| {
        let found = kept(pattern).captures(test)?;
        Some([1, 2].map(|part| found.get(part).map(|it| it.as_str().to_owned()).unwrap_or_default()))
    };
    if let Some([begins, _]) = captured(r#"^message startswith "(.+)"$"#) {
        return row.to_lowercase().starts_with(&begins.to_lowercase());
    }
    if let Some([word, _]) = captured(r#"^message has "([\w-]+)"$"#) {
        let (row, word) = (row.to_lowercase(), word.to_lowercase());
        let ends = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let mut at = row.match_indices(&word);
        return at
            .any(|(at, _)| ends(row[..at].chars().last()) && ends(row[at + word.len()..].chars().next()));
    }
    if let Some([name, _]) = captured(r"^isnotempty\((\w+)\)$") {
        return !value(&name, row).is_empty();
    }
    if let Some([name, wanted]) = captured(r#"^(.+) == "([^"]*)"$"#) {
        return value(&name, row) == wanted;
    }
    for (pattern, wanted) in [(r"^(.+) in \((.+)\)$", true), (r"^(.+) !in \((.+)\)$", false)] {
        if let Some([name, list]) = captured(pattern)
            && !name.ends_with('!')
        {
            return all(r#""([^"]+)""#, &list).contains(&value(&name, row)) == wanted;
        }
    }
    panic!("this test does not know: {test}");
}

/// Compiled once.
fn kept(pattern: &str) -> Regex {
    static KEPT: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    KEPT.lock().unwrap().entry(pattern.to_owned()).or_insert_with(|| regex(pattern)).clone()
}

/// `alertKind`, `tostring(line.x)` or `tostring(line["x"])`.
fn value(name: &str, row: &str) -> String {
    let name = if name == "alertKind" { "tostring(line.alert)" } else { name };
    let field = kept(r#"^tostring\(line(?:\.|\[")(\w+)(?:"\])?\)$"#).captures(name);
    let field = field.unwrap_or_else(|| panic!("this test does not know: {name}"))[1].to_owned();
    let line: Value = serde_json::from_str(row).unwrap();
    line[field].as_str().unwrap_or_default().to_owned()
}

struct Rule {
    kinds: Vec<String>,
    query: String,
}

fn alert_lines() -> String {
    all(r"(?m)^var alertLines = '(.+)'$", &read("infra/modules/alerts.bicep")).remove(0)
}

fn rules() -> Vec<Rule> {
    let rules = inside(&read("infra/modules/alerts.bicep"), "var rules = [");
    let lists = all(r"kinds: \[([^\]]+)\]", &rules);
    let rule = |list: &String| {
        let kinds = words(list);
        let query = format!("{} | where alertKind in (\"{}\")", alert_lines(), kinds.join("\", \""));
        Rule { kinds, query }
    };
    lists.iter().map(rule).collect()
}

/// A rule of those that hang on no alert of the ledger.
fn watch(name: &str) -> String {
    let watches = inside(&read("infra/modules/alerts.bicep"), "var watches = [");
    let rule = watches.split(&format!("name: '{name}'")).nth(1).unwrap();
    let known: Vec<String> = rules().into_iter().flat_map(|rule| rule.kinds).collect();
    let query = all(r"(?m)query: '(.+)'$", rule).remove(0);
    query
        .replace("${alertLines}", &alert_lines())
        .replace("${quoted}", &format!("\"{}\"", known.join("\", \"")))
}

#[test]
fn every_alert_fires_on_the_lines_that_tell_it_and_arrives_as_a_warning_or_an_error() {
    let step = "Warn somebody.";
    let (rules, other) = (rules(), watch("other"));
    let mut kinds: BTreeSet<String> = AlertKind::ALL.iter().map(ToString::to_string).collect();
    for rule in &rules {
        for kind in &rule.kinds {
            let (out, err) = said(|| {
                // As the ledger opens it, as it says it again, and as a handler says it that has no ledger.
                tracing::warn!(tenant = "contoso", alert = kind, step, "alert");
                tracing::warn!(
                    tenant = "contoso",
                    alert = kind,
                    since = "2026-11-21T10:00:00Z",
                    step,
                    "alert is open"
                );
                tracing::error!(
                    alert = kind,
                    tenant = "-",
                    why = "a warning",
                    step,
                    "every invocation fails"
                );
            });
            assert_eq!((out.len(), err.len()), (0, 3), "{kind}");
            assert_eq!(found(&rule.query, &err), 3, "{kind}: {}", rule.query);
            let is_warning = |line: &String| line.to_lowercase().contains("warn");
            assert_eq!(err.iter().map(is_warning).collect::<Vec<_>>(), [true, true, false], "{err:?}");
            assert_eq!(rules.iter().filter(|rule| found(&rule.query, &err) > 0).count(), 1, "{kind}");
            assert_eq!(found(&other, &err), 0);
            kinds.remove(kind);
        }
    }
    assert!(kinds.is_empty(), "{kinds:?}");
    let (_, unknown) = said(|| tracing::warn!(tenant = "contoso", alert = "of-tomorrow", step, "alert"));
    assert_eq!(found(&other, &unknown), 1);
    let (out, _) = said(|| tracing::info!(tenant = "contoso", "no alert at all"));
    assert!(rules.iter().all(|rule| found(&rule.query, &out) == 0));
}

#[test]
fn the_rules_without_an_alert_of_the_ledger_fire_too() {
    let (out, err) = said(|| {
        tracing::info!(function = "renew-subscriptions", tenant = "-", outcome = "planned", "3 messages");
        tracing::error!(
            function = "renew-subscriptions",
            tenant = "-",
            outcome = "failed",
            "failed; the host will try again"
        );
    });
    let lines = [out, err].concat();
    assert_eq!(found(&watch("stopped"), &lines), 1, "only a round that was made is one");
    let messages = source::messages();
    for text in [
        "failed; the host will try again",
        "invocation failed",
        "invocation refused: the functions are not ready",
    ] {
        assert!(messages.contains(text), "{text}");
        let (_, err) = said(|| tracing::error!(function = "observe-changes", "{text}"));
        assert_eq!(found(&watch("failing"), &err), 1, "{text}");
    }
}
