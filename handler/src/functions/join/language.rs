//! Which of our languages a browser would rather have.

use crate::sessions::words::Language;
use axum::http::{HeaderMap, header};

/// By `Accept-Language`: the one that it prefers, of equals the first; English where it names none.
pub(super) fn preferred(headers: &HeaderMap) -> Language {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
    let mut best: Option<(f32, Language)> = None;
    for one in lines.flat_map(|line| line.split(',')) {
        let mut parts = one.split(';');
        let Some(language) = Language::of(parts.next().unwrap_or_default().trim()) else { continue };
        let quality = parts.find_map(|part| part.trim().strip_prefix("q=")?.trim().parse().ok());
        let quality: f32 = quality.unwrap_or(1.0);
        if quality > 0.0 && best.is_none_or(|(known, _)| quality > known) {
            best = Some((quality, language));
        }
    }
    best.map_or_else(Language::default, |(_, language)| language)
}

#[cfg(test)]
#[path = "language_tests.rs"]
mod tests;
