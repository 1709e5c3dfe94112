//! Route templates of HTTP triggers: `orders/{id}`, `{name?}`, `{name=default}`, `{*rest}`. Literals match in
//! any case; constraints (`{id:int}`) are read and ignored. The more exact template wins, as in ASP.NET
//! routing.

use percent_encoding::percent_decode_str;

/// What no route may begin with, whatever the prefix before it: the host looks at the bare template, and at
/// its mere beginning (`administration` is refused as well).
const RESERVED: [&str; 2] = ["admin", "runtime"];

/// Route values in the template's order; `None` for an optional one that is missing.
pub(crate) type Params = Vec<(String, Option<String>)>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Value { name: String, default: Option<String>, optional: bool },
    Rest { name: String },
}

impl Route {
    /// # Errors
    /// A sentence about the part that can't be read.
    pub(crate) fn parse(prefix: &str, template: &str) -> Result<Self, String> {
        let text = [prefix.trim_matches('/'), template.trim_matches('/')];
        let text = text.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/");
        let segments = text
            .split('/')
            .filter(|part| !part.is_empty())
            .map(Segment::parse)
            .collect::<Result<Vec<_>, _>>()?;
        for begun in [template.trim_matches('/'), &text] {
            if let Some(reserved) =
                RESERVED.iter().find(|reserved| begun.to_lowercase().starts_with(*reserved))
            {
                return Err(format!(
                    "route \"{begun}\" begins with `{reserved}`: the Functions host keeps such routes for \
                     itself, \
                     and a function with one does not exist there"
                ));
            }
        }
        let count = segments.len();
        for (index, segment) in segments.iter().enumerate() {
            match segment {
                Segment::Rest { name } if index + 1 < count => {
                    return Err(format!("route \"{text}\": `{{*{name}}}` must be the last part"));
                }
                Segment::Literal(_) | Segment::Value { .. } | Segment::Rest { .. } => {}
            }
        }
        Ok(Self { text, segments })
    }

    /// With prefix and leading slash.
    pub(crate) fn path(&self) -> String {
        format!("/{}", self.text)
    }

    /// `path` as it came on the wire; values are percent-decoded.
    pub(crate) fn matches(&self, path: &str) -> Option<Params> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let mut parts = parts.as_slice();
        let mut params = Params::new();
        for segment in &self.segments {
            match segment {
                Segment::Literal(literal) => {
                    let (part, rest) = parts.split_first()?;
                    if !decode(part).eq_ignore_ascii_case(literal) {
                        return None;
                    }
                    parts = rest;
                }
                Segment::Value { name, default, optional } => match parts.split_first() {
                    Some((part, rest)) => {
                        params.push((name.clone(), Some(decode(part))));
                        parts = rest;
                    }
                    None if *optional || default.is_some() => params.push((name.clone(), default.clone())),
                    None => return None,
                },
                Segment::Rest { name } => {
                    let rest = parts.iter().map(|part| decode(part)).collect::<Vec<_>>().join("/");
                    params.push((name.clone(), (!rest.is_empty()).then_some(rest)));
                    parts = &[];
                }
            }
        }
        parts.is_empty().then_some(params)
    }

    /// Smaller is more exact: literals before values before the rest, part by part.
    pub(crate) fn rank(&self) -> Vec<u8> {
        self.segments
            .iter()
            .map(|segment| match segment {
                Segment::Literal(_) => 0,
                Segment::Value { .. } => 1,
                Segment::Rest { .. } => 2,
            })
            .collect()
    }
}

impl Segment {
    fn parse(part: &str) -> Result<Self, String> {
        let Some(inner) = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            if part.contains(['{', '}']) {
                return Err(format!(
                    "route part `{part}` mixes text and a value: give the value a part of its own"
                ));
            }
            return Ok(Self::Literal(part.to_owned()));
        };
        if inner.contains(['{', '}']) {
            return Err(format!("route part `{part}` holds two values: give each a part of its own"));
        }
        if let Some(name) = inner.strip_prefix("**").or_else(|| inner.strip_prefix('*')) {
            return Ok(Self::Rest { name: named(name.split(':').next().unwrap_or(name), part)? });
        }
        let (inner, optional) = inner.strip_suffix('?').map_or((inner, false), |inner| (inner, true));
        let (inner, default) =
            inner.split_once('=').map_or((inner, None), |(inner, default)| (inner, Some(default.to_owned())));
        Ok(Self::Value { name: named(inner.split(':').next().unwrap_or(inner), part)?, default, optional })
    }
}

fn named(name: &str, part: &str) -> Result<String, String> {
    let plain =
        !name.is_empty() && name.chars().all(|sign| sign.is_alphanumeric() || sign == '_' || sign == '-');
    if plain { Ok(name.to_owned()) } else { Err(format!("route part `{part}` has no proper name")) }
}

/// What isn't UTF-8 is replaced; a `%` that escapes nothing stays.
fn decode(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
