//! Requests and answers as they are shown to whoever tries out a connector.

use crate::lms::engine::trace::{SeenAnswer, SeenRequest, Trace};
use parking_lot::Mutex;
use serde_json::Value;
use std::fmt::Write as _;

/// As much of a body as is shown, in characters.
const MOST: usize = 2_000;

#[derive(Debug, Clone)]
pub(super) enum Seen {
    Request(SeenRequest),
    Answer(SeenAnswer),
}

/// Keeps what goes by.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) seen: Mutex<Vec<Seen>>,
    pub(super) people: bool,
}

impl Trace for Kept {
    fn shows_people(&self) -> bool {
        self.people
    }

    fn request(&self, request: &SeenRequest) {
        self.seen.lock().push(Seen::Request(request.clone()));
    }

    fn answer(&self, answer: &SeenAnswer) {
        self.seen.lock().push(Seen::Answer(answer.clone()));
    }
}

impl Kept {
    pub(super) fn told(&self) -> String {
        let mut text = String::new();
        for seen in self.seen.lock().iter() {
            text.push_str(&match seen {
                Seen::Request(seen) => request(seen),
                Seen::Answer(seen) => answer(seen),
            });
        }
        text
    }
}

pub(super) fn request(seen: &SeenRequest) -> String {
    let writes = if seen.writes { ", writes" } else { "" };
    let mut text = format!("→ {}.{}{writes}: {} {}\n", seen.recipe, seen.step, seen.method, seen.url);
    body(&mut text, &seen.body);
    text
}

fn answer(seen: &SeenAnswer) -> String {
    let status = seen.status.map_or_else(|| "no answer".to_owned(), |status| format!("HTTP {status}"));
    let mut text = format!("← {status}: {}\n", seen.note);
    body(&mut text, &seen.body);
    text
}

fn body(text: &mut String, body: &str) {
    if body.is_empty() {
        return;
    }
    let shown = serde_json::from_str::<Value>(body)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| body.to_owned());
    let cut: String = shown.chars().take(MOST).collect();
    for line in cut.lines() {
        let _ = writeln!(text, "    {line}");
    }
    if cut.len() < shown.len() {
        let _ = writeln!(text, "    … ({} bytes in all)", shown.len());
    }
}
