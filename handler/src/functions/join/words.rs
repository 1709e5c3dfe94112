//! What the page says, in both languages.

use crate::sessions::join::{Door, Shut};
use crate::sessions::moment::Span;
use crate::sessions::words::Language;

/// The parameter of the button.
pub(super) const GO: &str = "go";

pub(super) struct Says {
    pub(super) heading: &'static str,
    pub(super) sentences: Vec<String>,
    pub(super) way: Option<Way>,
}

/// What can be pressed; the address is relative to the page.
pub(super) struct Way {
    pub(super) address: &'static str,
    pub(super) label: &'static str,
}

fn says(heading: &'static str, sentences: &[&str]) -> Says {
    Says { heading, sentences: sentences.iter().map(|one| (*one).to_owned()).collect(), way: None }
}

pub(super) fn of_door(language: Language, door: &Door, span: Option<&Span>) -> Says {
    match door {
        Door::NotYet { opens } => {
            let zone = span.map(Span::zone).unwrap_or_default();
            let at = language.moment(zone.wall_of(*opens));
            let sentence = language.pick(
                format!(
                    "The way into the meeting opens on {at} ({}). Load this page again then.",
                    zone.name()
                ),
                format!("Der Zugang öffnet am {at} ({}). Laden Sie diese Seite dann neu.", zone.name()),
            );
            let label = language.pick("Look again", "Neu laden");
            Says {
                heading: language.pick("It is not open yet", "Noch nicht geöffnet"),
                sentences: vec![sentence],
                way: Some(Way { address: "?", label }),
            }
        }
        Door::Open { link } => {
            let host = link.host_str().unwrap_or_default();
            let sentence = language
                .pick(format!("The button leads to {host}."), format!("Die Schaltfläche führt zu {host}."));
            Says {
                heading: language.pick("It is open", "Der Zugang ist offen"),
                sentences: vec![sentence],
                way: Some(Way { address: "?go", label: language.pick("Join the meeting", "Teilnehmen") }),
            }
        }
        Door::Shut(why) => of_shut(language, *why),
    }
}

fn of_shut(language: Language, why: Shut) -> Says {
    let ask = language.pick(
        "If that can't be right, ask whoever invited you.",
        "Wenn das nicht stimmen kann, fragen Sie bitte dort nach, wo die Einladung herkommt.",
    );
    let (heading, sentence) = match why {
        Shut::Cancelled => language.pick(
            ("It is cancelled", "This appointment does not take place, so nothing opens here."),
            ("Abgesagt", "Dieser Termin findet nicht statt, deshalb öffnet sich hier nichts."),
        ),
        Shut::NoDate => language.pick(
            (
                "There is no date yet",
                "The date was taken back. Your calendar shows it when there is a new one.",
            ),
            (
                "Noch kein neuer Termin",
                "Der Termin wurde zurückgenommen. Ihr Kalender zeigt ihn, sobald ein neuer feststeht.",
            ),
        ),
        Shut::Over => language.pick(
            ("It is over", "This appointment is over, so the way in is closed."),
            ("Vorbei", "Dieser Termin ist vorbei, der Zugang ist geschlossen."),
        ),
        Shut::NotHeld => language.pick(
            ("You don't hold a place", "The place that this address was made for is not held any more."),
            ("Kein Platz mehr", "Der Platz, zu dem diese Adresse gehört, besteht nicht mehr."),
        ),
        Shut::Pending => language.pick(
            ("Your place is not confirmed", "It was asked for, or is on the waiting list."),
            ("Ihr Platz ist nicht bestätigt", "Er ist angefragt oder steht auf der Warteliste."),
        ),
        Shut::Doubtful => language.pick(
            (
                "Your place can't be seen",
                "What the learning management system says of your place is not understood at the moment.",
            ),
            (
                "Ihr Platz ist nicht zu erkennen",
                "Was das Lernsystem über Ihren Platz sagt, ist im Augenblick nicht zu verstehen.",
            ),
        ),
        Shut::NoLink => language.pick(
            (
                "There is no link",
                "The learning management system shows no link for this appointment at the moment. Load this \
                 page again in some minutes.",
            ),
            (
                "Kein Link vorhanden",
                "Das Lernsystem zeigt für diesen Termin im Augenblick keinen Link. Laden Sie diese Seite in \
                 einigen Minuten neu.",
            ),
        ),
        Shut::Forgotten => language.pick(
            ("It is over", "Nothing is known of this appointment any more: most likely it is long over."),
            ("Vorbei", "Von diesem Termin ist nichts mehr bekannt: wahrscheinlich ist er lange vorbei."),
        ),
    };
    says(heading, &[sentence, ask])
}

pub(super) fn opens(language: Language) -> &'static str {
    language.pick("Opens", "Öffnet")
}

/// Under what can be used.
pub(super) fn yours(language: Language) -> &'static str {
    language.pick(
        "This page's address was made for you alone: please do not pass it on.",
        "Die Adresse dieser Seite gilt nur für Sie: Bitte geben Sie sie nicht weiter.",
    )
}

pub(super) fn nothing(language: Language) -> Says {
    language.pick(
        says(
            "There is no such page",
            &[
                "This address leads to no appointment, or not any more. It is good only as it stands in your \
                 calendar.",
                "Open it from your calendar, or ask whoever invited you.",
            ],
        ),
        says(
            "Diese Seite gibt es nicht",
            &[
                "Diese Adresse führt zu keinem Termin, oder nicht mehr. Sie gilt nur so, wie sie in Ihrem \
                 Kalender steht.",
                "Öffnen Sie sie aus Ihrem Kalender, oder fragen Sie dort nach, wo die Einladung herkommt.",
            ],
        ),
    )
}

pub(super) fn busy(language: Language) -> Says {
    language.pick(
        says("Too many at once", &["Load the page again in a minute."]),
        says("Zu viele auf einmal", &["Laden Sie die Seite in einer Minute neu."]),
    )
}

pub(super) fn unavailable(language: Language) -> Says {
    language.pick(
        says("Not now", &["Your place can't be looked up at the moment. Load the page again in a minute."]),
        says(
            "Im Augenblick nicht",
            &["Ihr Platz lässt sich gerade nicht nachsehen. Laden Sie die Seite in einer Minute neu."],
        ),
    )
}
