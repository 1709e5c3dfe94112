//! What an LMS tells by itself: the bodies of `POST /api/lms/{tenant}/events`, signed as Standard Webhooks.
//!
//! - [`verify`]: whether the LMS signed it, and lately.
//! - [`message`]: what a body says, word for word; the JSON Schema is made of it.
//! - [`read`]: what that means: sessions and records of places, or what is wrong and what would be right.
//!
//! Guarantees: what is not signed is not read; one bad entry is named and keeps the others from nothing; a
//! kind of message that nobody knows is no error, for the sender would only send it again.

pub mod message;
pub mod read;
pub mod verify;
