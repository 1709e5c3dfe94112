//! What the LMS tells by itself becomes invitations, and what becomes of those.

mod row;
mod rows;
mod situations;
mod told;
