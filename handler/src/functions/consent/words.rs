//! What is said of a consent, to whoever has a link: where it stands, and what came of an answer.

use crate::config::Tenant;
use crate::config::permissions::{Given, NeededPermission};
use crate::jobs::operate::consent::answer::{Answer, Known};
use crate::jobs::operate::consent::record::told;
use crate::ledger::consents::{ConsentRow, ConsentState};
use chrono::{DateTime, Utc};

pub(super) fn when(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

const OFF: &str = "Whoever runs Regrets has switched this connection off: nobody looks for the rights \
                   until it is on again. Consent that is given meanwhile counts.";

/// In two words, and in sentences.
pub(super) struct Stands {
    pub(super) head: &'static str,
    pub(super) sentences: Vec<String>,
}

pub(super) fn stands(row: &ConsentRow, tenant: &Tenant) -> Stands {
    let since = when(row.since);
    let (head, what) = match row.state {
        ConsentState::NotAsked => ("Not asked yet", "Nobody has been asked so far.".to_owned()),
        ConsentState::Asked => ("Asked", format!("Asked on {since}. Nobody has answered yet.")),
        ConsentState::Pending => (
            "Pending",
            format!(
                "On {since} somebody said yes at Microsoft. The rights have not all arrived yet: Entra \
                 takes some minutes, Exchange up to two hours."
            ),
        ),
        ConsentState::Granted => {
            let since = row.granted_at.unwrap_or(row.since);
            ("Granted", format!("Everything that is needed has been there since {}.", when(since)))
        }
        ConsentState::Refused => {
            let code = row.refusal.as_deref().map(|code| format!(" (Microsoft says: {code})"));
            ("Refused", format!("On {since} somebody said no at Microsoft{}.", code.unwrap_or_default()))
        }
        ConsentState::Expired => {
            ("Expired", format!("The link ran out, or what was said yes to never arrived, on {since}."))
        }
        ConsentState::Drifted => (
            "Changed since it was granted",
            format!("Noticed on {since}: what is granted is not what it was."),
        ),
        ConsentState::Withdrawn => {
            ("Withdrawn", format!("Noticed on {since}: a right is gone that had been granted."))
        }
    };
    let mut sentences = vec![what];
    let told = told(row);
    if !told.is_empty() {
        sentences.push(told);
    }
    if !tenant.active {
        sentences.push(OFF.to_owned());
    }
    Stands { head, sentences }
}

/// Where a right stands now.
pub(super) fn now(needed: &NeededPermission, row: &ConsentRow) -> &'static str {
    let is_in = |names: &[String]| names.iter().any(|name| name == needed.permission.name());
    if is_in(&row.lost) {
        "It was granted, and is gone."
    } else if is_in(&row.missing) {
        "It is not granted."
    } else if is_in(row.roles.as_deref().unwrap_or_default()) {
        "It is granted, by Entra."
    } else if is_in(&row.granted) {
        "It is granted, by Exchange: a mailbox could be read."
    } else if needed.is_optional {
        "It is not granted in Entra; whether Exchange gives it shows when it is used."
    } else {
        "It has not been seen yet."
    }
}

pub(super) fn how(given: Given) -> &'static str {
    match given {
        Given::Entra => "By consent in Entra; there is no narrower way.",
        Given::Exchange => {
            "By Exchange, for the mailboxes that are meant; not by consent in Entra, which is good for all."
        }
        Given::Either => "By consent in Entra, since every mailbox is to be read.",
    }
}

/// What Microsoft's page should list, in words.
pub(super) fn of_entra(tenant: &Tenant) -> String {
    let needed = tenant.needed_permissions();
    let of_entra = |one: &&NeededPermission| matches!(one.given, Given::Entra | Given::Either);
    let names = needed.iter().filter(of_entra).map(|one| {
        let optional = if one.is_optional { " (optional)" } else { "" };
        format!("{}{optional}", one.permission.name())
    });
    names.collect::<Vec<_>>().join(", ")
}

/// What came of a link, said to whoever came back by it.
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) heading: &'static str,
    pub(super) sentences: Vec<String>,
    pub(super) known: Option<Known>,
}

pub(super) fn of_answer(answer: Answer) -> Told {
    let told = |status, heading, sentences: &[&str], known| Told {
        status,
        heading,
        sentences: sentences.iter().map(|sentence| (*sentence).to_owned()).collect(),
        known,
    };
    match answer {
        Answer::NoState => told(
            400,
            "This was not begun here",
            &[
                "Microsoft sent your browser here without saying for which request. That happens where \
                 consent was begun in a portal instead of by our link. What was granted there counts all \
                 the same: Regrets notices it by itself, mostly within five minutes.",
                "If you were sent a link by whoever runs Regrets, open it: it says how things stand.",
            ],
            None,
        ),
        Answer::Forged => told(
            400,
            "This answer is none that we asked for",
            &[
                "The address holds no request that was made here, or it was changed on the way. Nothing was \
                 done.",
                "Ask whoever runs Regrets for a link, and open it as it is.",
            ],
            None,
        ),
        Answer::Forgotten => told(
            410,
            "This link is long over",
            &["It ran out some time ago. Nothing was done.", "Ask whoever runs Regrets for a new one."],
            None,
        ),
        Answer::Expired(known) => told(
            410,
            "This link has run out",
            &[
                "The answer came later than the link is good for, so it was not taken. If you did accept at \
                 Microsoft, the rights are granted all the same, and Regrets notices by itself, mostly \
                 within five minutes.",
                "If rights are still missing after that, ask whoever sent you the link for a new one.",
            ],
            Some(known),
        ),
        Answer::Replayed(known) => told(
            409,
            "This link was answered before",
            &[
                "The first answer stands; nothing was changed now.",
                "If rights are still missing, ask whoever sent you the link for a new one.",
            ],
            Some(known),
        ),
        Answer::WrongTenant(known) => told(
            403,
            "This answer is another directory's",
            &[
                "Microsoft says that somebody answered for another directory than the one that was asked. \
                 Nothing was taken as granted, and the link is used up.",
                "If you accepted there by mistake, take that back in that directory's Entra admin center. \
                 Then ask for a new link, and sign in as an administrator of the directory that it names.",
            ],
            Some(known),
        ),
        Answer::NotAdministrator(known) => told(
            200,
            "This takes an administrator",
            &[
                "Microsoft did not let your account consent for the whole directory. Nothing was refused, \
                 and the link is still good.",
                "Hand the page of this request over to a Global Administrator or a Privileged Role \
                 Administrator.",
            ],
            Some(known),
        ),
        Answer::Refused(known) => told(
            200,
            "You said no",
            &[
                "Microsoft says that consent was refused. Regrets does without, which means that it can't \
                 work for this directory, and whoever runs it is shown that.",
                "If that was a mistake, ask whoever sent you the link for a new one.",
            ],
            Some(known),
        ),
        Answer::Failed(known, code) => {
            let mut told = told(200, "Microsoft could not ask you", &[], Some(known));
            told.sentences =
                vec![
                format!("It sent your browser back without an answer ({code}). Nothing was done, and the \
                    link is still good."),
                "Open the link again. If the same comes back, tell whoever sent it to you what stands in \
                 brackets."
                    .to_owned(),
            ];
            told
        }
        Answer::Said(known) => match known.row.state {
            ConsentState::Granted => told(
                200,
                "Thank you: everything is granted",
                &["Regrets has seen the rights. You can close this page."],
                Some(known),
            ),
            ConsentState::Drifted => told(
                200,
                "Thank you: everything is granted, and more than that",
                &["The rights that are needed are there. Others have come on top, which Regrets has no \
                     use for."],
                Some(known),
            ),
            ConsentState::NotAsked
            | ConsentState::Asked
            | ConsentState::Pending
            | ConsentState::Refused
            | ConsentState::Expired
            | ConsentState::Withdrawn
                if !known.context.tenant.active =>
            {
                told(200, "Thank you", &["You need not wait here."], Some(known))
            }
            ConsentState::NotAsked
            | ConsentState::Asked
            | ConsentState::Pending
            | ConsentState::Refused
            | ConsentState::Expired
            | ConsentState::Withdrawn => told(
                200,
                "Thank you: now the rights have to arrive",
                &["That takes some minutes in Entra, and up to two hours in Exchange. Regrets looks every \
                     five minutes; you need not wait here."],
                Some(known),
            ),
        },
    }
}
