//! A diagnosis for people: one line a check, and under it the step where there is one.

use crate::jobs::operate::doctor::check::Verdict;
use crate::jobs::operate::doctor::report::{Diagnosis, Finding};
use crate::jobs::operate::operator::counted;
use std::fmt::Write as _;

pub(super) fn tell(found: &Diagnosis) -> String {
    let mut text = String::new();
    let width = found.all().map(|(_, finding)| finding.title.chars().count()).max().unwrap_or_default();
    lines(&mut text, "Deployment", &found.deployment, width);
    for (tenant, findings) in &found.tenants {
        text.push('\n');
        lines(&mut text, tenant.as_str(), findings, width);
    }
    text.push('\n');
    text.push_str(&ending(found));
    text
}

// Writing to a String can't fail.
fn lines(text: &mut String, whose: &str, findings: &[Finding], width: usize) {
    let _ = writeln!(text, "{whose}");
    for finding in findings {
        let word = match finding.outcome {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Failed => "FAILED",
            Verdict::Skipped => "-",
        };
        let _ = writeln!(text, "  {word:<8} {:width$}  {}", finding.title, finding.seen);
        for more in finding.step.iter().chain(&finding.link) {
            let _ = writeln!(text, "  {:<8} {:width$}  > {more}", "", "");
        }
    }
}

fn ending(found: &Diagnosis) -> String {
    let first = found.all().find(|(_, finding)| finding.outcome == Verdict::Failed);
    let warnings = match found.count(Verdict::Warning) {
        0 => String::new(),
        count => format!(" {}.", counted(count, "warning", "warnings")),
    };
    let Some((tenant, first)) = first else {
        let cut = if found.cut { " There was no time for all of it." } else { "" };
        return format!("Nothing fails.{warnings}{cut}\n");
    };
    let faults = counted(found.count(Verdict::Failed), "fault", "faults");
    let whose = tenant.map(|tenant| format!(" of {tenant}")).unwrap_or_default();
    let step = first.step.as_deref().unwrap_or_default();
    format!("{faults}.{warnings} Mend first, {}{whose}: {step}\n", first.title)
}

#[cfg(test)]
#[path = "tell_tests.rs"]
mod tests;
