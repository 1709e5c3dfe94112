//! `Link` (RFC 8288): the target of the link whose relation is `next`.

/// Of several such, the first; `None` where there is none, or where the header can't be read up to it.
pub(super) fn next(header: &str) -> Option<String> {
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (target, behind) = rest.strip_prefix('<')?.split_once('>')?;
        let (is_next, behind) = parameters(behind)?;
        if is_next {
            return Some(target.trim().to_owned());
        }
        rest = behind;
    }
}

/// Whether one of a link's parameters says `rel` with `next` in it, and what stands behind the last of them.
/// Of several `rel` only the first counts (3.3).
fn parameters(text: &str) -> Option<(bool, &str)> {
    let (mut rest, mut relation) = (text, None);
    loop {
        rest = rest.trim_start();
        let Some(parameter) = rest.strip_prefix(';') else {
            return (rest.is_empty() || rest.starts_with(',')).then_some((relation == Some(true), rest));
        };
        let parameter = parameter.trim_start();
        let end = parameter.find(['=', ';', ',']).unwrap_or(parameter.len());
        let (name, behind) = parameter.split_at(end);
        let Some(value) = behind.strip_prefix('=') else {
            rest = behind;
            continue;
        };
        let (value, behind) = value_of(value.trim_start())?;
        if name.trim().eq_ignore_ascii_case("rel") && relation.is_none() {
            relation = Some(value.split_whitespace().any(|word| word.eq_ignore_ascii_case("next")));
        }
        rest = behind;
    }
}

/// A token or a quoted text, and what stands behind it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        let (value, behind) = text.split_at(end);
        return Some((value.trim().to_owned(), behind));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
#[path = "link_header_tests.rs"]
mod tests;
