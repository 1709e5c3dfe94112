//! Why a list was not read to its end, or may not be believed.

use crate::lms::engine::answer::{Answer, Extent};
use crate::lms::engine::classify::Judgement;
use crate::lms::engine::finding::{End, Finding};
use crate::lms::recipe::words::{StepOutcome, Verdict};
use crate::sessions::pass::Doubt;

/// What was not read to its end.
pub(super) struct Broken {
    pub(super) doubt: Doubt,
    /// Nothing else can be read in this pass.
    pub(super) is_over: bool,
}

impl Broken {
    pub(super) fn off(at: &str, why: impl std::fmt::Display) -> Self {
        Self { doubt: Doubt::NotEnded { at: format!("{at} ({why})") }, is_over: false }
    }
}

/// There is no answer.
pub(super) fn not_asked(at: &str, finding: &Finding) -> Broken {
    let why = finding.why.as_deref().unwrap_or("no answer");
    match finding.end {
        End::Outcome(StepOutcome::AuthBroken) => {
            Broken { doubt: Doubt::Forbidden { at: at.to_owned() }, is_over: true }
        }
        End::NoRoom => Broken { is_over: true, ..Broken::off(at, why) },
        End::Outcome(_) | End::State(_) | End::Through => Broken::off(at, why),
    }
}

/// The answer is none of this list.
pub(super) fn refused(at: &str, answer: &Answer, judged: &Judgement) -> Broken {
    let at_all = at.to_owned();
    let doubt = match answer.status {
        // A throttle may look like it.
        401 | 403 if judged.verdict != Verdict::Outcome(StepOutcome::Retry) => {
            Doubt::Forbidden { at: at_all }
        }
        // Some say it with 200.
        _ if judged.verdict == Verdict::Outcome(StepOutcome::AuthBroken) => Doubt::Forbidden { at: at_all },
        206 => Doubt::Cut { at: at_all },
        _ if answer.extent != Extent::Whole || is_cut(answer) => Doubt::Cut { at: at_all },
        status => {
            // What it says for people may name some.
            let said = match judged.verdict {
                Verdict::Outcome(outcome) if answer.is_success() => {
                    format!("HTTP {status}, which is {}", outcome.word())
                }
                Verdict::Outcome(_) | Verdict::State(_) | Verdict::Ok => format!("HTTP {status}"),
            };
            return Broken::off(at, judged.why.as_deref().unwrap_or(&said));
        }
    };
    Broken { doubt, is_over: false }
}

/// JSON that ends too early.
fn is_cut(answer: &Answer) -> bool {
    let parsed = serde_json::from_str::<serde::de::IgnoredAny>(&answer.text);
    answer.is_success() && !answer.is_empty() && parsed.is_err_and(|error| error.is_eof())
}
