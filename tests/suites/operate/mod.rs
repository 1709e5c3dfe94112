//! What operators ask and say.

mod alerts;
mod commands;
mod consent;
mod doctor;
