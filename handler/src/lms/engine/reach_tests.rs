use super::*;
use crate::config::connector_file::read;
use crate::lms::engine::settings::SettingValue;
use crate::lms::presets;

fn file(name: &str) -> ConnectorFile {
    read("file.toml", presets::text(name).unwrap()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn given(file: &ConnectorFile, name: &str, value: &str) -> Settings {
    let default = |setting: &crate::lms::recipe::connector::Setting| {
        (setting.name.clone(), SettingValue::Text(setting.default.clone().unwrap_or_default()))
    };
    let mut settings =
        Settings { values: file.settings.iter().map(default).collect(), ..Settings::default() };
    settings.values.insert(name.to_owned(), SettingValue::Text(value.to_owned()));
    settings
}

#[test]
fn a_roster_that_no_setting_asks_for_is_none() {
    for (connector, setting, value) in
        [("icalendar", "roster", "https://x.example/p.csv"), ("totara", "report", "7")]
    {
        let file = file(connector);
        assert_eq!(roster_reach(&file, &given(&file, setting, "")), RosterReach::Nothing, "{connector}");
        assert_eq!(roster_reach(&file, &given(&file, setting, value)), RosterReach::All, "{connector}");
        assert_eq!(settings_of_the_roster(&file), [setting], "{connector}");
    }
    let file = file("moodle-group");
    assert_eq!(roster_reach(&file, &given(&file, "group_by", "idnumber")), RosterReach::Session);
}

/// What is known only once something was read leaves nothing out.
#[test]
fn other_conditions_leave_nothing_out() {
    let (pretix, csv) = (file("pretix"), file("csv"));
    assert!(has_single_read(&pretix, &given(&pretix, "zone", "")));
    assert!(!has_single_read(&csv, &given(&csv, "zone", "")));
}

/// A session that is missing is asked for by itself only where the tenant wants that.
#[test]
fn one_session_is_asked_for_where_that_is_wanted() {
    for name in ["successfactors", "cornerstone"] {
        let file = file(name);
        assert!(has_single_read(&file, &given(&file, "confirm_gone", "true")), "{name}");
        assert!(!has_single_read(&file, &given(&file, "confirm_gone", "false")), "{name}");
    }
}
