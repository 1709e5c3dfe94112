//! What operators ask and say.

mod alerts;
mod canary;
mod commands;
mod connected;
mod consent;
mod disconnect;
mod doctor;
mod forecast;
mod terminal;
