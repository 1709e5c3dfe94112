use super::*;
use crate::calendar::zone::Zone;
use crate::publishing::testing::span;
use chrono::NaiveDate;

#[test]
fn when_it_is_names_the_zone_in_each_language() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let day = |day| NaiveDate::from_ymd_opt(2027, 3, day).unwrap();
    let at = |on, hour| Moment::of_wall(day(on).and_hms_opt(hour, 5, 0).unwrap(), zone).unwrap();
    let two_days = Span::timed(at(1, 9), at(2, 17)).unwrap();
    let whole = |last| Span::days(day(1), day(last), zone).unwrap();
    let said = [span(10), two_days, whole(1), whole(3)]
        .map(|span| format!("{}\n{}", when(Language::En, &span), when(Language::De, &span)));
    insta::assert_snapshot!(said.join("\n"), @r"
    Monday, 1 March 2027, 10:00 to 11:00 (time in Europe/London)
    Montag, 1. März 2027, 10:00 bis 11:00 Uhr (Zeit in Europe/London)
    Monday, 1 March 2027, 09:05 to Tuesday, 2 March 2027, 17:05 (time in Europe/Berlin)
    Montag, 1. März 2027, 09:05 Uhr bis Dienstag, 2. März 2027, 17:05 Uhr (Zeit in Europe/Berlin)
    Monday, 1 March 2027, all day (time in Europe/Berlin)
    Montag, 1. März 2027, ganztägig (Zeit in Europe/Berlin)
    Monday, 1 March 2027 to Wednesday, 3 March 2027 (time in Europe/Berlin)
    Montag, 1. März 2027 bis Mittwoch, 3. März 2027 (Zeit in Europe/Berlin)
    ");
}

/// Across a change of the clocks it is the wall time then that counts.
#[test]
fn it_is_said_until_when_declining_gives_the_place_back() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let wall = NaiveDate::from_ymd_opt(2027, 3, 29).unwrap().and_hms_opt(9, 0, 0).unwrap();
    let start = Moment::of_wall(wall, zone).unwrap();
    let end = Moment::of_wall(wall + TimeDelta::hours(1), zone).unwrap();
    let span = Span::timed(start, end).unwrap();
    let said = [TimeDelta::zero(), TimeDelta::days(2)].map(|until| {
        format!("{}\n{}", giving_back(Language::En, &span, until), giving_back(Language::De, &span, until))
    });
    insta::assert_snapshot!(said.join("\n"), @r"
    If you can't come, decline this invitation: your place is given back then. This works until Monday, 29 March 2027, 09:00.
    Wenn Sie nicht kommen können, lehnen Sie diese Einladung ab: Ihr Platz wird dann freigegeben. Das geht bis Montag, 29. März 2027, 09:00 Uhr.
    If you can't come, decline this invitation: your place is given back then. This works until Saturday, 27 March 2027, 08:00.
    Wenn Sie nicht kommen können, lehnen Sie diese Einladung ab: Ihr Platz wird dann freigegeben. Das geht bis Samstag, 27. März 2027, 08:00 Uhr.
    ");
}
