//! A row is never refused for its size: what people and the LMS wrote is cut, and what is of no use any more
//! goes, before it is written.
//!
//! Guarantee: what fits decides nothing. Of the story the first lines stay, and more of the last ones than
//! may not be in the audit yet; of the parts those go that are over.

use crate::calendar::reading::Verdict;
use crate::enrolment::decision::Decision;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::part::Part;

/// Characters of a line of the story, or of a reason.
pub const TEXT: usize = 2_000;
/// Characters of a name.
const NAME: usize = 200;
/// Bytes of all lines together, as JSON.
const STORY: usize = 100_000;
/// Lines that stay whatever they take: the first ones, and the last ones.
const FIRST: usize = 8;
const LAST: usize = 16;
/// Parts above which those that are over go.
const PARTS: usize = 64;
/// Parts that no row has: there is no room for more.
const MOST_PARTS: usize = 250;

/// The row as it is stored.
#[must_use]
pub fn fit(mut row: Enrolment) -> Enrolment {
    for line in &mut row.story {
        cut(&mut line.text, TEXT);
        cut(&mut line.by, NAME);
    }
    let size = |row: &Enrolment| {
        row.story.iter().map(|line| json_bytes(&line.text) + json_bytes(&line.by)).sum::<usize>()
    };
    while row.story.len() > FIRST + LAST && size(&row) > STORY {
        row.story.remove(FIRST);
    }
    if let Some(review) = &mut row.attempt.review {
        cut(&mut review.why, TEXT);
    }
    if let Some(message) = row.attempt.outcome.as_mut().and_then(|outcome| outcome.message.as_mut()) {
        cut(message, TEXT);
    }
    if let Some(ignored) = &mut row.ignored {
        cut(&mut ignored.by, NAME);
    }
    let ordered = row.attempt.order.as_mut().map(|order| &mut order.decision);
    let back = row.attempt.give_back.as_mut().map(|wanted| &mut wanted.decision);
    let decisions = row.decision.iter_mut().chain(ordered).chain(back).chain(&mut row.cancelled_by);
    for Decision { by, .. } in decisions {
        by.iter_mut().for_each(|by| cut(by, NAME));
    }
    if let Some(trace) = &mut row.trace {
        cut(trace, NAME);
    }
    while row.parts.len() > PARTS {
        let over = |part: &&Part| part.reading.as_ref().is_some_and(|seen| seen.verdict == Verdict::Ended);
        let Some(oldest) =
            row.parts.iter().filter(over).min_by_key(|part| part.end).map(|part| part.key.clone())
        else {
            break;
        };
        row.parts.retain(|part| part.key != oldest);
    }
    row.parts.truncate(MOST_PARTS);
    row
}

fn cut(text: &mut String, most: usize) {
    if let Some((at, _)) = text.char_indices().nth(most) {
        let end = text.char_indices().nth(most - 1).map_or(at, |(end, _)| end);
        text.truncate(end);
        text.push('…');
    }
}

/// What a text takes as JSON.
fn json_bytes(text: &str) -> usize {
    text.chars()
        .map(|c| if c.is_control() { 6 } else { c.len_utf8() + usize::from(matches!(c, '"' | '\\')) })
        .sum()
}

#[cfg(test)]
#[path = "size_limits_tests.rs"]
mod tests;
