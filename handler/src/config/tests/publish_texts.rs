//! `publish.texts`: files beside the configuration.

use super::publish::pushed;
use super::*;
use std::fs;

/// What OPERATIONS shows as a whole one.
fn shown() -> String {
    let operations = include_str!("../../../../infra/OPERATIONS.md");
    let block = operations.split("```html\n").nth(1).unwrap().split("```").next().unwrap();
    block.lines().map(|line| format!("{}\n", line.trim())).collect()
}

#[test]
fn the_one_that_is_shown_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("invitation.html"), shown()).unwrap();
    let text = pushed("texts = { en = './invitation.html' }");
    let config = read_in(folder.path(), &text).unwrap_or_else(|errors| panic!("{errors}"));
    let texts = &tenant(&config).publish.as_ref().unwrap().publisher.texts;
    assert!(texts.en.is_some() && texts.de.is_none());
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let of = |key: &str, text: &str| {
        fs::write(folder.path().join("a.html"), text).unwrap();
        let text = pushed(&format!("texts = {{ {key} = './a.html' }}"));
        read_in(folder.path(), &text).expect_err("must be refused").to_string()
    };
    let told = of("de", &shown().replace("{{ name }}", "{{ nmae }}"));
    assert!(told.contains("a.html, line 1: it says what is not known; there are name, title"), "{told}");
    let told = of("en", &shown().replace("{{ giving_back }}", ""));
    assert!(told.contains("a.html: it must say {{ giving_back }} wherever there is one"), "{told}");
    let told = of("fr", &shown());
    assert!(told.contains("unknown key `fr`"), "{told}");
    let told = read_in(folder.path(), &pushed("texts = {}")).expect_err("must be refused").to_string();
    assert!(told.contains("`en` or `de` must be given"), "{told}");
    let missing = pushed("texts = { en = './b.html' }");
    let told = read_in(folder.path(), &missing).expect_err("must be refused").to_string();
    assert!(told.contains("the text can't be read"), "{told}");
}
