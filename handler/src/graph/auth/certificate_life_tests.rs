use super::not_after;
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};

fn ending(year: i32) -> Vec<u8> {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(vec!["app".to_owned()]).unwrap();
    parameters.not_after = date_time_ymd(year, 3, 1);
    parameters.self_signed(&key).unwrap().der().to_vec()
}

fn march(year: i32) -> DateTime<Utc> {
    format!("{year}-03-01T00:00:00Z").parse().unwrap()
}

/// Until 2049 years have two digits, from then on four (RFC 5280, 4.1.2.5).
#[test]
fn the_end_is_read_in_both_forms() {
    for year in [2027, 2049, 2050, 2099] {
        assert_eq!(not_after(&ending(year)), Some(march(year)), "{year}");
    }
}

#[test]
fn what_is_cut_short_has_no_end() {
    let whole = ending(2030);
    let first = (0..whole.len()).find(|length| not_after(&whole[..*length]).is_some());
    assert_eq!(first, None);
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..64),
        at in 0_usize..200,
        byte: u8,
    ) {
        let _ = not_after(&bytes);
        let mut damaged = ending(2030);
        if let Some(one) = damaged.get_mut(at) {
            *one = byte;
        }
        let _ = not_after(&damaged);
    }
}
