//! What a request carries, and how further pages are had.

use super::file_reader::FileReader;
use super::words::PagingWord;
use super::{step_shape, values};
use crate::config::nearest::listed;
use crate::config::table::{At, May};
use crate::config::tree::{Node, Value};
use crate::lms::recipe::step::{Body, JsonBody, PagesEnd, Paging, PagingKind};
use crate::lms::recipe::template::{Filter, Position};

/// More pages than these are no list of one session's places.
const MOST_PAGES: u32 = 1000;
const MOST_ROWS: u32 = 10_000;

impl FileReader<'_> {
    /// At most one of the four.
    pub(super) fn body(
        &mut self,
        form: May<'_, values::Texts>,
        json: May<'_, values::Json>,
        xml: May<'_, String>,
        graphql: May<'_, step_shape::GraphQl<'_>>,
    ) -> Option<Body> {
        let given: Vec<&Node> = [
            form.map(|at| at.node),
            json.map(|at| at.node),
            xml.map(|at| at.node),
            graphql.map(|at| at.node),
        ]
        .into_iter()
        .flatten()
        .collect();
        if let [_, second, ..] = given.as_slice() {
            let names = listed(given.iter().map(|node| node.key.as_str())).replace(" or ", " and ");
            self.wrong_key(second, format!("{names} exclude each other: keep one"), "the second", None);
            return None;
        }
        if form.is_some() {
            return self.templates(form, Position::Value).map(Body::Form);
        }
        if let Some(json) = json {
            return self.json(json.node).map(Body::Json);
        }
        if let Some(xml) = xml {
            return self.template(xml.node, Position::Xml).map(Body::Xml);
        }
        if let Some(graphql) = graphql {
            return self.graphql(graphql);
        }
        Some(Body::None)
    }

    fn graphql(&mut self, given: At<'_, step_shape::GraphQl<'_>>) -> Option<Body> {
        let step_shape::GraphQl { query, variables } = self.table(given)?;
        let query = self.required(query, "as GraphQL writes it").and_then(|query| {
            let text = self.text(&query, "a query of GraphQL")?;
            if text.contains("{{") {
                let hint = "declare a variable ($session: ID!) and give it in graphql.variables".to_owned();
                self.wrong(query.node, "a query has no placeholders", "values go into variables", Some(hint));
            }
            Some(text.to_owned())
        });
        let variables = match variables {
            Some(variables) => {
                if !matches!(variables.node.value, Value::Table(_)) {
                    self.bad_value(variables.node, "a table of variables", "not a table", None);
                }
                self.json(variables.node)
            }
            None => Some(JsonBody::Object(Vec::new())),
        };
        Some(Body::GraphQl { query: query?, variables: variables? })
    }

    /// Texts in it are templates.
    fn json(&mut self, node: &Node) -> Option<JsonBody> {
        Some(match &node.value {
            Value::Boolean(flag) => JsonBody::Boolean(*flag),
            Value::Integer(Some(number)) => JsonBody::Number(number.to_string()),
            Value::Float(text) => {
                let plain = text.replace('_', "");
                let plain = plain.strip_prefix('+').unwrap_or(&plain);
                if !plain.parse::<f64>().is_ok_and(f64::is_finite)
                    || serde_json::from_str::<serde_json::Number>(plain).is_err()
                {
                    self.bad_value(node, "a number that JSON knows", "", None);
                    return None;
                }
                JsonBody::Number(plain.to_owned())
            }
            Value::Integer(None) | Value::Date(_) => {
                let hint = "write it as a text".to_owned();
                self.bad_value(
                    node,
                    "a text, a number of 64 bits, a flag, a list or a table",
                    "",
                    Some(hint),
                );
                return None;
            }
            Value::Text(_) => {
                let template = self.template(node, Position::Value)?;
                match template.only_placeholder() {
                    Some((_, Some(Filter::Number))) => JsonBody::AsNumber(template),
                    Some((_, Some(Filter::Boolean))) => JsonBody::AsBoolean(template),
                    Some(_) | None => JsonBody::Text(template),
                }
            }
            Value::List(items) => {
                let items: Vec<Option<JsonBody>> = items.iter().map(|item| self.json(item)).collect();
                JsonBody::List(items.into_iter().collect::<Option<_>>()?)
            }
            Value::Table(entries) => {
                let entries: Vec<Option<(String, JsonBody)>> =
                    entries.iter().map(|entry| Some((entry.key.clone(), self.json(entry)?))).collect();
                JsonBody::Object(entries.into_iter().collect::<Option<_>>()?)
            }
        })
    }

    pub(super) fn paging(&mut self, given: At<'_, step_shape::Paging<'_>>) -> Option<Paging> {
        let node = given.node;
        let step_shape::Paging { kind, at, query, from, size, size_query, ends, most } = self.table(given)?;
        let most = self.number(most, 1..=MOST_PAGES, 50);
        let kind = self.required(kind, "one of link, next, page, offset and cursor")?;
        let kind = self.choice(Some(kind), PagingWord::Link)?;
        let allowed: &[&str] = match kind {
            PagingWord::Link => &[],
            PagingWord::Next => &["at"],
            PagingWord::Page => &["query", "from", "size", "size_query", "ends"],
            PagingWord::Offset => &["query", "size", "size_query", "ends"],
            PagingWord::Cursor => &["at", "query"],
        };
        if let Value::Table(children) = &node.value {
            let known = <step_shape::Paging<'_> as crate::config::table::Table<'_>>::KEYS;
            let is_idle = |child: &&Node| {
                let key = child.key.as_str();
                known.contains(&key) && !["kind", "most"].contains(&key) && !allowed.contains(&key)
            };
            if let Some(idle) = children.iter().find(is_idle) {
                let why = format!("`{}` does not belong to this kind of paging", idle.key);
                self.wrong_key(idle, why, "not here", None);
            }
        }
        let at = match (at, kind) {
            (Some(at), PagingWord::Cursor) if matches!(at.node.value, Value::List(_)) => {
                let items = self.list(At::<Vec<String>>::new(at.node), "a list of JSONPaths")?;
                let paths: Vec<_> = items.iter().map(|item| self.json_path(At::new(item))).collect();
                paths.into_iter().collect()
            }
            (Some(at), _) => self.json_path(At::new(at.node)).map(|at| vec![at]),
            (None, PagingWord::Next | PagingWord::Cursor) => {
                self.missing(node, "at", "where it stands in the answer, a JSONPath");
                None
            }
            (None, PagingWord::Link | PagingWord::Page | PagingWord::Offset) => None,
        };
        let field = |reader: &mut Self, field: May<'_, String>| match field {
            Some(field) => {
                reader.text(&field, "the name of a field of the query").map(|text| Some(text.to_owned()))
            }
            None => Some(None),
        };
        let query = field(self, query)?;
        let size_query = field(self, size_query)?;
        let counted = matches!(kind, PagingWord::Page | PagingWord::Offset);
        if counted && size.is_none() {
            self.missing(node, "size", "rows of a page");
        }
        let from = self.number(from, 0..=1, 1);
        let size = self.number(size, 1..=MOST_ROWS, 1);
        let ends = self.choice(ends, PagesEnd::Empty);
        let kind = match kind {
            PagingWord::Link => PagingKind::Link,
            PagingWord::Next => PagingKind::Next(at?.into_iter().next()?),
            PagingWord::Page => PagingKind::Page { query, from: from?, size: size?, size_query, ends: ends? },
            PagingWord::Offset => PagingKind::Offset { query, size: size?, size_query, ends: ends? },
            PagingWord::Cursor => PagingKind::Cursor { at: at?, query },
        };
        Some(Paging { kind, most: most? })
    }
}
