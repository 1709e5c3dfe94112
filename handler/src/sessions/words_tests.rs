use super::*;
use crate::calendar::zone::Zone;
use crate::sessions::moment::Moment;

#[test]
fn the_language_is_that_of_the_tag() {
    for (tag, wanted) in
        [("de", Some(Language::De)), ("de-CH", Some(Language::De)), ("EN_us", Some(Language::En))]
    {
        assert_eq!(Language::of(tag), wanted, "{tag}");
    }
    assert_eq!(Language::of("fr"), None);
    assert_eq!(Language::of(""), None);
}

#[test]
fn a_time_is_told_on_the_clock_of_its_zone() {
    let zone = Zone::named("America/St_Johns").unwrap();
    let day = |day| NaiveDate::from_ymd_opt(2027, 12, day).unwrap();
    let at = |on, hour| Moment::of_wall(day(on).and_hms_opt(hour, 5, 0).unwrap(), zone).unwrap();
    let whole = |last| Span::days(day(30), day(last), zone).unwrap();
    let spans = [
        Span::timed(at(5, 9), at(5, 10)).unwrap(),
        Span::timed(at(6, 23), at(7, 1)).unwrap(),
        whole(30),
        whole(31),
    ];
    let said = spans.map(|span| format!("{}\n{}", Language::En.span(&span), Language::De.span(&span)));
    insta::assert_snapshot!(said.join("\n"), @r"
    Sunday, 5 December 2027, 09:05 to 10:05
    Sonntag, 5. Dezember 2027, 09:05 bis 10:05 Uhr
    Monday, 6 December 2027, 23:05 to Tuesday, 7 December 2027, 01:05
    Montag, 6. Dezember 2027, 23:05 Uhr bis Dienstag, 7. Dezember 2027, 01:05 Uhr
    Thursday, 30 December 2027, all day
    Donnerstag, 30. Dezember 2027, ganztägig
    Thursday, 30 December 2027 to Friday, 31 December 2027
    Donnerstag, 30. Dezember 2027 bis Freitag, 31. Dezember 2027
    ");
}

#[test]
fn each_day_and_each_month_has_its_name() {
    let of = |language: Language| {
        let first = |month| language.day(NaiveDate::from_ymd_opt(2027, month, 1).unwrap());
        (1..=12).map(first).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(of(Language::En), @r"
    Friday, 1 January 2027
    Monday, 1 February 2027
    Monday, 1 March 2027
    Thursday, 1 April 2027
    Saturday, 1 May 2027
    Tuesday, 1 June 2027
    Thursday, 1 July 2027
    Sunday, 1 August 2027
    Wednesday, 1 September 2027
    Friday, 1 October 2027
    Monday, 1 November 2027
    Wednesday, 1 December 2027
    ");
    insta::assert_snapshot!(of(Language::De), @r"
    Freitag, 1. Januar 2027
    Montag, 1. Februar 2027
    Montag, 1. März 2027
    Donnerstag, 1. April 2027
    Samstag, 1. Mai 2027
    Dienstag, 1. Juni 2027
    Donnerstag, 1. Juli 2027
    Sonntag, 1. August 2027
    Mittwoch, 1. September 2027
    Freitag, 1. Oktober 2027
    Montag, 1. November 2027
    Mittwoch, 1. Dezember 2027
    ");
}
