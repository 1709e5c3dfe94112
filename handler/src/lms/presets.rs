//! The connector files that are shipped: each by the name that it gives itself.

const PRESETS: &[(&str, &str)] = &[
    ("pretix", include_str!("presets/pretix.toml")),
    // Made up, with something of everything.
    #[cfg(test)]
    ("larkspur", include_str!("../config/connector_file/tests/larkspur.toml")),
];

/// The text of a connector file that is shipped.
pub fn text(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

pub fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}
