use super::*;

#[test]
fn html_keeps_what_stands_in_its_body_and_no_script() {
    let page = "<html><head><title>x</title></head><BODY class=\"a\"><p>One</p><script>alert(1)</script>\
                <SCRIPT src=x></SCRIPT><p>Two</p></BODY></html>";
    assert_eq!(kept(true, page), "<p>One</p><p>Two</p>");
    assert_eq!(kept(true, "<p>Bare</p>"), "<p>Bare</p>");
    assert_eq!(kept(true, "an end without a beginning</body>"), "an end without a beginning");
    assert_eq!(kept(true, "<script>never closed"), "");
    assert!(html("<p>One</p>").ends_with("</head><body><p>One</p></body></html>"));
}

#[test]
fn plain_text_comes_back_as_it_was() {
    for text in ["Training canary-1", "a < b & c > d", "one\r\ntwo\r\n\r\nthree", "&lt; stays &amp;lt;", ""] {
        assert_eq!(plain(&kept(false, text)), text);
    }
    assert_eq!(plain("<p>One</p><div>Two<br>Three</div>"), "One\r\nTwo\r\nThree\r\n");
    assert_eq!(plain("open <b"), "open ");
}
