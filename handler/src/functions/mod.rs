//! The functions of the app, one file each: parse the invocation, call [`crate::work`], shape the outputs.

pub mod counters;
pub mod graph_webhook;
pub mod names;
pub mod shards;
pub mod trace;

pub use names::NAMES;

#[cfg(test)]
mod bindings_test;
