use super::*;
use crate::ledger::enrolment_ids::{NamedEnrolment, by_id, id_of, named, order_id};

#[test]
fn every_id_that_people_or_an_lms_were_given_names_its_enrolment() {
    let at = EnrolmentRef { partition: "contoso~c2Vzc2lvbg".into(), row: "bGVhcm5lcg".into() };
    let names = |generation, decision| Some(NamedEnrolment { at: at.clone(), generation, decision });
    assert_eq!(named(&id_of(&at)), names(None, None));
    assert_eq!(named(&order_id(&at, 2, 0)), names(Some(2), None));
    assert_eq!(named(&order_id(&at, 2, 13)), names(Some(2), Some(13)));
    assert_eq!(by_id(&order_id(&at, 2, 13)), None);
    for wrong in ["", "a.b", "a.b.", "a..c", "a.b.c.", "a.b.c.x", "a.b.c.+1", "a.b.c.1.1.1", "a.b~.c"] {
        assert_eq!(named(wrong), None, "{wrong}");
    }
}
