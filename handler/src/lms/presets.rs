//! The connector files that are shipped: each by the name that it gives itself. What each does, and what it
//! makes of which answer, stands in the page beside it.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        const PRESETS: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("presets/", $name, ".toml"))),)*
            // Made up, with something of everything.
            #[cfg(test)]
            ("larkspur", include_str!("../config/connector_file/tests/larkspur.toml")),
        ];
    };
}

files! {
    "absorb",
    "arlo",
    "blackboard",
    "brightspace",
    "canvas",
    "cornerstone",
    "csv",
    "docebo",
    "icalendar",
    "learn365",
    "learnupon",
    "moodle",
    "moodle-booking",
    "moodle-facetoface",
    "moodle-group",
    "one-roster",
    "open-edx",
    "oracle-learning",
    "pretix",
    "successfactors",
    "talentlms",
    "threesixty-learning",
    "totara",
}

/// The text of a connector file that is shipped.
pub fn text(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

pub fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}
