use super::*;

fn at(hour: u32) -> DateTime<Utc> {
    format!("2026-11-21T{hour:02}:00:00Z").parse().unwrap()
}

/// A tenant that acts and whose hundred mailboxes are watched.
fn well() -> Facts {
    Facts {
        mailboxes: BTreeMap::from([(SubscriptionState::Watched, 100)]),
        valve: Some((ValveState::Open, at(1))),
        connected: Some(at(2)),
        ..Facts::default()
    }
}

fn with(kinds: &[AlertKind]) -> Facts {
    let open =
        |kind: &AlertKind| OpenAlert { kind: *kind, since: at(9), count: 1, step: format!("mend {kind}") };
    Facts { alerts: kinds.iter().map(open).collect(), ..well() }
}

fn states(health: &json::Health) -> String {
    let is_told = |one: &&json::Connection| one.state != "ok" && one.name != "source";
    let told = health.connections.iter().filter(is_told).map(|one| format!("{} {}", one.name, one.state));
    told.collect::<Vec<_>>().join(", ")
}

#[test]
fn what_each_state_of_affairs_comes_to() {
    let mailboxes = |watched, refused, failing| Facts {
        mailboxes: BTreeMap::from([
            (SubscriptionState::Watched, watched),
            (SubscriptionState::Refused, refused),
            (SubscriptionState::Failing, failing),
        ]),
        ..well()
    };
    let valve = |state| Facts { valve: Some((state, at(8))), ..well() };
    for (name, facts, score, told) in [
        ("all is well", well(), 100, ""),
        (
            "nobody was watched yet",
            Facts { mailboxes: BTreeMap::new(), ..well() },
            50,
            "graph unknown, consent unknown, secret unknown, scope unknown, subscriptions unknown, silence \
             unknown",
        ),
        ("it observes", Facts { observes: true, ..well() }, 100, "lms unknown"),
        ("graph is away", with(&[AlertKind::GraphAway]), 60, "graph down"),
        ("no consent", with(&[AlertKind::GraphUnauthorized]), 60, "consent down"),
        ("no token", with(&[AlertKind::GraphCredential]), 60, "secret down"),
        (
            "a secret is missing",
            Facts { is_closed: true, ..with(&[AlertKind::SecretMissing]) },
            60,
            "secret down",
        ),
        (
            "a secret is missing that is not needed now",
            with(&[AlertKind::SecretMissing]),
            90,
            "secret degraded",
        ),
        ("silence", with(&[AlertKind::GraphSilent]), 75, "silence down"),
        ("the LMS is down", with(&[AlertKind::LmsBreaker]), 65, "lms down"),
        (
            "the LMS is down, and odd before",
            with(&[AlertKind::LmsAnswer, AlertKind::LmsBreaker]),
            45,
            "lms down",
        ),
        ("somebody is asked", with(&[AlertKind::Review]), 98, ""),
        ("declines expired", with(&[AlertKind::Expired]), 85, ""),
        ("some mailboxes are refused", mailboxes(95, 5, 0), 99, "scope degraded"),
        ("half of them are", mailboxes(50, 50, 0), 90, "scope degraded"),
        ("one of a thousand fails", mailboxes(999, 0, 1), 99, "subscriptions degraded"),
        ("stopped", valve(ValveState::Stopped), 75, "valve off"),
        ("braked", valve(ValveState::Braked), 75, "valve down"),
        ("unreadable", Facts { valve: None, ..well() }, 75, "valve down"),
        (
            "everything at once",
            Facts { is_closed: true, valve: Some((ValveState::Braked, at(8))), ..with(AlertKind::ALL) },
            0,
            "graph down, consent down, secret down, scope degraded, subscriptions down, silence down, lms \
             down, valve down",
        ),
    ] {
        let health = health(&facts);
        assert_eq!((health.score, states(&health).as_str()), (score, told), "{name}");
        let lost: u32 = health.reasons.iter().map(|reason| reason.points).sum();
        assert_eq!(100_u32.saturating_sub(lost), score, "{name}: the reasons add up");
    }
}

#[test]
fn what_is_not_well_says_since_when_and_what_mends_it_and_what_is_since_when_it_is() {
    let ended = BTreeMap::from([(AlertKind::GraphSilent, at(7)), (AlertKind::ChunkedPosts, at(6))]);
    let health = health(&Facts { ended, ..with(&[AlertKind::LmsBreaker]) });
    let of = |name: &str| health.connections.iter().find(|one| one.name == name).unwrap();
    assert_eq!(of("lms").since, Some(json::At(at(9))));
    assert_eq!(of("lms").step.as_deref(), Some("mend lms-breaker"));
    assert_eq!(of("silence").since, Some(json::At(at(7))), "since its last trouble");
    assert_eq!(of("graph").since, Some(json::At(at(2))), "since it was connected");
    assert_eq!(of("source").state, "off");
    assert_eq!(health.reasons, [json::Reason { points: 35, why: "lms-breaker".into() }]);
}

/// In whichever order they are listed.
#[test]
fn of_two_equal_troubles_the_earlier_counts() {
    let open =
        |kind: AlertKind, hour| OpenAlert { kind, since: at(hour), count: 1, step: format!("mend {kind}") };
    let both = [open(AlertKind::LmsCredential, 9), open(AlertKind::LmsGone, 7)];
    for alerts in [both.to_vec(), both.iter().rev().cloned().collect()] {
        let health = health(&Facts { alerts, ..well() });
        let lms = health.connections.iter().find(|one| one.name == "lms").unwrap();
        assert_eq!((lms.since, lms.step.as_deref()), (Some(json::At(at(7))), Some("mend lms-gone")));
    }
}
