use super::*;

const WHOLE: &str = "<p>Dear {{ name }},</p>\
                     <p>{{ title }}: {{ when }}{% if place %}, {{ place }}{% endif %}</p>\
                     {{ description }}{% if link %}<a href=\"{{ link }}\">{{ of_link }}</a>{% endif %}\
                     <p>{{ giving_back }}</p>";

fn says() -> Says<'static> {
    Says {
        name: "Ana <b>",
        title: "Fire & smoke",
        when: "Monday",
        description: "one<br>two",
        place: "Room 7",
        link: "https://example.org/?a=1&amp;b=2",
        of_link: "Join",
        giving_back: "Decline.",
    }
}

#[test]
fn what_the_lms_says_is_text_in_it() {
    let made = LearnerText::new(WHOLE).unwrap().render(&says()).unwrap();
    assert_eq!(
        made,
        "<p>Dear Ana &lt;b&gt;,</p><p>Fire &amp; smoke: Monday, Room 7</p>one<br>two\
         <a href=\"https://example.org/?a=1&amp;b=2\">Join</a><p>Decline.</p>"
    );
}

#[test]
fn what_could_leave_out_what_must_be_said_is_refused() {
    for (source, why) in [
        ("{{ title }} {{ link }} {{ giving_back }}", "it must say {{ when }} wherever there is one"),
        ("{{ when }} {{ link }}", "it must say {{ giving_back }} wherever there is one"),
        ("{{ when }} {{ giving_back }}", "it must say {{ link }} wherever there is one"),
        // It depends on another.
        (
            "{{ when }} {{ link }} {% if place %}{{ giving_back }}{% endif %}",
            "it must say {{ giving_back }} wherever there is one",
        ),
    ] {
        assert_eq!(LearnerText::new(source).unwrap_err(), Wrong { line: None, why: why.into() }, "{source}");
    }
}

#[test]
fn what_is_no_template_is_told_with_its_line() {
    let of = |source: &str| LearnerText::new(source).unwrap_err();
    let unknown = of("{{ when }}\n{{ nmae }}");
    assert_eq!(unknown.line, Some(2));
    assert!(unknown.why.starts_with("it says what is not known; there are name, title"), "{unknown:?}");
    let cut = of("{{ when }}\n\n{% if place %}");
    assert!(cut.line == Some(3) && cut.why.starts_with("syntax error: "), "{cut:?}");
    let endless = of("{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}");
    assert_eq!(endless.why, "it comes to no end in time");
}

#[test]
fn a_text_that_is_too_long_is_none() {
    let text = LearnerText::new(WHOLE).unwrap();
    let description = "x".repeat(LONGEST);
    assert_eq!(text.render(&Says { description: &description, ..says() }), None);
}
