use super::*;
use serde_json::json;

fn rows(bytes: &[u8]) -> Value {
    let read = read(bytes).unwrap();
    assert_eq!(read.doubts, []);
    read.json
}

#[test]
fn the_first_line_names_the_columns_whatever_their_order_and_case() {
    let expected = json!([
        { "line": 2, "session_id": "0047", "e_mail": "ana@contoso.com" },
        { "line": 3, "session_id": "0047", "e_mail": "ben@contoso.com" },
    ]);
    assert_eq!(rows(b"Session ID,E-Mail\n0047, ana@contoso.com\n0047,ben@contoso.com\n"), expected);
    assert_eq!(rows(b"e-mail,SESSION_id\r\nana@contoso.com,0047\r\nben@contoso.com,0047\r\n"), expected);
}

#[test]
fn the_separator_is_what_the_first_line_has_most_of_or_says() {
    let expected = json!([{ "line": 2, "a": "1,5", "b": "x;y", "c": "" }]);
    assert_eq!(rows(b"a;b;c\n1,5;\"x;y\";\n"), expected);
    assert_eq!(rows(b"a\tb\tc\n1,5\tx;y\t\n"), expected);
    assert_eq!(rows(b"a|b|c\n1,5|x;y|\n"), expected);
    assert_eq!(rows(b"\"a,a,a,a\";b\n1;2\n"), json!([{ "line": 2, "a_a_a_a": "1", "b": "2" }]));
    assert_eq!(rows(b"sep=;\r\na;b\r\n1;2\r\n"), json!([{ "line": 2, "a": "1", "b": "2" }]));
}

#[test]
fn texts_are_read_as_spreadsheets_write_them() {
    let expected = json!([{ "line": 2, "name": "J\u{fc}rgen" }]);
    assert_eq!(rows("name\nJ\u{fc}rgen\n".as_bytes()), expected);
    assert_eq!(rows(b"\xef\xbb\xbfname\nJ\xc3\xbcrgen\n"), expected);
    assert_eq!(rows(b"name\nJ\xfcrgen\n"), expected);
    let utf16: Vec<u8> = "\u{feff}name\nJ\u{fc}rgen\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(rows(&utf16), expected);
    let broken = read(&utf16[..utf16.len() - 1]).unwrap_err();
    assert_eq!(broken, "it says that it is UTF-16LE, and is not");
}

#[test]
fn a_row_that_does_not_fit_is_a_doubt_and_the_others_stay() {
    let read = read(b"a,b\n1,2\n3\n4,5,6\n7,8\n").unwrap();
    assert_eq!(read.json.as_array().unwrap().len(), 2);
    let doubts: Vec<String> = read.doubts.iter().map(ToString::to_string).collect();
    assert_eq!(
        doubts,
        ["line 3 (1 values for 2 columns) is cut short", "line 4 (3 values for 2 columns) is cut short"]
    );
}

/// Wherever a file is cut: each row that is there is as it was, and something says that others are not.
#[test]
fn wherever_it_is_cut_no_value_is_taken_for_another() {
    let whole = "session,name,email\n1,\"Ana, A\",ana@contoso.com\n2,\"Ben\n\"\"B\"\"\",ben@contoso.com\n";
    let all = rows(whole.as_bytes());
    let all = all.as_array().unwrap();
    for end in "session,name,email\n".len() + 1..whole.len() {
        let read = read(&whole.as_bytes()[..end]).unwrap();
        let read_rows = read.json.as_array().unwrap();
        assert_eq!(read_rows[..], all[..read_rows.len()], "{end}");
        let ends_a_row = whole[..end].ends_with("ana@contoso.com\n");
        assert_eq!(read.doubts.is_empty(), ends_a_row, "{end}: {:?}", read.doubts);
    }
}

#[test]
fn a_last_line_without_an_end_is_left_out() {
    let read = read(b"session,email\n1,ana@contoso.com\n1,ben@contoso.co").unwrap();
    assert_eq!(read.json.as_array().unwrap().len(), 1);
    let doubt = "line 3, the last, which has no end, is cut short";
    assert_eq!(read.doubts.iter().map(ToString::to_string).collect::<Vec<_>>(), [doubt]);
}

#[test]
fn what_is_no_table_says_why() {
    assert_eq!(read(b"a,,c\n1,2,3\n").unwrap_err(), "column 2 has no name in the first line");
    assert_eq!(read(b"E-Mail,e mail\n1,2\n").unwrap_err(), "two columns are called `e mail`");
    assert_eq!(read(b"").unwrap().json, json!([]));
}
