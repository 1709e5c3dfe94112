//! Regrets' own words in an event, in the learner's language: when it is, in which zone, and until when
//! declining gives the place back.

use super::learner_text::LearnerText;
use crate::calendar::zone::Zone;
use crate::sessions::moment::{Moment, Span};
use crate::sessions::words::Language;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;

/// What is said beside the LMS's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Of learners of whom the LMS tells none that is known here.
    pub language: Language,
    /// Declining gives the place back, until so long before the start; `None`: nothing is promised.
    pub gives_back: Option<TimeDelta>,
    /// A tenant's own, for learners of that language.
    pub texts: Texts,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    pub en: Option<Arc<LearnerText>>,
    pub de: Option<Arc<LearnerText>>,
}

impl Texts {
    pub fn of(&self, language: Language) -> Option<&LearnerText> {
        language.pick(&self.en, &self.de).as_deref()
    }
}

/// What instructors are told of who comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attending {
    /// So many hold a place.
    pub held: usize,
    /// `None`: nobody is named.
    pub names: Option<Vec<String>>,
    /// When the reading began that says so.
    pub as_of: DateTime<Utc>,
}

impl Default for Words {
    fn default() -> Self {
        Self { language: Language::En, gives_back: None, texts: Texts::default() }
    }
}

/// When it takes place, in the session's own zone.
pub fn when(language: Language, span: &Span) -> String {
    let said = language.span(span);
    let zone = span.zone().name();
    match language {
        Language::En => format!("{said} (time in {zone})"),
        Language::De => format!("{said} (Zeit in {zone})"),
    }
}

/// What our page is, in the place of a meeting's link.
pub fn of_page(language: Language) -> &'static str {
    language.pick(
        "Join by this page. It was made for you alone, and opens shortly before the start:",
        "Hier nehmen Sie teil. Die Seite gilt nur für Sie und öffnet kurz vor dem Beginn:",
    )
}

/// How many hold a place, and who, each in a line; when that was read, in this zone.
pub fn attending(language: Language, attending: &Attending, zone: Zone) -> Vec<String> {
    let as_of = language.moment(Moment::of_instant(attending.as_of, zone).wall);
    let how_many = match (language, attending.held) {
        (Language::En, 1) => format!("1 person holds a place, as of {as_of}."),
        (Language::En, held) => format!("{held} people hold a place, as of {as_of}."),
        (Language::De, 1) => format!("1 Person hat einen Platz, Stand {as_of}."),
        (Language::De, held) => format!("{held} Personen haben einen Platz, Stand {as_of}."),
    };
    std::iter::once(how_many).chain(attending.names.iter().flatten().cloned()).collect()
}

/// Of an event that is called off though the place is as it was.
pub fn unpublished(language: Language) -> &'static str {
    match language {
        Language::En => "Appointments are not sent from here any more. Your place is not affected.",
        Language::De => "Termine werden von hier nicht mehr versandt. Ihr Platz bleibt davon unberührt.",
    }
}

/// Why an event is called off in whose place another one comes.
pub fn replaced(language: Language) -> &'static str {
    match language {
        Language::En => "The way into the meeting is another one now; a new invitation follows.",
        Language::De => "Der Weg in die Besprechung ist jetzt ein anderer; eine neue Einladung folgt.",
    }
}

/// What declining does, and until when.
pub fn giving_back(language: Language, span: &Span, until: TimeDelta) -> String {
    let last = language.moment(Moment::of_instant(until_of(span, until), span.zone()).wall);
    match language {
        Language::En => format!(
            "If you can't come, decline this invitation: your place is given back then. This works until \
             {last}."
        ),
        Language::De => format!(
            "Wenn Sie nicht kommen können, lehnen Sie diese Einladung ab: Ihr Platz wird dann freigegeben. \
             Das geht bis {last}."
        ),
    }
}

fn until_of(span: &Span, until: TimeDelta) -> DateTime<Utc> {
    span.start().checked_sub_signed(until).unwrap_or(span.start())
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
