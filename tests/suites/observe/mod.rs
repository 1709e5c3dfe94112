//! What is seen of what people do with an invitation, and what it is taken for.

mod removals;
pub(crate) mod situations;
