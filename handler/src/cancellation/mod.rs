//! The cancellation domain: an enrolment's states, what each event does to them, and when to try again.
//! No I/O; the time is a value.
