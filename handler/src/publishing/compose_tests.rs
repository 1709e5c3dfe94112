use super::*;
use crate::publishing::learner_text::LearnerText;
use crate::publishing::testing::{place, session};
use crate::publishing::words::Texts;
use crate::sessions::place_record::RecordState;
use std::sync::Arc;

#[test]
fn an_event_says_what_the_session_says() {
    let mut session = session(10);
    session.description = Some("Bring <shoes> & \"water\".\r\nBe early.".into());
    session.parts[0].title = Some("Day 1".into());
    let content = for_learner(
        &session,
        &session.parts[0],
        &place(RecordState::Held),
        (&Words::default(), &WayIn::Link),
    )
    .unwrap();
    assert_eq!(content.title, "First aid: Day 1");
    let text = "<p>Monday, 1 March 2027, 10:00 to 11:00 (time in Europe/London)</p>\
                <p>Bring &lt;shoes&gt; &amp; &quot;water&quot;.<br>Be early.</p>\
                <p><a href=\"https://example.com/join\">https://example.com/join</a></p>";
    assert_eq!(content.text, text);
    assert_eq!(content.place.unwrap().name, "Room 7");
    assert_eq!(content.attendees.keys().map(|one| one.as_str()).collect::<Vec<_>>(), ["ana@contoso.com"]);
}

/// Our page stands in the link's place, or nothing does; without a link there is nothing to lead to.
#[test]
fn the_links_place_is_taken_by_our_page_or_by_nothing() {
    let (page, name) =
        ("https://regrets.contoso.com/api/join/k1.x.y", "https://regrets.contoso.com/api/join/x");
    let way = WayIn::Page(JoinLink { address: page.parse().unwrap(), name: name.parse().unwrap() });
    let mut session = session(10);
    let of = |session: &Session, way: &WayIn| {
        for_learner(session, &session.parts[0], &place(RecordState::Held), (&Words::default(), way)).unwrap()
    };
    let content = of(&session, &way);
    assert_eq!(content.link.as_ref().unwrap().as_str(), page);
    let says = "Join by this page. It was made for you alone, and opens shortly before the start:";
    let wanted = format!("<p>{says}<br><a href=\"{page}\">{page}</a></p>");
    assert!(content.text.ends_with(&wanted), "{}", content.text);
    let nothing = of(&session, &WayIn::Nothing);
    assert!(nothing.link.is_none() && nothing.known_as.is_none(), "{nothing:?}");
    assert!(!nothing.text.contains("http") && !nothing.text.contains("Join by"), "{}", nothing.text);
    assert!(!of(&session, &WayIn::Link).text.contains("Join by"));
    session.parts[0].link = None;
    assert_eq!(of(&session, &way), nothing);
}

/// A subject takes 255 characters, and no line break.
#[test]
fn a_title_is_cut_and_stands_whole_in_the_text() {
    let mut session = session(10);
    session.title = format!("Ä\r\n{}", "ö".repeat(300));
    let content = for_learner(
        &session,
        &session.parts[0],
        &place(RecordState::Held),
        (&Words::default(), &WayIn::Link),
    )
    .unwrap();
    assert_eq!(content.title.chars().count(), 255);
    assert!(content.title.starts_with("Ä ö") && content.title.ends_with('…'));
    assert!(content.text.contains(&"ö".repeat(300)));
}

#[test]
fn nobody_is_written_to_by_a_guess() {
    let session = session(10);
    for address in [None, Some("ana"), Some("/o=exchangelabs/cn=ana")] {
        let mut place = place(RecordState::Held);
        for record in place.records.values_mut() {
            record.person.address = address.map(Address::new);
        }
        assert_eq!(
            for_learner(&session, &session.parts[0], &place, (&Words::default(), &WayIn::Link)),
            None,
            "{address:?}"
        );
    }
}

#[test]
fn a_tenants_own_words_take_the_place_of_ours() {
    let own = "<p>{{ title }} for {{ name }}: {{ when }}</p>{{ description }} {{ link }} {{ giving_back }}";
    let texts = Texts { en: Some(Arc::new(LearnerText::new(own).unwrap())), de: None };
    let words = Words { language: Language::De, gives_back: Some(TimeDelta::days(1)), texts };
    let mut session = session(10);
    session.title = "Fire & smoke".into();
    session.description = Some("Bring <shoes>".into());
    session.parts[0].link = Some(Url::parse("https://lms.example/a?b=1&c='2'").unwrap());
    let mut place = place(RecordState::Held);
    let mut text = |tag: &str| {
        for record in place.records.values_mut() {
            record.person.language = Some(tag.to_owned());
        }
        for_learner(&session, &session.parts[0], &place, (&words, &WayIn::Link)).unwrap().text
    };
    let english = text("en");
    assert!(english.starts_with("<p>Fire &amp; smoke for "), "{english}");
    for said in ["Bring &lt;shoes&gt;", "https://lms.example/a?b=1&amp;c=%272%27", "your place is given back"]
    {
        assert!(english.contains(said), "{said}: {english}");
    }
    // There are none in German.
    assert!(text("de").contains("Ihr Platz wird dann"));
}

#[test]
fn what_declining_does_is_said_in_the_learners_language() {
    let session = session(10);
    let words = Words { language: Language::En, gives_back: Some(TimeDelta::days(1)), ..Words::default() };
    let mut place = place(RecordState::Held);
    for (tag, wanted) in
        [(Some("de-AT"), "Ihr Platz wird dann"), (Some("fr"), "your place is"), (None, "your place is")]
    {
        for record in place.records.values_mut() {
            record.person.language = tag.map(str::to_owned);
        }
        let content = for_learner(&session, &session.parts[0], &place, (&words, &WayIn::Link)).unwrap();
        assert!(content.text.contains(wanted), "{tag:?}: {}", content.text);
    }
}
