//! What only Azure Tables can do, and suffer.
