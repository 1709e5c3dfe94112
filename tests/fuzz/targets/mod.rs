//! What arbitrary bytes are thrown at, each by the entry point that its property tests use. A target panics
//! where something is not as it must be; how much memory and time one may take, its caller says.
//!
//! The suite `connectors` throws some at each of them (`thrown.rs`), so that this stays in step with the
//! code.

mod answers;
mod lms;
mod template;

pub(crate) use answers::answers;
pub(crate) use template::template;

use regrets::config::connector_file;

/// No error is told in more.
const MOST_TOLD: usize = 4 << 20;

pub(crate) type Target = fn(&[u8]);

/// By name.
pub(crate) const ALL: [(&str, Target); 3] =
    [("connector_file", connector_file), ("template", template), ("answers", answers)];

/// Whatever is in the file, it is a connector, or is told what is wrong with it.
pub(crate) fn connector_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(errors) = connector_file::read("any.toml", &text) {
        assert!(!errors.problems().is_empty(), "refused, and nobody is told why");
        let told = errors.render(true);
        assert!(!told.is_empty() && told.len() < MOST_TOLD, "told in {} bytes", told.len());
        assert_eq!(errors.to_string().lines().count(), errors.problems().len());
    }
}
