//! Runs what a connector file says.
//!
//! - [`settings`]: what one tenant gives to a connector file.

pub mod settings;
