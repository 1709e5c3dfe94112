//! Puts the values in.

use super::error::{NotRendered, RenderError};
use super::piece::{Piece, Position, Template, Variables};

/// No rendered text is longer, in bytes.
pub const LONGEST: usize = 64 * 1024;

impl Template {
    /// The text with its values, each escaped for where it stands.
    pub fn render(&self, variables: &dyn Variables) -> Result<String, RenderError> {
        let mut text = String::new();
        for piece in &self.pieces {
            let placeholder = match piece {
                Piece::Text(literal) => {
                    text.push_str(literal);
                    continue;
                }
                Piece::Placeholder(placeholder) => placeholder,
            };
            let failed = |why| RenderError { name: placeholder.name.clone(), why };
            let mut value = variables.get(&placeholder.name);
            for filter in &placeholder.filters {
                value = filter.apply(value).map_err(failed)?;
            }
            let value = value.ok_or_else(|| failed(NotRendered::Nothing))?;
            if text.len() + value.len() > LONGEST {
                return Err(failed(NotRendered::TooLong));
            }
            text.push_str(&placeholder.escape.apply(value).map_err(failed)?);
            if text.len() > LONGEST {
                return Err(failed(NotRendered::TooLong));
            }
        }
        // What stands behind the last value counts, too.
        if text.len() > LONGEST {
            return Err(self.of_last(NotRendered::TooLong));
        }
        self.refuse_dots(&text)?;
        Ok(text)
    }

    /// What the whole text is refused for is said of the value that came last.
    fn of_last(&self, why: NotRendered) -> RenderError {
        let name = self.placeholders().last().map_or_else(String::new, |(name, _)| name.to_owned());
        RenderError { name, why }
    }

    /// Values may have made a segment of dots together.
    fn refuse_dots(&self, text: &str) -> Result<(), RenderError> {
        let has_path = match self.position {
            Position::Path | Position::Url => true,
            Position::Value | Position::OData | Position::Header | Position::Xml => false,
        };
        if has_path && text.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(self.of_last(NotRendered::Dots));
        }
        Ok(())
    }
}
