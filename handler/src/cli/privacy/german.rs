//! The sheet in German.

use super::sheet::{Sheet, days, row, table};
use crate::config::permissions::{Given, NeededPermission};
use crate::config::{LearnerKeySource, StoreConfig, WatchMode};
use crate::enrolment::policy::{Mailboxes, PolicyMode, TakeBack};
use crate::graph::permissions::Permission;
use crate::ledger::consents::LINKS_KEPT;
use crate::ledger::contents::Contents;
use crate::publishing::policy::Instructors;

pub(super) fn told(sheet: &Sheet<'_>) -> String {
    let tenant = sheet.tenant;
    let mut text = format!("# Datenschutzblatt: Regrets, Mandant {}\n\n", tenant.name);
    text += "Aus der Konfiguration erzeugt. Es sagt, was die Software tut; was nur Sie wissen können, ist \
             mit **…** gekennzeichnet.\n";
    let parts = [
        ("1. Zweck", purpose(sheet)),
        ("2. Wessen Daten", whose(sheet)),
        ("3. Was in Microsoft 365 gelesen wird", read(sheet)),
        ("4. Was gespeichert wird, wo und wie lange", stored(sheet)),
        ("5. Was die Installation verlässt", leaves(sheet)),
        ("6. Wer es lesen kann", readers()),
        ("7. Was automatisch entschieden wird", decided(sheet)),
        ("8. Wie Daten gefunden und gelöscht werden", deleted(sheet)),
        ("9. Von Ihnen zu ergänzen", open()),
    ];
    for (title, part) in parts {
        text += &format!("\n## {title}\n\n{part}");
    }
    text
}

fn purpose(sheet: &Sheet<'_>) -> String {
    let published = match (sheet.published, sheet.inviting()) {
        (None, _) => "",
        (Some(_), Some(_)) => {
            " Wer im LMS einen Platz in einer Schulung hat, wird per Termin dazu eingeladen."
        }
        (Some(_), None) => {
            " Es wird gezählt, an wen Einladungen zu den Schulungen des LMS gingen; verschickt wird keine."
        }
    };
    format!(
        "Sagt jemand einen Schulungstermin in Outlook oder Teams ab, wird der Platz im \
         Lernmanagementsystem (LMS) unter `{}` storniert.{published} Zu anderem werden die Daten nicht \
         verwendet.\n",
        sheet.lms_host()
    )
}

fn whose(sheet: &Sheet<'_>) -> String {
    let watch = &sheet.tenant.watch;
    let learners = match &watch.mailboxes {
        Mailboxes::All => "alle im Verzeichnis".to_owned(),
        Mailboxes::Group(group) => format!("die Mitglieder der Gruppe `{group}`"),
        Mailboxes::Users(users) => format!("{} namentlich genannte Personen", users.len()),
        Mailboxes::None => "niemand".to_owned(),
    };
    let organizers = match sheet.organizers() {
        0 => "kein Postfach eines Organisators".to_owned(),
        1 => "das Postfach eines Organisators, der die Einladungen verschickt".to_owned(),
        many => format!("die Postfächer von {many} Organisatoren, die die Einladungen verschicken"),
    };
    match watch.mode {
        WatchMode::Attendees => {
            format!("Beobachtete Kalender: {learners}. Außerdem gelesen: {organizers}.\n")
        }
        WatchMode::Organizer => {
            format!("Beobachtet: {organizers}. Kein Postfach von Lernenden wird geöffnet.\n")
        }
        WatchMode::Both => format!("Beobachtete Kalender: {learners}; und {organizers}.\n"),
    }
}

fn read(sheet: &Sheet<'_>) -> String {
    let rows = sheet.needed.iter().map(|one| {
        let given = match one.given {
            Given::Entra => "Entra, für das Verzeichnis",
            Given::Exchange => "Exchange, nur für die genannten Postfächer",
            Given::Either => "Exchange oder Entra, für alle Postfächer",
        };
        let optional = if one.is_optional { " (freiwillig)" } else { "" };
        let name = format!("`{}`{optional}", one.permission.name());
        row(&[&name, why(sheet, one), given, does_not_allow(one.permission)])
    });
    let mut text = table(&["Recht", "wozu", "erteilt durch", "erlaubt nicht"], rows);
    text += "\nVon einem Termin werden gelesen: Kennungen, Beginn und Ende, Organisator, wer eingeladen ist \
             und wer was geantwortet hat, ob er abgesagt wurde, und das Feld mit der Kennung der Schulung. ";
    text += "Von Terminen, die keine Schulung sind, wird nichts behalten. Geschrieben wird nichts außer \
             Abonnements (dem Auftrag, bei Änderungen eines Kalenders benachrichtigt zu werden)";
    text += match sheet.tenant.canary_written().is_some() || sheet.inviting().is_some() {
        true => " und Folgendem.\n",
        false => ".\n",
    };
    if let Some(organizer) = sheet.inviting() {
        text += &format!(
            "Geschrieben werden Termine für die Schulungen des LMS in den Kalender von `{organizer}`; \
             Exchange schickt denen eine Mail, die eingeladen werden oder von einer Änderung oder Absage \
             erfahren.\n"
        );
    }
    if let Some(instructors) = sheet.instructors() {
        text += match instructors {
            Instructors::Names => {
                "Lehrende werden ebenso eingeladen und sehen in ihrem Termin mit Namen, wer einen Platz \
                 hat.\n"
            }
            Instructors::Count | Instructors::None => {
                "Lehrende werden ebenso eingeladen und sehen in ihrem Termin, wie viele einen Platz \
                 haben, und keine Namen.\n"
            }
        };
    }
    if let Some(calendar) = sheet.calendar() {
        text += &format!("Schulungen stehen auch im Kalender von `{calendar}`, ohne jeden Namen.\n");
    }
    if sheet.leads_on() {
        text += "Der Termin führt zu einer Seite von Regrets und diese in die Besprechung. Wer sie wann \
                 öffnet, wird nicht gespeichert; was der Host von jeder Anfrage festhält, enthält die \
                 Adresse der Seite mit Hashwerten von Schulung und Teilnehmer.\n";
    }
    if sheet.tenant.canary_written().is_some() {
        text += "Geschrieben wird täglich ein Termin mit einem Testpostfach: angelegt, dort abgesagt und \
                 wieder gelöscht, im Kalender des Testpostfachs und des Organisators; niemand sonst ist \
                 daran beteiligt.\n";
    }
    if let Some(kit) = sheet.canary_kit() {
        text += &format!(
            "Täglich wird `{kit}` gebeten, ein Testpostfach einzuladen und in seinem Namen abzusagen: \
             dorthin gehen die Adressen des Testpostfachs und des Organisators, und niemandes sonst.\n"
        );
    }
    if sheet.published.is_some() {
        text += "Vom LMS werden gelesen: seine Schulungen mit Titel, Text, Zeiten, Ort und Lehrenden, und \
                 wer einen Platz darin hat.\n";
    }
    if sheet.tenant.mails_alerts {
        text += "Aus einem Postfach werden Mails an die Betreiber gesendet, über Verbindungen und ohne \
                 personenbezogene Daten.\n";
    }
    text
}

fn why(sheet: &Sheet<'_>, one: &NeededPermission) -> &'static str {
    match one.permission {
        Permission::CalendarsRead if sheet.tenant.watch.mode.reads_learners() => {
            "sehen, wer einen Schulungstermin abgesagt hat, und von Änderungen erfahren"
        }
        Permission::CalendarsRead => "im Kalender des Organisators sehen, wer abgesagt hat",
        Permission::UserReadAll => "erkennen, wem eine Adresse gehört und wie das LMS die Person kennt",
        Permission::GroupMemberReadAll => "sehen, wer in der genannten Gruppe ist",
        Permission::MailboxSettingsRead => {
            "Absagen durch automatische Antworten von eigenen Absagen unterscheiden"
        }
        Permission::MailSend => "Zuständigen per Mail sagen, dass etwas nicht in Ordnung ist",
        Permission::PlaceReadAll => "den Raum einer Schulung finden, und andere mit genug Plätzen",
        Permission::OnlineMeetingsReadWriteAll => {
            "die Besprechung zu einer Schulung anlegen, zu der das LMS keinen Link zeigt"
        }
        Permission::CalendarsReadWrite => {
            match (sheet.tenant.canary_written().is_some(), sheet.inviting().is_some()) {
                (_, false) => {
                    "täglich ein Testpostfach einladen und in seinem Namen absagen, in zwei Postfächern, die \
                     dafür da sind"
                }
                (false, true) => {
                    "aus dem Postfach des Organisators alle einladen, die einen Platz in einer Schulung \
                     haben, und ihnen Änderungen mitteilen"
                }
                (true, true) => {
                    "aus dem Postfach des Organisators alle einladen, die einen Platz in einer Schulung \
                     haben, und ihnen Änderungen mitteilen; und täglich ein Testpostfach absagen lassen, in \
                     Postfächern, die dafür da sind"
                }
            }
        }
    }
}

fn does_not_allow(permission: Permission) -> &'static str {
    match permission {
        Permission::CalendarsRead => "Termine anlegen oder ändern, Mails lesen oder senden",
        Permission::UserReadAll => "Benutzer ändern, Kennwörter, Mails oder Dateien lesen",
        Permission::GroupMemberReadAll => "Gruppen ändern, ihre Unterhaltungen oder Dateien lesen",
        Permission::MailboxSettingsRead => "Einstellungen ändern, Mails lesen",
        Permission::MailSend => "Mails lesen, oder sonst etwas in einem Postfach",
        Permission::CalendarsReadWrite => "Mails lesen, Einstellungen ändern",
        Permission::PlaceReadAll => "den Kalender eines Raums lesen, einen Raum ändern",
        Permission::OnlineMeetingsReadWriteAll => {
            "an Besprechungen teilnehmen, Chats, Aufzeichnungen oder Mitschriften lesen"
        }
    }
}

fn stored(sheet: &Sheet<'_>) -> String {
    let retention = days(sheet.tenant.policy.retention, "Tag", "Tage");
    let after = format!("{retention} nach dem Ende der Schulung");
    let rows = Contents::all().map(|(contents, name)| {
        let (what, how_long) = match contents {
            Contents::Enrolments => (
                format!(
                    "**{}**; Kennung der Schulung, Zustand, Art des Belegs, Zeiten, Antwort des LMS, Verlauf \
                     der Entscheidung in Sätzen",
                    key(sheet)
                ),
                after.clone(),
            ),
            Contents::Links => (
                format!(
                    "{}; Kennungen und Zeiten der Kalendereinträge; Organisatoren und Eingeladene als \
                     Hashwert mit Schlüssel",
                    key(sheet)
                ),
                after.clone(),
            ),
            Contents::Mailboxes => (
                "Objektkennung der Person, Kennung des Abonnements, letzter Fehler".to_owned(),
                "solange das Postfach beobachtet wird".to_owned(),
            ),
            Contents::Agenda => {
                ("was ansteht: Verweise und Kennungen".to_owned(), "bis es erledigt ist".to_owned())
            }
            Contents::Audit => (
                "das Protokoll: Kennungen, was wann und warum getan wurde; Name und Grund derer, die \
                 entschieden haben"
                    .to_owned(),
                "bis Sie es löschen (tageweise)".to_owned(),
            ),
            Contents::Connections => (
                format!(
                    "Zustand der Verbindungen, offene Meldungen, Zählerstände; Stand der Einwilligung und \
                     die Links, mit denen Administratoren um sie gebeten werden: Name dessen, der den Link \
                     erzeugt hat, Verzeichnis, Zeiten, Antwort; {}",
                    match sheet.published {
                        None => "keine Daten von Lernenden",
                        Some(_) => {
                            "die Schulungen des LMS (Titel, Text, Zeiten, Ort, Namen und Adressen der \
                             Lehrenden); wer einen Platz darin hat: **Schlüssel des LMS, Mailadresse und \
                             Name**; welcher Termin für wen geschrieben wurde (Schlüssel, Kennungen, Zeiten, \
                             Hashwerte); wie viele Mails verschickt wurden"
                        }
                    }
                ),
                format!(
                    "solange es die Installation gibt; ein Link gilt {} und wird {} danach gelöscht{}",
                    days(sheet.link_lifetime, "Tag", "Tage"),
                    days(LINKS_KEPT, "Tag", "Tage"),
                    sheet.published.map_or_else(String::new, |_| format!("; Schulungen und Plätze: {after}"))
                ),
            ),
        };
        row(&[&format!("`{name}`"), &what, &how_long])
    });
    let place = match sheet.store {
        Some(StoreConfig::AzureTables(_)) => {
            "In den Tabellen des eigenen Azure-Speicherkontos der Installation (Region: **…**), \
             verschlüsselt gespeichert."
        }
        Some(StoreConfig::Sqlite(_)) => {
            "In einer SQLite-Datenbank auf dem Rechner, der es betreibt (wo: **…**)."
        }
        None => "Im eigenen Speicher der Installation (wo: **…**).",
    };
    let listed = table(&["Tabelle", "was", "wie lange"], rows);
    let besides = match sheet.published {
        Some(_) => "Außer dem, was das LMS zeigt, werden nicht gespeichert:",
        None => "Nicht gespeichert werden",
    };
    format!(
        "{place}\n\n{listed}\n{besides} Betreff und Text von Einladungen, Teilnehmerlisten, \
         Mailadressen außer dem Schlüssel der Lernenden und Zugriffstoken von Microsoft. Protokolldateien \
         enthalten Kennungen, Hashwerte und Zeiten, für **…** Tage.\n"
    )
}

fn key(sheet: &Sheet<'_>) -> &'static str {
    match sheet.tenant.learner {
        LearnerKeySource::Mail => "die Mailadresse der Lernenden",
        LearnerKeySource::UserPrincipalName => "der Anmeldename der Lernenden",
        LearnerKeySource::EmployeeId => "die Personalnummer der Lernenden",
        LearnerKeySource::Id => "die Objektkennung der Lernenden im Verzeichnis",
        LearnerKeySource::ExtensionAttribute(_) => {
            "der Schlüssel der Lernenden aus einem Attribut des Verzeichnisses"
        }
    }
}

fn leaves(sheet: &Sheet<'_>) -> String {
    let invited = match sheet.inviting() {
        Some(_) => {
            ", und die Einladungen: Titel, Text, Zeiten und Ort der Schulung, Name und Mailadresse der \
             Eingeladenen"
        }
        None => "",
    };
    format!(
        "An das LMS unter `{}` (Konnektor `{}`): {}, die Schulung, und dass der Platz zu stornieren ist. An \
         Microsoft Graph: die Adresse, unter der wir Änderungen erfahren{invited}. An die Kanäle, die \
         `[alerts]` nennt: welche Verbindung seit wann gestört ist, nichts über Personen. Sonst an \
         niemanden: Die Hersteller von Regrets erhalten keine Daten.\n",
        sheet.lms_host(),
        sheet.connector(),
        key(sheet)
    )
}

fn readers() -> String {
    "Die Anwendung selbst; die von Ihnen benannten Betreiber (Tabellen, Protokolle); wer den \
     Verwaltungsschlüssel hat (Zustand und Verlauf der Plätze). Microsoft als Betreiber der Plattform nach \
     Ihrem Vertrag. Namen: **…**.\n"
        .to_owned()
}

fn decided(sheet: &Sheet<'_>) -> String {
    let policy = &sheet.tenant.policy;
    let acts = match (policy.mode, &policy.only) {
        (PolicyMode::Observe, _) => {
            "Nichts: Es wird nur beobachtet und aufgeschrieben, was storniert worden wäre.".to_owned()
        }
        (PolicyMode::Act, only) => format!(
            "Eine einfache Absage wird nach {} an das LMS gegeben{}. Sie geht von der lernenden Person aus, \
             die es sich bis dahin durch Zusagen anders überlegen kann{}. Zweifelsfälle entscheidet ein \
             Mensch.",
            days(policy.grace, "Tag", "Tagen"),
            if only.is_some() { ", nur für die genannten Lernenden" } else { "" },
            match policy.take_back {
                TakeBack::Record => "",
                TakeBack::Reinstate => {
                    "; wer bald danach zusagt, erhält den Platz zurück, wenn er frei ist"
                }
            },
        ),
    };
    let invites = match sheet.inviting() {
        Some(_) => {
            " Wer laut LMS einen Platz hat, wird eingeladen und erfährt von Änderungen und davon, dass der \
             Platz oder die Schulung entfällt; aus einer zweifelhaften Auskunft des LMS folgt nichts."
        }
        None => "",
    };
    format!("{acts}{invites} Jede Entscheidung hat einen Verlauf, der den Betroffenen gezeigt werden kann.\n")
}

fn deleted(sheet: &Sheet<'_>) -> String {
    format!(
        "- Eine Person: `regrets ledger list --learner <Schlüssel> --show-learners` findet, `regrets ledger \
         explain` erklärt. Die Zeilen gehen {} nach der Schulung von selbst; sofort, indem man sie in den \
         Tabellen löscht.\n- Solange die Verbindung abgeschaltet ist (`active = false`), wird nichts \
         gelesen; was seine Zeit überschritten hat, wird trotzdem gelöscht.\n- Der ganze Mandant: `regrets \
         tenant purge {}`.\n",
        days(sheet.tenant.policy.retention, "Tag", "Tage"),
        sheet.tenant.name
    )
}

fn open() -> String {
    "- Verantwortliche Stelle, Datenschutzbeauftragte: **…**\n- Rechtsgrundlage, Betriebsvereinbarung: \
     **…**\n- Auftragsverarbeiter und ihre Verträge (Microsoft, Hersteller des LMS): **…**\n- Wie Lernende \
     informiert werden: **…**\n"
        .to_owned()
}
