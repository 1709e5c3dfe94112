//! What operators ask and say.

mod commands;
mod connected;
mod consent;
mod doctor;
