//! `publish.texts`: what learners' invitations say, in files beside the configuration.

use super::problem::{Problem, ProblemKind};
use super::raw_publish as raw;
use super::reader::Reader;
use super::table::May;
use crate::publishing::learner_text::LearnerText;
use crate::publishing::words::Texts;
use std::sync::Arc;

const EXPECTED: &str = "a file such as \"./invitation.html\"";

impl Reader<'_> {
    pub(super) fn publish_texts(&mut self, given: May<'_, raw::Texts<'_>>) -> Option<Texts> {
        let Some(given) = given else { return Some(Texts::default()) };
        let before = self.problems.len();
        let raw::Texts { en, de } = self.table(given)?;
        if en.is_none() && de.is_none() && self.problems.len() == before {
            let why = "`en` or `de` must be given; leave `texts` out for Regrets' own words";
            self.contradiction(&given, why);
        }
        let texts = Texts { en: self.learner_text(en), de: self.learner_text(de) };
        (self.problems.len() == before).then_some(texts)
    }

    fn learner_text(&mut self, given: May<'_, String>) -> Option<Arc<LearnerText>> {
        let given = given?;
        let name = self.text(&given, EXPECTED)?;
        let (shown, source) = self.read_beside(&given, name, "the text")?;
        match LearnerText::new(&source) {
            Ok(text) => Some(Arc::new(text)),
            Err(wrong) => {
                let line = wrong.line.map(|line| format!(", line {line}")).unwrap_or_default();
                let why = format!("{shown}{line}: {}", wrong.why);
                let kind = ProblemKind::Contradiction { path: given.path.clone(), why };
                let hint = "OPERATIONS.md shows a whole one, with all that can be said in it";
                self.report(Problem::new(kind).at(&given.at, "named here").hint(hint));
                None
            }
        }
    }
}
