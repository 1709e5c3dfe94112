//! The opaque ids of enrolments and of decisions, for the management JSON and the LMS.

use crate::messages::EnrolmentRef;

/// The opaque id of an enrolment, for the management JSON and the LMS.
pub fn id_of(at: &EnrolmentRef) -> String {
    format!("{}.{}", at.partition.replace('~', "."), at.row)
}

/// The id of a decision at the LMS, its `webhook-id`. `decision` 0: from before decisions were counted.
pub fn order_id(at: &EnrolmentRef, generation: u32, decision: u32) -> String {
    match decision {
        0 => format!("{}.{generation}", id_of(at)),
        _ => format!("{}.{generation}.{decision}", id_of(at)),
    }
}

/// The row that an opaque id names; `None` when it is no id of ours.
pub fn by_id(id: &str) -> Option<EnrolmentRef> {
    let mut parts = id.split('.');
    let (tenant, session, learner) = (parts.next()?, parts.next()?, parts.next()?);
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let sound = parts.next().is_none()
        && [tenant, session, learner].iter().all(|part| part.chars().all(known) && !part.is_empty());
    sound.then(|| EnrolmentRef { partition: format!("{tenant}~{session}"), row: learner.to_owned() })
}

/// What an id names that an LMS was given, or a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedEnrolment {
    pub at: EnrolmentRef,
    /// Where the id names one.
    pub generation: Option<u32>,
    /// The decision of that generation; none in ids from before decisions were counted.
    pub decision: Option<u32>,
}

/// The enrolment that an id names: its own, or one that an LMS was given, which goes on with numbers, the
/// generation first.
pub fn named(id: &str) -> Option<NamedEnrolment> {
    let mut parts: Vec<&str> = id.trim().split('.').collect();
    let numbers = parts.split_off(parts.len().min(3));
    let is_number =
        |part: &&str| part.parse::<u32>().is_ok() && part.bytes().all(|byte| byte.is_ascii_digit());
    if numbers.len() > 2 || !numbers.iter().all(is_number) {
        return None;
    }
    let mut numbers = numbers.iter().map(|number| number.parse().ok());
    let (generation, decision) = (numbers.next().flatten(), numbers.next().flatten());
    Some(NamedEnrolment { at: by_id(&parts.join("."))?, generation, decision })
}
