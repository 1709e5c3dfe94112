use super::*;

#[test]
fn spellings_of_one_person_are_one() {
    for (a, b, is_one) in [
        ("ana@contoso.com", " ANA@Contoso.COM ", true),
        ("ana@contoso.com", "ana@contoso.com.", true),
        ("ana@bücher.example", "ana@xn--bcher-kva.example", true),
        ("AAAAAAAA-bbbb-cccc-dddd-000000000001", "aaaaaaaa-bbbb-cccc-dddd-000000000001", true),
        ("ana@contoso.com", "ana@contoso.org", false),
        ("ana@contoso.com", "anna@contoso.com", false),
        ("ana@a b", "ana@a b", true),
    ] {
        assert_eq!(user(a) == user(b), is_one, "{a} {b}");
    }
}

#[test]
fn spellings_of_one_url_are_one() {
    for (a, b, is_one) in [
        ("https://LMS.contoso.com/hooks", "https://lms.contoso.com:443/hooks", true),
        ("https://lms.contoso.com./hooks", "https://lms.contoso.com/hooks", true),
        ("https://lms.contoso.com", "https://lms.contoso.com/", true),
        ("https://lms.contoso.com/a/../hooks/./x", "https://lms.contoso.com/hooks/x", true),
        ("https://lms.contoso.com/%7Ehooks?a=%41", "https://lms.contoso.com/~hooks?a=A", true),
        ("https://lms.contoso.com/a%2fb", "https://lms.contoso.com/a%2Fb", true),
        ("https://bücher.example/a", "https://xn--bcher-kva.example/a", true),
        ("http://[::1]/a", "http://[0:0:0:0:0:0:0:1]:80/a", true),
        ("https://lms.contoso.com/a%2Fb", "https://lms.contoso.com/a/b", false),
        ("https://lms.contoso.com/hooks/", "https://lms.contoso.com/hooks", false),
        ("https://lms.contoso.com/Hooks", "https://lms.contoso.com/hooks", false),
        ("https://lms.contoso.com/hooks?a=1", "https://lms.contoso.com/hooks", false),
        ("https://lms.contoso.com:8443/hooks", "https://lms.contoso.com/hooks", false),
        ("https://lms.contoso.com/100%", "https://lms.contoso.com/100%2", false),
    ] {
        let of = |text: &str| url(&Url::parse(text).unwrap());
        assert_eq!(of(a) == of(b), is_one, "{a} {b}");
    }
}
