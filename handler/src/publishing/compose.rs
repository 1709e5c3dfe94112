//! What an event says: the session's own words, between when it is and what declining does, in the learner's
//! language ([`super::words`]), or in the tenant's own words ([`super::learner_text`]); to instructors, how
//! many come, or who.

use super::content::{Attendee, AttendeeKind, Content, Place as Where};
use super::join_link::JoinLink;
use super::learner_text::Says;
use super::words::{self, Attending, Words};
use crate::ids::Address;
use crate::sessions::place::Place;
use crate::sessions::session::{Part, Session};
use crate::sessions::words::Language;
use chrono::TimeDelta;
use std::collections::BTreeMap;
use url::Url;

/// What Exchange takes of a subject, and of a place's name.
const SUBJECT: usize = 255;

/// What a learner's event says of the way into the meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayIn {
    /// The LMS's own link.
    Link,
    /// Our page in its place.
    Page(JoinLink),
    /// Nothing: others have it.
    Nothing,
}

/// `None`: there is nobody to write to.
pub fn for_learner(
    session: &Session,
    part: &Part,
    place: &Place,
    (words, way): (&Words, &WayIn),
) -> Option<Content> {
    let person = place.person().ok()?;
    let address = person.address.clone().filter(|address| address.is_smtp())?;
    let learner = Attendee { name: person.name.clone(), kind: AttendeeKind::Learner };
    let title = title(session, part);
    let language = person.language.as_deref().and_then(Language::of).unwrap_or(words.language);
    let (link, known_as) = match (&part.link, way) {
        (Some(link), WayIn::Link) => (Some(link.clone()), None),
        (Some(_), WayIn::Page(page)) => (Some(page.address.clone()), Some(page.name.clone())),
        (Some(_), WayIn::Nothing) | (None, _) => (None, None),
    };
    let says = known_as.as_ref().map(|_| words::of_page(language));
    let of_ours = || text(session, part, (&title, link.as_ref(), says), (language, words.gives_back));
    let own = words.texts.of(language).and_then(|own| {
        let giving_back = words.gives_back.map(|until| words::giving_back(language, &part.span, until));
        let link = link.as_ref().map(|link| escaped(link.as_str()).replace('\'', "&#39;"));
        own.render(&Says {
            name: learner.name.as_deref().unwrap_or_default(),
            title: &title,
            when: &words::when(language, &part.span),
            description: &described(session).unwrap_or_default(),
            place: part.venue.as_ref().map(|venue| venue.name.as_str()).unwrap_or_default(),
            link: link.as_deref().unwrap_or_default(),
            of_link: says.unwrap_or_default(),
            giving_back: giving_back.as_deref().unwrap_or_default(),
        })
    });
    Some(Content {
        span: part.span.clone(),
        text: own.unwrap_or_else(of_ours),
        also: String::new(),
        title: cut(&title),
        place: place_of(part),
        link,
        known_as,
        attendees: [(address, learner)].into(),
        online: false,
        hides_attendees: false,
    })
}

/// The session's own event. `attending`: what is told of who comes; it changes by itself.
pub fn for_session(
    session: &Session,
    part: &Part,
    attendees: BTreeMap<Address, Attendee>,
    (link, words, attending): (Option<&Url>, &Words, &Attending),
) -> Content {
    let told = words::attending(words.language, attending, part.span.zone());
    let also = told.iter().map(|line| format!("<p>{}</p>", escaped(line))).collect();
    Content { attendees, also, ..of_session(session, part, link, words) }
}

/// For instructors and learners alike, none of whom hears of another.
pub fn for_all(
    session: &Session,
    part: &Part,
    attendees: BTreeMap<Address, Attendee>,
    (link, words): (Option<&Url>, &Words),
) -> Content {
    let text = text(session, part, (&title(session, part), link, None), (words.language, words.gives_back));
    Content { attendees, text, hides_attendees: true, ..of_session(session, part, link, words) }
}

/// For all who may see the calendar: without a way into the meeting.
pub fn for_calendar(session: &Session, part: &Part, words: &Words) -> Content {
    of_session(session, part, None, words)
}

fn of_session(session: &Session, part: &Part, link: Option<&Url>, words: &Words) -> Content {
    let title = title(session, part);
    Content {
        span: part.span.clone(),
        text: text(session, part, (&title, link, None), (words.language, None)),
        also: String::new(),
        title: cut(&title),
        place: place_of(part),
        link: link.cloned(),
        known_as: None,
        attendees: BTreeMap::new(),
        online: false,
        hides_attendees: false,
    }
}

fn place_of(part: &Part) -> Option<Where> {
    part.venue.as_ref().map(|venue| Where { name: cut(&one_line(&venue.name)), mailbox: None })
}

/// The session's, and the part's where it has one of its own.
pub fn title(session: &Session, part: &Part) -> String {
    let whole = one_line(&session.title);
    match part.title.as_deref().map(one_line) {
        Some(own) if !own.is_empty() && own != whole => format!("{whole}: {own}"),
        Some(_) | None => whole,
    }
}

/// HTML: when it is, what was cut of the title, the description, the link, what declining does.
fn text(
    session: &Session,
    part: &Part,
    (title, link, says): (&str, Option<&Url>, Option<&str>),
    (language, gives_back): (Language, Option<TimeDelta>),
) -> String {
    let mut paragraphs = vec![escaped(&words::when(language, &part.span))];
    if title.chars().count() > SUBJECT {
        paragraphs.push(escaped(title));
    }
    paragraphs.extend(described(session));
    if let Some(link) = link {
        let (link, says) = (escaped(link.as_str()), says.map(|says| format!("{}<br>", escaped(says))));
        paragraphs.push(format!("{}<a href=\"{link}\">{link}</a>", says.unwrap_or_default()));
    }
    if let Some(until) = gives_back {
        paragraphs.push(escaped(&words::giving_back(language, &part.span, until)));
    }
    paragraphs.iter().map(|one| format!("<p>{one}</p>")).collect()
}

/// HTML of the LMS's text.
fn described(session: &Session) -> Option<String> {
    let text = session.description.as_deref().map(str::trim).filter(|text| !text.is_empty())?;
    let lines: Vec<String> = text.lines().map(escaped).collect();
    Some(lines.join("<br>"))
}

/// No line breaks in what goes into a header.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn cut(text: &str) -> String {
    if text.chars().count() <= SUBJECT {
        return text.to_owned();
    }
    text.chars().take(SUBJECT - 1).chain(['…']).collect()
}

/// What the LMS says is text, whatever stands in it.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other if other.is_control() && other != '\t' => html.push(' '),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
