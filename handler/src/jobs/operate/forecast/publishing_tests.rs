use super::*;
use crate::config::PublishSource;
use crate::ids::Address;
use crate::jobs::operate::forecast::size::Size;
use crate::jobs::operate::forecast::{executions, requests};
use crate::jobs::testing::tenant;
use crate::lms::push::read::{LearnerField, Reading};
use crate::publishing::policy::{Publisher, Publishing};
use crate::sessions::vanish_brake::VanishLimits;
use chrono::Duration;

fn publishing(state: PublishState, source: PublishSource) -> Tenant {
    let publisher = Publisher {
        policy: Publishing { state, ..Publishing::default() },
        ..Publisher::new(Address::new("learning@contoso.com"))
    };
    let publish =
        Publish { publisher, source, only: None, vanish: VanishLimits::default(), every: Duration::hours(1) };
    Tenant { publish: Some(publish), ..tenant() }
}

fn pushed() -> PublishSource {
    let reading = Reading { learner: LearnerField::Email, zone: Default::default() };
    PublishSource::Push(crate::config::PushSource { secrets: Vec::new(), reading })
}

/// Ten sessions a day with ten places each, one of which is declined, and one is moved.
fn load(tenant: &Tenant) -> Load {
    let size = Size { sessions: 10.0, learners: 10.0, declines: 10.0, moved: 1.0, ..Size::of(250.0, 1.0) };
    size.load(tenant)
}

/// Every six hours, found by the seventy-third round.
const COMPARED: f64 = 86_400.0 / (73.0 * 300.0);

fn is(seen: Between, least: f64, most: f64) {
    assert!((seen.least - least).abs() < 0.01 && (seen.most - most).abs() < 0.01, "{seen:?}");
}

#[test]
fn who_publishes_nothing_has_none_of_it() {
    let off = publishing(PublishState::Off, PublishSource::Lms);
    for tenant in [tenant(), off] {
        assert_eq!(of(&tenant, &load(&tenant)), Published::default());
        let load = load(&tenant);
        let called = executions::of(&tenant, &load, &requests::of(&tenant, &load));
        assert_eq!((called.publish_session, called.lms_events), (Between::default(), Between::default()));
    }
}

#[test]
fn an_lms_that_tells_by_itself_is_heard_and_looked_at() {
    let on = publishing(PublishState::On, pushed());
    let published = of(&on, &load(&on));
    // A session that is new or moved, or each of its hundred places and ten declines by itself.
    is(published.told, 11.0, 121.0);
    is(published.looked, 11.0 + COMPARED, 242.0 + COMPARED);
    let preview = publishing(PublishState::Preview, pushed());
    is(of(&preview, &load(&preview)).looked, 11.0, 121.0);
}

#[test]
fn an_lms_that_is_read_is_read_by_its_time() {
    let on = publishing(PublishState::On, PublishSource::Lms);
    let all = load(&on);
    // Each hour is found by the thirteenth round.
    let times = 86_400.0 / (13.0 * 300.0);
    is(of(&on, &all).looked, 11.0 + times + COMPARED, 242.0 + times + COMPARED);
    let shown = |tenant: &Tenant| requests::of(tenant, &all).of(requests::RequestKind::Shown).least;
    assert!((shown(&on) - shown(&Tenant { publish: None, ..on.clone() }) - COMPARED).abs() < 0.01);
    // Of fourteen days and four hours ten begin in each; those within a day are asked four times as often.
    is(Between::just(all.publish.ahead), 141.666_7, 141.666_7);
    let by_session = read_by_session(on);
    let seen = of(&by_session, &all).looked;
    assert!(seen.least > 11.0 + times + times * 13.0, "{seen:?}");
    assert!(seen.most < 242.0 + times + COMPARED + 10_000.0, "{seen:?}");
}

/// As the shipped file for Moodle's Face-to-face does.
fn read_by_session(tenant: Tenant) -> Tenant {
    let name = crate::lms::presets::names().find(|name| {
        let text = crate::lms::presets::text(name).unwrap();
        crate::config::connector_file::read(name, text).is_ok_and(|file| file.recipes.roster_of_a_session)
    });
    let name = name.expect("one is read session by session");
    let text = crate::lms::presets::text(name).unwrap();
    let file = crate::config::connector_file::read(name, text).unwrap();
    let mut tenant = tenant;
    tenant.lms.connector = ConnectorConfig::File {
        file: std::sync::Arc::new(file),
        settings: crate::lms::engine::settings::Settings::default(),
        base: "https://lms.contoso.com".parse().unwrap(),
    };
    tenant
}
