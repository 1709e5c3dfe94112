//! The connector files that are shipped, and what they need of the format.

use super::{good, with};
use crate::config::connector_file::read;
use crate::lms::presets;
use crate::lms::recipe::connector::Status;

#[test]
fn every_shipped_file_says_what_it_does() {
    for name in presets::names() {
        let text = presets::text(name).unwrap();
        let file =
            read(&format!("{name}.toml"), text).unwrap_or_else(|errors| panic!("{}", errors.render(false)));
        assert_eq!(file.name, name);
        assert!(!file.about.notes.is_empty(), "{name} says nothing of itself");
        assert!(file.settings.iter().all(|setting| !setting.about.is_empty()), "{name}");
        let only_refuses = file.recipes.write.iter().all(|step| step.exit.is_some());
        assert!(
            !only_refuses || file.only_reads() || file.about.status == Status::Draft,
            "{name} is full, and cancels nothing"
        );
    }
}

/// A step of `find` in two ways, of which one runs.
const TWO_WAYS: &str = r#"
[[find]]
name = "way"
when = [{ value = "{{ settings.by }}", is = "email" }]
path = "/by-mail/{{ learner }}"
take.id = "$.id"

[[find]]
name = "way"
when = [{ value = "{{ settings.by }}", is = "number" }]
path = "/by-number/{{ learner }}"
take.id = "$.number"

[[read]]"#;

#[test]
fn two_steps_of_one_name_exclude_each_other() {
    let text = with("[[read]]", TWO_WAYS);
    good(&text);
    for (part, instead) in [
        (r#"is = "number" }"#, r#"is = "email" }"#),
        (r#"is = "number" }"#, r#"is_not = "email" }"#),
        ("take.id = \"$.number\"", "take.number = \"$.number\""),
    ] {
        assert!(text.contains(part), "{part}");
        let errors = read("larkspur.toml", &text.replacen(part, instead, 1)).unwrap_err().to_string();
        assert!(errors.contains("there is a step `way` in `find` already"), "{part}: {errors}");
    }
}

#[test]
fn what_is_cancelled_may_be_what_was_read() {
    let read_first = "[[read]]\nname = \"before\"\npath = \"/before\"\ntake.id = \"$.id\"\n\n[[read]]";
    let write_first =
        "[[write]]\nname = \"again\"\nmethod = \"DELETE\"\npath = \"/x/{{ before.id }}\"\n\n[[write]]";
    let text = with("[[read]]", read_first);
    good(&text.replacen("[[write]]", write_first, 1));
    // Giving back may have seen no place at all.
    let restore =
        "[[restore]]\nname = \"back\"\nmethod = \"POST\"\npath = \"/x/{{ before.id }}\"\n\n[[restore]]";
    let errors = read("larkspur.toml", &text.replacen("[[restore]]", restore, 1)).unwrap_err().to_string();
    assert!(errors.contains("`before` is a step of `read`"), "{errors}");
}
