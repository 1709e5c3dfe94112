//! Texts of events as Exchange keeps them: HTML is rewritten, plain text becomes HTML, and a preview is
//! plain again.

/// Elements that Exchange takes out with what is in them.
const FORBIDDEN: [&str; 4] = ["script", "style", "iframe", "object"];

/// What is kept of a text: of HTML what stands in its body, without scripts; plain text escaped.
pub fn kept(is_html: bool, content: &str) -> String {
    if !is_html {
        return escaped(content).replace("\r\n", "\n").replace('\n', "<br>\r\n");
    }
    let lower = content.to_ascii_lowercase();
    let from = lower.find("<body").and_then(|at| Some(at + lower.get(at..)?.find('>')? + 1)).unwrap_or(0);
    let to = lower.rfind("</body").unwrap_or(content.len());
    let inner = content.get(from..to).unwrap_or(content);
    FORBIDDEN.iter().fold(inner.to_owned(), |text, name| without(&text, name))
}

/// As it is shown in HTML.
pub fn html(kept: &str) -> String {
    format!(
        "<html><head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head>\
         <body>{kept}</body></html>"
    )
}

/// As it is shown in plain text.
pub fn plain(kept: &str) -> String {
    let mut plain = String::with_capacity(kept.len());
    let mut rest = kept;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        plain.push_str(before);
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let (tag, after) = tag.split_at(end);
        let name = tag.trim_start_matches(['<', '/']).to_ascii_lowercase();
        let breaks = name.starts_with("br") || (tag.starts_with("</") && ends_a_line(&name));
        if breaks && !plain.is_empty() {
            plain.push_str("\r\n");
        }
        rest = if breaks { after.strip_prefix("\r\n").unwrap_or(after) } else { after };
    }
    plain.push_str(rest);
    unescaped(&plain)
}

fn ends_a_line(name: &str) -> bool {
    ["p>", "div>", "li>", "tr>", "h1>", "h2>", "h3>"].iter().any(|end| name.starts_with(end))
}

fn without(text: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut text = text.to_owned();
    loop {
        let lower = text.to_ascii_lowercase();
        let Some(from) = lower.find(&open) else { return text };
        let rest = lower.get(from..).unwrap_or_default();
        let to = rest.find(&close).map_or(text.len(), |at| from + at + close.len());
        text.replace_range(from..to, "");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn unescaped(text: &str) -> String {
    let pairs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    pairs.iter().fold(text.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
