use super::*;
use crate::ids::{Address, LearnerKey, SessionId};
use crate::publishing::content::{Attendee, AttendeeKind, Fingerprints};
use crate::publishing::event_key::{EventKey, Invitation};
use crate::publishing::testing::content;
use crate::publishing::wish::CallOff;
use crate::sessions::session::PartId;

fn row(audience: Audience, listed: &[&str]) -> Written {
    let key = EventKey { session: SessionId::new("4711"), part: PartId("1".into()), audience };
    let mut row = Written::new(key, Address::new("learning@contoso.com"));
    row.listed = inviting(listed).listed();
    row
}

fn inviting(names: &[&str]) -> Content {
    let one = |name: &&str| {
        let who = Attendee { name: None, kind: AttendeeKind::Instructor };
        (Address::new(&format!("{name}@contoso.com")), who)
    };
    Content { attendees: names.iter().map(one).collect(), ..content(10) }
}

#[test]
fn each_request_mails_whom_it_concerns() {
    let wanted = Fingerprints::default;
    let create = Act::Create { invitation: Invitation::FIRST, wanted: wanted() };
    let update = Act::Update { fields: [].into(), wanted: wanted() };
    let attendees = Act::Attendees { wanted: wanted(), takes_off: false };
    let cancel = Act::Cancel { why: CallOff::Withdrawn };
    let old = ["ina", "jo"];
    for (name, audience) in [
        ("learner", Audience::Learner(LearnerKey::new("ana"))),
        ("session", Audience::Session),
        ("calendar", Audience::Calendar),
    ] {
        let of = |act: &Act, listed: &[&str], wanted: &[&str]| {
            mails(act, Some(&inviting(wanted)), &row(audience.clone(), listed))
        };
        assert_eq!(of(&create, &[], &["ina", "jo", "kim"]), 3, "{name}");
        assert_eq!(of(&create, &[], &[]), 0, "{name}");
        // What is written goes to those who are listed, before the list is another.
        assert_eq!(of(&update, &old, &["kim"]), 2, "{name}");
        assert_eq!(of(&cancel, &old, &[]), 2, "{name}");
        // One comes, one goes, one stays.
        assert_eq!(of(&attendees, &old, &["jo", "kim"]), 2, "{name}");
        assert_eq!(of(&attendees, &old, &["jo"]), 1, "{name}");
        let unknown = u32::from(name == "learner");
        assert_eq!(of(&update, &[], &[]), unknown, "{name}");
        assert_eq!(of(&cancel, &[], &[]), unknown, "{name}");
    }
}
