//! What operators ask and say.

mod commands;
mod consent;
mod connected;
