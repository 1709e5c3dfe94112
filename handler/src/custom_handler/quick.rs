//! An HTTP request as today's host wraps it, read in one pass together with the JSON in its body. `None` for anything
//! else, which [`Invocation::http_request`](crate::custom_handler::Invocation::http_request) reads: it alone decides what is an error.

use crate::custom_handler::http_request::{HttpRequest, Table};
use crate::custom_handler::lenient_json::First;
use crate::custom_handler::scan::Scanner;

/// The binding's request, but for its body, and what `read` makes of the JSON in its body.
pub(crate) fn http_request<'a, T>(
    body: &'a [u8],
    binding: &str,
    mut read: impl FnMut(&mut Scanner<'a, true>) -> Option<T>,
) -> Option<(HttpRequest<'a>, T)> {
    let mut found = None;
    let mut scanner = Scanner::new(body)?;
    scanner.object(|scanner, key| {
        if !key.plain()?.eq_ignore_ascii_case(b"Data") {
            return scanner.skip();
        }
        // A second `Data` would have to take the first one's place, and a second binding too.
        if found.is_some() {
            return None;
        }
        scanner.object(|scanner, key| match key.plain()? == binding.as_bytes() {
            true if found.is_some() => None,
            true => {
                found = Some(request(scanner, &mut read)?);
                Some(())
            }
            false => scanner.skip(),
        })
    })?;
    scanner.end()?;
    found
}

fn request<'a, T>(
    scanner: &mut Scanner<'a, false>,
    read: &mut impl FnMut(&mut Scanner<'a, true>) -> Option<T>,
) -> Option<(HttpRequest<'a>, T)> {
    let (mut request, mut body) = (HttpRequest::default(), None);
    scanner.object(|scanner, key| {
        match key.plain()? {
            b"Url" => request.url = scanner.text_or_null()?.unwrap_or_default(),
            b"Method" => request.method = scanner.text_or_null()?.unwrap_or_default(),
            b"Query" => request.query = table(scanner, 0)?,
            b"Params" => request.params = table(scanner, 0)?,
            b"Headers" => request.headers = table(scanner, 16)?,
            b"Body" if body.is_some() => return None,
            b"Body" => body = Some(scanner.inside(&mut *read)?),
            _ => scanner.skip()?,
        }
        Some(())
    })?;
    Some((request, body?)).filter(|(request, _)| !request.is_binary())
}

fn table<'a>(scanner: &mut Scanner<'a, false>, size: usize) -> Option<Table<'a>> {
    let mut table = Vec::with_capacity(size);
    scanner.object(|scanner, key| {
        let mut first = None;
        if scanner.peek()? == b'[' {
            scanner.array(|scanner| {
                let text = scanner.text_or_null()?;
                first = first.take().or(text);
                Some(())
            })?;
        } else {
            first = scanner.text_or_null()?;
        }
        table.push((key.text()?, First(first)));
        Some(())
    })?;
    Some(Table(table))
}
