//! Texts with placeholders: `{{ user.id | lower }}`. No loops, no conditions, no calls: what a template costs
//! is its length and that of its values.
//!
//! - Where a value stands ([`Position`]) says how it is escaped ([`escape`]); that is found out when the
//!   template is read, and no author can say otherwise. So no value breaks out of its place: a segment of a
//!   path, a literal, a header, an attribute.
//! - A value that can't stand there at all (an empty segment, a line break in a header) is an error that
//!   names the placeholder and never shows the value.

mod error;
mod escape;
mod filter;
mod parse;
mod piece;
mod render;

pub use error::{NotRendered, RenderError, TemplateError, TemplateFault};
pub use filter::Filter;
pub use piece::{Position, Template, Variables};
pub use render::LONGEST;

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
