//! Runs what a connector file says ([`crate::lms::recipe`]) against an LMS, over HTTP.
//!
//! - [`connector`]: one tenant's connection. [`cancel`], [`place`], [`restore`], [`lookup`], [`probe`]: what
//!   it does, each from its first request to its reply. [`look`]: who is meant, and what the place is now.
//!   [`room`]: before anything is written. [`traffic`]: what requests for tokens share with all others.
//! - [`run_steps`]: one recipe. [`attempt`]: the requests of one call, within its time, rate and pauses.
//!   [`core`]: what all calls share.
//! - [`source`]: sessions, and who holds a place in them; [`reach`]: as far as a tenant's settings have them
//!   read.
//! - A request: [`effect`], [`variables`], [`request`], [`hosts`], [`auth`], [`lookup_cache`].
//! - An answer: [`answer`], [`classify`], [`conditions`], [`paging`] with [`link_header`], [`pick`],
//!   [`take`], [`state`], [`rate_headers`]; what a recipe comes to: [`finding`]; what is told of it:
//!   [`reply`].
//! - [`settings`]: what one tenant gives. [`redact`]: what nobody may see. [`trace`]: for whoever tries out a
//!   connector, filled by [`seen`].

mod answer;
mod at;
mod attempt;
pub mod auth;
mod cancel;
mod classify;
mod conditions;
pub mod connector;
mod core;
mod effect;
mod finding;
pub mod hosts;
mod link_header;
mod look;
mod lookup;
mod lookup_cache;
mod paging;
mod pick;
mod place;
mod probe;
mod rate_headers;
pub mod reach;
mod redact;
pub mod rehearse;
mod reply;
mod request;
mod restore;
mod room;
mod run_steps;
mod seen;
pub mod settings;
mod source;
mod state;
mod take;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod testing_server;
pub mod trace;
mod traffic;
mod variables;
